"""Which store a database URL means."""

from pathlib import Path

from app.store.interface import Store
from app.store.postgres import PostgresStore
from app.store.sqlite import SqliteStore


def open_store(url: str, pool: int = 10) -> Store:
    """A store on ``sqlite:///path`` or ``postgresql://…`` with ``pool`` connections; the schema must be at head."""
    if url.startswith("sqlite:///"):
        return SqliteStore(Path(url.removeprefix("sqlite:///")))
    return PostgresStore(url, pool)
