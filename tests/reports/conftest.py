"""Figures are counted on both databases; on PostgreSQL by a role that row-level security binds."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.postgres import execute, ordinary_role
from tests.store.databases import live, postgres_at_head, sqlite_at_head, store

__all__ = ["database_url", "live", "ordinary", "postgres_at_head", "sqlite_at_head", "store"]


@pytest.fixture(scope="session")
def ordinary(postgres_at_head: str) -> Iterator[str]:
    """The migrated database by a role that owns nothing; it may empty it between tests."""
    with ordinary_role(postgres_at_head) as url:
        execute(postgres_at_head, f"GRANT DELETE ON ALL TABLES IN SCHEMA public TO {urlsplit(url).username}")
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of either; only what a test asks for is made."""
    return str(request.getfixturevalue("sqlite_at_head" if request.param == "sqlite" else "ordinary"))
