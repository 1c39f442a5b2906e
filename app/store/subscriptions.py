"""Subscriptions as delivery sees them, and their numbered events. Cold SQL, the same on both databases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from app.store.outbox import DELIVERED, HEARTBEAT, NOTIFICATION, WAITING, number_events, once_more
from app.store.tables import attempt, outbox, subscription, subscription_count


@dataclass(frozen=True, slots=True)
class Event:
    """A numbered event; ``at`` in milliseconds UTC."""

    number: int
    at: int
    topic: str
    focus: str


def find_subscription(connection: Connection, key: str) -> dict[str, Any] | None:
    """One with its secret header and its count of events: all columns, for casework and the worker."""
    found = select(subscription, subscription_count.c.events).join(
        subscription_count, subscription_count.c.id == subscription.c.id
    )
    row = connection.execute(found.where(subscription.c.id == key)).mappings().first()
    return None if row is None else dict(row)


def count_on(connection: Connection, organisation: str) -> int:
    """How many an organisation has that are not off."""
    columns = subscription.c
    counted = select(func.count()).select_from(subscription)
    return int(connection.execute(counted.where(columns.author == organisation, columns.status != "off")).scalar_one())


def list_subscriptions(connection: Connection) -> list[dict[str, Any]]:
    """All of them, without their secret headers and their content."""
    columns = subscription.c
    shown = select(
        columns.id,
        columns.author.label("organisation"),
        columns.author_unit.label("unit"),
        columns.topic,
        columns.endpoint,
        columns.status,
        columns.updated,
        subscription_count.c.events,
    ).join(subscription_count, subscription_count.c.id == columns.id)
    return [dict(row) for row in connection.execute(shown.order_by(columns.updated, columns.id)).mappings()]


def counted(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """How many events each has had until now."""
    for key in sorted(keys):
        number_events(connection, key)
    found = select(subscription_count).where(subscription_count.c.id.in_(keys))
    return {row.id: row.events for row in connection.execute(found)}


def events_between(connection: Connection, key: str, first: int, last: int, limit: int) -> list[Event]:
    """The events that are kept, in the order of their numbers."""
    columns = outbox.c
    found = select(columns.number, columns.created, columns.topic, columns.focus).where(_between(key, first, last))
    return [Event(*row) for row in connection.execute(found.order_by(columns.number).limit(limit))]


def _between(key: str, first: int, last: int) -> ColumnElement[bool]:
    return (outbox.c.receiver == key) & outbox.c.number.between(first, last)


def resend_between(connection: Connection, key: str, first: int, last: int, now: int) -> int:
    """Send events once more, under their numbers; those that still wait for their first sending are left."""
    again = update(outbox).where(_between(key, first, last), outbox.c.state != WAITING)
    return connection.execute(again.values(**once_more(now))).rowcount


def release(connection: Connection, key: str, now: int) -> None:
    """What waited for the subscription to be active is due."""
    columns = outbox.c
    held = update(outbox).where(columns.receiver == key, columns.kind == NOTIFICATION, columns.state == WAITING)
    connection.execute(held.where(columns.next_at > now, columns.lease_until <= now).values(next_at=now))


def ended(connection: Connection, now: int) -> list[str]:
    """Ids of those whose end has passed."""
    columns = subscription.c
    return list(connection.execute(select(columns.id).where(columns.end_at <= now, columns.status != "off")).scalars())


def beat(connection: Connection, now: int) -> int:
    """A heartbeat for each active subscription to which nothing was sent in its period; answers how many."""
    columns, count = subscription.c, subscription_count.c
    due = select(columns.id, columns.topic, columns.heartbeat, columns.updated, count.beat_at)
    due = due.join(subscription_count, count.id == columns.id).where(columns.heartbeat.is_not(None))
    due = due.where(columns.status == "active", count.beat_at <= now)
    return sum(_beat(connection, row, now) for row in list(connection.execute(due)))


def _beat(connection: Connection, row: Any, now: int) -> bool:
    """Whether this one is due; the next look is a period after what was sent last."""
    period = row.heartbeat * 1000
    sent = select(func.max(outbox.c.settled)).where(outbox.c.receiver == row.id, outbox.c.number.is_not(None))
    last = connection.execute(sent.where(outbox.c.state == DELIVERED)).scalar_one()
    due = max(row.updated, row.beat_at - period if row.beat_at else 0, last or 0) + period
    count = subscription_count.c
    taken = update(subscription_count).where(count.id == row.id, count.beat_at == row.beat_at)
    taken = taken.values(beat_at=due if due > now else now + period)
    if connection.execute(taken).rowcount != 1 or due > now:
        return False
    return _insert_heartbeat(connection, row, now)


def _insert_heartbeat(connection: Connection, row: Any, now: int) -> bool:
    """In place of the one before; none while that is still on its way."""
    # Its number is none: so it is found by the index of the numbers, and is no event.
    mine = (outbox.c.receiver == row.id) & (outbox.c.number == 0)
    earlier = list(connection.execute(select(outbox.c.id, outbox.c.state).where(mine)))
    if any(one.state == WAITING for one in earlier):
        return False
    before = [one.id for one in earlier if one.state == DELIVERED]
    connection.execute(delete(attempt).where(attempt.c.outbox_id.in_(before)))
    connection.execute(delete(outbox).where(outbox.c.id.in_(before)))
    fresh = {"kind": HEARTBEAT, "receiver": row.id, "order_key": row.id, "topic": row.topic, "focus": ""}
    state = {"bundle": "", "number": 0, "state": WAITING, "attempts": 0, "next_at": now, "lease_until": 0}
    connection.execute(insert(outbox).values(**fresh, **state, created=now, problem=""))
    return True
