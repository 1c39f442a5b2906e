"""Where a resource comes from: the store, the release, or a view of what is stored."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.api.call import Call
from app.api.shipped import search_shipped, shipped
from app.casework.context import viewer_of
from app.fhir.resources import RESOURCES, Sight
from app.fhir.search import Query
from app.reports import measure_reports, provenances
from app.reports.view import View
from app.store.changes import Stored
from app.store.interface import Page

VIEWS: Final[Mapping[str, View]] = MappingProxyType(
    {"Provenance": provenances.VIEW, "MeasureReport": measure_reports.VIEW}
)
"""What makes each derived type; a test holds it against the resource table."""


async def row_of(call: Call) -> Stored | None:
    """The current version that the path names, if the caller may see it."""
    name = call.resource.name
    if call.resource.sight is Sight.DERIVED:
        return await VIEWS[name].read(call.context, call.caller, call.id)
    if call.resource.sight is Sight.SHIPPED:
        return shipped(name, call.id)
    return await call.context.store.read(name, call.id, viewer_of(call.caller))


async def page_of(call: Call, query: Query) -> Page:
    """A page of what the caller may see; ``query.type`` may be another type than the path's."""
    sight = RESOURCES[query.type].sight
    if sight is Sight.DERIVED:
        return await VIEWS[query.type].search(call.context, call.caller, query)
    if sight is Sight.SHIPPED:
        return search_shipped(query)
    return await call.context.store.search(query, viewer_of(call.caller))
