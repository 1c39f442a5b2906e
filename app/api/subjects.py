"""What makes each derived type, and whom a resource of any type is about."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.casework.context import Context
from app.reports import audit_events, measure_reports, provenances
from app.reports.view import View
from app.store.looks import about_patients
from app.store.statements import RESOURCE_TABLES

VIEWS: Final[Mapping[str, View]] = MappingProxyType(
    {"Provenance": provenances.VIEW, "AuditEvent": audit_events.VIEW, "MeasureReport": measure_reports.VIEW}
)
"""What makes each derived type; a test holds it against the resource table."""


ABOUT_PATIENTS: Final = frozenset(
    {name for name in RESOURCE_TABLES if about_patients(name)}
    | {name for name, view in VIEWS.items() if view.patient_of}
)
"""Types of which a resource may be about a patient."""


async def patient_of(context: Context, type_name: str, resource: str) -> str:
    """Internal key of whom a resource is about, whoever may see it; empty when there is none."""
    if type_name in VIEWS:
        known = VIEWS[type_name].patient_of
        return await known(context, resource) if known else ""
    return await context.store.patient_of(type_name, resource)
