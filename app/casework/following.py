"""The open request to cancel a case goes where the case goes, and ends with it, in the same commit."""

from app.casework.context import Context
from app.casework.handing_over import Motion, hand_over_opened, handed_over
from app.casework.opening import add_parties
from app.casework.rows import audit, notices_of, task_columns
from app.clock import instant
from app.coordination.case import Case
from app.coordination.states import Stage
from app.fhir import codes
from app.fhir.abort import ended
from app.fhir.document import splice
from app.fhir.rendering import Members, dump, organisation_reference, parsed, version_members
from app.security.caller import Caller
from app.store.changes import Changes, Stored, Write


async def follow_case(
    context: Context,
    caller: Caller,
    abort: str,
    motion: Motion,
    changes: Changes,
    answer: bytes | None = None,
    interaction: str = "update",
) -> None:
    """Add to ``changes`` what a move of the case makes of the request to cancel it.

    Its owner is the case's. With the end of the case it ends: ``completed`` when the case is withdrawn, which is what
    it asked for, else ``cancelled``.

    :param abort: the id of the request that was open before the move; empty: none.
    :param answer: its body as the owner has answered it by ``interaction``, where that is the move.
    """
    case = motion.case
    if not abort or (motion.event.from_unit == case.owner and not case.ended):
        return
    stored = await context.store.load("Task", abort)
    assert stored is not None  # nothing is deleted
    base = answer or stored.body
    now = max(context.clock(), stored.updated)
    if not case.ended:
        here = Motion(stored=stored, case=case, event=motion.event, base=base)
        add_parties(changes, handed_over(context, here, stored.version + 1))
        # What it opened, it opened with the case.
        opened = Motion(stored=motion.stored, case=case, event=motion.event, base=base)
        await hand_over_opened(context, opened, changes)
        members = owner_members(context, case, now)
    else:
        status = "completed" if case.stage is Stage.WITHDRAWN else "cancelled"
        members = ended(case.stage, status, now) if answer is None else {"lastModified": dump(instant(now))}
    next_abort(context, caller, case, stored, base, members, changes, "update" if answer is None else interaction)


def owner_members(context: Context, case: Case, now: int) -> Members:
    """The owner of the case as the owner of the request."""
    unit = context.directory.units[case.owner]
    owner = organisation_reference(codes.RESH, unit.resh, unit.name)
    return {"owner": dump(owner), "lastModified": dump(instant(now))}


def next_abort(
    context: Context,
    caller: Caller,
    case: Case,
    stored: Stored,
    base: bytes,
    members: Members,
    changes: Changes,
    interaction: str,
) -> Write:
    """Add the next version of a request to ``changes``."""
    now = max(context.clock(), stored.updated)
    version = version_members(base, stored.id, stored.version + 1, now)
    body = splice(base, version | members)
    columns = task_columns(parsed(body), case.patient)
    write = Write(type="Task", id=stored.id, version=stored.version + 1, updated=now, body=body, columns=columns)
    changes.writes.append(write)
    changes.audits.append(audit(caller, interaction, write, case.patient))
    changes.notices += notices_of(case, stored.id, now, context.directory)
    return write
