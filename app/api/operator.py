"""What an operator of the service sees and does; plain JSON, no patient content in it."""

from dataclasses import replace
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.api.audited import by_service
from app.api.call import Service, authenticate_role
from app.api.negotiate import no_more, pairs, require_type
from app.casework.context import Context, Result, viewer_of
from app.casework.create import create
from app.casework.moves import case_of
from app.casework.operate import visible
from app.errors import InvalidContent, NotFound, Problems, Unreadable
from app.fhir.document import read
from app.fhir.subscriptions import REQUESTED, TOPICS, subscription_of
from app.reports import cases, units
from app.reports.view import figures_rows
from app.routing.directory import Directory
from app.security.caller import Caller, Role
from app.security.scopes import require
from app.store import outbox
from app.store.changes import Stored, party_rows
from app.store.looks import look_of
from app.store.subscriptions import list_subscriptions

_OPERATOR: Final = frozenset({Role.OPERATOR})
_REPORT_READERS: Final = frozenset({Role.OPERATOR, Role.COORDINATING_UNIT, Role.DECISION_GROUP})
_HOSPITAL: Final = frozenset({Role.UNIT, Role.COORDINATING_UNIT, Role.DECISION_GROUP})
_STATES: Final = (outbox.WAITING, outbox.DELIVERED, outbox.DEAD)
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
    return _json({"subscriptions": await service.context.store.run(list_subscriptions)})


async def subscribe(service: Service, request: Request) -> Response:
    """``POST /operator/subscriptions``: organisation, topic, endpoint; write-only: header. As its own POST would do."""
    caller = await authenticate_role(service, request, _OPERATOR)
    require_type(request.headers, ("application/json",))
    given = _subscription(service.context.directory, read(await request.body()).value)
    made = await _made(service.context, caller, given)
    shown = {name: value for name, value in given.items() if name != "header"}
    return _json({"id": made.id, "status": REQUESTED, **shown}, 201)


async def _made(context: Context, caller: Caller, given: dict[str, str]) -> Result:
    """The Subscription that the organisation itself would have sent; its elements are named as the operator's are."""
    body = subscription_of(given["topic"], given["endpoint"], given["header"], "Made by the operator.")
    subscriber = Caller(
        organisation=given["organisation"], role=Role.SENDER, client=caller.client, request=caller.request
    )
    try:
        return await create(context, subscriber, "Subscription", read(body))
    except InvalidContent as invalid:
        issues = (replace(issue, expression=issue.expression.rpartition(".")[2]) for issue in invalid.issues)
        raise InvalidContent(issues=tuple(issues)) from None


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


def _subscription(directory: Directory, body: dict[str, Any]) -> dict[str, str]:
    names = ("organisation", "topic", "endpoint", "header")
    problems = Problems()
    if set(body) - set(names):
        problems.add("unknown-element", "", "The body has a member that is not read here.", names)
    texts = {name: body.get(name, "") for name in names}
    for name, value in texts.items():
        if not isinstance(value, str) or len(value) > _LONGEST or not (value or name == "header"):
            problems.add("wrong-type", name, f"{name} must be a text of at most {_LONGEST} characters.")
    problems.raise_if_any()
    if texts["topic"] not in TOPICS.values():
        problems.add("unknown-topic", "topic", "There is no such topic.", tuple(TOPICS.values()))
    if not _is_known(directory, texts["organisation"]):
        problems.add("unknown-organisation", "organisation", "The directory has no such organisation number.")
    problems.raise_if_any()
    return texts


def _is_known(directory: Directory, organisation: str) -> bool:
    return bool(
        directory.municipality_by_organisation_number(organisation)
        or directory.trust_by_organisation_number(organisation)
    )


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
