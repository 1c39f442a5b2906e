"""A database made by the migrations is the one that the tables describe, on SQLite and on PostgreSQL."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from app.store.schema import migrate
from app.store.tables import metadata
from tests.postgres import create_database, describe, postgres_server


def main() -> int:
    """Migrate an empty database of each kind and print each difference; 1 when there is one."""
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        sqlite = f"sqlite:///{folder}/migrated.db"
        postgres = create_database(server, f"samband_migrations_{Path(folder).name}".lower())
        for url in (sqlite, postgres):
            migrate(url)
        different = {
            "SQLite": differences_on_sqlite(sqlite),
            describe(): asyncio.run(differences_on_postgres(postgres)),
        }
    for name, found in different.items():
        print(f"{name}: {'no difference' if not found else ''}")
        for each in found:
            print(f"  {each}")
    return any(different.values())


def differences_on_sqlite(url: str) -> list[Any]:
    """What the tables have and the migrated SQLite has not, or the other way round."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = differences(connection)
    engine.dispose()
    return found


async def differences_on_postgres(url: str) -> list[Any]:
    """The same on PostgreSQL."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    return found


def differences(connection: Connection) -> list[Any]:
    """Alembic's own comparison, types and defaults included."""
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


if __name__ == "__main__":
    sys.exit(main())
