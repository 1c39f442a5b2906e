"""Days make coordinators too: a start or an end that lay ahead becomes a version, an event and an order to the EHR."""

import logging
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select

from app.casework.context import Context, Result, unchanged, written
from app.casework.moves import case_of
from app.casework.persist import Decided, persist
from app.casework.plans import follow_team
from app.casework.rows import service_caller
from app.casework.teams import load_team, order_ehr, participant_of, write_team
from app.casework.telling import note_event, tell_case
from app.clock import oslo_day
from app.coordination.coordinators import changes as changes_of
from app.coordination.states import Stage
from app.errors import NotFound, Unavailable
from app.fhir import rendering
from app.security.caller import Caller
from app.store.changes import Changes, ParticipantRow
from app.store.tables import participant

logger = logging.getLogger("samband.falling-due")

_BATCH: Final = 100
BEGAN: Final = "coordinator-began"
ENDED: Final = "coordinator-ended"
"""What the case's events say of a stint whose day has come."""


async def sweep(context: Context) -> int:
    """See to every team with a start or an end that has fallen due; answers how many teams those were.

    One that cannot be seen to stays due and keeps nobody else waiting.

    :raises Unavailable: the database does not answer.
    """
    today = oslo_day(context.clock()).isoformat()
    team, day = participant.c.care_team, participant.c.due_day
    due = select(team).where(day <= today).group_by(team).order_by(func.min(day)).limit(_BATCH)
    found = [row.care_team for row in await context.store.run(lambda c: list(c.execute(due)))]
    for resource in found:
        try:
            await _see_to(context, resource)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a forgotten end leaves a journal open: the next ones count
            logger.warning("what fell due on CareTeam/%s waits: %s", resource, type(error).__name__)
    return len(found)


async def _see_to(context: Context, resource: str) -> None:
    async def attempt() -> Decided | Result:
        stored = await context.store.load("CareTeam", resource)
        if stored is None:
            raise NotFound
        team = await load_team(context, stored)
        today = oslo_day(max(context.clock(), team.updated)).isoformat()
        fallen = [row for row in team.rows.values() if row.due_day is not None and row.due_day <= today]
        if not fallen:
            return unchanged(stored)
        caller = service_caller(context.directory.trusts[team.trust].organisation_number, "time")
        changes = Changes()
        ids = [row.id for row in fallen]
        write = write_team(context, caller, "update", team, team.participants, changes, {}, ids)
        for row in fallen:
            moves = _moves_of(row, today)
            if ENDED in moves:
                order_ehr(context, team, "end", row.id, write.updated, changes)
            await _tell(context, caller, row, moves, changes)
        await follow_team(context, team, team.participants, changes)
        return changes, written(write)

    await persist(context, attempt)


def _moves_of(row: ParticipantRow, today: str) -> list[str]:
    """What has fallen due of a stint; both, when nobody looked for as long as it lasted."""
    before = (date.fromisoformat(row.due_day or today) - timedelta(days=1)).isoformat()
    fallen = changes_of((participant_of(row),), after=before, until=today)
    return [BEGAN if begins else ENDED for _, _, begins in fallen]


async def _tell(context: Context, caller: Caller, row: ParticipantRow, moves: list[str], changes: Changes) -> None:
    stored = await context.store.load("Task", row.case_id) if row.case_id else None
    if stored is None or case_of(stored).stage is Stage.ENTERED_IN_ERROR:
        # Of a case about the wrong patient nothing more is said.
        return
    said = [rendering.output("coordinator-end", "valueDate", row.end_day)] if ENDED in moves else []
    await tell_case(context, caller, row.case_id, said, changes)
    for number, move in enumerate(moves):
        note_event(changes, row, move, "service", number=number)
