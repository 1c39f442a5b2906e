"""The store contract runs on both databases."""

from collections.abc import Callable, Iterator

import pytest

from app.store.schema import migrate
from tests.ports import free_port
from tests.postgres import ordinary_role
from tests.store.databases import database_url, live, postgres_at_head, sqlite_at_head, store

__all__ = ["database_url", "live", "postgres_at_head", "sqlite_at_head", "store", "unused_port"]


@pytest.fixture(scope="module")
def owned(create_database: Callable[[str], str]) -> str:
    """A migrated PostgreSQL database of a module's own, by the role that owns it."""
    url = create_database("owned")
    migrate(url)
    return url


@pytest.fixture(scope="module")
def ordinary_url(owned: str) -> Iterator[str]:
    """The same by a role that owns nothing, as the service runs."""
    with ordinary_role(owned) as url:
        yield url


@pytest.fixture
def unused_port() -> int:
    """A port on which nobody listens."""
    return free_port()
