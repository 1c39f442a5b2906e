"""Who sees what of a case that is handed over, by every way of reading; and what stays in the hospital."""

import json
from typing import Any

import httpx
import pytest

from app.fhir import codes
from tests.api.running import CANARY, FHIR, Running, need
from tests.casework.world import parameters, resh

Header = dict[str, str]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SUBJECT = {"type": "Patient", "identifier": {"system": codes.NATIONAL_NUMBER, "value": CANARY}}
INSIDE = ("INTERN-overføring", "INTERN-eskalering", "INTERN-plassering", "INTERN-klage", "INTERN-avklaring")
"""Marks in what the hospital says to itself."""
LATER = "SENERE-notat"
"""What the new owner writes."""


@pytest.fixture(scope="session")
def people(each_store: Running) -> dict[str, Header]:
    """The callers."""
    return {
        "sender": each_store.token("municipality", organisation="fjordvik"),
        "before": each_store.token("clinical-unit", unit="neurology-outpatient"),
        "after": each_store.token("clinical-unit", unit="rehabilitation"),
        "office": each_store.token("coordinating-unit"),
        "group": each_store.token("decision-group"),
    }


def _act(service: Running, who: Header, task: str, operation: str, **given: Any) -> httpx.Response:
    answer = service.client.post(
        f"/fhir/v1/Task/{task}/${operation}", content=json.dumps(parameters(**given)), headers=who | FHIR
    )
    assert answer.status_code == 200, answer.text
    return answer


def _posted(service: Running, people: dict[str, Header]) -> tuple[str, str]:
    """Ids of a case in the first unit's queue, and of the request that it references."""
    request = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": SUBJECT}
    made = service.client.post("/fhir/v1/ServiceRequest", json=request, headers=people["sender"] | FHIR)
    focus = {"reference": f"ServiceRequest/{made.json()['id']}"}
    answer = service.post_need(people["sender"], need(owner=resh("neurology-outpatient"), focus=focus))
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], made.json()["id"]


def everything(service: Running, who: Header, task: str, versions: int) -> dict[str, httpx.Response]:
    """Every way in which a caller can read about a case, tried."""
    get, post, base = service.client.get, service.client.post, "/fhir/v1"
    own = json.loads(post(f"{base}/Task/_search", data={"_id": task}, headers=who).content)
    number = next((e["resource"]["identifier"][0]["value"] for e in own.get("entry", ()) if "resource" in e), "none")
    patient = f"{codes.NATIONAL_NUMBER}|{CANARY}"
    found = {
        path: get(f"{base}/{path}", headers=who)
        for path in (
            f"Task/{task}",
            *(f"Task/{task}/_history/{version}" for version in range(1, versions + 1)),
            f"Task/{task}/_history",
            "Task/_history?_count=200",
            "_history?_count=200",
            f"Task?_id={task}&_include=Task:focus&_revinclude=Provenance:target",
            f"Task?identifier={number}",
            f"Provenance?target=Task/{task}",
            f"Task/{task}/$available-actions",
            f"Task/{task}?_elements=note,statusReason",
        )
    }
    found["history as events"] = get(f"/reports/cases/{task}/events", headers=who)
    found["_search"] = post(
        f"{base}/Task/_search", data={"patient:identifier": patient, "_count": "200"}, headers=who | FORM
    )
    found["_search Provenance"] = post(
        f"{base}/Provenance/_search", data={"patient:identifier": patient, "_count": "200"}, headers=who | FORM
    )
    entries = [{"request": {"method": "GET", "url": url}} for url in (f"Task/{task}", f"Provenance?target=Task/{task}")]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    found["batch"] = post(base, content=json.dumps(batch), headers=who | FHIR)
    stale = {"If-Match": 'W/"1"', "Content-Type": "application/json-patch+json"}
    found["a refused patch"] = service.client.patch(
        f"{base}/Task/{task}", content='[{"op":"replace","path":"/status","value":"on-hold"}]', headers=who | stale
    )
    found["a refused move"] = post(f"{base}/Task/{task}/$appoint", content="{}", headers=who | FHIR)
    found["not allowed"] = post(f"{base}/Task/{task}/$place", content=json.dumps(parameters()), headers=who | FHIR)
    assert all(one.status_code < 500 for one in found.values())
    return found


def _versions(found: dict[str, httpx.Response], task: str) -> list[int]:
    return [
        number for number in range(1, 20) if (one := found.get(f"Task/{task}/_history/{number}")) and one.is_success
    ]


def test_a_hand_over_changes_who_sees_the_case_at_once(each_store: Running, people: dict[str, Header]) -> None:
    task, request = _posted(each_store, people)
    before = everything(each_store, people["before"], task, 3)
    assert before[f"Task/{task}"].is_success
    assert _versions(before, task) == [1]
    assert not everything(each_store, people["after"], task, 3)[f"Task/{task}"].is_success

    _act(each_store, people["before"], task, "transfer", unit="rehabilitation", reason=INSIDE[0])
    now = each_store.client.get(f"/fhir/v1/Task/{task}", headers=people["after"])
    noted = now.json() | {"note": [{"text": LATER}]}
    changed = each_store.client.put(
        f"/fhir/v1/Task/{task}", json=noted, headers=people["after"] | FHIR | {"If-Match": now.headers["etag"]}
    )
    assert changed.status_code == 200, changed.text
    changed = each_store.client.put(
        f"/fhir/v1/ServiceRequest/{request}",
        json={
            "resourceType": "ServiceRequest",
            "id": request,
            "status": "active",
            "intent": "order",
            "subject": SUBJECT,
        }
        | {"note": [{"text": LATER}]},
        headers=people["sender"] | FHIR,
    )
    assert changed.status_code == 200, changed.text

    lost = everything(each_store, people["before"], task, 3)
    assert [lost[f"Task/{task}"].status_code, lost[f"Task/{task}/$available-actions"].status_code] == [404, 404]
    assert lost["history as events"].status_code == 404
    assert lost["a refused patch"].status_code == 404
    assert _versions(lost, task) == [1]
    history = lost[f"Task/{task}/_history"].json()
    assert [entry["resource"]["meta"]["versionId"] for entry in history["entry"]] == ["1"]
    assert lost[f"Task?_id={task}&_include=Task:focus&_revinclude=Provenance:target"].json().get("entry") is None
    moves = [
        entry["resource"]["activity"]["coding"][0]["code"]
        for entry in lost[f"Provenance?target=Task/{task}"].json()["entry"]
    ]
    assert set(moves) == {"submit", "route"}
    told = {way: answer for way, answer in lost.items() if LATER in answer.text or INSIDE[0] in answer.text}
    assert not told
    assert (
        LATER not in each_store.client.get(f"/fhir/v1/ServiceRequest/{request}/_history", headers=people["before"]).text
    )
    assert each_store.client.get(f"/fhir/v1/ServiceRequest/{request}", headers=people["before"]).status_code == 404

    for persona in ("after", "sender", "office"):
        found = everything(each_store, people[persona], task, 3)
        assert _versions(found, task) == [1, 2, 3], persona
        assert LATER in found[f"Task/{task}"].text
        assert len(found[f"Task/{task}/_history"].json()["entry"]) == 3
        assert LATER in found["batch"].text
        request_seen = each_store.client.get(f"/fhir/v1/ServiceRequest/{request}", headers=people[persona])
        assert LATER in request_seen.text

    # It may come back: then all of it is there again.
    _act(each_store, people["after"], task, "escalate", reason=INSIDE[1])
    _act(each_store, people["office"], task, "place", unit="neurology-outpatient", outcome="team", reason=INSIDE[2])
    assert _versions(everything(each_store, people["before"], task, 5), task) == [1, 2, 3, 4, 5]
    assert _versions(everything(each_store, people["after"], task, 5), task) == [1, 2, 3]


def test_what_the_hospital_says_to_itself_never_reaches_the_sender(
    each_store: Running, people: dict[str, Header]
) -> None:
    task, _ = _posted(each_store, people)
    _act(each_store, people["before"], task, "transfer", unit="rehabilitation", reason=INSIDE[0])
    _act(each_store, people["after"], task, "accept")
    answers = dict.fromkeys("abcd", True)
    _act(each_store, people["after"], task, "assess", assessment=answers)
    _act(each_store, people["after"], task, "escalate", reason=INSIDE[1])
    _act(each_store, people["office"], task, "place", unit="oncology", outcome="team", reason=INSIDE[2])
    placed = each_store.token("clinical-unit", unit="oncology")
    _act(each_store, placed, task, "appeal", reason=INSIDE[3])
    _act(each_store, people["office"], task, "escalate", reason=INSIDE[4])

    versions = int(each_store.client.get(f"/fhir/v1/Task/{task}", headers=people["sender"]).headers["etag"][3:-1])
    inside = everything(each_store, people["office"], task, versions)
    assert all(mark in inside["history as events"].text for mark in INSIDE), "the hospital does see them"
    assert "assess" in [event["move"] for event in inside["history as events"].json()["events"]]
    seen = everything(each_store, people["sender"], task, versions)
    assert _versions(seen, task) == list(range(1, versions + 1))
    told = {
        way: mark
        for way, answer in seen.items()
        # Whole histories show what others have written in other tests too.
        for mark in (INSIDE if "_history?" in way else (*INSIDE, "assess"))
        if mark in _without_stages(answer)
    }
    assert not told
    assert seen["history as events"].status_code == 403


def _without_stages(answer: httpx.Response) -> str:
    """The text without the codes of stages, of which ``assessing`` is no secret."""
    return answer.text.replace("assessing", "")
