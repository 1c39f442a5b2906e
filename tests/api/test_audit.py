"""Whoever touches a patient leaves one audit row for each patient, whatever the answer; without a row no answer."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.api.routes import FHIR_PATHS
from app.fhir.resources import RESOURCES
from tests.api.ledger import NATIONAL, NEVER_SEEN, A, B, Ledger
from tests.api.running import need
from tests.api.smallest import smallest

PERSONAS = (
    "municipality:fjordvik",
    "municipality:dalheim",
    "clinical-unit:neurology-outpatient",
    "clinical-unit:oncology",
    "coordinating-unit",
    "decision-group",
    "ehr",
    "auditor",
    "operator",
)
SENDER, OTHER, UNIT, STRANGER = PERSONAS[:4]
REFUSALS = {403, 404, 405, 409, 412, 422, 428}
TYPES = ("Task", "CareTeam", "Patient", "ServiceRequest", "CarePlan", "Organization", "Provenance")


def of(national: str, **more: Any) -> dict[str, Any]:
    """A need for a patient."""
    return need(for_={"type": "Patient", "identifier": {"system": NATIONAL, "value": national}}, requester=None, **more)


def made(ledger: Ledger, persona: str, content: dict[str, Any]) -> str:
    """The id of a new resource."""
    answer, _ = ledger.ask(persona, "POST", f"/{content['resourceType']}", json=content)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture(scope="module")
def case(ledger: Ledger) -> str:
    """A case of A's, sent by Fjordvik, at the neurology clinic."""
    return made(ledger, SENDER, of(A))


@pytest.fixture(scope="module")
def others_case(ledger: Ledger) -> str:
    """A case of B's, sent by Dalheim to the same unit."""
    return made(ledger, OTHER, of(B))


@pytest.fixture(scope="module")
def everything(ledger: Ledger, case: str, others_case: str) -> dict[str, str]:
    """Ids of one resource of each type; those about patients are about A, made by Fjordvik or the hospital."""
    del others_case
    appointed = made(ledger, SENDER, of(A))
    ledger.ask(UNIT, "POST", f"/Task/{appointed}/$accept")
    who = {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.4", "value": "9900011"}}
    given = {"resourceType": "Parameters", "parameter": [{"name": "practitioner", "valueReference": who}]}
    answer, _ = ledger.ask(UNIT, "POST", f"/Task/{appointed}/$appoint", json=given)
    assert answer.status_code == 200, answer.text
    team = next(one for one in answer.json()["output"] if "CareTeam/" in json.dumps(one))
    found = {"Task": case, "CareTeam": team["valueReference"]["reference"].partition("/")[2]}
    identifier = [{"system": NATIONAL, "value": A}]
    found["Patient"] = made(ledger, SENDER, {"resourceType": "Patient", "identifier": identifier})
    for name in ("ServiceRequest", "CarePlan"):
        found[name] = made(ledger, SENDER, smallest(name))
    found["Organization"] = made(ledger, "coordinating-unit", smallest("Organization"))
    page, _ = ledger.ask(SENDER, "GET", f"/Provenance?target=Task/{case}")
    found["Provenance"] = page.json()["entry"][0]["resource"]["id"]
    return found


def resources(value: Any) -> Iterator[str]:
    """``Type/id`` of every resource in an answer; of a Provenance, that of the case that it is about."""
    if isinstance(value, dict):
        if value.get("resourceType") == "Provenance" and "target" in value:
            yield "/".join(value["target"][0]["reference"].split("/")[:2])
        elif "resourceType" in value and "id" in value:
            yield f"{value['resourceType']}/{value['id']}"
        for each in value.values():
            yield from resources(each)
    elif isinstance(value, list):
        for each in value:
            yield from resources(each)


def expected(subjects: dict[str, str], answer: httpx.Response, addressed: str) -> list[str]:
    """Who is touched, from what a client sees: the resource in the address, and what came back."""
    if addressed.startswith("Provenance/"):
        addressed = f"Task/{addressed.partition('/')[2].rsplit('-', 2)[0]}"
    found: set[str] = set()
    # With Allow it was the method that is not there, whatever the resource.
    if answer.status_code in {200, 201, 304} | REFUSALS and "allow" not in answer.headers:
        found.add(addressed)
    if answer.status_code in {200, 201}:
        found |= set(resources(answer.json()))
    return sorted({subjects[one] for one in found if one in subjects})


def _paths(name: str, key: str) -> Iterator[tuple[str, str, str]]:
    """Every route of the FHIR base for a type: method, path, the resource in the address."""
    operations = [f"${one.name}" for one in RESOURCES[name].operations] or ["$validate"]
    for template, offers in FHIR_PATHS:
        if template in {"/metadata", "/"}:
            continue
        for operation in operations if "{operation}" in template else [""]:
            path = template.replace("{type}", name).replace("{id:logical_id}", key).replace("{version}", "1")
            path = path.replace("${operation}", operation)
            for method in (*offers, *(["HEAD"] if "GET" in offers else [])):
                yield method, path, f"{name}/{key}" if "{id" in template else ""


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("name", TYPES)
def test_every_route_by_every_role(ledger: Ledger, everything: dict[str, str], name: str, persona: str) -> None:
    """What changes something is sent so that it is refused or changes nothing; the next tests are about success."""
    asked: list[tuple[str, httpx.Response, str, str]] = []
    for key in (everything[name], str(uuid4())):
        for method, path, addressed in _paths(name, key):
            more: dict[str, Any] = {"params": {"_type": "Task,Patient"}} if (method, path) == ("GET", "") else {}
            if method in {"POST", "PUT", "PATCH"} and "$" not in path and not path.endswith("_search"):
                more = {"json": {"resourceType": name}, "headers": {"If-Match": 'W/"999"'}}
            elif method == "POST" and "$" in path:
                more = {"headers": {"If-Match": 'W/"999"'}}
            answer, request = ledger.ask(persona, method, path, **more)
            assert answer.status_code not in {500, 503}, (method, path)
            # HEAD is answered by what GET answers, without the body.
            shown = ledger.ask(persona, "GET", path, **more)[0] if method == "HEAD" else answer
            asked.append((request, shown, addressed, f"{method} {path}"))
    subjects, touched = ledger.subjects(), ledger.touched_by([request for request, *_ in asked])
    for request, shown, addressed, what in asked:
        assert touched[request] == expected(subjects, shown, addressed), (what, shown.status_code)


def test_a_stranger_leaves_a_row_with_the_real_patient(ledger: Ledger, case: str) -> None:
    there, first = ledger.ask(STRANGER, "GET", f"/Task/{case}")
    gone, second = ledger.ask(STRANGER, "GET", f"/Task/{uuid4()}")
    assert (there.status_code, there.content) == (gone.status_code, gone.content)
    assert (ledger.touched(first), ledger.touched(second)) == ([A], [])
    # As many rows for what is not there: a difference in time would tell.
    (row,), (other,) = ledger.rows(first), ledger.rows(second)
    assert (row["status"], row["interaction"], row["resource"]) == (404, "read", case)
    assert (other["status"], other["interaction"], other["resource"], other["patient"]) == (404, "read", "", "")


def test_a_row_says_who_what_and_when(ledger: Ledger, case: str) -> None:
    answer, request = ledger.ask(UNIT, "GET", f"/Task/{case}")
    (row,) = ledger.rows(request)
    version = int(answer.json()["meta"]["versionId"])
    assert (row["organisation"], row["unit"], row["person"]) == ("310470007", "neurology-outpatient", "9900011")
    assert (row["client"], row["role"]) == ("sandbox-neurology-outpatient-clinical-unit", "unit")
    assert (row["type"], row["resource"], row["version"], row["status"]) == ("Task", case, version, 200)
    assert row["at"] > 1_700_000_000_000


def test_not_modified_is_a_look(ledger: Ledger, case: str) -> None:
    tag = ledger.ask(UNIT, "GET", f"/Task/{case}")[0].headers["etag"]
    answer, request = ledger.ask(UNIT, "GET", f"/Task/{case}", headers={"If-None-Match": tag})
    assert (answer.status_code, ledger.touched(request)) == (304, [A])


def test_a_page_has_one_row_for_each_patient(ledger: Ledger, case: str, others_case: str) -> None:
    second = made(ledger, SENDER, of(A))
    answer, request = ledger.ask(UNIT, "GET", "/Task?status=received")
    shown = {entry["resource"]["id"] for entry in answer.json()["entry"]}
    assert {case, second, others_case} <= shown
    rows = ledger.rows(request)
    assert ledger.touched(request) == [A, B]
    named = {other.split("/")[1] for row in rows for other in row["others"].split()}
    assert named == shown
    assert {(row["query"], row["interaction"]) for row in rows} == {("status", "search-type")}


def test_what_is_only_peeked_at_for_the_next_page_is_nobodys(ledger: Ledger, case: str, others_case: str) -> None:
    del case, others_case
    seen = []
    page, request = ledger.ask("coordinating-unit", "GET", "/Task?_count=1")
    while True:
        assert len(ledger.rows(request)) == len(ledger.touched(request)) == 1
        seen += ledger.touched(request)
        next_page = [link["url"] for link in page.json()["link"] if link["relation"] == "next"]
        if not next_page:
            break
        page, request = ledger.ask("coordinating-unit", "GET", "/Task?" + next_page[0].partition("?")[2])
    assert set(seen) >= {A, B}


@pytest.mark.parametrize("count", ["", "_summary=count", "_count=0"])
def test_to_search_for_a_patient_touches_the_patient(ledger: Ledger, case: str, count: str) -> None:
    del case
    answers = {}
    for number in (A, NEVER_SEEN):
        form = {"patient:identifier": f"{NATIONAL}|{number}", **({count[:-2]: "0"} if count == "_count=0" else {})}
        form |= {"_summary": "count"} if count == "_summary=count" else {}
        answers[number] = ledger.ask(STRANGER, "POST", "/Task/_search", data=form)
    assert [answers[one][0].status_code for one in answers] == [200, 200]
    assert "entry" not in answers[A][0].json()  # the stranger has no case of theirs
    assert (ledger.touched(answers[A][1]), ledger.touched(answers[NEVER_SEEN][1])) == ([A], [])
    rows = [ledger.rows(request) for _, request in answers.values()]
    assert [len(each) for each in rows] == [1, 1]
    assert {row["query"] for each in rows for row in each} == {"patient:identifier"}
    assert not [row for each in rows for row in each if NEVER_SEEN in str(row) or A in str(row)]


def test_what_a_page_brings_along_counts_once(ledger: Ledger, everything: dict[str, str]) -> None:
    path = f"/Task?_id={everything['Task']}&_revinclude=Provenance:target"
    answer, request = ledger.ask(SENDER, "GET", path)
    modes = [entry["search"]["mode"] for entry in answer.json()["entry"]]
    assert modes.count("include") >= 2
    (row,) = ledger.rows(request)
    assert ledger.touched(request) == [A]
    assert len(row["others"].split()) == len(modes)


def test_a_history_without_news_is_a_look(ledger: Ledger, case: str) -> None:
    answer, request = ledger.ask(SENDER, "GET", f"/Task/{case}/_history?_since=2050-01-01T00:00:00Z")
    assert (answer.status_code, ledger.touched(request)) == (200, [A])


def test_a_version_is_about_whom_it_was_about(ledger: Ledger) -> None:
    key = made(ledger, SENDER, smallest("ServiceRequest"))
    changed = ledger.ask(SENDER, "GET", f"/ServiceRequest/{key}")[0].json()
    changed["subject"] = {"type": "Patient", "identifier": {"system": NATIONAL, "value": B}}
    answer, request = ledger.ask(SENDER, "PUT", f"/ServiceRequest/{key}", json=changed)
    assert (answer.status_code, ledger.touched(request)) == (200, [A, B])
    for version, patient in ((1, A), (2, B)):
        _, request = ledger.ask(SENDER, "GET", f"/ServiceRequest/{key}/_history/{version}")
        assert ledger.touched(request) == [patient]
    _, request = ledger.ask(SENDER, "GET", f"/ServiceRequest/{key}/_history")
    assert ledger.touched(request) == [A, B]


def test_writes_leave_one_row_each(ledger: Ledger) -> None:
    content = of(A)
    first, request = ledger.ask(SENDER, "POST", "/Task", json=content)
    assert (first.status_code, ledger.touched(request)) == (201, [A])
    assert ledger.rows(request)[0]["status"] == 201
    again, request = ledger.ask(SENDER, "POST", "/Task", json=content)
    assert (again.status_code, ledger.touched(request)) == (200, [A])
    key, number = first.json()["id"], content["identifier"][0]
    condition = {"If-None-Exist": f"identifier={number['system']}|{number['value']}"}
    found, request = ledger.ask(SENDER, "POST", "/Task", json=of(B), headers=condition)
    assert (found.json()["id"], found.status_code, ledger.touched(request)) == (key, 200, [A])
    same, request = ledger.ask(
        SENDER, "PUT", f"/Task/{key}", json=first.json(), headers={"If-Match": first.headers["etag"]}
    )
    assert (same.status_code, ledger.touched(request)) == (200, [A])
    by_match, request = ledger.ask(
        SENDER, "PUT", f"/Task?identifier={number['system']}|{number['value']}", json=first.json()
    )
    assert (by_match.status_code, ledger.touched(request)) == (200, [A])


def test_an_appointment_writes_three_resources_and_one_row(ledger: Ledger) -> None:
    key = made(ledger, OTHER, of(B))
    ledger.ask(UNIT, "POST", f"/Task/{key}/$accept")
    who = {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.4", "value": "9900011"}}
    given = {"resourceType": "Parameters", "parameter": [{"name": "practitioner", "valueReference": who}]}
    answer, request = ledger.ask(UNIT, "POST", f"/Task/{key}/$appoint", json=given)
    assert (answer.status_code, ledger.touched(request)) == (200, [B])
    (row,) = ledger.rows(request)
    assert (row["resource"], row["interaction"]) == (key, "operation")
    assert sorted(other.split("/")[0] for other in row["others"].split()) == ["CareTeam", "Task"]


def test_refused_writes_leave_one_row_with_the_patient(ledger: Ledger, case: str) -> None:
    content = of(A)
    made(ledger, SENDER, content)
    for changed, status in (({"description": "Noe annet"}, 409), ({"intent": "nonsense"}, 422)):
        answer, request = ledger.ask(SENDER, "POST", "/Task", json=content | changed)
        assert (answer.status_code, ledger.touched(request)) == (status, [A])
        assert [row["status"] for row in ledger.rows(request)] == [status]
    for headers, status in (({}, 428), ({"If-Match": 'W/"99"'}, 412)):
        answer, request = ledger.ask(SENDER, "PUT", f"/Task/{case}", json=of(A, id=case), headers=headers)
        assert (answer.status_code, ledger.touched(request)) == (status, [A])
    answer, request = ledger.ask(STRANGER, "POST", f"/Task/{case}/$accept")
    assert (answer.status_code, ledger.touched(request)) == (404, [A])


def test_the_reports_and_the_actions_of_a_case_are_looks(ledger: Ledger, case: str) -> None:
    for path in (f"/reports/cases/{case}/events", f"/Task/{case}/$available-actions"):
        for persona, status in ((UNIT, 200), (STRANGER, 404)):
            answer, request = ledger.ask(persona, "GET", path)
            assert (answer.status_code, ledger.touched(request)) == (status, [A]), path


def entry(method: str, url: str, **more: Any) -> dict[str, Any]:
    """An entry of a Bundle."""
    return {"request": {"method": method, "url": url}, **more}


def bundle(ledger: Ledger, kind: str, *entries: dict[str, Any]) -> tuple[httpx.Response, str]:
    """A Bundle sent by Fjordvik."""
    content = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    return ledger.ask(SENDER, "POST", "", json=content)


def test_a_transaction_is_audited_once(ledger: Ledger, case: str) -> None:
    answer, request = bundle(
        ledger,
        "transaction",
        entry("POST", "Task", resource=of(B)),
        entry("GET", f"Task/{case}"),
        entry("GET", f"Task?_id={case}&_include=Task:patient"),
    )
    assert [one["response"]["status"] for one in answer.json()["entry"]] == ["201", "200", "200"]
    rows = [(row["interaction"], row["status"]) for row in ledger.rows(request)]
    assert rows == [("create", 201), ("read", 200), ("search-type", 200)]
    assert ledger.touched(request) == [A, A, B]


def test_a_transaction_that_fails_has_the_row_of_what_failed(ledger: Ledger, others_case: str) -> None:
    """Nothing of the other entries was done or shown."""
    answer, request = bundle(
        ledger, "transaction", entry("POST", "Task", resource=of(A)), entry("GET", f"Task/{others_case}")
    )
    assert (answer.status_code, ledger.touched(request)) == (404, [B])


def test_a_read_of_a_transaction_without_its_scope_has_a_row(ledger: Ledger, case: str) -> None:
    content = {"resourceType": "Bundle", "type": "transaction", "entry": [entry("GET", f"Task/{case}")]}
    answer, request = ledger.ask("auditor", "POST", "", json=content)
    assert (answer.status_code, ledger.touched(request)) == (403, [A])


@pytest.mark.parametrize(("national", "rows"), [(A, [A]), (NEVER_SEEN, [])])
def test_a_conditional_reference_is_a_search(ledger: Ledger, national: str, rows: list[str]) -> None:
    """What is not found is told, so it has been looked up."""
    reference = {"reference": f"Task?patient:identifier={NATIONAL}|{national}&_lastUpdated=lt1990"}
    answer, request = bundle(ledger, "transaction", entry("POST", "Task", resource=of(B, basedOn=[reference])))
    assert (answer.status_code, ledger.touched(request)) == (412, rows)
    assert [(row["interaction"], row["status"]) for row in ledger.rows(request)] == [("search-type", 200)]


def test_a_conditional_reference_reads_whom_it_finds(ledger: Ledger, case: str, others_case: str) -> None:
    """Found, not seen, and of a transaction that fails."""
    number = ledger.ask(SENDER, "GET", f"/Task/{case}")[0].json()["identifier"][0]
    for last, status, rows in (
        (entry("GET", "Organization"), 200, [("create", 201, B), ("search-type", 200, A)]),
        (entry("POST", "Task", resource=of(B, intent="nonsense")), 422, [("create", 422, B), ("search-type", 200, A)]),
    ):
        request = smallest("ServiceRequest")
        request["subject"] = {"type": "Patient", "identifier": {"system": NATIONAL, "value": B}}
        request["supportingInfo"] = [{"reference": f"Task?identifier={number['system']}|{number['value']}"}]
        answer, id_ = bundle(ledger, "transaction", entry("POST", "ServiceRequest", resource=request), last)
        assert answer.status_code == status, answer.text
        names = ledger.patients()
        found = [(row["interaction"], row["status"], names[row["patient"]]) for row in ledger.rows(id_)]
        assert sorted(found) == rows
    request = smallest("ServiceRequest") | {"supportingInfo": [{"reference": f"Task?_id={others_case}"}]}
    unseen, id_ = bundle(ledger, "transaction", entry("POST", "ServiceRequest", resource=request))
    assert (unseen.status_code, ledger.touched(id_)) == (412, [])


def test_each_entry_of_a_batch_is_a_request_of_its_own(ledger: Ledger, case: str, others_case: str) -> None:
    answer, request = bundle(
        ledger, "batch", entry("GET", f"Task/{case}"), entry("GET", f"Task/{others_case}"), entry("GET", "Organization")
    )
    assert [one["response"]["status"] for one in answer.json()["entry"]] == ["200", "404", "200"]
    assert ledger.touched(request) == [A, B]
    assert sorted(row["status"] for row in ledger.rows(request)) == [200, 404]


def test_to_try_a_write_by_validate_leaves_no_write(ledger: Ledger, case: str) -> None:
    answer, request = ledger.ask(SENDER, "POST", f"/Task/{case}/$validate")
    assert (answer.status_code, ledger.touched(request)) == (200, [A])
    assert [row["interaction"] for row in ledger.rows(request)] == ["read"]
    answer, request = ledger.ask(SENDER, "POST", "/Task/$validate?mode=create", json=of(B))
    assert (answer.status_code, ledger.rows(request)) == (200, [])
