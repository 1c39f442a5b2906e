"""The stored ``ehr-registration`` Task of a stint: its next version, and opened again where a person has to act."""

from typing import Any

from app.casework.context import Context
from app.casework.rows import audit, task_columns
from app.coordination.coordinators import EhrState
from app.fhir import rendering
from app.fhir.document import splice
from app.fhir.work_item import work_item_members
from app.security.caller import Caller
from app.store.changes import Changes, ParticipantRow, Stored, Write


def next_work_item(
    context: Context,
    caller: Caller,
    row: ParticipantRow,
    stored: Stored,
    members: dict[str, bytes | None],
    changes: Changes,
) -> Write:
    """Add the next version with these members to ``changes``."""
    now = max(context.clock(), stored.updated)
    version = rendering.version_members(stored.body, stored.id, stored.version + 1, now)
    body = splice(stored.body, version | members)
    columns = task_columns(rendering.parsed(body), row.patient)
    write = Write(type="Task", id=stored.id, version=stored.version + 1, updated=now, body=body, columns=columns)
    changes.writes.append(write)
    changes.audits.append(audit(caller, "update", write, row.patient))
    return write


async def answer_work_item(
    context: Context, caller: Caller, row: ParticipantRow, state: EhrState, reason: str, changes: Changes
) -> None:
    """What the EHR said: confirmed completes the work item, rejected opens it for a person."""
    stored = await context.store.load("Task", row.work_item)
    if stored is None or (state is EhrState.CONFIRMED and status_of(stored.body) == "completed"):
        return
    now = max(context.clock(), stored.updated)
    next_work_item(context, caller, row, stored, work_item_members(state, now, reason), changes)


async def reopen_work_item(context: Context, caller: Caller, row: ParticipantRow, changes: Changes) -> None:
    """Where there is no EHR, a person enters the end too: what was closed with the registration is open again."""
    stored = await context.store.load("Task", row.work_item)
    if context.settings.ehr_url or stored is None or status_of(stored.body) == "requested":
        return
    now = max(context.clock(), stored.updated)
    next_work_item(context, caller, row, stored, work_item_members(EhrState.PENDING, now), changes)


def status_of(body: bytes) -> Any:
    """``Task.status``."""
    return rendering.parsed(body)["status"]
