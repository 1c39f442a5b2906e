"""``GET [type]`` and ``POST [type]/_search`` (R4 3.1.1). Links carry a sealed cursor and nothing else."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from app.api import bundles
from app.api.answers import fhir
from app.api.call import Call, Service, open_call
from app.api.negotiate import FORM_TYPES, Pairs, pairs, require_json
from app.casework.context import viewer_of
from app.errors import Unreadable
from app.fhir.cursor import decode_cursor, encode_cursor
from app.fhir.outcome import information
from app.fhir.search import PatientId, Position, Query, Token, parse
from app.store.interface import Page, Store

_CURSOR = "_cursor"


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
    query = await resolved(_query(call, given), call.context.store)
    page = await call.context.store.search(query, viewer_of(call.caller))
    outcome = information(f"Ignored: {', '.join(filter(None, query.ignored))}") if query.ignored else b""
    return fhir(bundles.searchset(call.service.base, page.rows, _links(call, query, page), page.total, outcome))


def _query(call: Call, given: Pairs) -> Query:
    name = call.resource.name
    cursors = [value for key, value in given if key == _CURSOR]
    if not cursors:
        lenient = "handling=lenient" in call.headers.get("prefer", "").lower().replace(" ", "")
        return parse(name, given, lenient=lenient)
    if len(given) > 1:
        raise Unreadable("_cursor stands alone: the search is in it.", code="repeated-parameter", allowed=("_cursor",))
    return decode_cursor(cursors[0], call.service.cursor_key, name)


async def resolved(query: Query, store: Store) -> Query:
    """The query by internal patient keys: a link may hold those, never a number."""
    if not query.patients:
        return query
    keys: dict[PatientId | Token, str] = {}
    for patient in query.patients:
        if isinstance(patient, Token):
            keys[patient] = await store.patient_key(patient.system or "", patient.code)
    return query.resolve_patients(keys)


def _links(call: Call, query: Query, page: Page) -> dict[str, str]:
    bound = query.position.bound if query.position else call.context.clock()
    links = {"self": _link(call, query if query.position else _from_start(query, bound))}
    if page.more and page.rows:
        last = page.rows[-1]
        links["next"] = _link(call, query.after(last.updated, last.id, bound))
    return links


def _from_start(query: Query, bound: int) -> Query:
    """The same page again: from before the first row that can be in it."""
    start = bound + 1 if query.descending else -1
    return replace(query, position=Position(start, "", bound))


def _link(call: Call, query: Query) -> str:
    cursor = encode_cursor(query, call.service.cursor_key)
    return f"{call.service.base}/{call.resource.name}?{_CURSOR}={cursor}"
