"""Dates of a search (R4 3.1.1.4.7): a prefix and a date of any precision → a span of milliseconds."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from app.clock import OSLO
from app.errors import Unreadable

PREFIXES: Final = ("eq", "ne", "gt", "ge", "lt", "le", "sa", "eb")
_DATE = re.compile(
    r"([a-z]{2})?([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+ -][0-9]{2}:[0-9]{2})?)?)?)?"
).fullmatch
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """``low <= t < high`` in milliseconds since 1970 UTC, None is open; ``outside``: all but that."""

    low: int | None
    high: int | None
    outside: bool = False

    def holds(self, moment: int) -> bool:
        """Whether an instant is meant."""
        inside = (self.low is None or moment >= self.low) and (self.high is None or moment < self.high)
        return inside != self.outside


def span(name: str, text: str) -> Span:
    """Read ``ge2026-11-21``; without a zone it is Europe/Oslo.

    :param name: of the search parameter, for the error.
    :raises Unreadable: bad-prefix, bad-date.
    """
    found = _DATE(text)
    if found is None:
        raise _bad(name)
    prefix = found.group(1) or "eq"
    if prefix not in PREFIXES:
        raise Unreadable(f"{name} has an unknown prefix.", code="bad-prefix", allowed=PREFIXES)
    try:
        low, high = _bounds(found)
    except (ValueError, OverflowError):
        raise _bad(name) from None
    return _by_prefix(prefix, low, high)


def _by_prefix(prefix: str, low: int, high: int) -> Span:
    if prefix in ("eq", "ne"):
        return Span(low, high, outside=prefix == "ne")
    if prefix in ("gt", "sa"):
        return Span(high, None)
    if prefix == "ge":
        return Span(low, None)
    return Span(None, high if prefix == "le" else low)


def _bounds(found: re.Match[str]) -> tuple[int, int]:
    """First millisecond of what the text names, and the first one after it."""
    _, year, month, day, hour, minute, second, fraction, zone = found.groups()
    first = date(int(year), int(month or 1), int(day or 1))
    if hour is None:
        after = _next(first, has_month=month is not None, has_day=day is not None)
        return _millis(datetime.combine(first, time(), OSLO)), _millis(datetime.combine(after, time(), OSLO))
    digits = (fraction or "")[:3]
    moment = datetime.combine(first, time(int(hour), int(minute), int(second or 0)), OSLO)
    if zone:
        moment = datetime.fromisoformat(f"{moment:%Y-%m-%dT%H:%M:%S}{zone.replace(' ', '+')}")
    low = _millis(moment) + int(digits.ljust(3, "0"))
    return low, low + (60_000 if second is None else 10 ** (3 - len(digits)))


def _next(first: date, *, has_month: bool, has_day: bool) -> date:
    if has_day:
        return first + timedelta(days=1)
    if has_month:
        return date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return date(first.year + 1, 1, 1)


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _bad(name: str) -> Unreadable:
    return Unreadable(
        f"{name} must be a date: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.fff]] with Z or +hh:mm.",
        code="bad-date",
    )
