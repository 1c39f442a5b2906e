"""Several reads and their audit rows as one transaction."""

import asyncio

import pytest
from sqlalchemy import Connection, func, select

from app.errors import Unavailable
from app.fhir.search import parse
from app.store.changes import Changes
from app.store.interface import Store
from app.store.tables import audit_event
from app.store.tables import task as task_table
from tests.store.rows import FJORDVIK, audit, seen, task


def _tasks(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(task_table)).scalar_one())


async def rows(store: Store) -> int:
    """How many audit rows there are."""
    return await store.run(lambda c: int(c.execute(select(func.count()).select_from(audit_event)).scalar_one()))


async def test_all_calls_see_one_instant(store: Store) -> None:
    await store.commit(Changes(writes=[task("t1")], parties=seen("t1", FJORDVIK)))
    async with store.together() as together:
        before = await together.search(parse("Task", []), FJORDVIK)
        later = asyncio.ensure_future(store.commit(Changes(writes=[task("t2")], parties=[*seen("t2", FJORDVIK)])))
        await asyncio.sleep(0.05)  # on PostgreSQL it is committed now; on SQLite it waits for its turn
        again = await together.search(parse("Task", []), FJORDVIK)
        assert await together.read("Task", "t2", FJORDVIK) is None
        assert (await together.read_many("Task", ["t1", "t2"], FJORDVIK)).rows == before.rows
        assert await together.run(_tasks) == 1
    await later
    assert before == again
    assert await store.run(_tasks) == 2


async def test_what_is_written_stays_or_goes_as_one(store: Store) -> None:
    async with store.together() as together:
        await together.record_looks([audit("t1")])
        await together.record_looks([audit("t2")])
    assert await rows(store) == 2
    with pytest.raises(LookupError):
        await _undone(store)
    assert await rows(store) == 2
    await store.record_looks([audit("t4")])
    assert await rows(store) == 3


async def _undone(store: Store) -> None:
    async with store.together() as together:
        await together.record_looks([audit("t3")])
        raise LookupError


async def test_one_that_is_given_up_leaves_the_store_as_it_was(store: Store) -> None:
    async def endless() -> None:
        async with store.together() as together:
            await together.record_looks([audit("t1")])
            await asyncio.Event().wait()

    for _ in range(8):  # more than there are connections
        waiting = asyncio.ensure_future(endless())
        await asyncio.sleep(0.02)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert await rows(store) == 0


async def test_many_at_once_take_turns(store: Store) -> None:
    await store.commit(Changes(writes=[task("t1")], parties=seen("t1", FJORDVIK)))

    async def one() -> None:
        async with store.together() as together:
            await together.read("Task", "t1", FJORDVIK)
            await together.run(_tasks)
            await together.record_looks([audit("t1")])
        assert await store.read("Task", "t1", FJORDVIK)

    await asyncio.gather(*(one() for _ in range(30)))
    assert await rows(store) == 30


async def test_without_the_audit_there_is_nothing(store: Store) -> None:
    await store.run(lambda c: c.exec_driver_sql("ALTER TABLE audit_event RENAME TO audit_event_away"))
    try:
        with pytest.raises(Unavailable):
            async with store.together() as together:
                await together.record_looks([audit("t1")])
        with pytest.raises(Unavailable):
            await store.record_looks([audit("t1")])
    finally:
        await store.run(lambda c: c.exec_driver_sql("ALTER TABLE audit_event_away RENAME TO audit_event"))
    assert await rows(store) == 0
