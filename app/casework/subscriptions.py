"""Subscriptions: a partner makes and changes them; the service says whether they are active.

A header is a secret: it is in the row that delivery reads, and in no version, answer or log.
"""

from dataclasses import dataclass
from typing import Any, Final

from app.addresses import BadAddress, origin_of
from app.casework.context import Context, written
from app.casework.persist import Decided
from app.casework.rows import audit, service_caller, tokens_of
from app.correlation import current
from app.errors import Problems, Refused
from app.fhir import subscriptions as fhir
from app.fhir.document import Document, splice
from app.fhir.rendering import Members, parsed, version_members
from app.fhir.subscriptions import ACTIVE, CLIENTS, ERROR, FULL, OFF, REQUESTED, Wanted
from app.security.caller import Caller
from app.security.outgoing import checked_addresses
from app.security.scopes import require
from app.store.changes import Attempt, Changes, Conflict, Counter, Outgoing, Party, Settled, Stored, Write
from app.store.outbox import HANDSHAKE
from app.store.subscriptions import count_on, find_subscription

TYPE: Final = "Subscription"
FOCUS: Final = "Task"
"""The type that the topics are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What the service says of a subscription, and the secret that it keeps."""

    status: str
    error: str
    header: str
    proven: int | None = None
    """When the endpoint has answered the handshake; None: there is a new one to come."""


async def create_subscription(context: Context, caller: Caller, document: Document) -> Decided:
    """The first version, and the handshake that makes it active.

    :raises InvalidContent: what is not done here, all of it at once.
    :raises Forbidden: full-resource, without a scope to read what is sent.
    :raises Refused: the organisation has as many as it may.
    """
    problems = Problems()
    wanted = fhir.read_subscription(document.value, context.settings.send_timeout, problems)
    status = document.value["status"]
    _check_status(status, CLIENTS, problems)
    if "error" in document.value:
        problems.add("service-owned-element", "Subscription.error", "This element is the service's.")
    await _check(context, caller, wanted, problems, is_on=status == REQUESTED)
    if status != OFF:
        await _one_more(context, caller.organisation)
    state = _State(status=status, error="", header="\n".join(wanted.headers or ()))
    place = Stored(
        type=TYPE,
        id=context.new_id(),
        version=0,
        updated=0,
        body=b"",
        author=caller.organisation,
        author_unit=caller.unit,
    )
    changes = Changes(parties=[Party(caller.organisation, place.id, caller.unit, None)])
    return _written(context, caller, place, document, wanted, state, changes, "create")


async def update_subscription(
    context: Context, caller: Caller, stored: Stored, document: Document, interaction: str
) -> Decided:
    """The next version; another endpoint or header, or status ``requested``, is a new handshake.

    A header that is absent is kept, as long as the endpoint is of the same origin.

    :raises InvalidContent: as for a create; or the header has to be sent again.
    """
    row = await _row(context, stored)
    problems = Problems()
    wanted = fhir.read_subscription(document.value, context.settings.send_timeout, problems)
    given, now = document.value["status"], str(row["status"])
    _check_status(given, tuple(dict.fromkeys((now, *CLIENTS))), problems)
    before = parsed(stored.body).get("error", "")
    if document.value.get("error", before) != before:
        problems.add("service-owned-element", "Subscription.error", "This element is the service's.")
    header = _header(row, wanted, problems)
    await _check(context, caller, wanted, problems, is_on=given != OFF)
    if now == OFF != given:
        await _one_more(context, stored.author)
    anew = given == REQUESTED or (given != OFF and (wanted.endpoint, header) != (row["endpoint"], row["header"]))
    status = REQUESTED if anew else given
    proven = None if status == REQUESTED else row["proven"]
    state = _State(status=status, error=before if status == ERROR else "", header=header, proven=proven)
    tokens = set(tokens_of(TYPE, stored.id, document.value, context.base))
    earlier = tokens_of(TYPE, stored.id, parsed(stored.body), context.base)
    changes = Changes(untoken=[one for one in earlier if one not in tokens])
    return _written(context, caller, stored, document, wanted, state, changes, interaction)


async def _row(context: Context, stored: Stored) -> dict[str, Any]:
    """The columns of the version that is changed. Raises Conflict: there is another one meanwhile."""
    row = await context.store.run(lambda connection: find_subscription(connection, stored.id))
    if row is None or row["version"] != stored.version:
        raise Conflict
    return row


async def _one_more(context: Context, organisation: str) -> None:
    """Raises Refused: each event of a case is written once for each of them, so there is an end to their number.

    Two that come at once may both be let in: it is a bound on what an event costs, not a count that is sold.
    """
    most = context.settings.max_subscriptions
    if await context.store.run(lambda connection: count_on(connection, organisation)) >= most:
        text = f"An organisation has at most {most} subscriptions that are not off."
        raise Refused(text, code="too-many-subscriptions", expression="Subscription.status", allowed=(OFF,))


def _check_status(status: str, allowed: tuple[str, ...], problems: Problems) -> None:
    if status not in allowed:
        problems.add("status-not-yours", "Subscription.status", "The service sets this status.", allowed)


def _header(row: dict[str, Any], wanted: Wanted, problems: Problems) -> str:
    """What is sent with each notification from now on: a secret goes to no other origin than it was given for."""
    if wanted.headers is not None:
        return "\n".join(wanted.headers)
    try:
        moved = origin_of(wanted.endpoint) != origin_of(row["endpoint"])
    except BadAddress:
        moved = False  # told by the check of the endpoint
    if row["header"] and moved:
        text = "The endpoint is another server: send the header again."
        problems.add("header-missing", "Subscription.channel.header", text)
    return str(row["header"])


async def _check(context: Context, caller: Caller, wanted: Wanted, problems: Problems, *, is_on: bool) -> None:
    """What R4 and the guide cannot say. Raises all that was found."""
    if is_on and wanted.end is not None and wanted.end <= context.clock():
        problems.add("end-passed", "Subscription.end", "The end has passed.")
    if wanted.endpoint:
        try:
            await checked_addresses(wanted.endpoint, context.settings.endpoint_origins, context.settings)
        except BadAddress as broken:
            problems.add("bad-endpoint", "Subscription.channel.endpoint", str(broken))
    problems.raise_if_any()
    if wanted.content == FULL:
        require(caller, FOCUS, "r")


def _written(
    context: Context,
    caller: Caller,
    before: Stored,
    document: Document,
    wanted: Wanted,
    state: _State,
    changes: Changes,
    interaction: str,
) -> Decided:
    columns = {
        "patient": None,
        "author": before.author,
        "author_unit": before.author_unit,
        "topic": wanted.topic,
        "endpoint": wanted.endpoint,
        "header": state.header,
        "content": wanted.content,
        "heartbeat": wanted.heartbeat,
        "timeout": wanted.timeout,
        "end_at": wanted.end,
        "proven": state.proven,
    }
    members = fhir.without_headers(document.raw)
    write = _next(context, before, document.raw, columns, state.status, state.error, members)
    changes.writes.append(write)
    changes.counters.append(Counter(write.id))
    changes.tokens += tokens_of(TYPE, write.id, document.value, context.base)
    changes.audits.append(audit(caller, interaction, write, None))
    if state.status == REQUESTED:
        changes.outgoing.append(_handshake(write, wanted.topic))
    return changes, written(write)


def _next(
    context: Context,
    before: Stored,
    raw: bytes,
    columns: dict[str, Any],
    status: str,
    error: str,
    members: Members,
) -> Write:
    now, version = max(context.clock(), before.updated), before.version + 1
    own = version_members(raw, before.id, version, now) | fhir.state_members(status, error) | members
    return Write(
        type=TYPE,
        id=before.id,
        version=version,
        updated=now,
        body=splice(raw, own),
        columns=columns | {"status": status},
    )


def _handshake(write: Write, topic: str) -> Outgoing:
    at, version = write.updated, f"{write.id}/{write.version}"
    focus = f"{TYPE}/{write.id}"
    return Outgoing(HANDSHAKE, write.id, version, topic, focus, "", "waiting", 0, at, 0, at, "", current())


async def set_state(
    context: Context,
    row: dict[str, Any],
    status: str,
    error: str = "",
    settled: Settled | None = None,
    attempt: Attempt | None = None,
) -> None:
    """A new version by the service: what a delivery has shown, in one commit with that delivery's outcome.

    ``row``: from ``find_subscription``. Raises Conflict: it has another version by now.
    """
    before = Stored(type=TYPE, id=row["id"], version=row["version"], updated=row["updated"], body=row["body"])
    kept = {name: row[name] for name in row.keys() - {"id", "version", "updated", "body", "events", "status"}}
    if status == ACTIVE:
        kept["proven"] = context.clock()
    write = _next(context, before, before.body, kept, status, error, {})
    caller = service_caller(row["author"], "delivery")
    changes = Changes(
        writes=[write],
        audits=[audit(caller, "update", write, None)],
        settled=[settled] if settled else [],
        attempts=[attempt] if attempt else [],
    )
    await context.store.commit(changes)
