"""Checks what a command brings: it is there and known (422, all at once), then the case allows it."""

from typing import Final

from app.coordination.case import Case
from app.coordination.command import Command
from app.coordination.conditions import OUTCOME_NOT_PLACED, REASONS, TAKES_UNIT, Choices
from app.coordination.consent import consent_in_force, consent_refusal
from app.coordination.states import (
    OTHER_OUTCOMES,
    PLACEABLE_OUTCOMES,
    Actor,
    Condition,
    Move,
    Stage,
    Transition,
)
from app.errors import Problems
from app.routing.directory import Directory, UnitKind

REQUIRED: Final[dict[Move, tuple[str, ...]]] = {
    Move.REQUEST_INFORMATION: ("question",),
    Move.ANSWER: ("answer",),
    Move.TRANSFER: ("unit", "reason"),
    Move.ESCALATE: ("reason",),
    Move.PLACE: ("unit", "outcome", "reason"),
    Move.APPEAL: ("reason",),
    Move.APPOINT: ("practitioner", "consent"),
    Move.CONCLUDE: ("outcome",),
    Move.DECLINE: ("reasonCode", "reason"),
    Move.WITHDRAW: ("reason",),
    Move.LAPSE: ("reasonCode", "reason"),
    Move.ENTER_IN_ERROR: ("reason",),
}
"""The parameters that an operation needs. The text of a question or an answer is ``Command.reason``."""

_TEXTS: Final = frozenset({"reason", "question", "answer", "reasonCode"})

OUTCOMES: Final[dict[Move, tuple[Stage, ...]]] = {
    Move.PLACE: PLACEABLE_OUTCOMES,
    Move.CONCLUDE: OTHER_OUTCOMES,
}
"""The outcomes that a move can name at all."""

Refusal = tuple[str, str]
"""Error code and diagnostics."""

OUTCOME_NOT_OPEN: Final = ("outcome-not-allowed", "This outcome is not open in this stage.")
REASON_NOT_OPEN: Final = ("reason-not-allowed-here", "In this stage only a refused consent declines.")
REASON_WHEN_PLACED: Final = (
    "reason-not-allowed-when-placed",
    "Under a binding placement only the patient's own no declines.",
)


def required_of(row: Transition, case: Case) -> tuple[str, ...]:
    """The parameters that this case still needs for this row: a consent on record need not come again."""
    given = case.consent is not None and case.consent.given
    return tuple(name for name in REQUIRED.get(row.move, ()) if not (name == "consent" and given))


def parameter(name: str) -> str:
    """FHIRPath of an operation's parameter."""
    return f"Parameters.parameter.where(name='{name}')"


def check_content(command: Command, actor: Actor, case: Case, directory: Directory, choices: Choices) -> None:
    """Raise InvalidContent with everything that is missing or unknown, whatever the state of the case."""
    problems = Problems()
    for name in REQUIRED.get(command.move, ()):
        text = command.reason_code if name == "reasonCode" else command.reason
        if name in _TEXTS and not text.strip():
            problems.add("parameter-missing", parameter(name), f"{name} is needed for this move.")
    _check_unit(command, case, directory, choices, problems)
    _check_outcome(command, problems)
    known = REASONS.get(command.move)
    if known and command.reason_code not in {"", *known}:
        problems.add("reason-unknown", parameter("reasonCode"), "There is no such reason.", tuple(known))
    if command.move is Move.APPOINT and command.appointment is None:
        problems.add("parameter-missing", parameter("practitioner"), "The person to appoint is needed.")
    if actor is Actor.SENDER and command.assessment is not None:
        problems.add("assessment-by-sender", parameter("assessment"), "Only the trust assesses the criteria.")
    problems.raise_if_any()


def _check_unit(command: Command, case: Case, directory: Directory, choices: Choices, problems: Problems) -> None:
    if command.move not in TAKES_UNIT:
        return
    named = tuple(f"{directory.units[key].resh} ({directory.units[key].name})" for key in choices.units)
    if not command.unit:
        problems.add("parameter-missing", parameter("unit"), "The receiving unit is needed.", named)
        return
    unit = directory.unit(command.unit)
    if unit is None or unit.kind is not UnitKind.WARD or unit.trust != case.trust:
        text = "This is not a clinical unit of the trust that has the case."
        problems.add("unit-unknown", parameter("unit"), text, named)
    elif not unit.open:
        problems.add("unit-closed", parameter("unit"), "This unit has closed.", named)


def _check_outcome(command: Command, problems: Problems) -> None:
    known = OUTCOMES.get(command.move, ())
    if known and command.outcome is None:
        problems.add("parameter-missing", parameter("outcome"), "The outcome is needed.", known)
    elif known and command.outcome not in known:
        problems.add("outcome-unknown", parameter("outcome"), "This move cannot have that outcome.", known)


def refusal_of(command: Command, row: Transition, case: Case, choices: Choices) -> Refusal | None:
    """Why the case, as it stands, does not allow these arguments; None when it does."""
    if command.move in TAKES_UNIT and command.unit not in choices.units:
        return "unit-had-the-case", "The case can only go to a unit that has not had it."
    if command.move is Move.CONCLUDE and command.outcome not in choices.targets:
        bound = Condition.OUTCOME_PLACED in row.conditions
        return OUTCOME_NOT_PLACED if bound else OUTCOME_NOT_OPEN
    if command.move is Move.DECLINE and command.reason_code not in choices.reasons:
        bound = Condition.REASON_UNDER_PLACEMENT in row.conditions
        return REASON_WHEN_PLACED if bound else REASON_NOT_OPEN
    if Condition.CONSENT_GIVEN in row.conditions:
        return consent_refusal(consent_in_force(case.consent, command.consent))
    return None
