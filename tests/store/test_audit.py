"""Audit rows are added and never changed: by the rights of the role on PostgreSQL, by triggers on SQLite."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text

from app.errors import Unavailable
from app.store.changes import Changes, Conflict, Look
from app.store.interface import Store
from app.store.opening import open_store
from app.store.schema import migrate
from tests.store.rows import FJORDVIK, SENDER, audit, counts, seen, task

LOOK = Look(2_000, SENDER, "", "", "client", "sender", "read", "r-1", "")
CHANGES = ("UPDATE audit_event SET patient = ''", "DELETE FROM audit_event")


async def test_sqlite_refuses_to_change_a_row(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'samband.db'}"
    await asyncio.to_thread(migrate, url)
    store = open_store(url)
    await store.commit(Changes(audits=[audit("t1")]))
    for statement in CHANGES:
        with pytest.raises(Conflict):
            await _change(store, statement)
    assert await counts(store) == {"audit_event": 1}
    await store.close()


async def _change(store: Store, statement: str) -> None:
    await store.run(lambda c: c.execute(text(statement)))


async def test_the_service_role_adds_rows_and_changes_none(ordinary_url: str) -> None:
    store = open_store(ordinary_url, pool=3)
    await store.commit(Changes(writes=[task("t1")], parties=seen("t1", FJORDVIK)))
    found = await store.read("Task", "t1", FJORDVIK, LOOK)
    await store.close()
    connection = await asyncpg.connect(ordinary_url, server_settings={"samband.sees": "all"})
    rows = await connection.fetch("SELECT patient, resource, request FROM audit_event")
    for statement in (*CHANGES, "TRUNCATE audit_event"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()
    assert found is not None
    assert [tuple(row) for row in rows] == [("patient-1", "t1", "r-1")]


async def test_without_the_right_to_add_a_row_nothing_is_read(owned: str, ordinary_url: str) -> None:
    owner = await asyncpg.connect(owned)
    store = open_store(ordinary_url, pool=3)
    role = urlsplit(ordinary_url).username
    await owner.execute(f'REVOKE INSERT ON audit_event FROM "{role}"')
    try:
        with pytest.raises(Unavailable):
            await store.read("Task", "t1", FJORDVIK, LOOK)
        with pytest.raises(Unavailable):
            await store.commit(Changes(audits=[audit("t1")]))
    finally:
        await owner.execute(f'GRANT INSERT ON audit_event TO "{role}"')
        await owner.close()
        await store.close()
