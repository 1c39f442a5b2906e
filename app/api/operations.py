"""Named operations (R4 3.2): ``[type]/[id]/$name`` and ``[type]/$name``, with a Parameters body."""

from starlette.requests import Request
from starlette.responses import Response

from app.api import patient_log, subscriptions, validate
from app.api.answers import fhir, written
from app.api.call import Call, Service, open_call
from app.api.negotiate import if_match, no_more
from app.casework.actions import available_actions
from app.casework.address_protection import shown_result
from app.casework.operate import operate
from app.errors import MethodNotAllowed, NotFound
from app.fhir.operations import AUDIT_EVENT_OPERATIONS, SUBSCRIPTION_OPERATIONS
from app.fhir.resources import Interaction, Operation, ResourceType


def operations_of(resource: ResourceType) -> tuple[Operation, ...]:
    """The operations of a type: those of the resource table, and ``$validate``."""
    return (*resource.operations, *validate.OPERATIONS)


async def ask(service: Service, request: Request) -> Response:
    """``GET``: an operation that changes nothing."""
    call = await open_call(service, request)
    operation = _operation(call)
    if operation.method != "GET":
        raise MethodNotAllowed("This operation is asked for by POST.", headers={"Allow": "POST"})
    return await _read(call, operation)


async def invoke(service: Service, request: Request) -> Response:
    """``POST``: any operation; If-Match is honoured, not required."""
    call = await open_call(service, request)
    operation = _operation(call)
    if operation.reads:
        return await _read(call, operation)
    if operation in SUBSCRIPTION_OPERATIONS:
        return await subscriptions.resent(call)
    call.require_scope("u" if call.id else "c")
    call.require_writer()
    no_more(call.query)
    expected = if_match(call.headers)
    given = await call.parameters()
    result = await operate(
        call.context, call.caller, call.resource.name, call.id or None, operation.name, given, expected
    )
    result = await shown_result(call.context, call.caller, result)
    location = call.url(result.id, result.version) if result.status == 201 else ""
    return written(result, location, call.preferences.returns, call.language, readable=call.may_read)


async def _read(call: Call, operation: Operation) -> Response:
    """What an operation that changes nothing answers; the audit tells it as a read."""
    call.attempt.interaction = Interaction.READ.value
    if operation in validate.OPERATIONS:
        return await validate.validated(call)
    if operation in AUDIT_EVENT_OPERATIONS:
        return await patient_log.answered(call)
    if operation in SUBSCRIPTION_OPERATIONS:
        return await (subscriptions.events(call) if operation.name == "events" else subscriptions.status(call))
    return await _answer(call)


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
