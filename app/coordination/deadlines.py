"""How long a stage may last, and what happens then. Calendar days in Europe/Oslo, to the end of the day."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from app.clock import OSLO, oslo_day
from app.coordination.case import Case
from app.coordination.states import TRANSITIONS, Actor, Move, Stage

DAYS: Final[Mapping[Stage, int]] = MappingProxyType(
    {
        Stage.IN_QUEUE: 5,
        Stage.AWAITING_INFORMATION: 10,
        Stage.ASSESSING: 20,
        Stage.AWAITING_CONSENT: 30,
        Stage.AT_COORDINATING_UNIT: 7,
        Stage.AT_DECISION_GROUP: 14,
        Stage.PLACED: 5,
    }
)
"""Whole days after the day on which the stage was entered; ours, not the law's."""

_TIMED: Final = (Move.OVERDUE, Move.INFORMATION_OVERDUE, Move.APPEAL_TIME_OVER)


def due(case: Case, now_ms: int) -> int | None:
    """When a stage entered at ``now_ms`` is overdue, in milliseconds UTC; None for a case that has ended."""
    days = DAYS.get(case.stage)
    return None if days is None else after_days(now_ms, days)


def after_days(now_ms: int, days: int) -> int:
    """The end of the day that is so many days after an instant, in milliseconds UTC."""
    midnight = datetime.combine(oslo_day(now_ms) + timedelta(days=days + 1), time.min, OSLO)
    return int(midnight.timestamp() * 1000)


def due_move(case: Case) -> Move | None:
    """The move that the service makes when time is up; None where it only reminds the leaders."""
    for row in TRANSITIONS:
        timed = row.actor is Actor.SERVICE and row.move in _TIMED
        if timed and row.source is case.stage and row.binding in {None, case.binding}:
            return row.move
    return None
