"""The schema's life: up, down, up again; a database at another revision is told apart."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, select, text

from app.fhir.instants import covered
from app.store.opening import open_store
from app.store.schema import _config, is_at_head, migrate
from app.store.tables import metadata, task, token


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path, create_database: Callable[[str], str]) -> str:
    """A database without tables; the folder of the SQLite file is not there either."""
    return f"sqlite:///{tmp_path / 'new' / 'samband.db'}" if request.param == "sqlite" else create_database("schema")


async def at_head(url: str) -> bool:
    """What the service asks at its start."""
    store = open_store(url)
    try:
        return await store.run(is_at_head)
    finally:
        await store.close()


async def tables(url: str) -> set[str]:
    """Names of the tables that are there."""

    def names(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    store = open_store(url)
    try:
        return await store.run(names)
    finally:
        await store.close()


async def test_up_down_and_up_again(empty_url: str) -> None:
    assert not await at_head(empty_url)
    await asyncio.to_thread(migrate, empty_url)
    assert await at_head(empty_url)
    assert await tables(empty_url) == set(metadata.tables) | {"alembic_version"}
    await asyncio.to_thread(migrate, empty_url)
    await asyncio.to_thread(command.downgrade, _config(empty_url), "base")
    assert not await at_head(empty_url)
    assert await tables(empty_url) == {"alembic_version"}
    await asyncio.to_thread(migrate, empty_url)
    assert await at_head(empty_url)


TASK = (
    b'{"resourceType":"Task","intent":"order","priority":"urgent","authoredOn":"2026-11-21","lastModified":'
    b'"2026-11-21T10:00:00.5Z","groupIdentifier":{"system":"u","value":"1"},"focus":{"reference":"CareTeam/c"}}'
)


async def test_what_was_there_is_found_by_what_came_later(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir()
    await asyncio.to_thread(command.upgrade, _config(empty_url), "0001")
    columns = {"id": "t", "version": 1, "updated": 1, "body": TASK, "status": "received", "codes": ""}
    names = ", ".join(columns)
    marks = ", ".join(f":{name}" for name in columns)
    await _in(empty_url, lambda c: c.execute(text(f"INSERT INTO task ({names}) VALUES ({marks})"), columns))  # noqa: S608
    await asyncio.to_thread(migrate, empty_url)
    (found,) = await _in(empty_url, lambda c: c.execute(select(task)).mappings().all())
    assert (found["intent"], found["priority"], found["group_identifier"]) == ("order", "urgent", "u|1")
    assert (found["authored_low"], found["authored_high"]) == covered("2026-11-21")
    assert (found["modified_low"], found["modified_high"]) == covered("2026-11-21T10:00:00.5Z")
    rows = await _in(empty_url, lambda c: c.execute(select(token)).all())
    assert [tuple(row) for row in rows] == [("Task", "focus", "c", "CareTeam", "t")]


async def _in(url: str, work: Callable[[Connection], Any]) -> Any:
    store = open_store(url)
    try:
        return await store.run(work)
    finally:
        await store.close()


async def test_no_statistics_are_gathered_of_what_nothing_is_searched_by(create_database: Callable[[str], str]) -> None:
    url = create_database("statistics")
    await asyncio.to_thread(migrate, url)
    gathered = (
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relkind = 'r' AND a.attname IN ('body', 'state') AND a.atttypid = 'bytea'::regtype"
        " AND a.attstattarget <> 0"
    )
    assert await _in(url, lambda c: c.execute(text(gathered)).all()) == []
