"""Both databases at head, one of each for a test process, empty at the start of each test."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from sqlalchemy import Connection

from app.store.interface import Store
from app.store.opening import open_store
from app.store.schema import migrate
from app.store.sqlite import SqliteStore
from app.store.tables import metadata

__all__ = ["Live", "database_url", "live", "postgres_at_head", "sqlite_at_head", "store"]

Answer = TypeVar("Answer")


@pytest.fixture(scope="session")
def sqlite_at_head(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a migrated SQLite file."""
    folder: Path = tmp_path_factory.mktemp("store")
    url = f"sqlite:///{folder / 'samband.db'}"
    migrate(url)
    return url


@pytest.fixture(scope="session")
def postgres_at_head(create_database: Callable[[str], str]) -> str:
    """The URL of a migrated PostgreSQL database."""
    url = create_database("store")
    migrate(url)
    name = url.rpartition("/")[2]
    asyncio.run(_execute(url, f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    return url


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of either; only what a test asks for is made."""
    name = "sqlite_at_head" if request.param == "sqlite" else "postgres_at_head"
    return str(request.getfixturevalue(name))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An empty store."""
    opened = quick(open_store(database_url, pool=6))
    await opened.run(wipe)
    yield opened
    await opened.close()


@dataclass(frozen=True)
class Live:
    """A store and the loop that it lives in, for tests of which Hypothesis makes many examples."""

    store: Store
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Run to the end."""
        return self.loop.run_until_complete(work)

    def empty(self) -> None:
        """Delete every row, so that an example does not depend on those before it."""
        self.run(self.store.run(wipe))


@pytest.fixture
def live(database_url: str) -> Iterator[Live]:
    """An empty store; all examples of a test share it."""
    loop = asyncio.new_event_loop()
    opened = quick(open_store(database_url, pool=6))
    try:
        loop.run_until_complete(opened.run(wipe))
        yield Live(opened, loop)
        loop.run_until_complete(opened.close())
    finally:
        loop.close()


def quick(opened: Store) -> Store:
    """Without a flush to the disk at each commit: these tests pull no plug."""
    if isinstance(opened, SqliteStore):
        opened._writer.execute("PRAGMA synchronous=OFF")
    return opened


def wipe(connection: Connection) -> None:
    """Delete every row of every table; that is quicker than TRUNCATE while they are small."""
    if connection.dialect.name == "postgresql":
        names = [table.name for table in metadata.sorted_tables]
        steps = [f"{name}_gone AS (DELETE FROM {name})" for name in names]  # noqa: S608 - our own tables
        connection.exec_driver_sql(f"WITH {', '.join(steps)} SELECT 1")
        return
    walls = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in walls:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for table in metadata.sorted_tables:
        connection.execute(table.delete())
    for _, definition in walls:
        connection.exec_driver_sql(definition)
