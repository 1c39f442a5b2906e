"""Outgoing work: due receivers, claim under a lease, dead letters. Cold SQL, the same on both databases.

A row is claimed for one receiver at a time, never while an earlier row of the same case waits for that receiver:
so order is kept for each case, and one bad receiver delays nobody else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, func, select, update
from sqlalchemy.orm import aliased

from app.store.tables import attempt, outbox, subscription, subscription_count

WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
DEAD: Final = "dead"
NOTIFICATION: Final = "notification"
HANDSHAKE: Final = "handshake"
HEARTBEAT: Final = "heartbeat"
TO_SUBSCRIBERS: Final = frozenset({NOTIFICATION, HANDSHAKE, HEARTBEAT})
"""Kinds of outgoing work whose receiver is a subscription."""
HELD: Final = 60_000
"""Milliseconds until it is looked again whether an endpoint has answered its handshake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A row that this worker may send until its lease ends. ``number`` and ``bundle`` stay the same on every try."""

    id: int
    kind: str
    receiver: str
    order_key: str
    topic: str
    focus: str
    bundle: str
    number: int
    attempts: int
    created: int
    since: int
    """When it was first to be sent: as ``created``, or when somebody asked for it once more."""
    correlation: str = ""


def due_receivers(connection: Connection, now: int) -> list[tuple[str, str]]:
    """(kind, receiver) with work that is due."""
    due = select(outbox.c.kind, outbox.c.receiver).where(
        outbox.c.state == WAITING, outbox.c.next_at <= now, outbox.c.lease_until <= now
    )
    return [(row.kind, row.receiver) for row in connection.execute(due.distinct())]


def claim(
    connection: Connection,
    kind: str,
    receiver: str,
    now: int,
    lease: int,
    limit: int,
    new_id: Callable[[], str],
) -> list[Claimed]:
    """Take up to ``limit`` due rows of a receiver for ``lease`` milliseconds, oldest first.

    Event numbers are given out here, in the order of sending, so that a subscription has no gaps. Events for an
    endpoint that has not answered its handshake are put off.
    """
    if kind == NOTIFICATION:
        _hold(connection, receiver, now)
    earlier = aliased(outbox, name="earlier")
    chosen = connection.execute(
        select(outbox)
        .where(
            outbox.c.state == WAITING,
            outbox.c.kind == kind,
            outbox.c.receiver == receiver,
            outbox.c.next_at <= now,
            outbox.c.lease_until <= now,
            ~select(earlier.c.id)
            .where(
                earlier.c.state == WAITING,
                earlier.c.receiver == outbox.c.receiver,
                earlier.c.order_key == outbox.c.order_key,
                earlier.c.id < outbox.c.id,
            )
            .exists(),
        )
        .order_by(outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).mappings()
    rows = list(chosen)
    fresh = [row["id"] for row in rows if kind == NOTIFICATION and row["number"] is None]
    numbers = number_events(connection, receiver, fresh)
    return [_take(connection, row, now + lease, numbers.get(row["id"]), new_id) for row in rows]


def _hold(connection: Connection, receiver: str, now: int) -> None:
    """Put off what is due to a subscription whose endpoint has not answered the handshake."""
    columns = outbox.c
    unproven = select(subscription.c.id).where(
        subscription.c.id == receiver, subscription.c.proven.is_(None), subscription.c.status != "off"
    )
    held = update(outbox).where(columns.receiver == receiver, columns.kind == NOTIFICATION, columns.state == WAITING)
    held = held.where(columns.next_at <= now, columns.lease_until <= now, unproven.exists())
    connection.execute(held.values(next_at=now + HELD))


def number_events(connection: Connection, key: str, rows: Sequence[int] | None = None) -> dict[int, int]:
    """Give a subscription's events that have none their numbers, without gaps; outbox id → number.

    ``rows``: these, which the caller holds; else all that nobody is numbering at this moment.
    """
    if rows is None:
        fresh = select(outbox.c.id).where(outbox.c.receiver == key, outbox.c.kind == NOTIFICATION)
        fresh = fresh.where(outbox.c.number.is_(None), outbox.c.state == WAITING).order_by(outbox.c.id)
        rows = [row.id for row in connection.execute(fresh.with_for_update(skip_locked=True))]
    if not rows:
        return {}
    counted = update(subscription_count).where(subscription_count.c.id == key)
    counted = counted.values(events=subscription_count.c.events + len(rows))
    last = connection.execute(counted.returning(subscription_count.c.events)).scalar_one()
    numbers = dict(zip(rows, range(last - len(rows) + 1, last + 1), strict=True))
    for row, number in numbers.items():
        connection.execute(update(outbox).where(outbox.c.id == row).values(number=number))
    return numbers


def _take(
    connection: Connection, row: RowMapping, until: int, number: int | None, new_id: Callable[[], str]
) -> Claimed:
    taken = {
        "number": row["number"] if number is None else number,
        "bundle": row["bundle"] or new_id(),
        "attempts": row["attempts"] + 1,
    }
    connection.execute(update(outbox).where(outbox.c.id == row["id"]).values(lease_until=until, **taken))
    return Claimed(
        id=row["id"],
        kind=row["kind"],
        receiver=row["receiver"],
        order_key=row["order_key"],
        topic=row["topic"],
        focus=row["focus"],
        created=row["created"],
        since=row["resent"] or row["created"],
        correlation=row["correlation"],
        bundle=taken["bundle"],
        number=taken["number"] or 0,
        attempts=taken["attempts"],
    )


def list_deliveries(connection: Connection, state: str | None, limit: int = 100) -> list[dict[str, Any]]:
    """Rows for an operator, newest first, each with its last attempt; no patient content in them."""
    rows = select(outbox).order_by(outbox.c.id.desc()).limit(limit)
    if state is not None:
        rows = rows.where(outbox.c.state == state)
    found = [dict(row) for row in connection.execute(rows).mappings()]
    last = select(attempt).where(attempt.c.outbox_id.in_([row["id"] for row in found])).order_by(attempt.c.id)
    tries = {row["outbox_id"]: dict(row) for row in connection.execute(last).mappings()}
    return [row | {"last_attempt": tries.get(row["id"])} for row in found]


def resend(connection: Connection, delivery: int, now: int) -> bool:
    """Send a dead letter or a delivered row once more, under its old number; False where there is none."""
    again = update(outbox).where(outbox.c.id == delivery, outbox.c.state != WAITING)
    return connection.execute(again.values(**once_more(now))).rowcount == 1


def once_more(now: int) -> dict[str, Any]:
    """The columns of a row that somebody asks for again."""
    return {
        "state": WAITING,
        "next_at": now,
        "lease_until": 0,
        "attempts": 0,
        "resent": now,
        "problem": "",
        "settled": None,
    }


def waiting(connection: Connection) -> dict[str, int]:
    """How many rows are in each state."""
    counted = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {row[0]: row[1] for row in connection.execute(counted)}
