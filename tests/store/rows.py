"""Rows to write, small and complete."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select

from app.store.changes import (
    Attempt,
    AuditRow,
    CaseEventRow,
    Changes,
    Counter,
    Notice,
    Outgoing,
    ParticipantRow,
    Party,
    PatientIdentifier,
    Submission,
    Token,
    Viewer,
    Write,
)
from app.store.interface import Store
from app.store.tables import metadata

SENDER, TRUST, OTHER = "310471437", "310470007", "310471569"
FJORDVIK = Viewer(organisation=SENDER)
DALHEIM = Viewer(organisation=OTHER)
NEUROLOGY = Viewer(organisation=TRUST, unit="neurology-outpatient")
ONCOLOGY = Viewer(organisation=TRUST, unit="oncology")


def task(resource: str, version: int = 1, updated: int = 1_000, body: bytes = b"{}", **columns: Any) -> Write:
    """A version of a Task; ``columns`` replace search columns."""
    given = {
        "status": "received",
        "business_status": "https://samband.example/stage|in-queue",
        "owner": "urn:resh|4900101",
        "requester": f"urn:org|{SENDER}",
        "codes": "\nurn:codes|coordinator-need\n",
        "patient": "patient-1",
        "due": None,
        "state": None,
    }
    return Write(type="Task", id=resource, version=version, updated=updated, body=body, columns=given | columns)


def team(resource: str, version: int = 1, updated: int = 1_000, **columns: Any) -> Write:
    """A version of a CareTeam."""
    given = {"status": "active", "patient": "patient-1", "trust": "helse-fjordvest"}
    return Write(type="CareTeam", id=resource, version=version, updated=updated, body=b"{}", columns=given | columns)


def seen(resource: str, *viewers: Viewer, until: int | None = None, since: int = 1) -> list[Party]:
    """Sight of a resource for these viewers."""
    return [Party(viewer.organisation, resource, viewer.unit, until, since) for viewer in viewers]


def stint(key: str, **changes: Any) -> ParticipantRow:
    """A coordinator's stint."""
    row = ParticipantRow(
        id=key,
        care_team="team-1",
        patient="patient-1",
        trust="helse-fjordvest",
        unit="neurology-outpatient",
        role="18",
        hpr="9900011",
        name="Ingrid Solvang",
        phone="+47 55 50 11 01",
        start_day="2026-11-01",
        end_day=None,
        end_reason="",
        ehr_state="ehr-pending",
        case_id="",
        work_item="",
    )
    return row._replace(**changes)


def event(case_id: str, **changes: Any) -> CaseEventRow:
    """A move of a case."""
    row = CaseEventRow(case_id, 1, 0, 1_000, "", "received", "submit", "sender", SENDER, "", "", "", "", "", "", "")
    return row._replace(**changes)


def audit(resource: str) -> AuditRow:
    """A write in the trail."""
    return AuditRow(1_000, SENDER, "", "", "client", "sender", "create", "Task", resource, 1, "patient-1")


def notice(order_key: str, created: int = 1_000, organisation: str = SENDER) -> Notice:
    """An event of a case for those who subscribe."""
    return Notice(organisation, "", "case-changed", order_key, f"Task/{order_key}", created)


def order(focus: str, receiver: str = "helse-fjordvest", created: int = 1_000) -> Outgoing:
    """Work for the EHR."""
    return Outgoing("ehr", receiver, focus, "register", focus, "", "waiting", 0, created, 0, created, "")


def everything(resource: str) -> Changes:
    """A change that has something of each part."""
    return Changes(
        writes=[task(resource), team(f"team-of-{resource}", patient=f"patient-of-{resource}")],
        tokens=[Token("Task", "identifier", f"number-{resource}", "urn:numbers", resource)],
        parties=seen(resource, FJORDVIK, NEUROLOGY),
        patients=[PatientIdentifier("urn:national", f"person-{resource}", f"patient-of-{resource}")],
        submissions=[Submission(SENDER, "Task", "urn:numbers", f"number-{resource}", resource, "fingerprint")],
        participants=[stint(f"stint-{resource}")],
        events=[event(resource)],
        audits=[audit(resource)],
        notices=[notice(resource)],
        outgoing=[order(f"stint-{resource}")],
        counters=[Counter(f"subscription-{resource}")],
        attempts=[Attempt(1, 1, 1_000, 12, 200, "")],
    )


def subscription(key: str, organisation: str = SENDER, **columns: Any) -> Write:
    """A version of an active Subscription; ``columns`` replace what delivery reads."""
    given = {
        "status": "active",
        "author": organisation,
        "author_unit": "",
        "topic": "case-changed",
        "endpoint": "https://fhir.fjordvik.example/notify",
        "header": "X-Key: secret",
        "content": "id-only",
        "proven": 1_000,
    }
    return Write(type="Subscription", id=key, version=1, updated=1_000, body=b"{}", columns=given | columns)


async def subscribe(store: Store, key: str, organisation: str = SENDER, **columns: Any) -> None:
    """An active subscription."""
    await store.commit(Changes(writes=[subscription(key, organisation, **columns)], counters=[Counter(key)]))


async def counts(store: Store) -> dict[str, int]:
    """Rows in each table that has any."""

    def count(connection: Connection) -> dict[str, int]:
        return {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in metadata.sorted_tables
        }

    return {name: rows for name, rows in (await store.run(count)).items() if rows}


async def all_rows(store: Store, table: Table, order_by: Sequence[str] = ("id",)) -> list[dict[str, Any]]:
    """The rows of a table."""

    def read(connection: Connection) -> list[dict[str, Any]]:
        statement = select(table).order_by(*(table.c[name] for name in order_by))
        return [dict(row) for row in connection.execute(statement).mappings()]

    return await store.run(read)
