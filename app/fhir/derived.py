"""The types that have no table: made at request from what is stored, by ``app.reports``."""

from typing import Final

from app.fhir.declared import COMMON, Interaction, Kind, ResourceType, SearchParameter, Sight

_READ_ONLY: Final = frozenset({Interaction.READ, Interaction.SEARCH})

PROVENANCE: Final = ResourceType(
    name="Provenance",
    table="",
    interactions=_READ_ONLY,
    sight=Sight.DERIVED,
    includes=("target",),
    search=(
        *COMMON,
        SearchParameter("target", Kind.REFERENCE, "Provenance.target", "", (), ("Task",), versioned=True),
        SearchParameter(
            "patient", Kind.PATIENT, "Provenance.target.resolve().for", "patient", ("identifier",), ("Patient",)
        ),
        SearchParameter("recorded", Kind.DATE, "Provenance.recorded", "at"),
        SearchParameter("agent", Kind.TOKEN, "Provenance.agent.who", "agent", ("identifier",)),
    ),
)
"""A move of a case, and what became of its coordinator: a row of ``case_event`` each."""

MEASURE_REPORT: Final = ResourceType(
    name="MeasureReport",
    table="",
    interactions=_READ_ONLY,
    sight=Sight.DERIVED,
    search=(
        *COMMON,
        SearchParameter("measure", Kind.REFERENCE, "MeasureReport.measure", "", (), ("Measure",)),
        SearchParameter("period", Kind.DATE, "MeasureReport.period", "period"),
        SearchParameter("date", Kind.DATE, "MeasureReport.date", "date"),
        SearchParameter("reporter", Kind.TOKEN, "MeasureReport.reporter", "reporter", ("identifier",)),
    ),
)
"""A measure, a calendar month and who reports it: a unit, or the trust."""
