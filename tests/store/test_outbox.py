"""Outgoing work: claimed under a lease, in order for each case, numbered without gaps, settled by who holds it."""

import asyncio
from functools import partial
from itertools import count
from typing import Any

import pytest

from app.store import outbox
from app.store.changes import Attempt, Changes, Conflict, Settled
from app.store.interface import Store
from app.store.outbox import DEAD, DELIVERED, WAITING, Claimed
from app.store.subscriptions import find_subscription, list_subscriptions
from app.store.tables import outbox as outbox_table
from tests.store.rows import OTHER, SENDER, all_rows, notice, order, subscribe

LEASE = 30_000
IDS = count(1)


async def claim(
    store: Store, now: int, limit: int = 10, receiver: str = "sub-1", kind: str = "notification"
) -> list[Claimed]:
    """Claim as the worker does."""
    take = partial(
        outbox.claim,
        kind=kind,
        receiver=receiver,
        now=now,
        lease=LEASE,
        limit=limit,
        new_id=lambda: f"bundle-{next(IDS)}",
    )
    return await store.run(take)


async def due(store: Store, now: int) -> set[tuple[str, str]]:
    """Receivers with work."""
    return set(await store.run(lambda connection: outbox.due_receivers(connection, now)))


def settled(row: Claimed, state: str = DELIVERED, next_at: int = 2_000, at: int | None = 2_000) -> Changes:
    """What the worker commits after a try."""
    return Changes(
        settled=[Settled(row.id, row.attempts, state, next_at, at, "")],
        attempts=[Attempt(row.id, row.attempts, 2_000, 15, 200, "")],
    )


async def notify(store: Store, *cases: str) -> None:
    """One event for each, in this order."""
    for case in cases:
        await store.commit(Changes(notices=[notice(case)]))


async def test_a_notice_reaches_active_subscriptions_of_the_organisation_and_topic(store: Store) -> None:
    await subscribe(store, "mine")
    await subscribe(store, "mine-too")
    await subscribe(store, "other-topic", topic="coordinator-registered")
    await subscribe(store, "theirs", organisation=OTHER)
    await subscribe(store, "off", status="off")
    await store.commit(Changes(notices=[notice("case-1"), notice("case-1", organisation="999999999")]))
    rows = await all_rows(store, outbox_table)
    assert sorted(row["receiver"] for row in rows) == ["mine", "mine-too"]
    assert {(row["kind"], row["focus"], row["state"], row["number"]) for row in rows} == {
        ("notification", "Task/case-1", WAITING, None)
    }


async def test_a_claimed_row_is_nobody_elses_until_its_lease_is_over(store: Store) -> None:
    await subscribe(store, "sub-1")
    await notify(store, "case-1")
    assert await due(store, 999) == set()
    assert await due(store, 1_000) == {("notification", "sub-1")}
    [first] = await claim(store, 1_000)
    assert await claim(store, 1_000 + LEASE - 1) == []
    assert await due(store, 1_000 + LEASE - 1) == set()
    [again] = await claim(store, 1_000 + LEASE)
    assert (again.id, again.number, again.bundle) == (first.id, first.number, first.bundle)
    assert (first.attempts, again.attempts) == (1, 2)


async def test_events_of_a_case_go_one_after_the_other(store: Store) -> None:
    await subscribe(store, "sub-1")
    await notify(store, "case-1", "case-1", "case-2", "case-1", "case-2")
    first = await claim(store, 1_000)
    assert [row.order_key for row in first] == ["case-1", "case-2"]
    assert await claim(store, 1_000) == []
    await store.commit(settled(first[0]))
    second = await claim(store, 1_000)
    assert [row.order_key for row in second] == ["case-1"]
    assert [row.number for row in first + second] == [1, 2, 3]


async def test_a_failed_try_waits_and_keeps_its_place(store: Store) -> None:
    await subscribe(store, "sub-1")
    await notify(store, "case-1", "case-1")
    [row] = await claim(store, 1_000)
    await store.commit(settled(row, WAITING, next_at=9_000, at=None))
    assert await claim(store, 8_999) == []
    [again] = await claim(store, 9_000)
    assert (again.id, again.number, again.bundle, again.attempts) == (row.id, row.number, row.bundle, 2)


async def test_a_dead_letter_lets_the_next_one_go(store: Store) -> None:
    await subscribe(store, "sub-1")
    await notify(store, "case-1", "case-1")
    [row] = await claim(store, 1_000)
    await store.commit(settled(row, DEAD))
    [following] = await claim(store, 1_000)
    assert following.id != row.id
    assert following.number == 2


async def test_one_receiver_does_not_hinder_another(store: Store) -> None:
    await subscribe(store, "sub-1")
    await subscribe(store, "sub-2")
    await notify(store, "case-1")
    await claim(store, 1_000)
    [other] = await claim(store, 1_000, receiver="sub-2")
    assert (other.receiver, other.number) == ("sub-2", 1)


async def test_orders_for_the_ehr_have_no_number(store: Store) -> None:
    await store.commit(Changes(outgoing=[order("stint-1"), order("stint-1"), order("stint-2")]))
    assert await due(store, 1_000) == {("ehr", "helse-fjordvest")}
    rows = await claim(store, 1_000, receiver="helse-fjordvest", kind="ehr")
    assert [(row.focus, row.number, row.topic) for row in rows] == [
        ("stint-1", 0, "register"),
        ("stint-2", 0, "register"),
    ]


async def test_who_lost_the_lease_cannot_settle(store: Store) -> None:
    await subscribe(store, "sub-1")
    await notify(store, "case-1")
    [slow] = await claim(store, 1_000)
    [quick] = await claim(store, 1_000 + LEASE)
    with pytest.raises(Conflict):
        await store.commit(settled(slow, DEAD))
    assert [row["state"] for row in await all_rows(store, outbox_table)] == [WAITING]
    await store.commit(settled(quick))
    with pytest.raises(Conflict):
        await store.commit(settled(quick, DEAD))
    [listed] = await store.run(lambda connection: outbox.list_deliveries(connection, None))
    assert listed["state"] == DELIVERED
    assert listed["last_attempt"]["number"] == 2


async def test_limit(store: Store) -> None:
    await subscribe(store, "sub-1")
    await notify(store, *(f"case-{number}" for number in range(7)))
    assert [row.number for row in await claim(store, 1_000, limit=3)] == [1, 2, 3]
    assert [row.number for row in await claim(store, 1_000, limit=9)] == [4, 5, 6, 7]


async def test_claimers_at_once_share_the_work(store: Store) -> None:
    """No row twice, no order broken, no number twice or left out."""
    await subscribe(store, "sub-1")
    await notify(store, *(f"case-{number % 8}" for number in range(40)))
    sent: list[Claimed] = []
    while len(sent) < 40:
        batches = await asyncio.gather(*(claim(store, 1_000, limit=3) for _ in range(4)))
        rows = [row for batch in batches for row in batch]
        assert rows
        assert len({row.id for row in rows}) == len(rows) == len({row.order_key for row in rows})
        await asyncio.gather(*(store.commit(settled(row)) for row in rows))
        sent += rows
    assert sorted(row.number for row in sent) == list(range(1, 41))
    for case in {row.order_key for row in sent}:
        mine = [row for row in sent if row.order_key == case]
        assert [row.id for row in mine] == sorted(row.id for row in mine)
        assert [row.number for row in mine] == sorted(row.number for row in mine)


async def test_a_dead_letter_is_resent_under_its_number(store: Store) -> None:
    await subscribe(store, "sub-1")
    await notify(store, "case-1")
    [row] = await claim(store, 1_000)
    assert not await resend(store, row.id, 3_000)
    await store.commit(settled(row, DEAD))
    assert await store.run(outbox.waiting) == {DEAD: 1}
    assert [found["id"] for found in await store.run(lambda c: outbox.list_deliveries(c, DEAD))] == [row.id]
    assert await resend(store, row.id, 3_000)
    assert not await resend(store, row.id + 99, 3_000)
    [again] = await claim(store, 3_000)
    assert (again.number, again.bundle, again.attempts) == (row.number, row.bundle, 1)
    assert (again.created, again.since) == (row.created, 3_000)


async def resend(store: Store, delivery: int, now: int) -> bool:
    """As an operator does."""
    return await store.run(lambda connection: outbox.resend(connection, delivery, now))


async def test_subscriptions_are_listed_without_their_header(store: Store) -> None:
    await subscribe(store, "sub-1")
    [listed] = await store.run(list_subscriptions)
    assert (listed["id"], listed["organisation"], listed["events"]) == ("sub-1", SENDER, 0)
    assert "secret" not in repr(listed)
    found: Any = await store.run(lambda connection: find_subscription(connection, "sub-1"))
    assert found["header"] == "X-Key: secret"
    assert await store.run(lambda connection: find_subscription(connection, "sub-2")) is None
