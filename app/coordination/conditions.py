"""What each condition of the state table means, and the stable error code that it answers with.

A *gate* says whether a row is open at all for a case as it stands. A *choice* narrows what may be named:
targets, units, decline reasons. A row with an open gate and nothing left to choose is not available.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.coordination.case import Case, Limits
from app.coordination.reasons import CONSENT_REFUSED, DECLINE_REASONS, LAPSE_REASONS, UNDER_PLACEMENT
from app.coordination.states import Condition, Move, Stage, Transition
from app.routing.directory import Directory

C = Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A case and what it is judged by."""

    case: Case
    directory: Directory
    limits: Limits

    @property
    def owner_closed(self) -> bool:
        """The owning unit has closed, or left the directory."""
        owner = self.directory.unit(self.case.owner)
        return owner is None or not owner.open

    @property
    def withdrawal_is_direct(self) -> bool:
        """The stage, while information is awaited the one that asked, can be withdrawn from without asking."""
        stage, appealed = self.case.asking or self.case.stage, self.case.appeals > 0
        return stage is Stage.IN_QUEUE or (stage is Stage.AT_COORDINATING_UNIT and not appealed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Refuses with ``code`` and ``diagnostics`` unless ``holds``."""

    code: str
    diagnostics: str
    holds: Callable[[Situation], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What is left for a command to name; empty tuples where the move does not take that argument."""

    targets: tuple[Stage, ...]
    units: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


GATES: Final[Mapping[Condition, Gate]] = {
    C.HOPS_LEFT: Gate(
        code="hop-limit-reached",
        diagnostics="The case has been handed over as often as is allowed: decide it, or escalate it.",
        holds=lambda now: now.case.hops < now.limits.hops,
    ),
    C.QUESTIONS_LEFT: Gate(
        code="question-limit-reached",
        diagnostics="The sender has been asked as often as is allowed: decide on what is known.",
        holds=lambda now: now.case.questions < now.limits.questions,
    ),
    C.APPEAL_LEFT: Gate(
        code="appeal-used",
        diagnostics="A placement can be appealed once in the life of a case.",
        holds=lambda now: now.case.appeals < now.limits.appeals,
    ),
    C.NOT_APPEALED: Gate(
        code="not-after-appeal",
        diagnostics="After an appeal the case is placed or decided; it is not queued or withdrawn.",
        holds=lambda now: now.case.appeals == 0,
    ),
    C.OWNER_CLOSED: Gate(
        code="unit-still-open",
        diagnostics="Only a case whose unit has closed can be taken from it in this stage.",
        holds=lambda now: now.owner_closed,
    ),
    C.ASKER_ALLOWS_WITHDRAWAL: Gate(
        code="withdrawal-not-direct",
        diagnostics="The stage that asked does not allow a direct withdrawal.",
        holds=lambda now: now.withdrawal_is_direct,
    ),
    C.WITHDRAWAL_NOT_DIRECT: Gate(
        code="move-not-allowed",
        diagnostics="In this stage the case is withdrawn without asking.",
        holds=lambda now: not now.withdrawal_is_direct,
    ),
    C.NO_ABORT_OPEN: Gate(
        code="abort-already-open",
        diagnostics="There is an open request to cancel this case; it is answered or taken back first.",
        holds=lambda now: not now.case.abort,
    ),
    C.ABORT_OPEN: Gate(
        code="abort-not-open",
        diagnostics="There is no open request to cancel this case.",
        holds=lambda now: bool(now.case.abort),
    ),
}

REASONS: Final = {Move.DECLINE: DECLINE_REASONS, Move.LAPSE: LAPSE_REASONS}
"""The reason codes of the moves that have any."""

TAKES_UNIT: Final = frozenset({Move.TRANSFER, Move.PLACE})
"""Moves that hand the case to a unit that the command names."""


def choices_of(row: Transition, case: Case, directory: Directory) -> Choices:
    """What a command that uses this row may name."""
    choices = Choices(
        targets=row.targets,
        units=_units(case, directory) if row.move in TAKES_UNIT else (),
        reasons=tuple(REASONS.get(row.move, ())),
    )
    for condition in row.conditions:
        if narrow := _NARROW.get(condition):
            choices = narrow(choices, case)
    return choices


def nothing_left(row: Transition, choices: Choices) -> tuple[str, str] | None:
    """(code, diagnostics) when no command could use this row, else None."""
    if not choices.targets:
        return OUTCOME_NOT_PLACED
    if row.move in TAKES_UNIT and not choices.units:
        return "no-unit-left", "There is no open clinical unit that the case can go to."
    return None


OUTCOME_NOT_PLACED: Final = (
    "outcome-not-placed",
    "The case is placed with another outcome, which binds the unit.",
)


def _units(case: Case, directory: Directory) -> tuple[str, ...]:
    return tuple(unit.key for unit in directory.clinical_units(case.trust) if unit.key != case.owner)


def _new_unit(choices: Choices, case: Case) -> Choices:
    return replace(choices, units=tuple(key for key in choices.units if key not in case.visited))


def _outcome_placed(choices: Choices, case: Case) -> Choices:
    return replace(choices, targets=tuple(stage for stage in choices.targets if stage is case.placed_outcome))


def _back_to_asker(choices: Choices, case: Case) -> Choices:
    return replace(choices, targets=tuple(stage for stage in choices.targets if stage is case.asking))


_NARROW: Final[Mapping[Condition, Callable[[Choices, Case], Choices]]] = {
    C.NEW_UNIT: _new_unit,
    C.OUTCOME_PLACED: _outcome_placed,
    C.BACK_TO_ASKER: _back_to_asker,
    C.REASON_UNDER_PLACEMENT: lambda choices, _: replace(choices, reasons=UNDER_PLACEMENT),
    C.REASON_CONSENT: lambda choices, _: replace(choices, reasons=(CONSENT_REFUSED,)),
}
