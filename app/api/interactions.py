"""RESTful interactions on one resource (R4 3.1.0): create, read, vread, update, patch, history."""

from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.api import bundles
from app.api.answers import fhir, not_modified, of_version
from app.api.call import Call, Service, open_call
from app.api.negotiate import PATCH_TYPES, READ_TYPES, Pairs, if_match, is_known, no_more, pairs
from app.api.searches import resolved
from app.casework import create as creating
from app.casework import update as updating
from app.casework.context import Result, viewer_of
from app.errors import NotFound, Unreadable
from app.fhir import search
from app.fhir.document import read_list
from app.store.changes import Stored

HISTORY_COUNT: Final = 50
HISTORY_LIMIT: Final = 200


async def create(service: Service, request: Request) -> Response:
    """``POST [type]``, plain or conditional; 200 when it existed already."""
    call = open_call(service, request)
    call.require_scope("c")
    call.require_writer()
    condition = _condition(call)
    if condition is not None:
        call.require_scope("s")
        condition = await resolved(condition, call.context.store)
    document = await call.document(READ_TYPES)
    result = await creating.create(call.context, call.caller, call.resource.name, document, condition)
    return _of_result(call, result)


async def read(service: Service, request: Request) -> Response:
    """``GET [type]/[id]``, conditional by If-None-Match."""
    call = open_call(service, request)
    call.require_scope("r")
    no_more(call.query)
    row = await service.context.store.read(call.resource.name, call.id, viewer_of(call.caller))
    return _of_row(call, row)


async def vread(service: Service, request: Request) -> Response:
    """``GET [type]/[id]/_history/[version]``."""
    call = open_call(service, request)
    call.require_scope("r")
    no_more(call.query)
    version = request.path_params["version"]
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise NotFound
    viewer = viewer_of(call.caller)
    return _of_row(call, await service.context.store.vread(call.resource.name, call.id, int(version), viewer))


async def update(service: Service, request: Request) -> Response:
    """``PUT [type]/[id]`` with If-Match or the version in the body."""
    call = open_call(service, request)
    call.require_scope("u")
    call.require_writer()
    no_more(call.query)
    expected = if_match(call.headers)
    document = await call.document(READ_TYPES)
    result = await updating.update(call.context, call.caller, call.resource.name, call.id, document, expected)
    return _of_result(call, result)


async def patch(service: Service, request: Request) -> Response:
    """``PATCH [type]/[id]`` with a JSON Patch (RFC 6902)."""
    call = open_call(service, request)
    call.require_scope("u")
    call.require_writer()
    no_more(call.query)
    expected = if_match(call.headers)
    changes = read_list(await call.body(PATCH_TYPES))
    result = await updating.patch(call.context, call.caller, call.resource.name, call.id, changes, expected)
    return _of_result(call, result)


async def history(service: Service, request: Request) -> Response:
    """``GET [type]/_history`` and ``GET [type]/[id]/_history``."""
    one = "id" in request.path_params
    call = open_call(service, request)
    call.require_scope("r" if one else "s")
    count = _count(no_more(call.query, ("_count",)))
    name, viewer = call.resource.name, viewer_of(call.caller)
    rows = await service.context.store.history(name, call.id or None, viewer, count)
    if one and not rows:
        raise NotFound
    path = f"{name}/{call.id}/_history" if one else f"{name}/_history"
    return fhir(bundles.history(service.base, rows, {"self": f"{service.base}/{path}?_count={count}"}))


def _condition(call: Call) -> search.Query | None:
    """If-None-Exist, or the same as ``?identifier=`` in the URL: the habit of one client, never ignored."""
    header = call.headers.getlist("if-none-exist")
    in_url = no_more(call.query, ("identifier",))
    if len(header) + bool(in_url) > 1:
        raise Unreadable("Give If-None-Exist once, or ?identifier=, not both.", code="repeated-condition")
    if header:
        return _condition_query(call, pairs(header[0].strip().encode("latin-1"), "header If-None-Exist"))
    return _condition_query(call, list(in_url.items())) if in_url else None


def _condition_query(call: Call, given: Pairs) -> search.Query:
    query = search.parse(call.resource.name, given)
    if not query.criteria:
        raise Unreadable("If-None-Exist needs at least one search parameter.", code="empty-condition")
    return replace(query, count=2)  # more than one match is all that matters, whatever _count says


def _count(given: dict[str, str]) -> int:
    text = given.get("_count", str(HISTORY_COUNT))
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise Unreadable("_count must be a positive number.", code="bad-count")
    return min(int(text[:9]), HISTORY_LIMIT)


def _of_row(call: Call, row: Stored | None) -> Response:
    if row is None:
        raise NotFound
    if is_known(call.headers, row.version):
        return not_modified(row.version, row.updated)
    return of_version(row.version, row.updated, row.body)


def _of_result(call: Call, result: Result) -> Response:
    # Location on 200 too: a repeated create must lead to the same place as the first.
    location = call.url(result.id, result.version)
    return of_version(result.version, result.updated, result.body, status=result.status, location=location)
