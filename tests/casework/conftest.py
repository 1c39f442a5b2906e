"""Casework in this process, on both databases, with a clock that stands still."""

import pytest

from app.store.interface import Store
from tests.casework.world import World
from tests.store.databases import database_url, live, postgres_at_head, sqlite_at_head, store

__all__ = ["database_url", "live", "postgres_at_head", "sqlite_at_head", "store"]


@pytest.fixture
def world(store: Store) -> World:
    """The trust of ``directory.toml`` on an empty store."""
    return World(store)
