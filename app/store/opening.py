"""Which store a database URL means."""

from pathlib import Path

from app.store.interface import Store
from app.store.postgres import PostgresStore
from app.store.postgres_connections import Connections
from app.store.sqlite import sqlite_store


def open_store(url: str, pool: int = 10) -> Store:
    """A store on ``sqlite:///path`` or ``postgresql://…`` with ``pool`` connections; the schema must be at head."""
    if url.startswith("sqlite:///"):
        return sqlite_store(Path(url.removeprefix("sqlite:///")))
    return PostgresStore(Connections(url, pool))
