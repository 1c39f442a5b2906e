"""Parts of resources, totals, and what comes along with a page."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.api.running import FHIR, Running, codes, need
from tests.api.smallest import smallest

Header = dict[str, str]
BASE = "/fhir/v1"


def _get(service: Running, headers: Header, path: str) -> dict[str, Any]:
    answer = service.client.get(f"{BASE}/{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def test_elements_are_those_asked_for_and_those_required(service: Running, municipality: Header) -> None:
    raw = '"restriction":{"period": {"end":"2026-11-30"}}'
    sent = need()
    sent["restriction"] = {"period": {"end": "2026-11-30"}}
    task = service.post_need(municipality, sent).json()["id"]
    part = _get(service, municipality, f"Task/{task}?_elements=restriction,owner")
    assert set(part) == {"resourceType", "id", "meta", "status", "intent", "restriction", "owner"}
    assert part["meta"]["tag"] == [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
    ]
    whole = service.client.get(f"{BASE}/Task/{task}", headers=municipality).text
    cut = service.client.get(f"{BASE}/Task/{task}?_elements=restriction", headers=municipality).text
    member = whole[whole.index('"restriction":') :].split("},")[0]
    assert member in cut
    assert raw


@pytest.mark.parametrize("query", ["_elements=identifier", "_summary=true", "_summary=data", "_summary=text"])
@pytest.mark.parametrize("name", ["Task", "Patient", "Organization"])
def test_a_part_is_never_taken_for_the_whole(service: Running, name: str, query: str) -> None:
    """What it leaves out would be lost."""
    who = service.token("coordinating-unit")
    content = smallest(name, text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'})
    made = service.client.post(f"{BASE}/{name}", json=content, headers=who | FHIR).json()
    part = _get(service, who, f"{name}/{made['id']}?{query}")
    here = f"{BASE}/{name}/{made['id']}"
    asked = {"PUT": here, "POST": f"{BASE}/{name}"}
    for method, path in asked.items():
        answer = service.client.request(method, path, json=part, headers=who | FHIR)
        assert answer.status_code == 422, (method, answer.text)
        told = {(issue["details"]["coding"][0]["code"], *issue["expression"]) for issue in answer.json()["issue"]}
        assert ("part-only", f"{name}.meta.tag[0]") in told
        entry = {"resource": part, "request": {"method": method, "url": path.removeprefix(f"{BASE}/")}}
        for kind in ("batch", "transaction"):
            bundle = service.client.post(
                BASE, json={"resourceType": "Bundle", "type": kind, "entry": [entry]}, headers=who | FHIR
            )
            assert "part-only" in bundle.text
    assert "part-only" in codes(service.client.post(f"{BASE}/{name}/$validate", json=part, headers=who | FHIR))
    assert service.client.get(here, headers=who).json() == made


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("_elements=colour", "unknown-element"),
        ("_elements=", "unknown-element"),
        ("_summary=much", "bad-summary"),
        ("_summary=count", "bad-summary"),
        ("_summary=true&_elements=code", "repeated-parameter"),
        ("_total=accurate", "unknown-parameter"),
    ],
)
def test_parts_that_are_not_offered(service: Running, municipality: Header, task: str, query: str, code: str) -> None:
    answer = service.client.get(f"{BASE}/Task/{task}?{query}", headers=municipality)
    assert (answer.status_code, codes(answer)) == (400, [code])


def test_a_search_counts_and_shows_parts(service: Running, municipality: Header, task: str) -> None:
    counted = _get(service, municipality, f"Task?_id={task}&_summary=count")
    assert (counted["total"], "entry" in counted) == (1, False)
    assert _get(service, municipality, f"Task?_id={task}&_total=accurate")["total"] == 1
    assert "total" not in _get(service, municipality, f"Task?_id={task}&_total=none")
    service.post_need(municipality)
    page = _get(service, municipality, "Task?_elements=code&_count=1&_total=accurate")
    assert page["total"] > 1
    link = next(one["url"] for one in page["link"] if one["relation"] == "next")
    following = _get(service, municipality, f"Task?{urlsplit(link).query}")
    assert set(following["entry"][0]["resource"]) == {"resourceType", "id", "meta", "status", "intent", "code"}


def test_a_focus_comes_along_and_a_pointing_task_too(service: Running, municipality: Header, unit: Header) -> None:
    request = service.client.post(
        f"{BASE}/ServiceRequest", json=smallest("ServiceRequest"), headers=municipality | FHIR
    ).json()["id"]
    task = service.post_need(municipality, need(focus={"reference": f"ServiceRequest/{request}"})).json()["id"]
    for target in ("Task:focus", "Task:focus:ServiceRequest"):
        bundle = _get(service, municipality, f"Task?_id={task}&_include={target}")
        assert [(one["resource"]["id"], one["search"]["mode"]) for one in bundle["entry"]] == [
            (task, "match"),
            (request, "include"),
        ]
    back = _get(service, municipality, f"ServiceRequest?_id={request}&_revinclude=Task:focus")
    assert [(one["resource"]["id"], one["search"]["mode"]) for one in back["entry"]] == [
        (request, "match"),
        (task, "include"),
    ]
    # Another municipality sees neither, whichever way it asks.
    other = service.token("municipality", organisation="dalheim")
    assert "entry" not in _get(service, other, f"ServiceRequest?_id={request}&_revinclude=Task:focus")


def test_an_include_that_is_not_declared(service: Running, municipality: Header) -> None:
    for query in ("_include=Task:colour", "_include=*", "_include:iterate=Task:focus", "_revinclude=Patient:link"):
        answer = service.client.get(f"{BASE}/Task?{query}", headers=municipality)
        assert answer.status_code == 400, query
    lenient = service.client.get(
        f"{BASE}/Task?_include=Task:colour&_count=1", headers=municipality | {"Prefer": "handling=lenient"}
    )
    assert lenient.json()["entry"][-1]["search"]["mode"] == "outcome"
    assert lenient.headers["preference-applied"] == "handling=lenient"


def test_histories_since_and_in_pages(service: Running, municipality: Header, unit: Header, task: str) -> None:
    service.client.post(f"{BASE}/Task/{task}/$accept", headers=unit)
    versions, path = [], f"Task/{task}/_history?_count=1"
    while path:
        bundle = _get(service, municipality, path)
        versions += [one["resource"]["meta"]["versionId"] for one in bundle["entry"]]
        links = {one["relation"]: one["url"] for one in bundle["link"]}
        path = links.get("next", "").partition(f"{BASE}/")[2]
    assert versions == ["2", "1"]
    changed = _get(service, municipality, f"Task/{task}")["meta"]["lastUpdated"]
    since = _get(service, municipality, f"Task/{task}/_history?_since={changed}")
    assert [one["resource"]["meta"]["versionId"] for one in since["entry"]] == ["2"]
    assert "entry" not in _get(service, municipality, f"Task/{task}/_history?_since=2050-01-01")
    everything = _get(service, municipality, f"_history?_since={changed}&_count=200&_summary=true")
    assert task in {one["resource"]["id"] for one in everything["entry"]}
    for query in ("_since=ge2026", "_count=0", "_cursor=x", "_sort=a"):
        assert service.client.get(f"{BASE}/Task/_history?{query}", headers=municipality).status_code == 400


def test_the_history_of_all_is_only_what_one_may_see(service: Running, municipality: Header, task: str) -> None:
    other = service.token("municipality", organisation="oyvaer")
    bundle = _get(service, other, "_history?_count=200")
    assert task not in {one["resource"]["id"] for one in bundle.get("entry", [])}
    answer = service.client.get(f"{BASE}/_history", headers=service.token("auditor"))
    assert (answer.status_code, codes(answer)) == (403, ["insufficient-scope"])


def test_several_types_are_searched_at_once(service: Running, municipality: Header, task: str) -> None:
    note = service.client.post(
        f"{BASE}/Communication", json=smallest("Communication"), headers=municipality | FHIR
    ).json()["id"]
    found: list[str] = []
    path = "?_type=Task,Communication&_lastUpdated=ge2026&_count=1&_summary=true"
    while path and len(found) < 2:
        bundle = service.client.get(f"{BASE}{path}", headers=municipality).json()
        found += [f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in bundle["entry"]]
        links = {one["relation"]: one["url"] for one in bundle["link"]}
        path = links.get("next", "").partition(BASE)[2]
    assert found == [f"Communication/{note}", f"Task/{task}"]
    other = service.token("municipality", organisation="oyvaer")
    assert "entry" not in service.client.get(f"{BASE}?_type=Task&_id={task}", headers=other).json()
    for query, status in (("", 400), ("?_type=Banana", 400), ("?_type=Task&status=requested", 400)):
        assert service.client.get(f"{BASE}{query}", headers=municipality).status_code == status, query
    assert service.client.get(f"{BASE}?_type=Task", headers=service.token("auditor")).status_code == 403
