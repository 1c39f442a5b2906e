"""Drafts over HTTP: who gets what answer, in each way to write one, and what nobody else learns."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.running import FHIR, Running, codes, need
from tests.casework.world import parameters, resh

Header = dict[str, str]
PATCH: Header = {"Content-Type": "application/json-patch+json"}
SUBMITTED = [{"op": "replace", "path": "/status", "value": "requested"}]


@pytest.fixture(scope="module")
def people(each_store: Running) -> dict[str, Header]:
    """The author, and everybody else."""
    return {
        "author": each_store.token("municipality", organisation="fjordvik"),
        "other municipality": each_store.token("municipality", organisation="dalheim"),
        "unit": each_store.token("clinical-unit", unit="neurology-outpatient"),
        "coordinating unit": each_store.token("coordinating-unit"),
        "decision group": each_store.token("decision-group"),
        "ehr": each_store.token("ehr"),
        "nobody": {},
    }


def draft(**changes: Any) -> dict[str, Any]:
    """A draft that the neurology outpatient clinic is to get."""
    return need(status="draft", owner=resh("neurology-outpatient"), **changes)


@pytest.fixture
def made(each_store: Running, people: dict[str, Header]) -> str:
    """The path of a draft."""
    answer = each_store.post_need(people["author"], draft())
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.json()["status"] == "draft"
    return f"/fhir/v1/Task/{answer.json()['id']}"


def ask(service: Running, who: Header, call: str, body: Any = None, **headers: str) -> httpx.Response:
    """``METHOD path`` with a body as JSON."""
    method, _, path = call.partition(" ")
    content = None if body is None else json.dumps(body)
    return service.client.request(method, path, content=content, headers=FHIR | headers | who)


def answered(answer: httpx.Response) -> tuple[int, bytes, str | None]:
    """What a caller can tell one answer from another by."""
    return answer.status_code, answer.content, answer.headers.get("etag")


def test_submitted_by_its_author(each_store: Running, people: dict[str, Header], made: str) -> None:
    answer = ask(each_store, people["author"], f"POST {made}/$submit")
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    body = answer.json()
    assert (body["status"], body["businessStatus"]["coding"][0]["code"]) == ("received", "in-queue")
    number = [one for one in body["identifier"] if one["system"].endswith("case-number")]
    assert len(number) == 1
    assert body["groupIdentifier"]["value"] == number[0]["value"]
    seen = ask(each_store, people["unit"], f"GET {made}")
    assert seen.json() == body
    moves = ask(each_store, people["unit"], f"GET /fhir/v1/Provenance?target={made.removeprefix('/fhir/v1/')}").json()
    assert [one["resource"]["activity"]["coding"][0]["code"] for one in moves["entry"]] == ["route", "submit"]
    assert moves["entry"][1]["resource"]["target"][0]["reference"].endswith("/_history/2")
    history = ask(each_store, people["unit"], f"GET {made}/_history").json()
    assert [one["resource"]["meta"]["versionId"] for one in history["entry"]] == ["2"]
    again = ask(each_store, people["author"], f"POST {made}/$submit")
    assert (again.status_code, codes(again)) == (409, ["move-not-allowed"])
    assert "$withdraw" in again.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("way", ["patch", "put", "transaction", "batch", "conditional update"])
def test_submitted_by_an_update(each_store: Running, people: dict[str, Header], made: str, way: str) -> None:
    author = people["author"]
    now = ask(each_store, author, f"GET {made}").json()
    wanted = now | {"status": "requested", "description": "Alt er med"}
    if way == "patch":
        answer = ask(each_store, author, f"PATCH {made}", SUBMITTED, **PATCH, **{"If-Match": 'W/"1"'})
    elif way == "put":
        answer = ask(each_store, author, f"PUT {made}", wanted)
    elif way == "conditional update":
        own = now["identifier"][0]
        answer = ask(each_store, author, f"PUT /fhir/v1/Task?identifier={own['system']}|{own['value']}", wanted)
    else:
        request = {"method": "PUT", "url": made.removeprefix("/fhir/v1/"), "ifMatch": 'W/"1"'}
        bundle = {"resourceType": "Bundle", "type": way, "entry": [{"resource": wanted, "request": request}]}
        answer = ask(each_store, author, "POST /fhir/v1", bundle)
        assert answer.json()["entry"][0]["response"]["status"].startswith("200"), answer.text
    assert answer.status_code == 200, answer.text
    after = ask(each_store, people["unit"], f"GET {made}").json()
    assert (after["status"], after["meta"]["versionId"]) == ("received", "2")


@pytest.mark.parametrize("way", ["batch", "transaction"])
def test_drafts_come_in_bundles_too(each_store: Running, people: dict[str, Header], way: str) -> None:
    order = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": need()["for"]}
    link = f"urn:uuid:{uuid4()}"
    content = draft() | ({"focus": {"reference": link}} if way == "transaction" else {})
    entries = [
        {"fullUrl": link, "resource": order, "request": {"method": "POST", "url": "ServiceRequest"}},
        {"fullUrl": f"urn:uuid:{uuid4()}", "resource": content, "request": {"method": "POST", "url": "Task"}},
    ]
    bundle = {"resourceType": "Bundle", "type": way, "entry": entries}
    answer = ask(each_store, people["author"], "POST /fhir/v1", bundle)
    told = [one["response"] for one in answer.json()["entry"]]
    assert [one["status"][:3] for one in told] == ["201", "201"]
    places = ["/fhir/v1/" + one["location"].partition("/fhir/v1/")[2].partition("/_history")[0] for one in told]
    for place in places:
        assert ask(each_store, people["unit"], f"GET {place}").status_code == 404
    assert ask(each_store, people["author"], f"POST {places[1]}/$submit").status_code == 200
    assert ask(each_store, people["unit"], f"GET {places[1]}").status_code == 200
    opened = ask(each_store, people["unit"], f"GET {places[0]}").status_code
    assert opened == (200 if way == "transaction" else 404)


def test_a_condition_finds_the_authors_own_draft(each_store: Running, people: dict[str, Header], made: str) -> None:
    own = ask(each_store, people["author"], f"GET {made}").json()["identifier"][0]
    condition = {"If-None-Exist": f"identifier={own['system']}|{own['value']}"}
    found = ask(each_store, people["author"], "POST /fhir/v1/Task", draft(), **condition)
    assert (found.status_code, found.json()["id"]) == (200, made.rpartition("/")[2])
    theirs = ask(
        each_store,
        people["other municipality"],
        "POST /fhir/v1/Task",
        draft(identifier=[own], requester=None),
        **condition,
    )
    assert (theirs.status_code, theirs.json()["id"] != made.rpartition("/")[2]) == (201, True)


CALLS: dict[str, tuple[str, Any]] = {
    "read": ("GET {}", None),
    "version": ("GET {}/_history/1", None),
    "history": ("GET {}/_history", None),
    "actions": ("GET {}/$available-actions", None),
    "submit": ("POST {}/$submit", None),
    "withdraw": ("POST {}/$withdraw", parameters(reason="Feil")),
    "error": ("POST {}/$enter-in-error", parameters(reason="Feil")),
    "update": ("PUT {}", need() | {"meta": {"versionId": "1"}}),
    "patch": ("PATCH {}", SUBMITTED),
}


@pytest.mark.parametrize("who", ["other municipality", "unit", "coordinating unit", "decision group", "ehr", "nobody"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_to_everybody_else_it_is_not_there(
    each_store: Running, people: dict[str, Header], made: str, who: str, call: tuple[str, Any]
) -> None:
    method, body = call
    headers = PATCH | {"If-Match": 'W/"1"'} if method.startswith("PATCH") else {}
    unlike = f"/fhir/v1/Task/{uuid4()}"
    mine, nothing = (ask(each_store, people[who], method.format(place), body, **headers) for place in (made, unlike))
    key, other = made.rpartition("/")[2].encode(), unlike.rpartition("/")[2].encode()
    assert answered(mine) == (nothing.status_code, nothing.content.replace(other, key), nothing.headers.get("etag"))
    assert mine.status_code == 401 if who == "nobody" else mine.status_code in {403, 404, 405}
    assert ask(each_store, people["author"], f"GET {made}").json()["meta"]["versionId"] == "1"


SEARCHES = (
    "Task?_id={id}",
    "Task?status=draft",
    "Task?business-status=draft",
    "Task?identifier={number}",
    "Task?owner:identifier=4900101&status=draft",
    "Task/_history?_count=200",
    "Provenance?target=Task/{id}",
    "?_type=Task&_id={id}",
    "ServiceRequest?_revinclude=Task:focus",
)


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("who", ["other municipality", "unit", "coordinating unit", "decision group"])
def test_nobody_else_finds_it(each_store: Running, people: dict[str, Header], made: str, who: str, search: str) -> None:
    own = ask(each_store, people["author"], f"GET {made}").json()
    key, number = own["id"], own["identifier"][0]["value"]
    path = "/fhir/v1" + ("" if search.startswith("?") else "/") + search.format(id=key, number=number)
    answer = ask(each_store, people[who], f"GET {path}")
    assert answer.status_code == 200, answer.text
    assert key not in answer.text.replace(f"_id={key}", "").replace(f"Task/{key}", "" if "target" in path else "Task!")
    assert number not in answer.text.replace(f"identifier={number}", "")


def test_no_figure_and_no_report_counts_it(each_store: Running, people: dict[str, Header], made: str) -> None:
    office = people["coordinating unit"]
    figures = "/reports/units", "/fhir/v1/MeasureReport?measure=open-cases"

    def counted() -> list[Any]:
        units, reports = (ask(each_store, office, f"GET {path}").json() for path in figures)
        return [units, [entry["resource"]["group"] for entry in reports["entry"]]]

    before = counted()
    for number in range(2):
        each_store.post_need(people["author"], draft(priority=("urgent", "stat")[number]))
    ask(each_store, people["author"], f"POST {made}/$withdraw", parameters(reason="Ikke aktuelt"))
    assert counted() == before
    assert ask(each_store, office, f"GET /reports/cases/{made.rpartition('/')[2]}/events").status_code == 404


def _looked_at(service: Running, organisation: str, number: str) -> str:
    auditor = service.token("auditor", organisation=organisation) if organisation else service.token("auditor")
    form = {"patient:identifier": f"urn:oid:2.16.578.1.12.4.1.4.1|{number}", "_count": "200"}
    answer = service.client.post("/fhir/v1/AuditEvent/_search", data=form, headers=auditor)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_hospitals_audit_knows_a_draft_from_its_submission_on(
    each_store: Running, people: dict[str, Header]
) -> None:
    """The patient has a case there, so that the auditor is shown what others do."""
    patient = "12877030030"
    subject = {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": patient}}
    author = people["author"]
    case = each_store.post_need(author, need(for_=subject)).json()["id"]
    key = each_store.post_need(author, draft(for_=subject)).json()["id"]
    place = f"/fhir/v1/Task/{key}"
    ask(each_store, author, f"GET {place}")
    each_store.client.post("/fhir/v1/Task/_search", data={"_id": f"{case},{key}"}, headers=author)
    told = _looked_at(each_store, "", patient)
    assert case in told
    assert key not in told
    assert ask(each_store, author, f"POST {place}/$submit").status_code == 200
    told = _looked_at(each_store, "", patient)
    assert f"Task/{key}/_history/2" in told
    assert f"Task/{key}/_history/1" not in told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"identifier": None}, "sender-number-missing"),
        ({"for_": None}, "missing-element"),
        ({"intent": "plan"}, "intent-not-allowed"),
        ({"businessStatus": {"text": "kladd"}}, "service-owned-element"),
        ({"status": "flying"}, "unknown-code"),
        ({"focus": {"reference": f"ServiceRequest/{uuid4()}"}}, "reference-not-found"),
    ],
)
def test_bad_drafts_are_refused(
    each_store: Running, people: dict[str, Header], changes: dict[str, Any], code: str
) -> None:
    content = draft() | {name.rstrip("_"): value for name, value in changes.items()}
    content = {name: value for name, value in content.items() if value is not None}
    answer = each_store.post_need(people["author"], content)
    assert (answer.status_code, codes(answer)) == (422, [code])
    checked = ask(each_store, people["author"], "POST /fhir/v1/Task/$validate?mode=create", content)
    assert code in codes(checked)


def test_bad_submissions_are_refused(each_store: Running, people: dict[str, Header]) -> None:
    author = people["author"]
    content = {name: value for name, value in draft().items() if name not in {"description", "reasonCode", "input"}}
    made = each_store.post_need(author, content)
    place = f"/fhir/v1/Task/{made.json()['id']}"
    checked = ask(each_store, author, "POST /fhir/v1/Task/$validate?mode=create", draft())
    assert [issue["severity"] for issue in checked.json()["issue"]] == ["information"]
    early = ask(each_store, author, f"POST {place}/$submit")
    assert (early.status_code, codes(early)) == (422, ["need-missing"])
    odd = ask(each_store, author, f"POST {place}/$submit", parameters(reason="Nå"))
    assert (odd.status_code, codes(odd)) == (422, ["unknown-parameter"])
    stale = ask(each_store, author, f"POST {place}/$submit", **{"If-Match": 'W/"7"'})
    assert (stale.status_code, codes(stale)) == (412, ["stale-version"])
    broken = each_store.client.post(f"{place}/$submit", content=b"{", headers=author | FHIR)
    assert broken.status_code == 400
    taken = each_store.post_need(author, content | {"status": "requested", "description": "x"})
    assert (taken.status_code, codes(taken)) == (409, ["number-in-use"])
    assert ask(each_store, author, f"GET {place}").json()["meta"]["versionId"] == "1"
