"""Dates (R4 3.1.1.4.7): of a search, a prefix and a date of any precision; of a resource, the range that it covers."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from app.clock import OSLO
from app.errors import Unreadable

PREFIXES: Final = ("eq", "ne", "gt", "ge", "lt", "le", "sa", "eb")
_DATE = re.compile(
    r"([a-z]{2})?([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+ -][0-9]{2}:[0-9]{2})?)?)?)?"
).fullmatch
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_LEAP_SECOND: Final = 60


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


EARLIEST: Final = -(2**52)
LATEST: Final = 2**52
"""Where a period that is open begins and ends: milliseconds that no date of FHIR reaches."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """A prefix and ``low <= t < high``: what R4 3.1.1.4.7 compares with the range of a resource's element."""

    prefix: str
    low: int
    high: int

    def meets(self, low: int, high: int) -> bool:
        """Whether an element that covers ``low <= t < high`` is meant."""
        within = low >= self.low and high <= self.high
        after, before = high > self.high, low < self.low
        return {
            "eq": within,
            "ne": not within,
            "gt": after,
            "ge": after or within,
            "lt": before,
            "le": before or within,
            "sa": low >= self.high,
            "eb": high <= self.low,
        }[self.prefix]


def covered(value: object) -> tuple[int, int] | None:
    """The milliseconds that a date, dateTime, instant or Period of valid content covers; None where it says none."""
    if isinstance(value, dict):
        start, end = covered(value.get("start")), covered(value.get("end"))
        if start is None and end is None:
            return None
        return start[0] if start else EARLIEST, end[1] if end else LATEST
    found = _DATE(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        return _bounds(found)
    except (ValueError, OverflowError):
        return EARLIEST, LATEST


def date_range(name: str, text: str) -> DateRange:
    """Read ``ge2026-11-21`` for an element that covers a range; without a zone it is Europe/Oslo.

    :raises Unreadable: bad-prefix, bad-date.
    """
    return DateRange(*_read(name, text))


def span(name: str, text: str) -> Span:
    """Read ``ge2026-11-21``; without a zone it is Europe/Oslo.

    :param name: of the search parameter, for the error.
    :raises Unreadable: bad-prefix, bad-date.
    """
    return _by_prefix(*_read(name, text))


def _read(name: str, text: str) -> tuple[str, int, int]:
    found = _DATE(text)
    if found is None:
        raise _bad(name)
    prefix = found.group(1) or "eq"
    if prefix not in PREFIXES:
        raise Unreadable(f"{name} has an unknown prefix.", code="bad-prefix", allowed=PREFIXES)
    try:
        return (prefix, *_bounds(found))
    except (ValueError, OverflowError):
        raise _bad(name) from None


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
        return _midnight(first), LATEST if after is None else _midnight(after)
    digits = (fraction or "")[:3]
    moment = datetime.combine(first, time(int(hour), int(minute)), _zone(zone) if zone else OSLO)
    if int(second or 0) > _LEAP_SECOND:
        raise ValueError("second")
    low = _millis(moment) + int(second or 0) * 1000 + int(digits.ljust(3, "0"))
    return low, low + (60_000 if second is None else 10 ** (3 - len(digits)))


def _zone(text: str) -> timezone:
    """``Z``, ``+01:00``, and `` 01:00`` as a form has it that did not escape the plus."""
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:]))
    return timezone(-offset if text[0] == "-" else offset)


def _next(first: date, *, has_month: bool, has_day: bool) -> date | None:
    """The day after what the text names; None after the last year of the calendar."""
    if has_day:
        return first + timedelta(days=1) if first < date.max else None
    if has_month and first.month < 12:
        return first.replace(month=first.month + 1)
    return date(first.year + 1, 1, 1) if first.year < date.max.year else None


def _midnight(day: date) -> int:
    return _millis(datetime.combine(day, time(), OSLO))


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _bad(name: str) -> Unreadable:
    return Unreadable(
        f"{name} must be a date: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.fff]] with Z or +hh:mm.",
        code="bad-date",
    )
