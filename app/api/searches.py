"""``GET [type]`` and ``POST [type]/_search`` (R4 3.1.1). Links carry a sealed cursor, and nothing of what was asked."""

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from app.api import bundles
from app.api.answers import fhir
from app.api.audited import in_one
from app.api.call import Call, Service, attempt_of, authenticate, open_call
from app.api.includes import require_included, with_brought
from app.api.negotiate import FORM_TYPES, Pairs, pairs, preferences, require_json, require_type
from app.api.presentation import Shown, taken
from app.api.sources import page_of
from app.casework.address_protection import shown_rows
from app.casework.context import viewer_of
from app.casework.patients import resolve_patients
from app.errors import Unreadable
from app.fhir.cursor import decode_cursor, encode_cursor
from app.fhir.outcome import information, language
from app.fhir.resources import Sight
from app.fhir.search import Position, Query, parse
from app.security.caller import Caller
from app.security.scopes import require
from app.store.changes import Stored
from app.store.interface import Page
from app.store.looks import look_of, named_patients, names_of, rows_of
from app.store.searching import wants_total

_CURSOR: Final = "_cursor"


async def search_by_get(service: Service, request: Request) -> Response:
    """Parameters in the URL."""
    call = await open_call(service, request)
    return await _search(call, call.query)


async def search_by_post(service: Service, request: Request) -> Response:
    """Parameters in the form, those of the URL beside them."""
    call = await open_call(service, request)
    return await _search(call, call.query + await _form(request))


async def search_of_all(service: Service, request: Request) -> Response:
    """``GET [base]?_type=``: several types at once, by what they have in common."""
    caller = await authenticate(service, request)
    return await _of_all(service, request, caller, _in_url(request))


async def search_of_all_by_post(service: Service, request: Request) -> Response:
    """``POST [base]/_search``: the same, with the parameters in the form."""
    caller = await authenticate(service, request)
    return await _of_all(service, request, caller, _in_url(request) + await _form(request))


async def _form(request: Request) -> Pairs:
    """The parameters of a body; no body, with no type then, is the same as no parameter."""
    if "content-type" in request.headers or await request.body():
        require_type(request.headers, FORM_TYPES)
    return require_json(request.headers, pairs(await request.body(), "body"))


def _in_url(request: Request) -> Pairs:
    return require_json(request.headers, pairs(request.scope["query_string"], "URL"))


async def _of_all(service: Service, request: Request, caller: Caller, given: Pairs) -> Response:
    shown, left = taken(given, "")
    asked = preferences(request.headers)
    query = _read(service, "", left, lenient=asked.is_lenient)
    for name in query.types:
        require(caller, name, "s")
    if shown.counts_only:
        query = replace(query, count=0)
    look = look_of(caller, service.context.clock(), attempt_of(request).interaction)
    most = service.context.settings.max_page
    page = await service.context.store.search(query, viewer_of(caller), look, most)
    outcome = _ignored(query, language(request.headers.get("accept-language")))
    links = _links(service, query, page, shown)
    rows = await shown_rows(service.context, caller, page.rows)
    return fhir(bundles.searchset(service.base, rows, links, page.total, outcome, shown=shown.body))


async def _search(call: Call, given: Pairs) -> Response:
    call.require_scope("s")
    shown, left = taken(given, call.resource.name)
    query = _query(call, left)
    require_included(call.caller, query)
    query = await resolve_patients(call.context.store, viewer_of(call.caller), query)
    if shown.counts_only:
        query = replace(query, count=0)
    page, rows, included = await _found(call, query)
    handling = call.preferences.handling
    outcome = _ignored(query, call.language) if query.ignored else b""
    body = bundles.searchset(
        call.service.base,
        rows,
        _links(call.service, query, page, shown),
        page.total,
        outcome,
        included=included,
        shown=shown.body,
    )
    return fhir(body, headers={"preference-applied": f"handling={handling}"} if handling else None)


_Found = tuple[Page, list[Stored], list[Stored]]
"""The page, its rows as the caller may see them, and what it brings along."""


async def _found(call: Call, query: Query) -> _Found:
    if query.includes or query.revincludes:
        return await in_one(call, lambda inside: _with_brought(inside, query))
    if wants_total(query) or call.resource.sight is Sight.DERIVED:
        return await in_one(call, lambda inside: _alone(inside, query))
    return await _alone(call, query)


async def _alone(call: Call, query: Query) -> _Found:
    page = await page_of(call, query, call.look)
    return page, await shown_rows(call.context, call.caller, page.rows), []


async def _with_brought(call: Call, query: Query) -> _Found:
    """Several statements read, and the last one writes the audit rows of them all."""
    named = named_patients(query)
    call.attempt.touched.update(named)
    page = await page_of(call, query)
    call.attempt.touched.update(row.patient for row in page.rows if row.patient)
    page, included = await with_brought(call, query, page)
    touched = rows_of(call.look, query.type, [*page.rows, *included], names_of(query), named)
    await call.context.store.record_looks(touched)
    shown = [await shown_rows(call.context, call.caller, rows) for rows in (page.rows, included)]
    return page, shown[0], shown[1]


def _ignored(query: Query, wanted: str) -> bytes:
    if not query.ignored:
        return b""
    return information(f"Ignored: {', '.join(filter(None, query.ignored))}", wanted)


def _query(call: Call, given: Pairs) -> Query:
    return _read(call.service, call.resource.name, given, lenient=call.preferences.is_lenient)


def _read(service: Service, type_name: str, given: Pairs, *, lenient: bool) -> Query:
    cursors = [value for key, value in given if key == _CURSOR]
    if not cursors:
        return parse(type_name, given, lenient=lenient, base=service.base)
    if len(given) > 1:
        raise Unreadable("_cursor stands alone: the search is in it.", code="repeated-parameter", allowed=("_cursor",))
    return decode_cursor(cursors[0], service.cursor_key, type_name)


def _links(service: Service, query: Query, page: Page, shown: Shown) -> dict[str, str]:
    here = query.position or query.start(service.context.clock())
    links = {"self": _link(service, query, here, shown)}
    if page.more and page.rows:
        behind = Position(page.place, page.rows[-1].id, here.bound)
        links["next"] = _link(service, query, behind, shown)
    return links


def _link(service: Service, query: Query, at: Position, shown: Shown) -> str:
    cursor = encode_cursor(query, service.cursor_key, at)
    address = f"{service.base}/{query.type}" if query.type else service.base
    more = shown.pairs()
    # A cursor has no character that a URL would escape.
    return f"{address}?{_CURSOR}={cursor}{f'&{urlencode(more)}' if more else ''}"
