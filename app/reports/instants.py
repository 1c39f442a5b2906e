"""Searches by an instant, which covers one millisecond, as conditions on its column (R4 3.1.1.4.7)."""

from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, true

from app.fhir.instants import DateRange, Span


def within(at: ColumnElement[Any], value: Span) -> ColumnElement[bool]:
    """``_lastUpdated``."""
    low = true() if value.low is None else at >= value.low
    high = true() if value.high is None else at < value.high
    return not_(and_(low, high)) if value.outside else and_(low, high)


def meets(at: ColumnElement[Any], value: DateRange) -> ColumnElement[bool]:
    """A date parameter."""
    inside = and_(at >= value.low, at < value.high)
    after, before = at >= value.high, at < value.low
    return {
        "eq": inside,
        "ne": not_(inside),
        "gt": after,
        "ge": or_(after, inside),
        "lt": before,
        "le": or_(before, inside),
        "sa": after,
        "eb": before,
    }[value.prefix]
