"""MeasureReports, computed when they are asked for: for the hospital, of its own units, a month each."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from app.casework.context import Context
from app.clock import oslo_day
from app.errors import Forbidden
from app.fhir import codes
from app.fhir.instants import covered
from app.fhir.measure_report import VERSION, Month, Reporter, measure_report, report_id
from app.fhir.measures import MEASURES, Measure
from app.fhir.search import Criterion, Query
from app.reports.figures import Counted, counted, first_day
from app.reports.view import View, figures_rows, made
from app.routing.directory import Directory, Trust, Unit
from app.security.caller import Caller, Role
from app.store.changes import Stored
from app.store.interface import Page

_WHOLE_TRUST: Final = frozenset({Role.COORDINATING_UNIT, Role.DECISION_GROUP, Role.AUDITOR, Role.OPERATOR})
_READERS: Final = _WHOLE_TRUST | {Role.UNIT}
_PLACE: Final = re.compile(r"[a-z-]+-(?P<month>[0-9]{4}-[0-9]{2})-[0-9]+").fullmatch


class _Report(NamedTuple):
    """A report that can be made."""

    measure: Measure
    month: Month
    reporter: Reporter

    @property
    def id(self) -> str:
        return report_id(*self)

    @property
    def place(self) -> tuple[date, str]:
        """By month, and those of a month by id."""
        return self.month.first, self.id

    def updated(self, now: int) -> int:
        """When the month had ended, or now (ms UTC)."""
        bounds = covered(str(self.month))
        return min(bounds[1], now) if bounds else now


async def _read(context: Context, caller: Caller, resource: str) -> Stored | None:
    found = await _all(context, caller, lambda one: one.id == resource)
    return next(iter(await _made(context, caller, found)), None)


async def _search(context: Context, caller: Caller, query: Query) -> Page:
    now = context.clock()
    found = await _all(context, caller, lambda one: all(_holds(each, one, now) for each in query.criteria))
    found.sort(key=lambda one: one.place, reverse=query.descending)
    behind = [one for one in found if _is_behind(one, query)]
    rows = await _made(context, caller, behind[: query.count])
    counts = query.total or query.count == 0
    return Page(rows=tuple(rows), more=len(behind) > query.count > 0, total=len(found) if counts else None)


VIEW: Final = View(read=_read, search=_search)


async def _all(context: Context, caller: Caller, wanted: Callable[[_Report], bool]) -> list[_Report]:
    """The reports that the caller may read and asks for; nothing is counted yet.

    :raises Forbidden: role-not-allowed: they are for the hospital
    """
    if caller.role not in _READERS:
        raise Forbidden("This is not for your role.", code="role-not-allowed", allowed=tuple(sorted(_READERS)))
    trust = context.directory.trust_by_organisation_number(caller.organisation)
    if trust is None:
        return []
    units = _units(context.directory, trust)
    today = oslo_day(context.clock())
    own = figures_rows(context.directory, caller.organisation)
    first = await context.store.run(lambda c: first_day(c, trust.key, [unit.key for unit in units]), own) or today
    reporters = [Reporter(unit.key, codes.RESH, unit.resh, unit.name) for unit in units]
    if caller.role in _WHOLE_TRUST:
        reporters.append(Reporter("", codes.ORGANISATION, trust.organisation_number, trust.name))
    else:
        reporters = [one for one in reporters if one.unit == caller.unit]
    possible = (
        _Report(measure, month, reporter)
        for month in _months(min(first, today), today)
        for measure in MEASURES.values()
        for reporter in reporters
    )
    return [one for one in possible if wanted(one)]


def _units(directory: Directory, trust: Trust) -> list[Unit]:
    return [unit for unit in directory.units.values() if unit.trust == trust.key]


def _months(first: date, today: date) -> Iterator[Month]:
    month = Month(first.replace(day=1), today)
    while month.first <= today:
        yield month
        month = Month(month.next, today)


async def _made(context: Context, caller: Caller, reports: Sequence[_Report]) -> list[Stored]:
    """The reports themselves: each measure is counted once, for all their months."""
    trust = context.directory.trust_by_organisation_number(caller.organisation)
    if trust is None or not reports:
        return []
    units = [unit.key for unit in _units(context.directory, trust)]
    own = figures_rows(context.directory, caller.organisation)
    figures = await context.store.run(lambda c: _counted(c, reports, trust.key, units), own)
    now = context.clock()
    return [_stored(one, figures[one.measure.id, one.month], context.directory, now) for one in reports]


def _counted(
    connection: Connection, reports: Sequence[_Report], trust: str, units: Sequence[str]
) -> dict[tuple[str, Month], Counted]:
    found: dict[tuple[str, Month], Counted] = {}
    for measure in dict.fromkeys(one.measure.id for one in reports):
        months = list(dict.fromkeys(one.month for one in reports if one.measure.id == measure))
        numbers = counted(connection, measure, months, trust, units)
        found |= {(measure, month): each for month, each in zip(months, numbers, strict=True)}
    return found


def _stored(one: _Report, figures: Counted, directory: Directory, now: int) -> Stored:
    unit = one.reporter.unit
    own = {code: [row for row in rows if unit in {"", row[0]["unit"]}] for code, rows in figures.items()}
    content = measure_report(one.measure, one.month, one.reporter, own, directory)
    return made("MeasureReport", one.id, one.updated(now), content)


def _is_behind(one: _Report, query: Query) -> bool:
    """Whether a report comes after the page before; a place is told by the id, which stays as time goes by."""
    last = _PLACE(query.position.id) if query.position else None
    if last is None:
        return True
    place = date.fromisoformat(f"{last['month']}-01"), last[0]
    return one.place < place if query.descending else one.place > place


def _holds(criterion: Criterion, one: _Report, now: int) -> bool:
    return any(_HOLD[criterion.parameter.name](one, value, now) for value in criterion.values)


def _is_measure(one: _Report, value: Any, _now: int) -> bool:
    """By id, ``Measure/id``, or canonical URL with its version or without."""
    if value.system == "":
        return value.code in {one.measure.url, f"{one.measure.url}|{VERSION}"}
    return bool(value.code == one.measure.id)


def _reports(one: _Report, value: Any, _now: int) -> bool:
    return value.system in {None, one.reporter.system} and value.code in {"", one.reporter.value}


def _in_period(one: _Report, value: Any, _now: int) -> bool:
    return _meets({"start": one.month.first.isoformat(), "end": one.month.last.isoformat()}, value)


def _meets(element: object, value: Any) -> bool:
    bounds = covered(element)
    return bounds is not None and bool(value.meets(*bounds))


_HOLD: Final[Mapping[str, Callable[[_Report, Any, int], bool]]] = MappingProxyType(
    {
        "_id": lambda one, value, _: one.id == value.code,
        "_lastUpdated": lambda one, value, now: value.holds(one.updated(now)),
        "measure": _is_measure,
        "period": _in_period,
        "date": lambda one, value, _: _meets(one.month.reported.isoformat(), value),
        "reporter": _reports,
    }
)
