"""Which move an update asks for: what it sets of status, stage and owner must be exactly where one move leads."""

from typing import Any, Final

from app.casework.context import Context
from app.coordination.case import Case
from app.coordination.command import Command
from app.coordination.conditions import REASONS
from app.coordination.decide import available, operation
from app.coordination.states import BY_TASK, STATUS, Actor, Move, Stage
from app.errors import InvalidContent, Refused
from app.fhir import codes, rendering
from app.fhir.differences import MOVING, Difference, reason_of, stage_of
from app.fhir.need import identifier_of
from app.store.changes import Changes

_BY_OPERATION: Final = frozenset({Move.APPOINT})
"""Moves that carry more than a Task's elements can say."""


def wanted_move(
    context: Context,
    case: Case,
    actors: frozenset[Actor],
    wanted: dict[str, Any],
    changed: Difference,
) -> Command:
    """The one move that leads where the set elements point.

    :raises Refused: 409 ``no-such-move`` with the operations that the caller has now.
    """
    moves = available(case, actors, context.directory, context.limits)
    allowed = tuple(operation(entry.move) for entry in moves)
    target = _target(actors, wanted, changed)
    found = [entry.move for entry in moves if target in entry.targets and entry.move not in BY_TASK]
    if "owner" not in changed.moving and target == case.stage:
        found = []
    where = f"Task.{next(name for name in MOVING if name in changed.moving)}"
    if not found:
        text = "No move of yours leads from this stage to what is set."
        raise Refused(text, code="no-such-move", expression=where, allowed=allowed)
    chosen = found[0]
    if chosen in _BY_OPERATION:
        text = "This move needs more than a Task says."
        raise Refused(text, code="move-by-operation", expression=where, allowed=(operation(chosen),))
    # What stands there from an earlier move is somebody else's words.
    code, text = reason_of(wanted) if "statusReason" in changed.moving else ("", "")
    outcome = Stage(code) if chosen is Move.PLACE and code in set(Stage) else None
    return Command(
        move=chosen,
        unit=_unit(context, wanted) if chosen in {Move.TRANSFER, Move.PLACE} else None,
        outcome=target if chosen is Move.CONCLUDE else outcome,
        reason_code=code if chosen in REASONS else "",
        reason=text,
    )


def _target(actors: frozenset[Actor], wanted: dict[str, Any], changed: Difference) -> Stage | None:
    named = stage_of(wanted)
    if named in set(Stage) and ("businessStatus" in changed.moving or "owner" in changed.moving):
        return Stage(named)
    if actors == {Actor.SENDER} and "status" in changed.moving:
        return next((stage for stage, status in STATUS.items() if status == wanted.get("status")), None)
    return None


def _unit(context: Context, wanted: dict[str, Any]) -> str | None:
    system, value = identifier_of(wanted.get("owner"))
    unit = context.directory.unit_by_resh(value) if system == codes.RESH else None
    if unit is None:
        raise InvalidContent(
            "No such unit in the directory.",
            code="unit-unknown",
            expression="Task.owner.identifier",
            allowed=tuple(f"{entry.resh} ({entry.name})" for entry in context.directory.units.values()),
        )
    return unit.key


def check_set(changes: Changes, wanted: dict[str, Any], changed: Difference) -> None:
    """The whole set must be the move's outcome: nobody is told 200 for something that did not happen.

    :raises Refused: 409 ``no-such-move`` with what the move leads to.
    """
    after = rendering.parsed(changes.writes[0].body)
    for name in ("status", "businessStatus", "owner"):
        if name not in changed.moving:
            continue
        same = (
            stage_of(wanted) == stage_of(after)
            if name == "businessStatus"
            else identifier_of(wanted.get(name)) == identifier_of(after[name])
            if name == "owner"
            else wanted[name] == after[name]
        )
        if not same:
            raise Refused(
                "What is set is not what this move leads to.",
                code="no-such-move",
                expression=f"Task.{name}",
                allowed=(str(after["status"]), stage_of(after)),
            )
