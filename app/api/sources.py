"""Where a resource comes from: the store, the release, or a view of what is stored."""

from app.api.audited import in_one
from app.api.call import Call
from app.api.shipped import search_shipped, shipped
from app.api.subjects import VIEWS
from app.casework.context import searcher_of, viewer_of
from app.errors import NotFound
from app.fhir.resources import RESOURCES, Sight
from app.fhir.search import Query
from app.store.changes import Look, Stored
from app.store.interface import Page
from app.store.looks import named_patients, names_of, rows_of


async def row_of(call: Call) -> Stored | None:
    """The current version that the path names, if the caller may see it."""
    name = call.resource.name
    if call.resource.sight is Sight.DERIVED:
        return await in_one(call, _of_view)
    if call.resource.sight is Sight.SHIPPED:
        return shipped(name, call.id)
    return await call.context.store.read(name, call.id, viewer_of(call.caller), call.look)


async def _of_view(call: Call) -> Stored:
    name = call.resource.name
    row = await VIEWS[name].read(call.context, call.caller, call.id)
    if row is None:
        raise NotFound
    await call.context.store.record_looks(rows_of(call.look, name, [row]))
    return row


async def page_of(call: Call, query: Query, look: Look | None = None, most: int | None = None) -> Page:
    """A page of what the caller may see, cut at ``most`` bytes; ``query.type`` may be another type than the path's.

    Without a ``look`` it is part of a page, whose audit rows are written when all of it is known.
    """
    sight = RESOURCES[query.type].sight
    most = call.context.settings.max_page if most is None else most
    if sight is Sight.DERIVED:
        page = (await VIEWS[query.type].search(call.context, call.caller, query)).within(most)
        if look is not None:
            touched = rows_of(look, query.type, page.rows, names_of(query), named_patients(query))
            await call.context.store.record_looks(touched)
        return page
    if sight is Sight.SHIPPED:
        return search_shipped(query).within(most)
    return await call.context.store.search(query, searcher_of(call.caller, call.context.directory), look, most)
