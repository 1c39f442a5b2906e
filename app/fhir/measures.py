"""The measures (R4 9.4): which figures are counted, and what they are divided by.

Published as Measure, reported as MeasureReport: both from this table. ``app.reports.figures`` counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.errors import CANONICAL

FIGURE: Final = f"{CANONICAL}/CodeSystem/figure"
POPULATION: Final = "http://terminology.hl7.org/CodeSystem/measure-population"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of a measure: its code in ``NAMES``, what is counted in words, and the codes of what divides it."""

    name: str
    says: str
    strata: tuple[str, ...]
    strata_now: tuple[str, ...] = ()
    """Only known of today, so only in the report of the month that is running."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure; ``subject`` is the type of resource that is counted."""

    id: str
    title: str
    about: str
    subject: str
    figures: tuple[Figure, ...]

    @property
    def url(self) -> str:
        """Its canonical URL."""
        return f"{CANONICAL}/Measure/{self.id}"


NAMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "open": ("Åpne saker", "Open cases"),
        "active": ("Aktive koordinatorer", "Active coordinators"),
        "registered": ("Registrerte koordinatorer", "Registered coordinators"),
        "deregistered": ("Avregistrerte koordinatorer", "Deregistered coordinators"),
        "unit": ("Enhet", "Unit"),
        "stage": ("Sakens trinn", "Stage of the case"),
        "role": ("Rolle", "Role"),
        "ehr-state": ("Tilstand i journalsystemet", "EHR state"),
        "end-reason": ("Årsak til avregistrering", "Reason of the end"),
    }
)
"""Code to (bokmål, English): the figures, and what they are divided by."""

_ALL: Final = (
    Measure(
        id="open-cases",
        title="Open cases",
        about="Cases that somebody owes an answer when the month is over, or now. Counted from the cases' events.",
        subject="Task",
        figures=(
            Figure(name="open", says="Cases that have not ended, at their owner's unit.", strata=("unit", "stage")),
        ),
    ),
    Measure(
        id="active-coordinators",
        title="Active coordinators",
        about="Coordinators' stints that cover the month's last day, or today. "
        "The EHR state is known of today only: a month that is over is not divided by it.",
        subject="CareTeam",
        figures=(
            Figure(
                name="active",
                says="Stints that cover the period's last day, at the coordinator's unit.",
                strata=("unit", "role"),
                strata_now=("ehr-state",),
            ),
        ),
    ),
    Measure(
        id="coordinator-changes",
        title="Coordinators registered and deregistered",
        about="Coordinators' stints that begin in the month, and those that are over on one of its days. "
        "Active coordinators are those of the month before, and the registered, less the deregistered.",
        subject="CareTeam",
        figures=(
            Figure(name="registered", says="Stints whose first day is in the period.", strata=("unit", "role")),
            Figure(
                name="deregistered",
                says="Stints whose last day is the day before one of the period.",
                strata=("unit", "role", "end-reason"),
            ),
        ),
    ),
)
MEASURES: Final[Mapping[str, Measure]] = MappingProxyType({one.id: one for one in _ALL})
"""By id."""
