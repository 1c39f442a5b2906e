"""The store contract runs on both databases."""

import socket

import pytest

from tests.store.databases import database_url, live, postgres_at_head, sqlite_at_head, store

__all__ = ["database_url", "live", "postgres_at_head", "sqlite_at_head", "store", "unused_port"]


@pytest.fixture
def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
