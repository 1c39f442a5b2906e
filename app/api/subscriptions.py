"""``$status``, ``$events`` and ``$resend`` of Subscription, as the R5 Subscriptions Backport has them for R4."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from app.api.answers import fhir
from app.api.call import Call
from app.api.negotiate import Pairs
from app.casework.context import viewer_of
from app.casework.events import told
from app.casework.operate import visible
from app.casework.subscriptions import FOCUS, TYPE
from app.errors import InvalidContent, Refused, Unreadable
from app.fhir.commands import where
from app.fhir.notifications import Status, notification, status_bundle
from app.fhir.outcome import information
from app.fhir.rendering import parsed
from app.fhir.search import LARGEST_COUNT, parse
from app.fhir.subscriptions import CONTENTS, FULL, OFF, REQUESTED
from app.security.scopes import require
from app.store.changes import Stored
from app.store.subscriptions import counted, events_between, find_subscription, resend_between

MOST: Final = 500
"""Events of one answer."""
_DIGITS: Final = 10
"""An event number is shorter than a national identity number, which no URL may hold."""
_STATUSES: Final = ("requested", "active", "error", "off")
_KINDS: Final = {
    "id": ("valueId", "valueString"),
    "status": ("valueCode",),
    "eventsSinceNumber": ("valueString", "valueInteger", "valuePositiveInt"),
    "eventsUntilNumber": ("valueString", "valueInteger", "valuePositiveInt"),
    "content": ("valueCode",),
}


async def status(call: Call) -> Response:
    """``Subscription/[id]/$status``, ``Subscription/$status?id=&status=``: a searchset of Parameters."""
    if call.id:
        call.require_scope("r")
        await _given(call, ())
        rows: Sequence[Stored] = [await visible(call.context, call.caller, TYPE, call.id)]
    else:
        call.require_scope("s")
        rows = await _asked_for(call, await _given(call, ("id", "status")))
    counts = await call.context.store.run(lambda connection: counted(connection, [row.id for row in rows]))
    found = [_status(row, counts[row.id], "query-status") for row in rows]
    path = f"{TYPE}/{call.id}/$status" if call.id else f"{TYPE}/$status"
    return fhir(status_bundle(found, base=call.service.base, address=f"{call.service.base}/{path}"))


async def _asked_for(call: Call, given: Pairs) -> Sequence[Stored]:
    """The caller's own that are named, or all; of several ids or statuses each."""
    ids = [value for name, value in given if name == "id"]
    statuses = [value for name, value in given if name == "status"]
    if set(statuses) - set(_STATUSES):
        raise Unreadable("status is none that a Subscription has.", code="bad-value", allowed=_STATUSES)
    pairs = [(name, ",".join(values)) for name, values in (("_id", ids), ("status", statuses)) if values]
    query = replace(parse(TYPE, pairs, in_url=bool(call.query)), count=LARGEST_COUNT)
    page = await call.context.store.search(query, viewer_of(call.caller))
    if page.more:
        raise Unreadable(f"More than {LARGEST_COUNT}: name them by id.", code="too-many-values")
    return page.rows


def _status(row: Stored, events: int, kind: str, **more: Any) -> Status:
    content = parsed(row.body)
    problems = [*([content["error"]] if "error" in content else []), *more.pop("problems", ())]
    topic = content["criteria"]
    return Status(
        subscription=row.id, topic=topic, status=content["status"], type=kind, events=events, problems=problems, **more
    )


async def events(call: Call) -> Response:
    """``Subscription/[id]/$events``: what was numbered, sent or not; what is not kept any more is said."""
    call.require_scope("r")
    given = dict(await _given(call, ("eventsSinceNumber", "eventsUntilNumber", "content")))
    row = await visible(call.context, call.caller, TYPE, call.id)
    columns, last = await _counted(call, row.id)
    content = given.get("content", columns["content"])
    if content not in CONTENTS:
        raise InvalidContent("This is no content.", code="content-not-supported", allowed=CONTENTS)
    if content == FULL:
        require(call.caller, FOCUS, "r")
    first, until = _range(given, last)
    if until - first >= MOST:
        raise InvalidContent(
            f"More than {MOST} events: ask for fewer.", code="too-many-events", expression=where("eventsUntilNumber")
        )
    kept = await call.context.store.run(lambda one: events_between(one, row.id, first, until, MOST))
    most = call.context.settings.max_page
    shown = await told(call.context, call.caller, kept, content, call.look, most)
    gone = sorted({*range(first, until + 1)} - {one.number for one in kept})
    problems = [f"Events that are not kept any more: {', '.join(map(str, gone))}."] if gone else []
    state = _status(row, last, "query-event", told=shown, problems=problems)
    at = call.context.clock()
    return fhir(notification(state, bundle=call.context.new_id(), at=at, base=call.service.base))


async def _counted(call: Call, key: str) -> tuple[dict[str, Any], int]:
    """The columns of a subscription that the caller sees, and its last number."""
    counts = await call.context.store.run(lambda connection: counted(connection, [key]))
    columns = await call.context.store.run(lambda connection: find_subscription(connection, key))
    assert columns is not None
    return columns, counts[key]


async def resent(call: Call) -> Response:
    """``Subscription/[id]/$resend``: an OperationOutcome that says how many are sent once more.

    :raises Refused: 409 ``subscription-off``.
    """
    call.require_scope("u")
    call.require_writer()
    given = dict(await _given(call, ("eventsSinceNumber", "eventsUntilNumber")))
    row = await visible(call.context, call.caller, TYPE, call.id)
    columns, last = await _counted(call, row.id)
    if columns["status"] == OFF:
        raise Refused(
            "Nothing is sent while the subscription is off.",
            code="subscription-off",
            expression="Subscription.status",
            allowed=(REQUESTED,),
        )
    if "eventsSinceNumber" not in given:
        raise InvalidContent(
            "Say from which number on.", code="parameter-missing", expression=where("eventsSinceNumber")
        )
    first, until = _range(given, last)
    now = call.context.clock()
    number = await call.context.store.run(lambda one: resend_between(one, row.id, first, until, now))
    said = "Hendelser som sendes på nytt" if call.language == "nb" else "Events that are sent once more"
    return fhir(information(f"{said}: {number}.", call.language))


def _range(given: dict[str, str], last: int) -> tuple[int, int]:
    """First and last number that is meant; there is none beyond the last that was given out."""
    first = _number(given, "eventsSinceNumber", 1)
    until = min(_number(given, "eventsUntilNumber", last), last)
    return max(first, 1), until


def _number(given: dict[str, str], name: str, default: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise InvalidContent("An event number is a whole number.", code="bad-event-number", expression=where(name))
    return int(text)


async def _given(call: Call, names: tuple[str, ...]) -> Pairs:
    """Parameters of the URL, or of a Parameters resource.

    :raises Unreadable: unknown-parameter, repeated-parameter
    :raises InvalidContent: unknown-parameter, wrong-type
    """
    given = list(call.query)
    for index, entry in enumerate((await call.parameters()).get("parameter", ())):
        kinds = _KINDS.get(entry["name"], ())
        kind = next((one for one in kinds if one in entry), None)
        if entry["name"] in names and kind is None:
            raise InvalidContent(
                "This parameter has another type.",
                code="wrong-type",
                expression=f"Parameters.parameter[{index}]",
                allowed=kinds,
            )
        given.append((entry["name"], str(entry[kind]) if kind else ""))
    if {name for name, _ in given} - set(names):
        raise Unreadable("This operation does not take this parameter.", code="unknown-parameter", allowed=names)
    several = [name for name, _ in given if name not in {"id", "status"}]
    if len(set(several)) < len(several):
        raise Unreadable("A parameter occurs twice.", code="repeated-parameter", allowed=names)
    return given
