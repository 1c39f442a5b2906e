"""``_history`` of a resource, of a type and of all (R4 2.36.4), newest first, with ``_since`` and ``_count``."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from app.api import bundles
from app.api.answers import fhir
from app.api.call import Service, attempt_of, authenticate, open_call
from app.api.negotiate import Pairs, no_more, pairs, require_json
from app.api.presentation import NAMES, Shown, taken
from app.casework.address_protection import shown_rows
from app.casework.context import viewer_of
from app.errors import Forbidden, NotFound, Unreadable
from app.fhir.instants import span
from app.fhir.resources import RESOURCES, Interaction
from app.security.caller import Caller
from app.security.scopes import grants
from app.store.interface import Page, Past
from app.store.looks import look_of

DEFAULT_COUNT: Final = 50
LARGEST_COUNT: Final = 200
PARAMETERS: Final = ("_count", "_since", "_cursor")
_CURSOR = re.compile(r"([0-9]{1,15})~([A-Za-z]{1,64})~([A-Za-z0-9.-]{1,64})~([0-9]{1,9})").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a history asks for; ``since`` as it was written and in milliseconds."""

    count: int
    since: str
    low: int | None
    before: Past | None


async def history(service: Service, request: Request) -> Response:
    """``GET [type]/_history`` and ``GET [type]/[id]/_history``."""
    one = "id" in request.path_params
    call = await open_call(service, request)
    call.require_scope("r" if one else "s")
    shown, left = taken(call.query, call.resource.name)
    wanted, viewer, name = _wanted(left), viewer_of(call.caller), call.resource.name
    read, most, look = service.context.store.history, service.context.settings.max_page, call.look
    limits: Any = {"since": wanted.low, "before": wanted.before, "most": most}
    page = await read(name, call.id or None, viewer, wanted.count, look=look, **limits)
    # None since then is not the same as none at all.
    if one and not page.rows and not (await read(name, call.id, viewer, 1, look=look)).rows:
        raise NotFound
    path = f"{name}/{call.id}/_history" if one else f"{name}/_history"
    return _bundle(service, path, await _seen(service, call.caller, page), wanted, shown)


async def _seen(service: Service, caller: Caller, page: Page) -> Page:
    return replace(page, rows=tuple(await shown_rows(service.context, caller, page.rows)))


async def history_of_all(service: Service, request: Request) -> Response:
    """``GET _history``: of every type that the token's scopes cover."""
    caller = await authenticate(service, request)
    shown, left = taken(require_json(request.headers, pairs(request.scope["query_string"], "URL")), "")
    wanted = _wanted(left)
    page = await service.context.store.history(
        types_granted(caller, "s", Interaction.HISTORY_TYPE),
        None,
        viewer_of(caller),
        wanted.count,
        since=wanted.low,
        before=wanted.before,
        look=look_of(caller, service.context.clock(), attempt_of(request).interaction),
        most=service.context.settings.max_page,
    )
    return _bundle(service, "_history", await _seen(service, caller, page), wanted, shown)


def types_granted(caller: Caller, letter: str, interaction: Interaction) -> tuple[str, ...]:
    """The types with an interaction that a token's scopes cover.

    :raises Forbidden: insufficient-scope, they cover none
    """
    granted = grants(caller.scopes)
    found = tuple(
        one.name
        for one in RESOURCES.values()
        if interaction in one.interactions and not granted.isdisjoint({f"{one.name}.{letter}", f"*.{letter}"})
    )
    if not found:
        raise Forbidden("The token's scopes cover no type that could be answered.", code="insufficient-scope")
    return found


def _wanted(left: Pairs) -> Wanted:
    given = no_more(left, PARAMETERS, NAMES)
    count = given.get("_count", str(DEFAULT_COUNT))
    if not (count.isascii() and count.isdigit() and int(count[:9]) > 0):
        raise Unreadable("_count must be a positive number.", code="bad-count")
    since = given.get("_since")
    if since is not None and not since[:1].isdigit():
        raise Unreadable("_since must be an instant, without a prefix.", code="bad-date")
    return Wanted(
        count=min(int(count[:9]), LARGEST_COUNT),
        since=since or "",
        low=None if since is None else span("_since", since).low,
        before=_past(given["_cursor"]) if "_cursor" in given else None,
    )


def _past(text: str) -> Past:
    found = _CURSOR(text)
    if found is None or found.group(2) not in RESOURCES:
        raise Unreadable(
            "The cursor is not one that this search gave; start again from the first page.", code="bad-cursor"
        )
    return Past(updated=int(found.group(1)), type=found.group(2), id=found.group(3), version=int(found.group(4)))


def _cursor(past: Past) -> Pairs:
    return [("_cursor", f"{past.updated}~{past.type}~{past.id}~{past.version}")]


def _bundle(service: Service, path: str, page: Page, wanted: Wanted, shown: Shown) -> Response:
    address = f"{service.base}/{path}"
    fixed = [("_count", str(wanted.count)), *([("_since", wanted.since)] if wanted.since else []), *shown.pairs()]
    here = _cursor(wanted.before) if wanted.before else []
    links = {"self": f"{address}?{urlencode([*fixed, *here])}"}
    if page.more:
        last = page.rows[-1]
        past = Past(updated=last.updated, type=last.type, id=last.id, version=last.version)
        links["next"] = f"{address}?{urlencode([*fixed, *_cursor(past)])}"
    return fhir(bundles.history(service.base, page.rows, links, shown.body))
