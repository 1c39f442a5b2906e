"""``GET [type]`` and ``POST [type]/_search`` (R4 3.1.1). Links carry a sealed cursor, and nothing of what was asked."""

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from app.api import bundles
from app.api.answers import fhir
from app.api.call import Call, Service, open_call
from app.api.includes import brought
from app.api.negotiate import FORM_TYPES, Pairs, pairs, require_json
from app.api.presentation import Shown, taken
from app.api.shipped import search_shipped
from app.casework.context import viewer_of
from app.casework.patients import resolve_patients
from app.errors import Unreadable
from app.fhir.cursor import decode_cursor, encode_cursor
from app.fhir.outcome import information
from app.fhir.resources import Sight
from app.fhir.search import Position, Query, parse
from app.store.interface import Page

_CURSOR: Final = "_cursor"


async def search_by_get(service: Service, request: Request) -> Response:
    """Parameters in the URL."""
    call = open_call(service, request)
    return await _search(call, call.query)


async def search_by_post(service: Service, request: Request) -> Response:
    """Parameters in the form, those of the URL beside them."""
    call = open_call(service, request)
    form = pairs(await call.body(FORM_TYPES), "body")
    return await _search(call, call.query + require_json(call.headers, form))


async def _search(call: Call, given: Pairs) -> Response:
    call.require_scope("s")
    shown, left = taken(given, call.resource.name)
    query = await resolve_patients(call.context.store, viewer_of(call.caller), _query(call, left))
    if shown.counts_only:
        query = replace(query, count=0)
    page = await _page(call, query)
    included = await brought(call, query, page.rows)
    handling = call.preferences.handling
    body = bundles.searchset(
        call.service.base,
        page.rows,
        _links(call, query, page, shown),
        page.total,
        _ignored(call, query),
        included=included,
        shown=shown.body,
    )
    return fhir(body, headers={"preference-applied": f"handling={handling}"} if handling else None)


async def _page(call: Call, query: Query) -> Page:
    if call.resource.sight is Sight.SHIPPED:
        return search_shipped(query)
    return await call.context.store.search(query, viewer_of(call.caller))


def _ignored(call: Call, query: Query) -> bytes:
    if not query.ignored:
        return b""
    return information(f"Ignored: {', '.join(filter(None, query.ignored))}", call.language)


def _query(call: Call, given: Pairs) -> Query:
    name = call.resource.name
    cursors = [value for key, value in given if key == _CURSOR]
    if not cursors:
        return parse(name, given, lenient=call.preferences.is_lenient, base=call.service.base)
    if len(given) > 1:
        raise Unreadable("_cursor stands alone: the search is in it.", code="repeated-parameter", allowed=("_cursor",))
    return decode_cursor(cursors[0], call.service.cursor_key, name)


def _links(call: Call, query: Query, page: Page, shown: Shown) -> dict[str, str]:
    bound = query.position.bound if query.position else call.context.clock()
    links = {"self": _link(call, query if query.position else _from_start(query, bound), shown)}
    if page.more and page.rows:
        last = page.rows[-1]
        links["next"] = _link(call, query.after(last.updated, last.id, bound), shown)
    return links


def _from_start(query: Query, bound: int) -> Query:
    """The same page again: from before the first row that can be in it."""
    start = bound + 1 if query.descending else -1
    return replace(query, position=Position(start, "", bound))


def _link(call: Call, query: Query, shown: Shown) -> str:
    cursor = encode_cursor(query, call.service.cursor_key)
    return f"{call.service.base}/{call.resource.name}?{urlencode([(_CURSOR, cursor), *shown.pairs()])}"
