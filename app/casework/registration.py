"""What the EHR answered: a registration or an end is confirmed or rejected, told to the case in the same commit."""

from typing import Any

from app.casework.context import Context, Result
from app.casework.coordinators import answered
from app.casework.persist import Decided, persist, result_of
from app.casework.rows import audit, service_caller, task_columns
from app.casework.teams import load_team, write_team
from app.casework.telling import note_event, tell_case
from app.coordination.coordinators import EhrState, with_ehr_state
from app.errors import NotFound
from app.fhir import rendering
from app.fhir.document import splice
from app.fhir.work_item import work_item_members
from app.security.caller import Caller
from app.store.changes import Attempt, Changes, ParticipantRow, Settled, Write


async def record_ehr_answer(
    context: Context,
    participant: str,
    order: str,
    state: EhrState,
    reason: str,
    settled: Settled,
    attempt: Attempt,
) -> Result:
    """The EHR's word on a stint, and what became of the delivery, in one transaction.

    ``order`` is ``register`` or ``end``: a stint may have ended before the EHR took its registration.
    ``state`` is ehr-confirmed or ehr-rejected, ``reason`` the EHR's own text when it refused.

    :raises NotFound: there is no such stint.
    """
    return await persist(context, lambda: _recorded(context, participant, order, state, reason, settled, attempt))


async def _recorded(
    context: Context,
    participant: str,
    order: str,
    state: EhrState,
    reason: str,
    settled: Settled,
    attempt: Attempt,
) -> Decided:
    row = await context.store.participant(participant)
    stored = await context.store.load("CareTeam", row.care_team) if row else None
    if row is None or stored is None:
        raise NotFound
    trust = context.directory.trusts[row.trust]
    caller = service_caller(trust.organisation_number, "ehr-answer")
    team = await load_team(context, stored)
    changes = Changes(settled=[settled], attempts=[attempt])
    if order == "end" and row.ehr_state == state == EhrState.CONFIRMED:
        # Its last day was confirmed when that lay ahead and has been told: now only the EHR's own copy has changed.
        return changes, result_of(200, stored)
    # A registration that is confirmed after its end was ordered still waits for that end.
    waits = order == "register" and row.end_day is not None
    after = with_ehr_state(team.participants, participant, EhrState.PENDING if waits else state)
    write = write_team(context, caller, "update", team, after, changes, {})
    await _close_work_item(context, caller, row, state, reason, changes)
    if row.case_id:
        ended = order == "end"
        said = (
            rendering.output("deregistration", "valueCode", state)
            if ended
            else rendering.output("registration", "valueCode", state)
        )
        await tell_case(context, caller, row.case_id, [said], changes)
        name = "deregistration" if ended else "registration"
        note_event(changes, row, f"{name}-{state.removeprefix('ehr-')}", "ehr", reason)
    return changes, answered(200, write)


async def _close_work_item(
    context: Context, caller: Caller, row: ParticipantRow, state: EhrState, reason: str, changes: Changes
) -> None:
    stored = await context.store.load("Task", row.work_item)
    if stored is None or (state is EhrState.CONFIRMED and _status(stored.body) == "completed"):
        return
    now = max(context.clock(), stored.updated)
    members = rendering.version_members(stored.body, stored.id, stored.version + 1, now)
    body = splice(stored.body, members | work_item_members(state, now, reason))
    columns = task_columns(rendering.parsed(body), row.patient)
    write = Write(type="Task", id=stored.id, version=stored.version + 1, updated=now, body=body, columns=columns)
    changes.writes.append(write)
    changes.audits.append(audit(caller, "update", write, row.patient))


def _status(body: bytes) -> Any:
    return rendering.parsed(body)["status"]
