"""The patient's own log: who looked, in words for the patient, and nothing of anybody else."""

from typing import Any

import httpx
import pytest

from app.security.caller import Caller, Role
from app.store.looks import look_of, row_of
from tests.api.ledger import NATIONAL, NEVER_SEEN, A, B, Ledger
from tests.api.running import codes
from tests.api.test_audit import OTHER, PERSONAS, SENDER, STRANGER, UNIT, made, of

LOG = "/AuditEvent/$patient-log"
HPR, RESH = "urn:oid:2.16.578.1.12.4.1.4.4", "urn:oid:2.16.578.1.12.4.1.4.102"
ORGANISATION = "urn:oid:2.16.578.1.12.4.1.4.101"
Entry = dict[str, Any]


@pytest.fixture(scope="module")
def case(ledger: Ledger) -> str:
    """A case of A's that its unit has looked at and accepted, and that a stranger has tried to read; and one of B's."""
    made(ledger, OTHER, of(B))
    key = made(ledger, SENDER, of(A))
    ledger.ask(UNIT, "GET", f"/Task/{key}")
    ledger.ask(UNIT, "GET", f"/Task/{key}/$available-actions")
    ledger.ask(STRANGER, "GET", f"/Task/{key}")
    ledger.ask(UNIT, "POST", f"/Task/{key}/$accept")
    # One page with both patients on it.
    answer, _ = ledger.ask("coordinating-unit", "GET", "/Task")
    assert len(answer.json()["entry"]) == 2
    return key


def asked(ledger: Ledger, *more: Entry, number: str = A, persona: str = "auditor") -> tuple[httpx.Response, str]:
    """An answer, and the id of the request."""
    patient = {"name": "patient", "valueIdentifier": {"system": NATIONAL, "value": number}}
    return ledger.ask(persona, "POST", LOG, json={"resourceType": "Parameters", "parameter": [patient, *more]})


def entries(answer: httpx.Response) -> list[Entry]:
    """The entries of a page: each part's value by its name."""
    assert answer.status_code == 200, answer.text
    listed = answer.json().get("parameter", [])
    return [
        {part["name"]: next(value for name, value in part.items() if name != "name") for part in one["part"]}
        for one in listed
        if one["name"] == "entry"
    ]


def others(found: list[Entry]) -> list[Entry]:
    """What others than auditors did."""
    return [one for one in found if one["role"]["code"] != "auditor"]


def test_who_did_what(ledger: Ledger, case: str) -> None:
    answer, _ = asked(ledger)
    found = others(entries(answer))
    told = [(one["role"]["code"], one["kind"]["code"], one["about"]["code"]) for one in found]
    assert told == [
        ("coordinating-unit", "looked", "Task"),
        ("unit", "wrote", "Task"),
        ("unit", "refused", "Task"),
        ("unit", "looked", "Task"),
        ("unit", "looked", "Task"),
        ("sender", "wrote", "Task"),
    ]
    accepted, sent = found[1], found[-1]
    assert accepted["organization"]["identifier"] == {"system": ORGANISATION, "value": "310470007"}
    assert accepted["organization"]["display"]
    assert accepted["unit"]["identifier"] == {"system": RESH, "value": "4900101"}
    assert accepted["unit"]["display"]
    assert accepted["practitioner"]["identifier"] == {"system": HPR, "value": "9900011"}
    assert accepted["practitioner"]["display"]
    assert (accepted["role"]["display"], accepted["kind"]["display"]) == ("Klinisk enhet", "Skrev")
    assert sent["organization"]["identifier"]["value"] == "310471437"
    assert "unit" not in sent
    assert "purpose" not in sent
    # Neither an id of ours nor of a request, nor a word of the other patient on the same page.
    ids = [row["id"] for row in ledger.run(lambda c: c.exec_driver_sql("SELECT id FROM task").mappings().all())]
    assert len(ids) == 2
    for secret in (*ids, case, B, "r-"):
        assert secret not in answer.text


def test_another_patients_rows_are_never_in_it(ledger: Ledger, case: str) -> None:
    del case
    mine, theirs = others(entries(asked(ledger)[0])), others(entries(asked(ledger, number=B)[0]))
    assert [(one["role"]["code"], one["kind"]["code"]) for one in theirs] == [
        ("coordinating-unit", "looked"),
        ("sender", "wrote"),
    ]
    assert theirs[-1]["when"] < mine[-1]["when"]
    assert theirs[-1]["organization"] != mine[-1]["organization"]


def test_page_after_page_is_the_whole(ledger: Ledger, case: str) -> None:
    del case
    whole = entries(asked(ledger)[0])
    found: list[Entry] = []
    more: list[Entry] = []
    while True:
        answer, _ = asked(ledger, {"name": "count", "valuePositiveInt": 2}, *more)
        page = entries(answer)
        found += page
        following = [one["valueString"] for one in answer.json()["parameter"] if one["name"] == "next"]
        if not following:
            break
        assert len(page) == 2
        more = [{"name": "cursor", "valueString": following[0]}]
    # The first page is behind the question for the whole.
    assert (found[0]["role"]["code"], found[0]["kind"]["code"]) == ("auditor", "looked")
    assert found[1:] == whole
    cursor = {"name": "cursor", "valueString": asked_cursor(ledger)}
    for wrong in (asked(ledger, cursor, number=B), asked(ledger, cursor, period(start="2020"))):
        assert (wrong[0].status_code, codes(wrong[0])) == (400, ["bad-cursor"])


def asked_cursor(ledger: Ledger) -> str:
    """The cursor behind the first row."""
    answer, _ = asked(ledger, {"name": "count", "valuePositiveInt": 1})
    return str(answer.json()["parameter"][-1]["valueString"])


def period(**edges: str) -> Entry:
    """The parameter."""
    return {"name": "period", "valuePeriod": edges}


def test_a_period(ledger: Ledger, case: str) -> None:
    del case
    found = others(entries(asked(ledger)[0]))
    newest = found[0]["when"]
    assert others(entries(asked(ledger, period(start="2020", end=newest))[0])) == found
    assert others(entries(asked(ledger, period(start=newest))[0])) == found[:1]
    assert entries(asked(ledger, period(end="2020-12-31"))[0]) == []


def test_to_ask_is_in_it_too(ledger: Ledger, case: str) -> None:
    del case
    _, request = asked(ledger)
    (row,) = ledger.rows(request)
    assert ledger.touched(request) == [A]
    assert (row["type"], row["role"], row["status"]) == ("AuditEvent", "auditor", 200)
    assert row["query"] == "patient:identifier"
    first = entries(asked(ledger)[0])[0]
    assert (first["role"]["code"], first["kind"]["code"], first["about"]["code"]) == ("auditor", "looked", "AuditEvent")


def test_a_purpose_that_was_stated(ledger: Ledger, case: str) -> None:
    del case
    (key,) = [key for key, number in ledger.patients().items() if number == B]
    caller = Caller(organisation="310471437", role=Role.SENDER, purpose="TREAT")
    row = row_of(look_of(caller, 1_700_000_000_000, "read"), "Task", patient=key)
    ledger.loop.run_until_complete(ledger.store.record_looks([row]))
    (told,) = [one for one in entries(asked(ledger, number=B)[0]) if "purpose" in one]
    assert told["purpose"] == {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "TREAT"}
    form = {"patient:identifier": f"{NATIONAL}|{B}", "date": "lt2024"}
    answer, _ = ledger.ask("auditor", "POST", "/AuditEvent/_search", data=form)
    (event,) = [entry["resource"] for entry in answer.json()["entry"]]
    assert event["purposeOfEvent"] == [{"coding": [told["purpose"]]}]


def test_nobody_knows_whether_a_patient_is_known(ledger: Ledger, case: str) -> None:
    del case
    answer, request = asked(ledger, number=NEVER_SEEN)
    assert (answer.status_code, answer.json()) == (200, {"resourceType": "Parameters"})
    empty, other = asked(ledger, period(end="2020"))
    assert empty.json() == answer.json()
    assert [len(ledger.rows(one)) for one in (request, other)] == [1, 1]
    assert ledger.touched(request) == []


@pytest.mark.parametrize("persona", [one for one in PERSONAS if one != "auditor"])
def test_for_auditors_only(ledger: Ledger, case: str, persona: str) -> None:
    del case
    answer, _ = asked(ledger, persona=persona)
    assert answer.status_code == 403
    assert codes(answer)[0] in {"role-not-allowed", "insufficient-scope"}
    assert A not in answer.text


BAD: list[tuple[int, str, list[Entry]]] = [
    (422, "parameter-missing", [{"name": "count", "valuePositiveInt": 1}]),
    (422, "parameter-missing", [{"name": "patient", "valueIdentifier": {"system": "urn:x", "value": A}}]),
    (422, "wrong-type", [{"name": "patient", "valueString": A}]),
    (422, "wrong-identifier", [{"name": "patient", "valueIdentifier": {"system": NATIONAL, "value": "10915596785"}}]),
    (422, "unknown-parameter", [{"name": "nonsense", "valueString": A}]),
    (422, "unknown-parameter", [{"name": "count", "valuePositiveInt": 1}, {"name": "count", "valuePositiveInt": 1}]),
]
WITH_PATIENT: list[tuple[int, str, Entry]] = [
    (422, "bad-count", {"name": "count", "valuePositiveInt": 201}),
    (422, "wrong-type", {"name": "count", "valueInteger": 2}),
    (422, "wrong-type", {"name": "period", "valueDate": "2026"}),
    (400, "bad-cursor", {"name": "cursor", "valueString": "nonsense"}),
]


@pytest.mark.parametrize(("status", "code", "given"), BAD)
def test_what_cannot_be_asked(ledger: Ledger, status: int, code: str, given: list[Entry]) -> None:
    answer, _ = ledger.ask("auditor", "POST", LOG, json={"resourceType": "Parameters", "parameter": given})
    assert (answer.status_code, codes(answer)) == (status, [code])
    assert A not in answer.text


@pytest.mark.parametrize(("status", "code", "given"), WITH_PATIENT)
def test_what_cannot_be_asked_of_a_patient(ledger: Ledger, status: int, code: str, given: Entry) -> None:
    answer, request = asked(ledger, given)
    assert (answer.status_code, codes(answer)) == (status, [code])
    # Refused after it was clear who it was about; a cursor is no more than a way to ask.
    assert len(ledger.rows(request)) == (1 if status == 422 else 0)


def test_no_url_can_ask(ledger: Ledger) -> None:
    answer, _ = ledger.ask("auditor", "GET", LOG)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
