"""Where a resource comes from: the store, the release, or a view of what is stored."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.api.call import Call
from app.api.shipped import search_shipped, shipped
from app.casework.context import Context, viewer_of
from app.fhir.resources import RESOURCES, Sight
from app.fhir.search import Query
from app.reports import audit_events, measure_reports, provenances
from app.reports.view import View
from app.store.changes import Look, Stored
from app.store.interface import Page
from app.store.looks import about_patients, named_patients, names_of, rows_of
from app.store.statements import RESOURCE_TABLES

VIEWS: Final[Mapping[str, View]] = MappingProxyType(
    {"Provenance": provenances.VIEW, "AuditEvent": audit_events.VIEW, "MeasureReport": measure_reports.VIEW}
)
"""What makes each derived type; a test holds it against the resource table."""


async def row_of(call: Call) -> Stored | None:
    """The current version that the path names, if the caller may see it."""
    name = call.resource.name
    if call.resource.sight is Sight.DERIVED:
        row = await VIEWS[name].read(call.context, call.caller, call.id)
        await call.context.store.record_looks(rows_of(call.look, name, [row] if row else []))
        return row
    if call.resource.sight is Sight.SHIPPED:
        return shipped(name, call.id)
    return await call.context.store.read(name, call.id, viewer_of(call.caller), call.look)


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


async def page_of(call: Call, query: Query, look: Look | None = None) -> Page:
    """A page of what the caller may see; ``query.type`` may be another type than the path's.

    Without a ``look`` it is part of a page, whose audit rows are written when all of it is known.
    """
    sight = RESOURCES[query.type].sight
    if sight is Sight.DERIVED:
        page = await VIEWS[query.type].search(call.context, call.caller, query)
        if look is not None:
            touched = rows_of(look, query.type, page.rows, names_of(query), named_patients(query))
            await call.context.store.record_looks(touched)
        return page
    if sight is Sight.SHIPPED:
        return search_shipped(query)
    return await call.context.store.search(query, viewer_of(call.caller), look)
