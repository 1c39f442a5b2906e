"""One try to tell a subscriber, a handshake, a heartbeat or an event, and what it makes of the subscription."""

import asyncio
from contextlib import suppress
from time import monotonic
from typing import Any, Final

import httpx

from app import correlation
from app.addresses import BadAddress, origin_of
from app.casework.context import Context
from app.casework.events import told
from app.casework.subscriptions import set_state
from app.fhir.notifications import Status, notification
from app.fhir.subscriptions import ACTIVE, ERROR, FHIR_JSON, OFF, REQUESTED
from app.outbound.retry import Verdict, settle, verdict_of
from app.security.caller import Caller, Role
from app.security.outgoing import AddressRefused
from app.store.changes import Attempt, Changes, Conflict, Settled
from app.store.looks import look_of
from app.store.outbox import DEAD, HANDSHAKE, HEARTBEAT, NOTIFICATION, Claimed
from app.store.subscriptions import Event, beat, ended, find_subscription, release

HANDSHAKES: Final = 5
"""Tries of one handshake; its partner is waiting for the outcome."""
_TYPES: Final = {HANDSHAKE: "handshake", HEARTBEAT: "heartbeat", NOTIFICATION: "event-notification"}
_WORDS: Final = {HANDSHAKE: "The handshake", HEARTBEAT: "A heartbeat"}
_ENDED: Final = "subscription-ended"
_SUPERSEDED: Final = "superseded"
_WAITS: Final = "no-handshake"
_TRIES: Final = 3

Row = dict[str, Any]
"""A subscription as ``find_subscription`` gives it."""


async def tell(context: Context, client: httpx.AsyncClient, row: Claimed) -> tuple[Verdict, int, str]:
    """Send a claimed row once: the verdict, the HTTP status (0: no answer), and what was wrong.

    Nothing of the receiver's body is kept.
    """
    found = await _found(context, row.receiver)
    obstacle = _obstacle(row, found, context.clock())
    if found is None or obstacle in {_ENDED, _SUPERSEDED}:
        return Verdict.NEVER, 410, obstacle
    if obstacle:
        return Verdict.AGAIN, 0, obstacle
    body = await _message(context, row, found)
    headers = {"content-type": FHIR_JSON, **correlation.headers(row.correlation), **_headers(found["header"])}
    limit = found["timeout"] or context.settings.send_timeout
    status, problem = await _post(client, found["endpoint"], body, headers, limit)
    verdict = verdict_of(status)
    if row.kind == HANDSHAKE and verdict is Verdict.AGAIN and row.attempts >= HANDSHAKES:
        verdict = Verdict.NEVER
    return verdict, status, problem


async def _found(context: Context, key: str) -> Row | None:
    return await context.store.run(lambda connection: find_subscription(connection, key))


def _obstacle(row: Claimed, found: Row | None, now: int) -> str:
    """Why this is not sent now; the subscription may have changed since the row was claimed."""
    if found is None or found["status"] == OFF or (found["end_at"] is not None and found["end_at"] <= now):
        return _ENDED
    if row.kind == HANDSHAKE:
        return "" if _is_of(row, found) else _SUPERSEDED
    if row.kind == HEARTBEAT:
        return "" if found["status"] == ACTIVE else _SUPERSEDED
    return _WAITS if found["proven"] is None else ""


def _is_of(row: Claimed, found: Row) -> bool:
    """Whether a handshake is that of the version which still waits for one."""
    return found["status"] == REQUESTED and row.order_key == f"{found['id']}/{found['version']}"


async def _message(context: Context, row: Claimed, found: Row) -> bytes:
    """The Bundle of a row: the same id and number on every try, in the sight that the subscriber has now."""
    events = []
    if row.kind == NOTIFICATION:
        caller = Caller(
            organisation=found["author"], unit=found["author_unit"], role=Role.SERVICE, client="subscription"
        )
        event = Event(row.number, row.created, row.topic, row.focus)
        look = look_of(caller, context.clock(), "read")
        events = await told(context, caller, [event], found["content"], look)
    status = Status(
        subscription=row.receiver,
        topic=row.topic,
        status=found["status"],
        type=_TYPES[row.kind],
        events=row.number if row.kind == NOTIFICATION else found["events"],
        told=events,
    )
    return notification(status, bundle=row.bundle, at=row.created, base=context.base)


def _headers(lines: str) -> dict[str, str]:
    split = (line.partition(":") for line in lines.splitlines())
    return {name: value.strip() for name, _, value in split}


async def _post(
    client: httpx.AsyncClient, endpoint: str, body: bytes, headers: dict[str, str], limit: float
) -> tuple[int, str]:
    try:
        origin_of(endpoint)  # as it was written: httpx would put it right
        async with asyncio.timeout(limit), client.stream("POST", endpoint, content=body, headers=headers) as answer:
            # The status is the answer; the body is read only to use the connection again.
            with suppress(httpx.HTTPError):
                await answer.aread()
    except (BadAddress, AddressRefused) as refused:
        return 400, str(refused)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        return 0, type(error).__name__
    return answer.status_code, "" if answer.is_success else f"HTTP {answer.status_code}"


async def record(context: Context, row: Claimed, verdict: Verdict, status: int, problem: str, started: float) -> None:
    """What became of one try, in one commit with what it makes of the subscription.

    :raises Conflict: somebody else has settled the row.
    """
    now = context.clock()
    settled = settle(row, verdict, problem, now, context.settings)
    attempt = Attempt(row.id, row.attempts, now, int((monotonic() - started) * 1000), status, problem)
    state = _state_of(row, verdict, settled)
    for left in reversed(range(_TRIES)):
        found = await _found(context, row.receiver) if state else None
        try:
            if found is not None and _concerns(row, found):
                assert state
                await set_state(context, found, *state, settled, attempt)
            else:
                await context.store.commit(Changes(settled=[settled], attempts=[attempt]))
            break
        except Conflict:
            # The subscription has another version by now, or the row another owner.
            if not left:
                raise
    if state and state[0] == ACTIVE:
        await context.store.run(lambda connection: release(connection, row.receiver, now))


def _state_of(row: Claimed, verdict: Verdict, settled: Settled) -> tuple[str, str] | None:
    """Status and error that a try makes of its subscription; None: nothing new."""
    if row.kind == HANDSHAKE and verdict is Verdict.DONE:
        return ACTIVE, ""
    if settled.state == DEAD and settled.problem not in {_ENDED, _SUPERSEDED}:
        return ERROR, f"{_WORDS.get(row.kind, f'Event {row.number}')} failed: {settled.problem}"
    return None


def _concerns(row: Claimed, found: Row) -> bool:
    """Whether a try says something of the subscription as it is now."""
    return _is_of(row, found) if row.kind == HANDSHAKE else found["status"] == ACTIVE


async def keep_subscriptions(context: Context) -> None:
    """What time alone brings: those whose end has passed are off, silent ones get a heartbeat."""
    now = context.clock()
    for key in await context.store.run(lambda connection: ended(connection, now)):
        found = await _found(context, key)
        if found is not None:
            with suppress(Conflict):  # somebody changes it at this moment; the next look sees to it
                await set_state(context, found, OFF)
    await context.store.run(lambda connection: beat(connection, now))
