"""Holds the database so that two requests meet: both are decided before either is written."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import asyncpg


@contextmanager
def writes_held(database: str, case: str) -> Iterator[Callable[[], None]]:
    """From the start of the context until the answered function is called, nobody else can write the case."""
    held, released = Event(), Event()
    work = _hold_sqlite if database.startswith("sqlite") else _hold_postgres
    thread = Thread(target=work, args=(database, case, held, released))
    thread.start()
    try:
        assert held.wait(10)
        yield released.set
    finally:
        released.set()
        thread.join(10)


def _hold_sqlite(database: str, _case: str, held: Event, released: Event) -> None:
    connection = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    held.set()
    released.wait(10)
    connection.execute("ROLLBACK")
    connection.close()


def _hold_postgres(database: str, case: str, held: Event, released: Event) -> None:
    async def hold() -> None:
        connection = await asyncpg.connect(database)
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM task WHERE id = $1 FOR UPDATE", case)
            held.set()
            await asyncio.to_thread(released.wait, 10)
        await connection.close()

    asyncio.run(hold())
