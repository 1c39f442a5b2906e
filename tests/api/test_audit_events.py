"""AuditEvent: who looked at a patient, for auditors; the audit of the audit."""

from base64 import b64decode
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from app.fhir.validation import validate
from tests.api.ledger import NATIONAL, NEVER_SEEN, A, B, Ledger
from tests.api.test_audit import OTHER, PERSONAS, SENDER, STRANGER, UNIT, made, of

HPR, RESH = "urn:oid:2.16.578.1.12.4.1.4.4", "urn:oid:2.16.578.1.12.4.1.4.102"
ORGANISATION = "urn:oid:2.16.578.1.12.4.1.4.101"


@pytest.fixture(scope="module")
def case(ledger: Ledger) -> str:
    """A case of A's that its unit has looked at, that a stranger has tried to, and that was searched for."""
    made(ledger, OTHER, of(B))
    key = made(ledger, SENDER, of(A))
    ledger.ask(UNIT, "GET", f"/Task/{key}")
    ledger.ask(STRANGER, "GET", f"/Task/{key}")
    ledger.ask(UNIT, "GET", "/Task?status=received")
    return key


@pytest.fixture(scope="module")
def event(ledger: Ledger, case: str) -> str:
    """The id of an event of that case."""
    return str(events(ledger, entity=f"Task/{case}")[0]["id"])


def events(ledger: Ledger, **form: str) -> list[dict[str, Any]]:
    """What an auditor finds, page after page."""
    answer, _ = ledger.ask("auditor", "POST", "/AuditEvent/_search", data={"_count": "5", **form})
    found: list[dict[str, Any]] = []
    while True:
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += [entry["resource"] for entry in body.get("entry", ())]
        more = [link["url"] for link in body["link"] if link["relation"] == "next"]
        if not more:
            return found
        assert A not in more[0]
        answer, _ = ledger.ask("auditor", "GET", "/AuditEvent?" + more[0].partition("?")[2])


def about(ledger: Ledger, number: str, **form: str) -> list[dict[str, Any]]:
    """The events of a patient."""
    return events(ledger, **{"patient:identifier": f"{NATIONAL}|{number}", **form})


def kinds(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["subtype"][0]["code"], one["outcomeDesc"]) for one in found]


def test_who_looked_at_a_patient(ledger: Ledger, case: str) -> None:
    found = [one for one in about(ledger, A, _count="2") if one["agent"][0]["role"] != [{"text": "auditor"}]]
    assert kinds(found)[:4] == [
        ("search-type", "HTTP 200"),
        ("read", "HTTP 404"),
        ("read", "HTTP 200"),
        ("create", "HTTP 201"),
    ]
    search, refused, read, create = found[:4]
    assert [one["outcome"] for one in (search, refused, read, create)] == ["0", "4", "0", "0"]
    assert [one["action"] for one in (search, refused, read, create)] == ["E", "R", "R", "C"]
    patient = {"type": "Patient", "identifier": {"system": NATIONAL, "value": A}}
    assert read["entity"][0]["what"] == patient == read["extension"][0]["valueReference"]
    assert read["entity"][1]["what"] == {"reference": f"Task/{case}/_history/1"}
    (who,) = read["contained"]
    assert who["practitioner"]["identifier"] == {"system": HPR, "value": "9900011"}
    assert who["organization"]["identifier"] == {"system": RESH, "value": "4900101"}
    # Nobody stated a purpose.
    assert not [one for one in found if "purposeOfEvent" in one]
    (asked,) = [one["query"] for one in search["entity"] if "query" in one]
    assert b64decode(asked) == b"Task?status"
    assert create["agent"][0]["who"]["identifier"] == {"system": ORGANISATION, "value": "310471437"}


def test_every_event_is_valid(ledger: Ledger, case: str) -> None:
    del case
    found = events(ledger)
    assert {one["subtype"][0]["code"] for one in found} >= {"create", "read", "search-type"}
    for one in found:
        validate(one, "AuditEvent")
        AuditEvent.model_validate(one)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"action": "C"}, {"create"}),
        ({"outcome": "4"}, {"read"}),
        ({"subtype": "http://hl7.org/fhir/restful-interaction|create"}, {"create"}),
        ({"type": "rest", "action": "C"}, {"create"}),
        ({"type": "nonsense|rest"}, set()),
        ({"agent:identifier": f"{HPR}|9900011", "action": "R"}, {"read"}),
        ({"agent:identifier": f"{RESH}|4900301"}, {"read"}),
        ({"agent:identifier": f"{ORGANISATION}|310471437"}, {"create"}),
        ({"date": "lt2000"}, set()),
        ({"date": "ge2000", "action": "C"}, {"create"}),
    ],
)
def test_search(ledger: Ledger, case: str, form: dict[str, str], expected: set[str]) -> None:
    del case
    found = about(ledger, A, **form)
    assert {one["subtype"][0]["code"] for one in found} == expected


def test_by_entity(ledger: Ledger, case: str) -> None:
    """The resource that was asked for, and what a page showed."""
    found = events(ledger, entity=f"Task/{case}")
    assert {("search-type", "HTTP 200"), ("read", "HTTP 404"), ("create", "HTTP 201")} <= set(kinds(found))
    assert kinds(events(ledger, entity=f"Task/{case}/_history/7")) == []


def test_one_event_and_its_own_trace(ledger: Ledger, case: str) -> None:
    del case
    first = about(ledger, A, action="C")[-1]
    answer, request = ledger.ask("auditor", "GET", f"/AuditEvent/{first['id']}")
    assert answer.json() == first
    assert ledger.touched(request) == [A]


def test_the_audit_is_audited(ledger: Ledger, case: str) -> None:
    del case
    answers = {
        number: ledger.ask(
            "auditor", "POST", "/AuditEvent/_search", data={"patient:identifier": f"{NATIONAL}|{number}", "action": "C"}
        )
        for number in (A, NEVER_SEEN)
    }
    assert ledger.touched(answers[A][1]) == [A]
    assert ledger.touched(answers[NEVER_SEEN][1]) == []
    assert [row["type"] for row in ledger.rows(answers[A][1])] == ["AuditEvent"]
    newest = about(ledger, A)[0]
    assert newest["agent"][0]["role"] == [{"text": "auditor"}]


def test_a_patient_of_ours_is_found_by_reference(ledger: Ledger, case: str) -> None:
    del case
    key = made(ledger, SENDER, {"resourceType": "Patient", "identifier": [{"system": NATIONAL, "value": A}]})
    by_reference = events(ledger, patient=f"Patient/{key}", action="C")
    assert {one["id"] for one in by_reference} == {one["id"] for one in about(ledger, A, action="C")}


@pytest.mark.parametrize("persona", [one for one in PERSONAS if one != "auditor"])
def test_nobody_else_sees_any(ledger: Ledger, event: str, persona: str) -> None:
    for path in ("/AuditEvent", f"/AuditEvent/{event}"):
        answer, _ = ledger.ask(persona, "GET", path)
        assert answer.status_code == 403
        assert A not in answer.text
