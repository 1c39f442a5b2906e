"""What becomes of a coordinator, told to the case that led to it: its sender, and its events."""

from app.casework.context import Context
from app.casework.moves import case_of, next_version
from app.casework.rows import audit, notices_of
from app.fhir import rendering
from app.security.caller import Caller, Role
from app.store.changes import CaseEventRow, Changes, ParticipantRow


async def tell_case(
    context: Context, caller: Caller, case_id: str, outputs: list[dict[str, object]], changes: Changes
) -> None:
    """A new version of the case's Task with more output, and the event for those who see it; no move."""
    stored = await context.store.load("Task", case_id)
    if stored is None or stored.state is None:
        return
    case = case_of(stored)
    now = max(context.clock(), stored.updated)
    reason = rendering.parsed(stored.body).get("statusReason")
    write = next_version(context, stored, case, now, base=stored.body, reason=reason, outputs=outputs)
    changes.writes.append(write)
    changes.audits.append(audit(caller, "update", write, case.patient))
    changes.notices += notices_of(case, case_id, now, context.directory)


def note_event(
    changes: Changes,
    row: ParticipantRow,
    move: str,
    actor: str,
    reason: str = "",
    number: int = 0,
    by: Caller | None = None,
) -> None:
    """What became of a stint, as an event of its case beside the decision; the stage stays.

    It belongs to the case's version that is in ``changes``; without one there is no case to note it on. ``by`` is
    who did it; the EHR and time are nobody.
    """
    person = by if by and by.role is not Role.SERVICE else None
    write = next((w for w in changes.writes if w.id == row.case_id), None)
    if write is None:
        return
    stage = str(write.columns["business_status"]).rpartition("|")[2]
    changes.events.append(
        CaseEventRow(
            case_id=row.case_id,
            version=write.version,
            number=number,
            at=write.updated,
            from_stage=stage,
            to_stage=stage,
            move=move,
            actor=actor,
            organisation=person.organisation if person else "",
            person=person.person if person else "",
            from_unit=row.unit,
            unit=row.unit,
            rule="",
            reason_code="",
            reason=reason,
            assessment="",
        )
    )
