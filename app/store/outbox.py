"""Outgoing work: due receivers, claim under a lease, dead letters, subscriptions. Cold SQL, the same on both databases.

A row is claimed for one receiver at a time, never while an earlier row of the same case waits for that receiver:
so order is kept for each case, and one bad receiver delays nobody else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, func, insert, select, update
from sqlalchemy.orm import aliased

from app.store.tables import attempt, outbox, subscription

WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
DEAD: Final = "dead"


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

    Event numbers are given out here, in the order of sending, so that a subscription has no gaps.
    """
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
    numbers = _numbers(connection, receiver, rows)
    return [_take(connection, row, now + lease, numbers.get(row["id"]), new_id) for row in rows]


def _numbers(connection: Connection, receiver: str, rows: list[RowMapping]) -> dict[int, int]:
    fresh = [row["id"] for row in rows if row["kind"] == "notification" and row["number"] is None]
    if not fresh:
        return {}
    last = connection.execute(
        update(subscription)
        .where(subscription.c.id == receiver)
        .values(events=subscription.c.events + len(fresh))
        .returning(subscription.c.events)
    ).scalar_one()
    return dict(zip(fresh, range(last - len(fresh) + 1, last + 1), strict=True))


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
    again = (
        update(outbox)
        .where(outbox.c.id == delivery, outbox.c.state != WAITING)
        .values(state=WAITING, next_at=now, lease_until=0, attempts=0, created=now, problem="", settled=None)
    )
    return connection.execute(again).rowcount == 1


def add_subscription(
    connection: Connection, *, key: str, organisation: str, topic: str, endpoint: str, header: str, now: int
) -> None:
    """An operator-made subscription of an organisation; ``header`` is ``Name: value``, shown to nobody."""
    connection.execute(
        insert(subscription).values(
            id=key,
            organisation=organisation,
            topic=topic,
            endpoint=endpoint,
            header=header,
            status="active",
            events=0,
            created=now,
        )
    )


def list_subscriptions(connection: Connection) -> list[dict[str, Any]]:
    """All subscriptions, without their secret headers."""
    shown = [column for column in subscription.c if column.name != "header"]
    return [dict(row) for row in connection.execute(select(*shown).order_by(subscription.c.created)).mappings()]


def find_subscription(connection: Connection, key: str) -> dict[str, Any] | None:
    """One subscription with its header, for the worker."""
    row = connection.execute(select(subscription).where(subscription.c.id == key)).mappings().first()
    return None if row is None else dict(row)


def waiting(connection: Connection) -> dict[str, int]:
    """How many rows are in each state."""
    counted = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {row[0]: row[1] for row in connection.execute(counted)}
