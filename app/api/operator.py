"""What an operator of the service sees and does; plain JSON, no patient content in it."""

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.addresses import BadAddress
from app.api.audited import by_service
from app.api.call import Service, authenticate_role
from app.api.negotiate import no_more, pairs, require_type
from app.casework.context import Context, viewer_of
from app.casework.moves import case_of
from app.casework.operate import visible
from app.casework.rows import CASE_CHANGED
from app.correlation import CORRELATION, EVENT, TRACE
from app.errors import NotFound, Problems, Unreadable
from app.fhir.document import read
from app.reports import cases, units
from app.reports.view import figures_rows
from app.routing.directory import Directory
from app.security.caller import Caller, Role
from app.security.outgoing import checked_addresses
from app.security.scopes import require
from app.store import outbox
from app.store.changes import Stored, party_rows
from app.store.looks import look_of

_OPERATOR: Final = frozenset({Role.OPERATOR})
_REPORT_READERS: Final = frozenset({Role.OPERATOR, Role.COORDINATING_UNIT, Role.DECISION_GROUP})
_HOSPITAL: Final = frozenset({Role.UNIT, Role.COORDINATING_UNIT, Role.DECISION_GROUP})
_STATES: Final = (outbox.WAITING, outbox.DELIVERED, outbox.DEAD)
_NOT_THEIRS: Final = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", CORRELATION, EVENT, TRACE}
)
_LISTED: Final = 200
_LONGEST: Final = 2000


async def deliveries(service: Service, request: Request) -> Response:
    """``GET /operator/deliveries?state=``: newest first, with the last attempt of each."""
    await authenticate_role(service, request, _OPERATOR)
    state = no_more(pairs(request.scope["query_string"], "URL"), ("state",)).get("state")
    if state is not None and state not in _STATES:
        raise Unreadable("state is not one of the delivery states.", code="unknown-state", allowed=_STATES)
    found = await service.context.store.run(lambda c: outbox.list_deliveries(c, state, _LISTED))
    return _json({"deliveries": found})


async def resend(service: Service, request: Request) -> Response:
    """``POST /operator/deliveries/{id}/resend``: once more, under its old event number."""
    await authenticate_role(service, request, _OPERATOR)
    text = request.path_params["delivery"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound
    number, now = int(text), service.context.clock()
    if not await service.context.store.run(lambda c: outbox.resend(c, number, now)):
        raise NotFound("There is no settled delivery with this number.", code="unknown-delivery")
    return _json({"id": number, "state": outbox.WAITING}, 202)


async def subscriptions(service: Service, request: Request) -> Response:
    """``GET /operator/subscriptions``: all, without their secret headers."""
    await authenticate_role(service, request, _OPERATOR)
    no_more(pairs(request.scope["query_string"], "URL"))
    return _json({"subscriptions": await service.context.store.run(outbox.list_subscriptions)})


async def subscribe(service: Service, request: Request) -> Response:
    """``POST /operator/subscriptions``: organisation, topic, endpoint; write-only: header."""
    await authenticate_role(service, request, _OPERATOR)
    require_type(request.headers, ("application/json",))
    given = await _subscription(service.context, read(await request.body()).value)
    key, now = service.context.new_id(), service.context.clock()
    await service.context.store.run(lambda c: outbox.add_subscription(c, key=key, now=now, **given))
    shown = {name: value for name, value in given.items() if name != "header"}
    return _json({"id": key, "status": "active", **shown}, 201)


async def unit_figures(service: Service, request: Request) -> Response:
    """``GET /reports/units``: figures per unit, counted from case events; for a hospital those of its own units."""
    caller = await authenticate_role(service, request, _REPORT_READERS)
    no_more(pairs(request.scope["query_string"], "URL"))
    run = service.context.store.run
    if caller.role is Role.OPERATOR:
        return _json({"units": await run(units.figures)})
    own = figures_rows(service.context.directory, caller.organisation)
    return _json({"units": await run(lambda c: units.figures(c, own.units.split(",")), own)})


async def case_events(service: Service, request: Request) -> Response:
    """``GET /reports/cases/{id}/events``: every move of a case with its reason, for the hospital that sees it."""
    caller, case = await authenticate_role(service, request, _HOSPITAL), request.path_params["id"]
    require(caller, "Task", "r")
    return _json({"events": await by_service(service, request, lambda one: _events(one.context, caller, case))})


async def _events(context: Context, caller: Caller, case: str) -> list[dict[str, Any]]:
    if not _is_own(context, caller, await visible(context, caller, "Task", case)):
        raise NotFound
    await visible(context, caller, "Task", case, look_of(caller, context.clock(), "read"))
    scope = party_rows(viewer_of(caller))
    return await context.store.run(lambda c: cases.events(c, case, caller.organisation), scope)


def _is_own(context: Context, caller: Caller, task: Stored) -> bool:
    """Whether the case is at the caller's hospital: to a unit of another one, which has sent it, it is a sender's."""
    trust = context.directory.trust_by_organisation_number(caller.organisation)
    return task.state is None or (trust is not None and case_of(task).trust == trust.key)


async def _subscription(context: Context, body: dict[str, Any]) -> dict[str, str]:
    names = ("organisation", "topic", "endpoint", "header")
    problems = Problems()
    if set(body) - set(names):
        problems.add("unknown-element", "", "The body has a member that is not read here.", names)
    texts = {name: body.get(name, "") for name in names}
    for name, value in texts.items():
        if not isinstance(value, str) or len(value) > _LONGEST or not (value or name == "header"):
            problems.add("wrong-type", name, f"{name} must be a text of at most {_LONGEST} characters.")
    problems.raise_if_any()
    try:
        await checked_addresses(texts["endpoint"], context.settings.endpoint_origins, context.settings)
    except BadAddress as broken:
        problems.add("bad-endpoint", "endpoint", str(broken))
    if texts["topic"] != CASE_CHANGED:
        problems.add("unknown-topic", "topic", "There is no such topic.", (CASE_CHANGED,))
    if not _is_known(context.directory, texts["organisation"]):
        problems.add("unknown-organisation", "organisation", "The directory has no such organisation number.")
    if texts["header"] and not _is_header(texts["header"]):
        problems.add("bad-header", "header", "header must be one line, Name: value.")
    problems.raise_if_any()
    return texts


def _is_known(directory: Directory, organisation: str) -> bool:
    return bool(
        directory.municipality_by_organisation_number(organisation)
        or directory.trust_by_organisation_number(organisation)
    )


def _is_header(text: str) -> bool:
    name, colon, value = text.partition(":")
    if not text.isascii() or name.lower() in _NOT_THEIRS:
        return False
    return bool(colon and value.strip()) and name.replace("-", "").isalnum() and text.isprintable()


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
