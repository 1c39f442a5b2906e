"""Figures are counted on both databases."""

from tests.store.databases import database_url, live, postgres_at_head, sqlite_at_head, store

__all__ = ["database_url", "live", "postgres_at_head", "sqlite_at_head", "store"]
