"""MeasureReport (R4 9.5) of one measure, calendar month and reporter: numbers and codes, and nobody's data."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from app.coordination.coordinators import END_REASONS
from app.fhir import codes
from app.fhir.measures import FIGURE, NAMES, POPULATION, Figure, Measure
from app.fhir.rendering import organisation_reference
from app.routing.directory import Directory

VERSION: Final = "0.1.0"
"""Of the measures: that of the release."""
Row = tuple[Mapping[str, str], int]
"""What a number is divided by (code of ``NAMES`` → value, units by key), and the number."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """A unit, or with an empty ``unit`` the trust: identifier system and value, and its name."""

    unit: str
    system: str
    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in Norway as far as it has come: ``today`` is the last day that is looked at."""

    first: date
    today: date

    @property
    def next(self) -> date:
        """The first day of the month after."""
        return (self.first + timedelta(days=32)).replace(day=1)

    @property
    def over(self) -> bool:
        """Whether the month has ended."""
        return self.today >= self.next

    @property
    def last(self) -> date:
        """The month's last day, or today."""
        return min(self.next - timedelta(days=1), self.today)

    @property
    def reported(self) -> date:
        """The day of the report: the first after the month, or today."""
        return min(self.next, self.today)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


def report_id(measure: Measure, month: Month, reporter: Reporter) -> str:
    """The logical id: the same report has it for good."""
    return f"{measure.id}-{month}-{reporter.value}"


def measure_report(
    measure: Measure, month: Month, reporter: Reporter, figures: Mapping[str, Sequence[Row]], directory: Directory
) -> dict[str, Any]:
    """The content, less ``id`` and ``meta``; ``figures`` by code of a figure, the reporter's rows only."""
    return {
        "status": "complete",
        "type": "summary",
        "measure": f"{measure.url}|{VERSION}",
        "date": month.reported.isoformat(),
        "reporter": organisation_reference(reporter.system, reporter.value, reporter.name),
        "period": {"start": month.first.isoformat(), "end": month.last.isoformat()},
        "group": [_group(one, figures[one.name], directory, month) for one in measure.figures],
    }


def _group(figure: Figure, rows: Sequence[Row], directory: Directory, month: Month) -> dict[str, Any]:
    names = figure.strata if month.over else (*figure.strata, *figure.strata_now)
    return {
        "code": _name(figure.name),
        "population": _population(sum(number for _, number in rows)),
        "stratifier": [{"code": [_name(name)], **_strata(name, rows, directory)} for name in names],
    }


def _strata(name: str, rows: Sequence[Row], directory: Directory) -> dict[str, Any]:
    counted: Counter[str] = Counter()
    for values, number in rows:
        counted[values[name]] += number
    strata = [
        {"value": _value(name, value, directory), "population": _population(number)}
        for value, number in sorted(counted.items())
        if number
    ]
    # R4 forbids an empty list.
    return {"stratum": strata} if strata else {}


def _population(number: int) -> list[dict[str, Any]]:
    return [{"code": codes.concept(POPULATION, "initial-population"), "count": number}]


def _name(code: str) -> dict[str, Any]:
    return codes.concept(FIGURE, code, NAMES[code][0])


def _value(name: str, value: str, directory: Directory) -> dict[str, Any]:
    if name == "unit":
        unit = directory.unit(value)
        return codes.concept(codes.RESH, unit.resh, unit.name) if unit else {"text": value}
    if name == "role":
        return codes.role_concept(value)
    if name == "end-reason":
        return codes.concept(codes.END_REASON, value, END_REASONS[value][0])
    system = codes.STAGE if name == "stage" else codes.EHR_STATE
    return codes.concept(system, value, codes.STAGE_DISPLAY.get(value, ""))
