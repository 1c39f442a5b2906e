"""Patients with a protected address: who has said so, and what each caller is shown of where they live."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, exists, select

from app.casework.context import Context, Result
from app.coordination.case import Case
from app.fhir import codes
from app.fhir.address_protection import Level, level_of, may_tell, withheld
from app.fhir.need import identifier_of
from app.fhir.rendering import parsed
from app.security.caller import Caller
from app.store.changes import Changes, Protection, Stored
from app.store.tables import address_protection, party, task

LABELLING: Final = frozenset({"Patient", "Encounter", "Task"})
"""Types whose label counts for the patient that they are about. A Task: a need, by its sender."""
_OPEN: Final = ("received", "accepted")


def note_label(
    changes: Changes,
    patient: str | None,
    type_name: str,
    resource: str,
    content: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> None:
    """Add to ``changes`` what a resource's label says; one that is gone says nothing any more."""
    level = level_of(content)
    if patient and type_name in LABELLING and (level or (before and level_of(before))):
        changes.protections.append(Protection(type_name, resource, patient, level or ""))


async def shown_rows(context: Context, caller: Caller, rows: Sequence[Stored]) -> list[Stored]:
    """The same rows with bodies as this caller may see them."""
    return [await shown(context, caller, row) if may_tell(row.type, row.body) else row for row in rows]


async def shown_result(context: Context, caller: Caller, result: Result) -> Result:
    """The answer of a write as this caller may see it."""
    if not may_tell(result.type, result.body):
        return result
    row = Stored(type=result.type, id=result.id, version=result.version, updated=result.updated, body=result.body)
    return replace(result, body=(await shown(context, caller, row)).body)


async def shown(context: Context, caller: Caller, row: Stored) -> Stored:
    """One row: whole for its author, and under the milder level for who has an open case about the patient."""
    hidden = withheld(row.type, row.body)
    if hidden is row.body:
        return row
    now = await context.store.load(row.type, row.id)
    if now is None or _author(now) == caller.organisation:
        return row
    patient = now.patient
    levels = await context.store.run(lambda connection: _levels(connection, patient))
    if not levels:
        return row
    if Level.STRICT not in levels and await context.store.run(lambda one: _has_open_case(one, patient, caller)):
        return row
    return msgspec.structs.replace(row, body=hidden)


def _author(now: Stored) -> str:
    """The organisation that the content is from."""
    if now.type != "Task":
        return now.author
    if now.state is not None:
        return msgspec.json.decode(now.state, type=Case).sender
    system, value = identifier_of(parsed(now.body).get("requester"))
    return value if system == codes.ORGANISATION else ""


def _levels(connection: Connection, patient: str) -> set[str]:
    found = select(address_protection.c.level).where(address_protection.c.patient == patient)
    return {row.level for row in connection.execute(found) if row.level}


def _has_open_case(connection: Connection, patient: str, caller: Caller) -> bool:
    sees = exists().where(
        party.c.resource == task.c.id,
        party.c.organisation == caller.organisation,
        party.c.unit.in_(("", caller.unit)),
        party.c.until.is_(None),
    )
    case = select(task.c.id).where(task.c.patient == patient, task.c.state.is_not(None), task.c.status.in_(_OPEN), sees)
    return connection.execute(case.limit(1)).first() is not None
