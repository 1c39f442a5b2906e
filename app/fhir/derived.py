"""The types that have no table: made at request from what is stored, by ``app.reports``."""

from typing import Final

from app.fhir.declared import COMMON, Interaction, Kind, ResourceType, SearchParameter, Sight
from app.fhir.operations import AUDIT_EVENT_OPERATIONS

_READ_ONLY: Final = frozenset({Interaction.READ, Interaction.SEARCH})
_OTHERS: Final = (
    "CarePlan",
    "ServiceRequest",
    "QuestionnaireResponse",
    "Consent",
    "Communication",
    "Encounter",
    "Patient",
    "RelatedPerson",
)

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

AUDIT_EVENT: Final = ResourceType(
    name="AuditEvent",
    table="",
    interactions=_READ_ONLY,
    sight=Sight.DERIVED,
    search=(
        *COMMON,
        SearchParameter("patient", Kind.PATIENT, "AuditEvent.entity.what", "patient", ("identifier",), ("Patient",)),
        SearchParameter("date", Kind.DATE, "AuditEvent.recorded", "at"),
        SearchParameter("agent", Kind.TOKEN, "AuditEvent.agent.who", "agent", ("identifier",)),
        SearchParameter(
            "entity", Kind.REFERENCE, "AuditEvent.entity.what", "", (), ("Task", "CareTeam", *_OTHERS), versioned=True
        ),
        SearchParameter("type", Kind.TOKEN, "AuditEvent.type", "type"),
        SearchParameter("subtype", Kind.TOKEN, "AuditEvent.subtype", "interaction"),
        SearchParameter("action", Kind.CODE, "AuditEvent.action", "action"),
        SearchParameter("outcome", Kind.CODE, "AuditEvent.outcome", "status"),
    ),
    operations=AUDIT_EVENT_OPERATIONS,
)
"""Who touched a patient, and how it ended: a row of ``audit_event`` each; for auditors."""

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
