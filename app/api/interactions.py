"""RESTful interactions on one resource (R4 3.1.0): create, read, vread, update, patch."""

from starlette.requests import Request
from starlette.responses import Response

from app.api.answers import not_modified, of_version, written
from app.api.call import Call, Service, open_call
from app.api.negotiate import PATCH_TYPES, READ_TYPES, Pairs, condition_pairs, if_match, is_known, no_more
from app.api.presentation import NAMES, Shown, taken
from app.api.sources import row_of
from app.casework import create as creating
from app.casework import update as updating
from app.casework.address_protection import shown_result, shown_rows
from app.casework.context import Result, viewer_of
from app.errors import NotFound, Unreadable
from app.fhir import search
from app.fhir.patch import read_operations
from app.store.changes import Stored


async def create(service: Service, request: Request) -> Response:
    """``POST [type]``, plain or conditional; 200 when it existed already."""
    call = await open_call(service, request)
    call.require_scope("c")
    call.require_writer()
    condition = _condition(call)
    if condition is not None:
        call.require_scope("s")
        call.attempt.condition = condition
    document = await call.document(READ_TYPES)
    result = await creating.create(call.context, call.caller, call.resource.name, document, condition)
    return await _of_result(call, result)


async def read(service: Service, request: Request) -> Response:
    """``GET [type]/[id]``, conditional by If-None-Match."""
    call = await open_call(service, request)
    call.require_scope("r")
    shown = _shown(call)
    return await _of_row(call, await row_of(call), shown)


async def vread(service: Service, request: Request) -> Response:
    """``GET [type]/[id]/_history/[version]``."""
    call = await open_call(service, request)
    call.require_scope("r")
    version = request.path_params["version"]
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise NotFound
    shown, viewer = _shown(call), viewer_of(call.caller)
    row = await service.context.store.vread(call.resource.name, call.id, int(version), viewer, call.look)
    return await _of_row(call, row, shown)


async def update(service: Service, request: Request) -> Response:
    """``PUT [type]/[id]`` with If-Match or the version in the body."""
    call = await open_call(service, request)
    call.require_scope("u")
    call.require_writer()
    no_more(call.query)
    expected = if_match(call.headers)
    document = await call.document(READ_TYPES)
    if document.value.get("id", call.id) != call.id:
        raise Unreadable("The body's id is another one than that of the address.", code="wrong-id", expression="id")
    result = await updating.update(call.context, call.caller, call.resource.name, call.id, document, expected)
    return await _of_result(call, result)


async def update_matching(service: Service, request: Request) -> Response:
    """``PUT [type]?criteria``: the one match is updated; without a match the resource is created."""
    call = await open_call(service, request)
    call.require_scope("cus")
    call.require_writer()
    condition = call.attempt.condition = _condition_query(call, call.query)
    document, expected = await call.document(READ_TYPES), if_match(call.headers)
    name = call.resource.name
    result = await updating.conditional_update(call.context, call.caller, name, condition, document, expected)
    return await _of_result(call, result)


async def patch(service: Service, request: Request) -> Response:
    """``PATCH [type]/[id]`` with a JSON Patch (RFC 6902)."""
    call = await open_call(service, request)
    call.require_scope("u")
    call.require_writer()
    no_more(call.query)
    expected = if_match(call.headers)
    changes = read_operations(await call.body(PATCH_TYPES))
    result = await updating.patch(call.context, call.caller, call.resource.name, call.id, changes, expected)
    return await _of_result(call, result)


def _condition(call: Call) -> search.Query | None:
    """If-None-Exist, or the same as ``?identifier=`` in the URL: the habit of one client, never ignored."""
    header = call.headers.getlist("if-none-exist")
    in_url = no_more(call.query, ("identifier",))
    if len(header) + bool(in_url) > 1:
        raise Unreadable("Give If-None-Exist once, or ?identifier=, not both.", code="repeated-condition")
    if header:
        return _condition_query(call, condition_pairs(header[0], call.resource.name))
    return _condition_query(call, list(in_url.items())) if in_url else None


def _condition_query(call: Call, given: Pairs) -> search.Query:
    query = search.parse(call.resource.name, given, base=call.service.base)
    if not query.criteria:
        raise Unreadable("A condition needs at least one search parameter.", code="empty-condition")
    return query


def _shown(call: Call) -> Shown:
    shown, left = taken(call.query, call.resource.name, one=True)
    no_more(left, (), NAMES)
    return shown


async def _of_row(call: Call, row: Stored | None, shown: Shown) -> Response:
    if row is None:
        raise NotFound
    if is_known(call.headers, row.version):
        return not_modified(row.version, row.updated)
    [row] = await shown_rows(call.context, call.caller, [row])
    return of_version(row.version, row.updated, shown.body(row.type, row.body))


async def _of_result(call: Call, result: Result) -> Response:
    result = await shown_result(call.context, call.caller, result)
    # Location on 200 too: a repeated create must lead to the same place as the first.
    location = call.url(result.id, result.version)
    return written(result, location, call.preferences.returns, call.language, readable=call.may_read)
