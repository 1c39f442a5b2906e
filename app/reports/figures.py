"""The numbers of the measures, counted for several months at once: one reading of the events, one of the stints."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from app.clock import oslo_day
from app.coordination.states import TERMINAL, Move
from app.fhir.instants import covered
from app.fhir.measure_report import Month, Row
from app.fhir.measures import MEASURES
from app.store.tables import case_event, participant

Counted = Mapping[str, Sequence[Row]]
"""Code of a figure → its rows."""
_MOVES: Final = tuple(str(move) for move in Move)
_ENDS: Final = tuple(str(stage) for stage in TERMINAL)
_P: Final = participant.c


def first_day(connection: Connection, trust: str, units: Sequence[str]) -> date | None:
    """The day of the first event of these units, or of the first stint of the trust; None where nothing is."""
    began = connection.execute(select(func.min(_P.start_day)).where(_P.trust == trust)).scalar()
    at = connection.execute(select(func.min(case_event.c.at)).where(case_event.c.unit.in_(units))).scalar()
    days = [date.fromisoformat(began)] if began else []
    return min([*days, *([oslo_day(at)] if at else [])], default=None)


def counted(
    connection: Connection, measure: str, months: Sequence[Month], trust: str, units: Sequence[str]
) -> list[Counted]:
    """The figures of a measure in each of the months, divided by all that they can be divided by."""
    statement, names, figures = _STATEMENTS[measure](months, trust, units)
    found: list[dict[str, list[Row]]] = [{code: [] for code in figures} for _ in months]
    for row in connection.execute(statement):
        values = dict(zip(names, row, strict=False))
        numbers = iter(row[len(names) :])
        for month in found:
            for code in figures:
                if number := int(next(numbers)):
                    month[code].append((values, number))
    return list(found)


def _open(months: Sequence[Month], _trust: str, units: Sequence[str]) -> tuple[Any, tuple[str, ...], tuple[str, ...]]:
    """A case is where its last move before the moment has put it."""
    event = case_event.c
    after = func.lead(event.at).over(partition_by=event.case_id, order_by=(event.version, event.number))
    moved = select(event.unit, event.to_stage, event.at, after.label("after")).where(event.move.in_(_MOVES)).subquery()
    sums = [_sum(_stands(moved.c, _end_of(month))) for month in months]
    stands = select(moved.c.unit, moved.c.to_stage, *sums)
    where = moved.c.unit.in_(units), moved.c.to_stage.not_in(_ENDS)
    return stands.where(*where).group_by(moved.c.unit, moved.c.to_stage), ("unit", "stage"), ("open",)


def _stands(moved: Any, moment: int) -> ColumnElement[bool]:
    return and_(moved.at < moment, or_(moved.after.is_(None), moved.after >= moment))


def _end_of(month: Month) -> int:
    """The first millisecond after a month."""
    bounds = covered(str(month))
    assert bounds is not None
    return bounds[1]


def _active(months: Sequence[Month], trust: str, _units: Sequence[str]) -> tuple[Any, tuple[str, ...], tuple[str, ...]]:
    sums = [_sum(_covers(month.last.isoformat())) for month in months]
    columns = (_P.unit, _P.role, _P.ehr_state)
    statement = select(*columns, *sums).where(_P.trust == trust).group_by(*columns)
    return statement, ("unit", "role", "ehr-state"), ("active",)


def _covers(day: str) -> ColumnElement[bool]:
    return and_(_P.start_day <= day, or_(_P.end_day.is_(None), _P.end_day >= day))


def _changes(
    months: Sequence[Month], trust: str, _units: Sequence[str]
) -> tuple[Any, tuple[str, ...], tuple[str, ...]]:
    sums = [_sum(one) for month in months for one in (_begins(month), _is_over(month))]
    columns = (_P.unit, _P.role, _P.end_reason)
    statement = select(*columns, *sums).where(_P.trust == trust).group_by(*columns)
    return statement, ("unit", "role", "end-reason"), ("registered", "deregistered")


def _begins(month: Month) -> ColumnElement[bool]:
    return and_(_P.start_day >= month.first.isoformat(), _P.start_day <= month.last.isoformat())


def _is_over(month: Month) -> ColumnElement[bool]:
    """A stint is over on the day after its last (``app.coordination.coordinators.changes``)."""
    day = timedelta(days=1)
    return and_(_P.end_day >= (month.first - day).isoformat(), _P.end_day <= (month.last - day).isoformat())


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


_STATEMENTS: Final[Mapping[str, Callable[..., tuple[Any, tuple[str, ...], tuple[str, ...]]]]] = {
    "open-cases": _open,
    "active-coordinators": _active,
    "coordinator-changes": _changes,
}
assert _STATEMENTS.keys() == MEASURES.keys()
