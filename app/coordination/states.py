"""The state table of a case, as data: it decides, lists the open moves, documents, draws and is tested.

``BOUND`` rows are for a case under binding placement: the coordinating unit or the decision group has
decided which unit answers and with which outcome; the case can then not be handed on or escaped.
Not here yet: change of trust.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Stage(StrEnum):
    """Where a case is: ``Task.businessStatus``."""

    DRAFT = "draft"
    """The sender's alone: not a case yet, without owner, number and events."""
    RECEIVED = "received"
    """Submitted and not yet routed: seen in events only, both happen in one commit."""
    IN_QUEUE = "in-queue"
    AWAITING_INFORMATION = "awaiting-information"
    ASSESSING = "assessing"
    AWAITING_CONSENT = "awaiting-consent"
    AT_COORDINATING_UNIT = "at-coordinating-unit"
    AT_DECISION_GROUP = "at-decision-group"
    PLACED = "placed"
    COORDINATOR_APPOINTED = "coordinator-appointed"
    CONTACT_PHYSICIAN = "contact-physician"
    TEAM = "team"
    OTHER_MEASURE = "other-measure"
    EXISTING_COORDINATOR = "existing-coordinator"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """There is nothing left to answer: the patient has died or moved, or the need is here twice."""
    ENTERED_IN_ERROR = "entered-in-error"


class Move(StrEnum):
    """What happens to a case. An actor's move is the operation of that name with ``$`` before it."""

    SUBMIT = "submit"
    ROUTE = "route"
    ACCEPT = "accept"
    REQUEST_INFORMATION = "request-information"
    ANSWER = "answer"
    RESUME = "resume"
    TRANSFER = "transfer"
    ESCALATE = "escalate"
    PLACE = "place"
    APPEAL = "appeal"
    AWAIT_CONSENT = "await-consent"
    APPOINT = "appoint"
    CONCLUDE = "conclude"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    ENTER_IN_ERROR = "enter-in-error"
    REQUEST_ABORT = "request-abort"
    """The sender asks the owner to cancel the case, by an ``abort`` Task; the case stays where it is."""
    ABORT = "abort"
    """The owner's yes to that Task."""
    OVERDUE = "overdue"
    UNIT_CLOSED = "unit-closed"
    INFORMATION_OVERDUE = "information-overdue"
    APPEAL_TIME_OVER = "appeal-time-over"


class Actor(StrEnum):
    """Who makes a move, seen from the case. One caller may be several."""

    SENDER = "sender"
    OWNER = "owner"
    COORDINATING_UNIT = "coordinating-unit"
    DECISION_GROUP = "decision-group"
    SERVICE = "service"


class Condition(StrEnum):
    """What must hold besides stage, binding and actor; predicates and answers are in ``conditions``."""

    HOPS_LEFT = "hops-left"
    QUESTIONS_LEFT = "questions-left"
    APPEAL_LEFT = "appeal-left"
    NOT_APPEALED = "not-appealed"
    OWNER_CLOSED = "owner-closed"
    ASKER_ALLOWS_WITHDRAWAL = "asker-allows-withdrawal"
    WITHDRAWAL_NOT_DIRECT = "withdrawal-not-direct"
    NO_ABORT_OPEN = "no-abort-open"
    ABORT_OPEN = "abort-open"
    BACK_TO_ASKER = "back-to-asker"
    NEW_UNIT = "new-unit"
    OUTCOME_PLACED = "outcome-placed"
    CONSENT_GIVEN = "consent-given"
    REASON_UNDER_PLACEMENT = "reason-under-placement"
    REASON_CONSENT = "reason-consent"


Binding = bool | None
"""Under binding placement, free, or either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row: from ``source`` the ``actor`` may ``move`` the case to one of ``targets``.

    ``binding`` is True or False where the row is for that kind of placement only, None where it is for both.
    """

    source: Stage
    binding: Binding
    actor: Actor
    move: Move
    targets: tuple[Stage, ...]
    conditions: tuple[Condition, ...] = ()


def _row(
    source: Stage,
    binding: Binding,
    actor: Actor,
    move: Move,
    targets: Stage | tuple[Stage, ...],
    *conditions: Condition,
) -> Transition:
    return Transition(
        source=source,
        binding=binding,
        actor=actor,
        move=move,
        targets=(targets,) if isinstance(targets, Stage) else targets,
        conditions=conditions,
    )


S, M, A, C = Stage, Move, Actor, Condition
FREE, BOUND, EITHER = False, True, None

OTHER_OUTCOMES: Final = (S.CONTACT_PHYSICIAN, S.TEAM, S.OTHER_MEASURE, S.EXISTING_COORDINATOR)
"""Ends that answer the need without a newly appointed coordinator."""

BINDING_MEASURES: Final = (S.CONTACT_PHYSICIAN, S.TEAM, S.OTHER_MEASURE)
"""What a placement can oblige a unit to besides a coordinator."""

PLACEABLE_OUTCOMES: Final = (S.COORDINATOR_APPOINTED, *BINDING_MEASURES)
"""What a placement can oblige a unit to."""

FREE_ASKERS: Final = (S.IN_QUEUE, S.ASSESSING, S.AT_COORDINATING_UNIT, S.AT_DECISION_GROUP)
BOUND_ASKERS: Final = (S.ASSESSING, S.PLACED)
"""Stages that a question can be asked from, and that its answer returns to."""

STATUS: Final[Mapping[Stage, str]] = MappingProxyType(
    {
        S.DRAFT: "draft",
        S.RECEIVED: "requested",
        S.IN_QUEUE: "received",
        S.ASSESSING: "accepted",
        S.AWAITING_CONSENT: "accepted",
        S.AT_COORDINATING_UNIT: "received",
        S.AT_DECISION_GROUP: "received",
        S.PLACED: "received",
        S.COORDINATOR_APPOINTED: "completed",
        S.CONTACT_PHYSICIAN: "completed",
        S.TEAM: "completed",
        S.OTHER_MEASURE: "completed",
        S.EXISTING_COORDINATOR: "completed",
        S.DECLINED: "rejected",
        S.WITHDRAWN: "cancelled",
        S.LAPSED: "cancelled",
        S.ENTERED_IN_ERROR: "entered-in-error",
    }
)
"""``Task.status`` of a stage; while information is awaited, that of the asking stage (``Case.status``)."""

TERMINAL: Final = frozenset(
    {S.COORDINATOR_APPOINTED, *OTHER_OUTCOMES, S.DECLINED, S.WITHDRAWN, S.LAPSED, S.ENTERED_IN_ERROR}
)
"""Stages that end a case; only entered-in-error may follow."""

OPEN: Final = tuple(stage for stage in Stage if stage not in {*TERMINAL, S.DRAFT, S.RECEIVED})
"""Stages in which somebody owes an answer."""

SERVICE_MOVES: Final = frozenset({M.ROUTE, M.OVERDUE, M.UNIT_CLOSED, M.INFORMATION_OVERDUE, M.APPEAL_TIME_OVER})
"""Moves that time or the directory makes; there is no operation for them."""

BY_TASK: Final[Mapping[Move, str]] = MappingProxyType({M.REQUEST_ABORT: "abort Task", M.ABORT: "completed abort Task"})
"""Moves that are made by a Task of its own, focus the case: what a caller is told in place of an operation's name."""

_ANSWERABLE = (
    *((stage, FREE) for stage in (*FREE_ASKERS, S.AWAITING_INFORMATION, S.AWAITING_CONSENT)),
    *((stage, BOUND) for stage in (*BOUND_ASKERS, S.AWAITING_INFORMATION, S.AWAITING_CONSENT)),
)
"""Where a unit of the trust has the case and owes an answer."""

_ELSEWHERE = tuple(
    _row(stage, BOUND, A.COORDINATING_UNIT, M.PLACE, S.PLACED, C.OWNER_CLOSED)
    for stage in (S.ASSESSING, S.AWAITING_CONSENT, S.PLACED)
)

TRANSITIONS: Final[tuple[Transition, ...]] = (
    # submitted is routed in the same step: ``decide`` is told where to
    _row(S.DRAFT, FREE, A.SENDER, M.SUBMIT, (S.IN_QUEUE, S.AT_COORDINATING_UNIT)),
    _row(S.DRAFT, FREE, A.SENDER, M.WITHDRAW, S.WITHDRAWN),
    _row(S.DRAFT, FREE, A.SENDER, M.ENTER_IN_ERROR, S.ENTERED_IN_ERROR),
    _row(S.DRAFT, FREE, A.SERVICE, M.OVERDUE, S.WITHDRAWN),
    _row(S.RECEIVED, FREE, A.SERVICE, M.ROUTE, (S.IN_QUEUE, S.AT_COORDINATING_UNIT)),
    _row(S.IN_QUEUE, FREE, A.OWNER, M.ACCEPT, S.ASSESSING),
    _row(S.IN_QUEUE, FREE, A.OWNER, M.REQUEST_INFORMATION, S.AWAITING_INFORMATION, C.QUESTIONS_LEFT),
    _row(S.IN_QUEUE, FREE, A.OWNER, M.TRANSFER, S.IN_QUEUE, C.HOPS_LEFT, C.NEW_UNIT),
    _row(S.IN_QUEUE, FREE, A.OWNER, M.ESCALATE, S.AT_COORDINATING_UNIT),
    _row(S.IN_QUEUE, FREE, A.OWNER, M.CONCLUDE, S.EXISTING_COORDINATOR),
    _row(S.IN_QUEUE, FREE, A.OWNER, M.DECLINE, S.DECLINED),
    _row(S.IN_QUEUE, FREE, A.SENDER, M.WITHDRAW, S.WITHDRAWN),
    _row(S.IN_QUEUE, FREE, A.SERVICE, M.OVERDUE, S.AT_COORDINATING_UNIT),
    _row(S.IN_QUEUE, FREE, A.SERVICE, M.UNIT_CLOSED, S.AT_COORDINATING_UNIT, C.OWNER_CLOSED),
    # awaiting-information: the owner is the one who asked
    _row(S.AWAITING_INFORMATION, FREE, A.SENDER, M.ANSWER, FREE_ASKERS, C.BACK_TO_ASKER),
    _row(S.AWAITING_INFORMATION, BOUND, A.SENDER, M.ANSWER, BOUND_ASKERS, C.BACK_TO_ASKER),
    _row(S.AWAITING_INFORMATION, FREE, A.SENDER, M.WITHDRAW, S.WITHDRAWN, C.ASKER_ALLOWS_WITHDRAWAL),
    _row(S.AWAITING_INFORMATION, FREE, A.OWNER, M.RESUME, FREE_ASKERS, C.BACK_TO_ASKER),
    _row(S.AWAITING_INFORMATION, BOUND, A.OWNER, M.RESUME, BOUND_ASKERS, C.BACK_TO_ASKER),
    _row(S.AWAITING_INFORMATION, FREE, A.SERVICE, M.INFORMATION_OVERDUE, FREE_ASKERS, C.BACK_TO_ASKER),
    _row(S.AWAITING_INFORMATION, BOUND, A.SERVICE, M.INFORMATION_OVERDUE, BOUND_ASKERS, C.BACK_TO_ASKER),
    _row(S.ASSESSING, FREE, A.OWNER, M.REQUEST_INFORMATION, S.AWAITING_INFORMATION, C.QUESTIONS_LEFT),
    _row(S.ASSESSING, FREE, A.OWNER, M.AWAIT_CONSENT, S.AWAITING_CONSENT),
    _row(S.ASSESSING, FREE, A.OWNER, M.APPOINT, S.COORDINATOR_APPOINTED, C.CONSENT_GIVEN),
    _row(S.ASSESSING, FREE, A.OWNER, M.CONCLUDE, OTHER_OUTCOMES),
    _row(S.ASSESSING, FREE, A.OWNER, M.DECLINE, S.DECLINED),
    _row(S.ASSESSING, FREE, A.OWNER, M.TRANSFER, S.IN_QUEUE, C.HOPS_LEFT, C.NEW_UNIT),
    _row(S.ASSESSING, FREE, A.OWNER, M.ESCALATE, S.AT_COORDINATING_UNIT),
    _row(S.ASSESSING, FREE, A.SERVICE, M.OVERDUE, S.AT_COORDINATING_UNIT),
    _row(S.ASSESSING, FREE, A.SERVICE, M.UNIT_CLOSED, S.AT_COORDINATING_UNIT, C.OWNER_CLOSED),
    _row(S.ASSESSING, BOUND, A.OWNER, M.REQUEST_INFORMATION, S.AWAITING_INFORMATION, C.QUESTIONS_LEFT),
    _row(S.ASSESSING, BOUND, A.OWNER, M.AWAIT_CONSENT, S.AWAITING_CONSENT),
    _row(S.ASSESSING, BOUND, A.OWNER, M.APPOINT, S.COORDINATOR_APPOINTED, C.OUTCOME_PLACED, C.CONSENT_GIVEN),
    _row(S.ASSESSING, BOUND, A.OWNER, M.CONCLUDE, BINDING_MEASURES, C.OUTCOME_PLACED),
    _row(S.ASSESSING, BOUND, A.OWNER, M.DECLINE, S.DECLINED, C.REASON_UNDER_PLACEMENT),
    _row(S.AWAITING_CONSENT, FREE, A.OWNER, M.APPOINT, S.COORDINATOR_APPOINTED, C.CONSENT_GIVEN),
    _row(S.AWAITING_CONSENT, FREE, A.OWNER, M.CONCLUDE, OTHER_OUTCOMES),
    _row(S.AWAITING_CONSENT, FREE, A.OWNER, M.DECLINE, S.DECLINED, C.REASON_CONSENT),
    _row(S.AWAITING_CONSENT, FREE, A.SERVICE, M.UNIT_CLOSED, S.AT_COORDINATING_UNIT, C.OWNER_CLOSED),
    _row(S.AWAITING_CONSENT, FREE, A.COORDINATING_UNIT, M.ESCALATE, S.AT_COORDINATING_UNIT, C.OWNER_CLOSED),
    _row(
        S.AWAITING_CONSENT,
        BOUND,
        A.OWNER,
        M.APPOINT,
        S.COORDINATOR_APPOINTED,
        C.OUTCOME_PLACED,
        C.CONSENT_GIVEN,
    ),
    _row(S.AWAITING_CONSENT, BOUND, A.OWNER, M.CONCLUDE, BINDING_MEASURES, C.OUTCOME_PLACED),
    _row(S.AWAITING_CONSENT, BOUND, A.OWNER, M.DECLINE, S.DECLINED, C.REASON_UNDER_PLACEMENT),
    _row(S.AWAITING_CONSENT, BOUND, A.SERVICE, M.PLACE, S.PLACED, C.OWNER_CLOSED),
    _row(
        S.AT_COORDINATING_UNIT,
        FREE,
        A.COORDINATING_UNIT,
        M.TRANSFER,
        S.IN_QUEUE,
        C.NOT_APPEALED,
        C.HOPS_LEFT,
    ),
    _row(S.AT_COORDINATING_UNIT, FREE, A.COORDINATING_UNIT, M.PLACE, S.PLACED),
    _row(S.AT_COORDINATING_UNIT, FREE, A.COORDINATING_UNIT, M.ESCALATE, S.AT_DECISION_GROUP),
    _row(
        S.AT_COORDINATING_UNIT,
        FREE,
        A.COORDINATING_UNIT,
        M.REQUEST_INFORMATION,
        S.AWAITING_INFORMATION,
        C.QUESTIONS_LEFT,
    ),
    _row(S.AT_COORDINATING_UNIT, FREE, A.COORDINATING_UNIT, M.CONCLUDE, OTHER_OUTCOMES),
    _row(S.AT_COORDINATING_UNIT, FREE, A.COORDINATING_UNIT, M.DECLINE, S.DECLINED),
    _row(S.AT_COORDINATING_UNIT, FREE, A.SENDER, M.WITHDRAW, S.WITHDRAWN, C.NOT_APPEALED),
    _row(S.AT_COORDINATING_UNIT, FREE, A.SERVICE, M.OVERDUE, S.AT_DECISION_GROUP),
    _row(S.AT_DECISION_GROUP, FREE, A.DECISION_GROUP, M.PLACE, S.PLACED),
    _row(
        S.AT_DECISION_GROUP,
        FREE,
        A.DECISION_GROUP,
        M.REQUEST_INFORMATION,
        S.AWAITING_INFORMATION,
        C.QUESTIONS_LEFT,
    ),
    _row(S.AT_DECISION_GROUP, FREE, A.DECISION_GROUP, M.CONCLUDE, OTHER_OUTCOMES),
    _row(S.AT_DECISION_GROUP, FREE, A.DECISION_GROUP, M.DECLINE, S.DECLINED),
    _row(S.PLACED, BOUND, A.OWNER, M.ACCEPT, S.ASSESSING),
    _row(S.PLACED, BOUND, A.OWNER, M.REQUEST_INFORMATION, S.AWAITING_INFORMATION, C.QUESTIONS_LEFT),
    _row(S.PLACED, BOUND, A.OWNER, M.APPEAL, S.AT_COORDINATING_UNIT, C.APPEAL_LEFT),
    _row(S.PLACED, BOUND, A.SERVICE, M.APPEAL_TIME_OVER, S.ASSESSING),
    # (b), the unit that it was placed at has closed
    *_ELSEWHERE,
    # where the sender cannot withdraw any more it asks; what is asked stays open when the case goes on
    *(
        _row(stage, binding, A.SENDER, M.REQUEST_ABORT, stage, C.WITHDRAWAL_NOT_DIRECT, C.NO_ABORT_OPEN)
        for stage, binding in _ANSWERABLE
        if stage is not S.IN_QUEUE
    ),
    *(_row(stage, binding, A.OWNER, M.ABORT, S.WITHDRAWN, C.ABORT_OPEN) for stage, binding in _ANSWERABLE),
    # never «wrong unit»; a unit that is bound does not get out of it so
    *(_row(stage, FREE, A.OWNER, M.LAPSE, S.LAPSED) for stage, binding in _ANSWERABLE if not binding),
    *(_row(stage, binding, A.COORDINATING_UNIT, M.LAPSE, S.LAPSED) for stage, binding in _ANSWERABLE),
    # wrong patient: from everywhere, the ends too
    *(
        _row(stage, EITHER, A.COORDINATING_UNIT, M.ENTER_IN_ERROR, S.ENTERED_IN_ERROR)
        for stage in Stage
        if stage not in {S.DRAFT, S.RECEIVED, S.ENTERED_IN_ERROR}
    ),
)
"""The whole table. Order is the order in which moves are listed."""
