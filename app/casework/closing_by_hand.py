"""A unit closes its ``ehr-registration`` work item where there is no EHR: its word stands in for the EHR's answer."""

from typing import Any, Final

from app.casework.context import Context, written
from app.casework.persist import Decided, shown_again
from app.casework.registration import record_answer
from app.casework.work_items import next_work_item
from app.coordination.coordinators import EhrState
from app.errors import Forbidden, InvalidContent, NotFound, Problems, Refused
from app.fhir import codes
from app.fhir.changeable import WORK_ITEM
from app.fhir.differences import reason_of, stage_of
from app.fhir.document import Document
from app.fhir.rendering import parsed
from app.fhir.work_item import work_item_members
from app.security.caller import Caller, Role
from app.store.changes import Changes, ParticipantRow, Stored

_CLOSES: Final = {"completed": EhrState.CONFIRMED, "rejected": EhrState.REJECTED}
"""The status that closes a work item → what it says of the registration."""
_OURS: Final = frozenset({"id", "meta", "text", "lastModified"})
"""What an update brings along, and the service sets anew."""


def is_work_item(content: dict[str, Any]) -> bool:
    """Whether a Task is one of ours for a registration."""
    return codes.code_in(content.get("code"), codes.COORDINATION_TASK) == codes.EHR_REGISTRATION


async def close_by_hand(context: Context, caller: Caller, stored: Stored, document: Document) -> Decided:
    """The update of a work item: ``completed`` is registered, ``rejected`` is not, with the reason.

    :raises Refused: 409 ``registration-by-ehr``, ``task-ended``, ``no-such-move``.
    :raises Forbidden: 403 ``not-your-work-item``.
    :raises InvalidContent: 422, another element changes, or a rejection without its reason.
    """
    now, wanted = parsed(stored.body), parsed(document.raw)
    changed = {name for name, value in wanted.items() if now.get(name) != value} - _OURS
    if not changed:
        return shown_again(context, caller, "update", stored)
    row = await context.store.participant(_participant_of(now))
    if row is None:
        raise NotFound
    _check_may_close(context, caller, row)
    _check_elements(changed)
    state = _state(now, wanted)
    _, reason = reason_of(wanted)
    if state is EhrState.REJECTED and not reason.strip():
        raise InvalidContent("A rejection says why.", code="missing-element", expression="Task.statusReason.text")
    changes = Changes()
    # One work item stands for the whole stint: whoever closes it has entered the end too, when there is one.
    order = "end" if row.end_day else "register"
    await record_answer(context, caller, row, order, state, reason, changes)
    members = work_item_members(state, max(context.clock(), stored.updated), reason, status=wanted["status"])
    write = next_work_item(context, caller, row, stored, members, changes)
    return changes, written(write)


def _participant_of(work_item: dict[str, Any]) -> str:
    return next((one["value"] for one in work_item["identifier"] if one.get("system") == codes.PARTICIPANT), "")


def _check_may_close(context: Context, caller: Caller, row: ParticipantRow) -> None:
    if context.settings.ehr_url:
        raise Refused(
            "The EHR's own answer closes this work item; an order that it has refused is sent again by the operator.",
            code="registration-by-ehr",
            expression="Task.status",
        )
    if caller.role is not Role.UNIT or caller.unit != row.unit:
        raise Forbidden(
            "Only the unit that owns this work item closes it.", code="not-your-work-item", expression="Task.owner"
        )


def _check_elements(changed: set[str]) -> None:
    problems = Problems()
    for name in sorted(changed - WORK_ITEM.keys()):
        problems.add("service-owned-element", f"Task.{name}", "This element is set by the service.")
    problems.raise_if_any()


def _state(now: dict[str, Any], wanted: dict[str, Any]) -> EhrState:
    """What the update says of the registration; nobody is told 200 for something that did not happen."""
    if now["status"] in _CLOSES:
        raise Refused("This work item is closed.", code="task-ended", expression="Task.status")
    state = _CLOSES.get(wanted["status"])
    if state is None:
        raise Refused(
            "A work item is closed by one of these.",
            code="no-such-move",
            expression="Task.status",
            allowed=tuple(_CLOSES),
        )
    if stage_of(wanted) not in {"", stage_of(now), state}:
        raise Refused(
            "This is not what the status says.",
            code="no-such-move",
            expression="Task.businessStatus",
            allowed=(state,),
        )
    return state
