"""Decides: a case and a command become a new case and an event, or a refusal that says what is open instead.

The state table rules; nothing here knows a stage that the table does not name. Nothing is changed in place.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from app.coordination.arguments import check_content, refusal_of, required_of
from app.coordination.case import Case, CaseEvent, Limits
from app.coordination.command import Command
from app.coordination.conditions import GATES, TAKES_UNIT, Situation, choices_of, nothing_left
from app.coordination.consent import Consent
from app.coordination.states import (
    BY_TASK,
    SERVICE_MOVES,
    TERMINAL,
    TRANSITIONS,
    Actor,
    Condition,
    Move,
    Stage,
    Transition,
)
from app.errors import Refused
from app.routing.directory import Directory
from app.routing.rules import Placement

_ROWS: dict[tuple[Stage, Move], tuple[Transition, ...]] = {
    key: tuple(row for row in TRANSITIONS if (row.source, row.move) == key)
    for key in {(row.source, row.move) for row in TRANSITIONS}
}
_FROM: dict[Stage, tuple[Transition, ...]] = {
    stage: tuple(row for row in TRANSITIONS if row.source is stage) for stage in Stage
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a command made of a case; a submission is two events."""

    case: Case
    events: tuple[CaseEvent, ...]

    @property
    def event(self) -> CaseEvent:
        """The last one: what led to where the case is."""
        return self.events[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailableMove:
    """A move that these actors have now, with what it may name; the tuples are empty where it names nothing.

    ``requires`` are parameter names of the operation: unit, outcome, reasonCode, reason, question, answer,
    practitioner, consent.
    """

    move: Move
    targets: tuple[Stage, ...]
    requires: tuple[str, ...]
    units: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def operation(move: Move) -> str:
    """The name that a caller uses: ``$accept``, ``abort Task``; a move of the service keeps its name."""
    return str(move) if move in SERVICE_MOVES else BY_TASK.get(move, f"${move}")


def open_case(
    *,
    number: str,
    sender: str,
    patient: str,
    municipality: str,
    placement: Placement,
    directory: Directory,
    consent: Consent | None = None,
) -> tuple[Case, tuple[CaseEvent, CaseEvent]]:
    """A new case where its placement puts it, and its two events: submitted, routed.

    ``placement.unit`` must be in the directory (``route`` sees to that); KeyError if it is not.
    """
    where = _routed(placement, directory)
    case = Case(number=number, sender=sender, patient=patient, municipality=municipality, consent=consent, **where)
    return case, _opening_events(placement, case.stage)


def _routed(placement: Placement, directory: Directory) -> dict[str, Any]:
    """Where a need stands that has just been submitted."""
    clinical = directory.units[placement.unit].takes_cases
    return {
        "trust": placement.trust,
        "stage": Stage.IN_QUEUE if clinical else Stage.AT_COORDINATING_UNIT,
        "owner": placement.unit,
        "visited": (placement.unit,) if clinical else (),
    }


def _opening_events(placement: Placement, stage: Stage) -> tuple[CaseEvent, CaseEvent]:
    submitted = CaseEvent(
        from_stage=None, to_stage=Stage.RECEIVED, move=Move.SUBMIT, actor=Actor.SENDER, unit="", from_unit=""
    )
    routed = CaseEvent(
        from_stage=Stage.RECEIVED,
        to_stage=stage,
        move=Move.ROUTE,
        actor=Actor.SERVICE,
        unit=placement.unit,
        from_unit="",
        reason=placement.reason,
        rule=placement.rule,
    )
    return submitted, routed


def available(case: Case, actors: frozenset[Actor], directory: Directory, limits: Limits) -> tuple[AvailableMove, ...]:
    """The moves that these actors have now, in the order of the table."""
    found: list[AvailableMove] = []
    for row in _FROM[case.stage]:
        if not _applies(row, case, actors) or _closed_gate(row, case, directory, limits):
            continue
        if any(entry.move is row.move for entry in found):
            continue  # who is several actors has it once
        choices = choices_of(row, case, directory)
        if nothing_left(row, choices) is None:
            found.append(
                AvailableMove(
                    move=row.move,
                    targets=choices.targets,
                    requires=required_of(row, case),
                    units=choices.units,
                    reasons=choices.reasons,
                )
            )
    return tuple(found)


def decide(case: Case, command: Command, actors: frozenset[Actor], directory: Directory, limits: Limits) -> Decision:
    """Make the move.

    Raises Refused (409) when the case says no, with the caller's open operations in ``allowed``, and
    InvalidContent (422) when the command lacks something or names something unknown.
    """
    rows = [row for row in _ROWS.get((case.stage, command.move), ()) if _applies(row, case, actors)]
    if not rows:
        text = "The case has ended." if case.ended else "This move is not open to you in this stage."
        raise _refused(("move-not-allowed", text), case, actors, directory, limits)
    row = rows[0]
    choices = choices_of(row, case, directory)
    shut = _closed_gate(row, case, directory, limits) or nothing_left(row, choices)
    if shut:
        raise _refused(shut, case, actors, directory, limits)
    check_content(command, row.actor, case, directory, choices)
    if refusal := refusal_of(command, row, case, choices):
        raise _refused(refusal, case, actors, directory, limits)
    if command.move is Move.SUBMIT:
        return _submitted(case, command, directory)
    target = command.outcome if command.move is Move.CONCLUDE else choices.targets[0]
    assert target is not None  # check_content has asked for the outcome
    return _move(case, command, row, target, directory)


def _submitted(case: Case, command: Command, directory: Directory) -> Decision:
    """A draft becomes a case; its number, and the version with which it does, are for the caller to set."""
    assert command.placement is not None  # who submits has asked the routing
    after = replace(case, consent=command.consent, submitted=1, **_routed(command.placement, directory))
    return Decision(case=after, events=_opening_events(command.placement, after.stage))


def _applies(row: Transition, case: Case, actors: frozenset[Actor]) -> bool:
    return row.actor in actors and row.binding in {None, case.binding}


def _closed_gate(row: Transition, case: Case, directory: Directory, limits: Limits) -> tuple[str, str] | None:
    now = Situation(case=case, directory=directory, limits=limits)
    for condition in row.conditions:
        gate = GATES.get(condition)
        if gate and not gate.holds(now):
            return gate.code, gate.diagnostics
    return None


def _refused(
    why: tuple[str, str], case: Case, actors: frozenset[Actor], directory: Directory, limits: Limits
) -> Refused:
    allowed = tuple(operation(entry.move) for entry in available(case, actors, directory, limits))
    return Refused(why[1], code=why[0], expression=_REASONS.get(why[0], "Task.businessStatus"), allowed=allowed)


_OWNER: Final = "Task.owner"
_REASONS: Final = {
    "hop-limit-reached": _OWNER,
    "no-unit-left": _OWNER,
    "unit-had-the-case": _OWNER,
    "unit-still-open": _OWNER,
    "consent-missing": "Task.input",
    "consent-refused": "Task.input",
}
"""Error code → the element that is the reason, where that is not the stage."""


def _move(case: Case, command: Command, row: Transition, target: Stage, directory: Directory) -> Decision:
    after = replace(
        case,
        stage=target,
        abort=command.abort if row.move is Move.REQUEST_ABORT else "" if target in TERMINAL else case.abort,
        consent=command.consent or case.consent,
        assessment=command.assessment or case.assessment,
        asking=_asking(case, command, target),
        **_counters(case, command),
        **_ownership(case, command, row, target, directory),
    )
    event = CaseEvent(
        from_stage=case.stage,
        to_stage=target,
        move=command.move,
        actor=row.actor,
        unit=after.owner,
        from_unit=case.owner,
        reason=command.reason,
        reason_code=command.reason_code,
    )
    return Decision(case=after, events=(event,))


def _asking(case: Case, command: Command, target: Stage) -> Stage | None:
    """The stage that the case returns to when the sender has answered."""
    if target is not Stage.AWAITING_INFORMATION:
        return None
    return case.stage if command.move is Move.REQUEST_INFORMATION else case.asking


def _counters(case: Case, command: Command) -> dict[str, Any]:
    return {
        "hops": case.hops + (command.move is Move.TRANSFER),
        "questions": case.questions + (command.move is Move.REQUEST_INFORMATION),
        "appeals": case.appeals + (command.move is Move.APPEAL),
    }


def _ownership(case: Case, command: Command, row: Transition, target: Stage, directory: Directory) -> dict[str, Any]:
    """Who has the case afterwards, and whether a placement binds them."""
    if command.move in TAKES_UNIT and command.unit:
        placed = command.outcome if command.move is Move.PLACE else None
        visited = tuple(dict.fromkeys((*case.visited, command.unit)))
        return {
            "owner": command.unit,
            "visited": visited,
            "binding": placed is not None,
            "placed_outcome": placed,
        }
    if target in TERMINAL or Condition.BACK_TO_ASKER in row.conditions or row.move is Move.REQUEST_ABORT:
        return {}
    if target is Stage.AT_COORDINATING_UNIT:
        owner = directory.coordinating_unit(case.trust).key
        return {"owner": owner, "binding": False, "placed_outcome": None}
    if target is Stage.AT_DECISION_GROUP:
        return {"owner": directory.decision_group(case.trust).key}
    return {}
