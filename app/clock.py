"""Time, as an argument: everything that needs the hour gets a :class:`Clock`, tests give a fixed one."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from time import time
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")

Clock = Callable[[], int]
"""Answers now, as milliseconds since 1970-01-01T00:00:00Z."""


def system_clock() -> int:
    """The machine's own clock, in milliseconds UTC."""
    return int(time() * 1000)


def instant(milliseconds: int) -> str:
    """A FHIR ``instant`` in UTC: ``2026-11-21T10:00:00.000Z`` (R4 2.24.0.1)."""
    second, rest = divmod(milliseconds, 1000)
    return f"{_second(second)}.{rest:03d}Z"


def oslo_day(milliseconds: int) -> date:
    """The calendar day in Norway at an instant: dates of periods and deadlines are counted there."""
    return _day(milliseconds // 60_000)


# Each request asks several times, nearly always for now; no day of Oslo has ever begun within a minute of UTC.


@lru_cache(maxsize=64)
def _second(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}"


@lru_cache(maxsize=64)
def _day(minute: int) -> date:
    return datetime.fromtimestamp(minute * 60, OSLO).date()
