"""Time moves cases too: what stands too long goes to the coordinating unit, or on to the decision group.

A draft that is never submitted is withdrawn.
"""

from typing import Final

from sqlalchemy import select, update

from app.casework.context import Context, Result, unchanged
from app.casework.drafts import withdraw_old_draft
from app.casework.moves import case_of, commit_service_move
from app.casework.persist import Decided, persist
from app.coordination.command import Command
from app.coordination.deadlines import due_move
from app.coordination.states import Stage
from app.errors import Refused
from app.store.tables import task

_BATCH: Final = 100


async def sweep(context: Context) -> int:
    """Make the move of every case whose stage is overdue; answers how many cases were due."""
    now = context.clock()
    due = select(task.c.id).where(task.c.due <= now).order_by(task.c.due).limit(_BATCH)
    found = [row.id for row in await context.store.run(lambda c: list(c.execute(due)))]
    for resource in found:
        await _overdue(context, resource)
    return len(found)


async def _overdue(context: Context, resource: str) -> None:
    stored = await context.store.load("Task", resource)
    if stored is None or stored.state is None:
        return
    move = due_move(case_of(stored))
    if move is None:
        # Only a reminder to leaders belongs here: the case stays, and is not looked at again for this stage.
        silent = update(task).where(task.c.id == resource, task.c.version == stored.version).values(due=None)
        await context.store.run(lambda c: c.execute(silent))
        return
    command = Command(move=move, reason="The time for this stage is over.")

    async def attempt() -> Decided | Result:
        current = await context.store.load("Task", resource)
        if current is None or due_move(case_of(current)) is not move:
            return unchanged(current or stored)
        if case_of(current).stage is Stage.DRAFT:
            return await withdraw_old_draft(context, current)
        return await commit_service_move(context, current, command)

    try:
        await persist(context, attempt)
    except Refused:
        return
