"""A database that does not answer is ``Unavailable``, whatever is asked of it, and never another failure."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from app.errors import Unavailable
from app.fhir.search import parse
from app.store import sqlite as sqlite_module
from app.store.changes import Changes
from app.store.interface import Store
from app.store.opening import open_store
from app.store.schema import migrate
from tests.store.rows import FJORDVIK, seen, task


async def _together(store: Store) -> None:
    async with store.together() as together:
        await together.search(parse("Task", []), FJORDVIK)


NOBODY = ("urn:national", "nobody")
READS: dict[str, Callable[[Store], Awaitable[Any]]] = {
    "read": lambda store: store.read("Task", "t1", FJORDVIK),
    "load": lambda store: store.load("Task", "t1"),
    "vread": lambda store: store.vread("Task", "t1", 1, FJORDVIK),
    "history": lambda store: store.history("Task", None, FJORDVIK, 10),
    "search": lambda store: store.search(parse("Task", []), FJORDVIK),
    "count": lambda store: store.search(parse("Task", [("_count", "0")]), FJORDVIK),
    "intake": lambda store: store.intake("310471437", "Task", NOBODY, NOBODY, "2026-11-21"),
    "participants": lambda store: store.participants("team-1"),
    "participant": lambda store: store.participant("p1"),
    "team_of": lambda store: store.team_of("patient-1", "helse-fjordvest"),
    "patient_key": lambda store: store.patient_key(*NOBODY),
    "patient_identifiers": lambda store: store.patient_identifiers("patient-1"),
}
WRITES: dict[str, Callable[[Store], Awaitable[Any]]] = {
    "commit": lambda store: store.commit(Changes(writes=[task("t9")])),
    "spend": lambda store: store.spend(b"proof", 1000),
    "together": _together,
    "run": lambda store: store.run(lambda connection: connection.execute(text("DELETE FROM attempt")).rowcount),
}
CALLS = READS | WRITES


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
async def test_no_server_behind_the_address(call: Callable[[Store], Awaitable[Any]], unused_port: int) -> None:
    store = open_store(f"postgresql://samband:secret@127.0.0.1:{unused_port}/samband")
    try:
        with pytest.raises(Unavailable) as failure:
            await call(store)
        assert failure.value.headers["Retry-After"].isdigit()
        assert "secret" not in repr(failure.value.issues)
    finally:
        await store.close()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
async def test_the_server_hangs_up_and_is_back(call: Callable[[Store], Awaitable[Any]], postgres_at_head: str) -> None:
    """Connections that the pool still has were ended by the server: at most one answer each is lost."""
    store = open_store(postgres_at_head, pool=1)
    ender = open_store(postgres_at_head, pool=1)
    try:
        await store.load("Task", "t1")
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"  # noqa: S608 - as above
        await ender.run(lambda connection: connection.execute(text(end)).all())
        try:
            await call(store)
        except Unavailable:
            await call(store)
        await store.run(lambda connection: connection.execute(text("DELETE FROM task WHERE id = 't9'")).rowcount)
    finally:
        await store.close()
        await ender.close()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
async def test_no_connection_is_free(call: Callable[[Store], Awaitable[Any]], postgres_at_head: str) -> None:
    store = open_store(postgres_at_head, pool=2)
    try:
        engine: Any = store._at._engine  # type: ignore[attr-defined]
        engine.pool._timeout = 0.05
        async with engine.connect(), engine.connect():
            with pytest.raises(Unavailable):
                await call(store)
        await store.load("Task", "t1")
    finally:
        await store.close()


async def test_the_schema_is_not_there(create_database: Callable[[str], str]) -> None:
    """Nobody migrated: that is our fault, and it is not called a quiet success."""
    store = open_store(create_database("empty"), pool=1)
    try:
        with pytest.raises(Unavailable):
            await store.load("Task", "t1")
    finally:
        await store.close()


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[tuple[Path, Store]]:
    """A SQLite file of its own with one Task, and a store that waits 50 ms for a lock."""
    path = tmp_path / "own.db"
    migrate(f"sqlite:///{path}")
    store = open_store(f"sqlite:///{path}")
    await store.commit(Changes(writes=[task("t1")], parties=seen("t1", FJORDVIK)))
    for connection in (store._writer, store._reader):  # type: ignore[attr-defined]
        connection.execute("PRAGMA busy_timeout=50")
    yield path, store
    await store.close()


async def test_a_locked_file_refuses_writes_and_is_read(file: tuple[Path, Store], monkeypatch: Any) -> None:
    path, store = file
    prepare = sqlite_module._prepare

    def impatient(connection: sqlite3.Connection, record: Any = None) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA busy_timeout=50")

    event_of = store._engine  # type: ignore[attr-defined]
    event.listen(event_of, "connect", impatient)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for call in WRITES.values():
            with pytest.raises(Unavailable) as failure:
                await call(store)
            assert failure.value.headers["Retry-After"].isdigit()
        assert await store.read("Task", "t1", FJORDVIK)
        other.execute("ROLLBACK")
    await store.commit(Changes(writes=[task("t9")]))
    assert await store.load("Task", "t9")


async def test_a_read_only_file_refuses_writes_and_is_read(file: tuple[Path, Store]) -> None:
    _, store = file
    store._writer.execute("PRAGMA query_only=ON")  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        await store.commit(Changes(writes=[task("t9")]))
    assert await store.read("Task", "t1", FJORDVIK)
    store._writer.execute("PRAGMA query_only=OFF")  # type: ignore[attr-defined]
    await store.commit(Changes(writes=[task("t9")]))


def spoil(path: Path) -> None:
    """Write over the whole file and empty its journal."""
    with path.open("r+b") as spoiled:
        spoiled.write(b"\xff" * path.stat().st_size)
    Path(f"{path}-wal").write_bytes(b"")


async def test_a_file_that_is_no_database_any_more(file: tuple[Path, Store]) -> None:
    path, store = file
    await asyncio.to_thread(spoil, path)
    for name, call in CALLS.items():
        try:
            async with asyncio.timeout(5):
                await call(store)
        except Unavailable:
            continue
        except TimeoutError:
            pytest.fail(f"{name} never answered")


async def test_a_closed_store_answers_that_it_is_unavailable(tmp_path: Path) -> None:
    """A request that is still on its way at shutdown gets an answer."""
    path = tmp_path / "closed.db"
    migrate(f"sqlite:///{path}")
    store = open_store(f"sqlite:///{path}")
    await store.close()
    for name, call in CALLS.items():
        try:
            async with asyncio.timeout(2):
                with pytest.raises(Unavailable):
                    await call(store)
        except TimeoutError:
            pytest.fail(f"{name} never answered")
