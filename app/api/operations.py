"""Named operations (R4 3.2): ``[type]/[id]/$name`` and ``[type]/$name``, with a Parameters body."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.api import validate
from app.api.answers import fhir, written
from app.api.call import Call, Service, open_call, require_resource_type
from app.api.negotiate import READ_TYPES, if_match, no_more, require_type
from app.casework.actions import available_actions
from app.casework.address_protection import shown_result
from app.casework.operate import operate
from app.errors import MethodNotAllowed, NotFound
from app.fhir import validation
from app.fhir.document import read
from app.fhir.resources import Operation, ResourceType

_NO_PARAMETERS: dict[str, Any] = {"resourceType": "Parameters"}


def operations_of(resource: ResourceType) -> tuple[Operation, ...]:
    """The operations of a type: those of the resource table, and ``$validate``."""
    return (*resource.operations, *validate.OPERATIONS)


async def ask(service: Service, request: Request) -> Response:
    """``GET``: an operation that changes nothing."""
    call = await open_call(service, request)
    operation = _operation(call)
    if operation.method != "GET":
        raise MethodNotAllowed("This operation changes something: POST.", headers={"Allow": "POST"})
    return await _answer(call)


async def invoke(service: Service, request: Request) -> Response:
    """``POST``: any operation; If-Match is honoured, not required."""
    call = await open_call(service, request)
    operation = _operation(call)
    if operation in validate.OPERATIONS:
        return await validate.validated(call)
    if operation.method == "GET":
        return await _answer(call)
    call.require_scope("u" if call.id else "c")
    call.require_writer()
    no_more(call.query)
    expected = if_match(call.headers)
    given = await _parameters(call)
    result = await operate(
        call.context, call.caller, call.resource.name, call.id or None, operation.name, given, expected
    )
    result = await shown_result(call.context, call.caller, result)
    location = call.url(result.id, result.version) if result.status == 201 else ""
    return written(result, location, call.preferences.returns, call.language)


async def _answer(call: Call) -> Response:
    call.require_scope("r")
    no_more(call.query)
    return fhir(await available_actions(call.context, call.caller, call.id))


def _operation(call: Call) -> Operation:
    level = "instance" if call.id else "type"
    offered = {one.name: one for one in operations_of(call.resource) if one.level == level}
    found = offered.get(call.request.path_params["operation"])
    if found is None:
        raise NotFound(
            f"{call.resource.name} has no such operation at {level} level.",
            code="unknown-operation",
            allowed=tuple(f"${name}" for name in offered),
        )
    return found


async def _parameters(call: Call) -> dict[str, Any]:
    """The Parameters resource; no body is the same as no parameter."""
    body = await call.request.body()
    if not body:
        return _NO_PARAMETERS
    require_type(call.headers, READ_TYPES)
    document = read(body)
    call.attempt.content = document.value
    require_resource_type(document, "Parameters")
    validation.validate(document.value, "Parameters")
    return document.value
