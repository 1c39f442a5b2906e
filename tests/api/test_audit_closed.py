"""Where the audit cannot be written nobody who would touch a patient gets an answer: a list that forgets none."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from app.api import includes
from app.api.operations import operations_of
from app.api.routes import FHIR_PATHS, OTHER_PATHS
from app.api.subjects import ABOUT_PATIENTS
from app.fhir.resources import RESOURCES, Kind
from tests.api.ledger import NATIONAL, A, B, Ledger
from tests.api.running import need
from tests.api.smallest import smallest

SENDER, UNIT, AUDITOR = "municipality:fjordvik", "clinical-unit:neurology-outpatient", "auditor"
TOLD = "Trenger koordinator, sier kommunen"
"""A text of the case: it must not be in an answer that is none."""


NOT_THEIRS = {"CareTeam", "Encounter", "Provenance", "AuditEvent"}
"""Types that a municipality does not make."""


_PATCH = {"Content-Type": "application/json-patch+json", "If-Match": 'W/"99"'}


class Ask(NamedTuple):
    """A request that touches patient A or B."""

    persona: str
    method: str
    path: str
    more: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class There:
    """What there is to ask for."""

    case: str
    ids: dict[str, str] = field(default_factory=dict)


def _need(national: str, **more: Any) -> dict[str, Any]:
    who = {"type": "Patient", "identifier": {"system": NATIONAL, "value": national}}
    return need(for_=who, requester=None, description=TOLD, **more)


@pytest.fixture(scope="module")
def there(ledger: Ledger) -> There:
    """A case of each patient, and a resource of each type that a test may read."""
    ids: dict[str, str] = {}
    for name, content in (("Task", _need(A)), ("Patient", _patient())):
        answer, _ = ledger.ask(SENDER, "POST", f"/{name}", json=content)
        ids[name] = answer.json()["id"]
    for one in (RESOURCES[name] for name in sorted(ABOUT_PATIENTS - ids.keys() - NOT_THEIRS)):
        name, subject = one.name, [each for each in one.search if each.kind is Kind.PATIENT]
        if not subject:
            continue
        who = {"type": "Patient", "identifier": {"system": NATIONAL, "value": A}}
        content = smallest(name) | {subject[0].path.partition(".")[2]: who}
        answer, _ = ledger.ask(SENDER, "POST", f"/{name}", json=content)
        assert answer.status_code == 201, (name, answer.text)
        ids[name] = answer.json()["id"]
    ledger.ask(SENDER, "POST", "/Task", json=_need(B))
    events, _ = ledger.ask(UNIT, "GET", f"/Provenance?target=Task/{ids['Task']}")
    ids["Provenance"] = events.json()["entry"][0]["resource"]["id"]
    audit, _ = ledger.ask(AUDITOR, "POST", "/AuditEvent/_search", data={"patient:identifier": f"{NATIONAL}|{A}"})
    ids["AuditEvent"] = audit.json()["entry"][0]["resource"]["id"]
    return There(ids["Task"], ids)


def _reader(name: str) -> str:
    return AUDITOR if name == "AuditEvent" else UNIT if name in {"Task", "Provenance"} else SENDER


def _each(there: There, method: str, path: str, **more: Any) -> Iterator[Ask]:
    for name, key in there.ids.items():
        where = path.replace("{type}", name).replace("{id}", key)
        if method in RESOURCES[name].interactions or method in {"GET", "POST"}:
            yield Ask(_reader(name), method, where, more)


def _reads(there: There) -> Iterator[Ask]:
    yield from _each(there, "GET", "/{type}/{id}")
    yield Ask(UNIT, "HEAD", f"/Task/{there.case}")
    yield Ask("municipality:dalheim", "GET", f"/Task/{there.case}")  # 404, and an attempt
    yield Ask(UNIT, "GET", f"/Task/{uuid4()}")


def _searches(there: There) -> Iterator[Ask]:
    for ask in _each(there, "GET", "/{type}?_count=5"):
        yield ask
        yield ask._replace(path=f"{ask.path}&_total=accurate")
    yield Ask(UNIT, "GET", f"/Task?_id={there.case}&_revinclude=Provenance:target")
    yield Ask(SENDER, "GET", f"/ServiceRequest?_id={there.ids['ServiceRequest']}&_include=ServiceRequest:patient")
    yield Ask(UNIT, "GET", f"/Provenance?target=Task/{there.case}&_include=Provenance:target")


def _writes(there: There, method: str) -> Iterator[Ask]:
    more = {"headers": {"If-Match": 'W/"99"'}}
    yield Ask(SENDER, method, f"/Task/{there.case}", {"json": _need(A, id=there.case)} | more)
    if method == "PUT":
        key = there.ids["Patient"]
        yield Ask(SENDER, method, f"/Patient/{key}", {"json": _patient(id=key, active=True)})


def _patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": NATIONAL, "value": A}]} | more


def _bundles(there: There) -> Iterator[Ask]:
    for kind in ("batch", "transaction"):
        for request in (
            {"request": {"method": "GET", "url": f"Task/{there.case}"}},
            {"request": {"method": "GET", "url": f"Task?_id={there.case}&_revinclude=Provenance:target"}},
            {"request": {"method": "POST", "url": "Task"}, "resource": _need(A)},
        ):
            yield Ask(SENDER, "POST", "", {"json": {"resourceType": "Bundle", "type": kind, "entry": [request]}})


def _by_patient(path: str, persona: str = SENDER) -> Ask:
    return Ask(persona, "POST", path, {"data": {"patient:identifier": f"{NATIONAL}|{A}"}})


EVERY: dict[str, Callable[[There], Iterator[Ask]]] = {
    "GET /{type}/{id:logical_id}": _reads,
    "PUT /{type}/{id:logical_id}": lambda there: _writes(there, "PUT"),
    "PATCH /{type}/{id:logical_id}": lambda there: iter(
        [Ask(SENDER, "PATCH", f"/Task/{there.case}", {"content": "[]", "headers": _PATCH})]
    ),
    "GET /_history": lambda _: iter([Ask(SENDER, "GET", "/_history")]),
    "POST /_search": lambda there: iter([Ask(SENDER, "POST", "/_search", {"data": _both(there)})]),
    "GET /{type}": _searches,
    "POST /{type}": lambda _: iter([Ask(SENDER, "POST", "/Task", {"json": _need(A)})]),
    "PUT /{type}": lambda there: iter(
        [Ask(SENDER, "PUT", f"/Patient?_id={there.ids['Patient']}", {"json": _patient(active=False)})]
    ),
    "POST /{type}/_search": lambda _: iter([_by_patient("/Task/_search"), _by_patient("/Provenance/_search", UNIT)]),
    "GET /{type}/{id:logical_id}/_history/{version}": lambda there: iter(
        [Ask(UNIT, "GET", f"/Task/{there.case}/_history/1")]
    ),
    "GET /{type}/{id:logical_id}/_history": lambda there: iter([Ask(UNIT, "GET", f"/Task/{there.case}/_history")]),
    "GET /{type}/_history": lambda _: iter([Ask(UNIT, "GET", "/Task/_history")]),
    "GET ": lambda there: iter([Ask(SENDER, "GET", "", {"params": _both(there)})]),
    "GET /": lambda there: iter([Ask(SENDER, "GET", "/", {"params": _both(there)})]),
    "POST ": _bundles,
    "POST /": lambda there: (ask._replace(path="/") for ask in _bundles(there)),
    "GET /reports/cases/{id:logical_id}/events": lambda there: iter(
        [Ask(UNIT, "GET", f"/reports/cases/{there.case}/events")]
    ),
}
"""What is asked at each route."""
NOBODYS = {
    "GET /metadata",
    "GET /.well-known/smart-configuration",
    "GET /health/live",
    "GET /health/ready",
    "GET /operator/deliveries",
    "POST /operator/deliveries/{delivery}/resend",
    "GET /operator/subscriptions",
    "POST /operator/subscriptions",
    "GET /reports/units",
}
"""Routes at which there is no patient."""
SPECIAL: dict[str, Callable[[There], Ask]] = {
    "POST AuditEvent/$patient-log": lambda _: Ask(AUDITOR, "POST", "/AuditEvent/$patient-log", {"json": _parameters()}),
    "POST CareTeam/$register-coordinator": lambda _: Ask(
        UNIT, "POST", "/CareTeam/$register-coordinator", {"json": _parameters()}
    ),
}
"""Operations that are asked otherwise than by an empty POST, or GET, of an instance."""
LOOK_NOBODY_UP = {"GET Subscription/$status"}
"""Operations of a type, besides $validate, that no patient is named in or shown by."""


def _both(there: There) -> dict[str, str]:
    return {"_type": "Task,Patient", "_id": f"{there.case},{there.ids['Patient']}"}


def _parameters() -> dict[str, Any]:
    patient = {"name": "patient", "valueIdentifier": {"system": NATIONAL, "value": A}}
    return {"resourceType": "Parameters", "parameter": [patient]}


def _operations(there: There) -> Iterator[Ask]:
    """Every operation of a type that may be about a patient; $validate of a type looks nobody up."""
    for name in sorted(ABOUT_PATIENTS):
        for one in operations_of(RESOURCES[name]):
            key = f"{one.method} {name}/${one.name}"
            if key in SPECIAL:
                yield SPECIAL[key](there)
            elif one.level == "instance" and name in there.ids:
                yield Ask(_reader(name), one.method, f"/{name}/{there.ids[name]}/${one.name}")
            elif one.level == "instance":
                yield Ask(UNIT, one.method, f"/{name}/{uuid4()}/${one.name}")
            else:
                assert one.name == "validate" or key in LOOK_NOBODY_UP, f"how is {key} asked?"


def test_every_route_is_on_the_list() -> None:
    """A new one is put into ``EVERY``, or said to be nobody's."""
    known = {f"{method} {path}" for path, offers in (*FHIR_PATHS, *OTHER_PATHS) for method in offers if "$" not in path}
    assert known == EVERY.keys() | NOBODYS


RENAMED = ("ALTER TABLE audit_event RENAME TO audit_event_away", "ALTER TABLE audit_event_away RENAME TO audit_event")


@contextmanager
def _full(ledger: Ledger, kind: str) -> Iterator[None]:
    """A database that takes no audit row: the table is not there, or it refuses."""
    if kind == "renamed":
        before, after = [RENAMED[0]], [RENAMED[1]]
    elif "sqlite" in ledger.run(lambda c: c.dialect.name):
        refuse = "BEGIN SELECT RAISE(FAIL, 'full'); END"
        before, after = [f"CREATE TRIGGER full BEFORE INSERT ON audit_event {refuse}"], ["DROP TRIGGER full"]
    else:
        code = "'BEGIN RAISE disk_full; END'"
        before = [
            f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS {code}",
            "CREATE TRIGGER no_row BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION refuse()",
        ]
        after = ["DROP TRIGGER no_row ON audit_event", "DROP FUNCTION refuse"]
    for statement in before:
        ledger.execute(statement)
    try:
        yield
    finally:
        for statement in after:
            ledger.execute(statement)


def _all(there: There) -> list[Ask]:
    return [*(ask for asks in EVERY.values() for ask in asks(there)), *_operations(there)]


@pytest.mark.parametrize("kind", ["renamed", "refusing"])
def test_without_the_audit_there_is_no_answer(ledger: Ledger, there: There, kind: str) -> None:
    with _full(ledger, kind):
        for ask in _all(there):
            answer, _ = ledger.ask(ask.persona, ask.method, ask.path, **ask.more)
            body = answer.text
            listed = answer.json() if answer.status_code == 200 and "-response" in body else {}
            entries = [int(one["response"]["status"]) for one in listed.get("entry", [])]
            statuses = entries or [answer.status_code]
            assert min(statuses) >= 500, (ask, body[:300])
            assert TOLD not in body, ask
            assert A not in body, ask
            assert B not in body, ask
    answer, _ = ledger.ask(UNIT, "GET", f"/Task/{there.case}")
    assert answer.json()["businessStatus"]["coding"][0]["code"] == "in-queue"  # no move was made either


def test_with_it_each_of_them_leaves_a_row(ledger: Ledger, there: There) -> None:
    """The list is about requests that do touch somebody, or try to."""
    for ask in _all(there):
        answer, request = ledger.ask(ask.persona, ask.method, ask.path, **ask.more)
        assert answer.status_code < 500, (ask, answer.text)
        assert ledger.rows(request), (ask, answer.status_code, answer.text[:300])


def test_a_page_that_is_refused_for_what_it_would_bring_has_touched_them_all(
    ledger: Ledger, there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert there.case
    monkeypatch.setattr(includes, "MOST", 1)
    page, first = ledger.ask(UNIT, "GET", "/Task?status=received")
    assert len(page.json()["entry"]) > 1
    answer, request = ledger.ask(UNIT, "GET", "/Task?status=received&_revinclude=Provenance:target")
    assert (answer.status_code, "too-many-includes" in answer.text) == (400, True)
    assert TOLD not in answer.text
    assert ledger.touched(request) == ledger.touched(first) == [A, B]
    told = {(row["status"], row["interaction"], row["others"]) for row in ledger.rows(request)}
    assert told == {(400, "search-type", "")}


def test_a_refused_page_of_a_patient_tells_of_that_patient(
    ledger: Ledger, there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(includes, "MOST", 0)
    form = {"patient:identifier": f"{NATIONAL}|{A}", "_id": there.case, "_revinclude": "Provenance:target"}
    answer, request = ledger.ask(UNIT, "POST", "/Task/_search", data=form)
    assert (answer.status_code, ledger.touched(request)) == (400, [A])
    for broken in ("renamed", "refusing"):
        with _full(ledger, broken):
            answer, _ = ledger.ask(UNIT, "POST", "/Task/_search", data=form)
            assert answer.status_code >= 500
