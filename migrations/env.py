"""Alembic's entry: one connection, SQLite or PostgreSQL, the metadata of ``app.store.tables``."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, create_engine, pool
from sqlalchemy.ext.asyncio import create_async_engine

from app.store.tables import metadata


def _url() -> str:
    url: str = context.config.attributes.get("url") or os.environ.get("SAMBAND_DATABASE_URL", "")
    return url or "sqlite:///.samband/samband.db"


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # A migration that waits for a lock blocks every request behind it: give up early instead.
            connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        context.run_migrations()


async def _over_asyncpg(url: str) -> None:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


def run() -> None:
    """Migrate the database that the caller or SAMBAND_DATABASE_URL names."""
    url = _url()
    if url.startswith("postgresql://"):
        asyncio.run(_over_asyncpg(url))
        return
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        _migrate(connection)
        connection.commit()
    engine.dispose()


run()
