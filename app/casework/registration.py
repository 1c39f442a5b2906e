"""What the EHR answered: a registration or an end is confirmed or rejected, told to the case in the same commit."""

from app.casework.context import Context, Result, unchanged, written
from app.casework.persist import Decided, persist
from app.casework.rows import service_caller
from app.casework.teams import load_team, write_team
from app.casework.telling import note_event, tell_case
from app.casework.work_items import answer_work_item
from app.coordination.coordinators import EhrState, with_ehr_state
from app.errors import NotFound
from app.fhir import rendering
from app.security.caller import Caller, Role
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
    caller = service_caller(context.directory.trusts[row.trust].organisation_number, "ehr-answer")
    changes = Changes(settled=[settled], attempts=[attempt])
    if order == "end" and row.ehr_state == state == EhrState.CONFIRMED:
        # Its last day was confirmed when that lay ahead and has been told: now only the EHR's own copy has changed.
        return changes, unchanged(stored)
    write = await record_answer(context, caller, row, order, state, reason, changes)
    await answer_work_item(context, caller, row, state, reason, changes)
    return changes, written(write)


async def record_answer(
    context: Context,
    caller: Caller,
    row: ParticipantRow,
    order: str,
    state: EhrState,
    reason: str,
    changes: Changes,
) -> Write:
    """Add what the EHR, or a unit in its place, says of a stint to ``changes``: the team, and the case that led to it.

    :raises NotFound: the team is not there.
    """
    stored = await context.store.load("CareTeam", row.care_team)
    if stored is None:
        raise NotFound
    team = await load_team(context, stored)
    # A registration that is confirmed after its end was ordered still waits for that end.
    waits = order == "register" and row.end_day is not None
    after = with_ehr_state(team.participants, row.id, EhrState.PENDING if waits else state)
    write = write_team(context, caller, "update", team, after, changes, {})
    if row.case_id:
        ended = order == "end"
        said = (
            rendering.output("deregistration", "valueCode", state)
            if ended
            else rendering.output("registration", "valueCode", state)
        )
        await tell_case(context, caller, row.case_id, [said], changes)
        name = "deregistration" if ended else "registration"
        actor = "ehr" if caller.role is Role.SERVICE else "owner"
        note_event(changes, row, f"{name}-{state.removeprefix('ehr-')}", actor, reason, by=caller)
    return write
