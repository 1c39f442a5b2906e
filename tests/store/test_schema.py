"""The schema's life: up, down, up again; a database at another revision is told apart."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, inspect

from app.store.opening import open_store
from app.store.schema import _config, is_at_head, migrate
from app.store.tables import metadata


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
