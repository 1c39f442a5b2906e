"""What a migration makes of rows that are there, on both databases."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.casework.rows import tokens_of
from app.fhir.validation import validate
from app.store.interface import Answer
from app.store.opening import open_store
from app.store.schema import migrate
from app.store.subscriptions import find_subscription

ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "Organization": ("organization", {"name": "Åsen Sykehjem", "alias": ["Åsen", "x" * 300]}),
    "HealthcareService": ("healthcare_service", {"name": "Læring og mestring"}),
    "Practitioner": ("practitioner", {"name": [{"family": "Kvåle", "given": ["Åse", "Marie"]}, {"text": "Åse K."}]}),
    "Endpoint": ("endpoint", {"name": "Varsler"}),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, create_database: Callable[[str], str]) -> str:
    """A database without any table."""
    return f"sqlite:///{tmp_path / 'old.db'}" if request.param == "sqlite" else create_database("old")


def test_names_that_are_there_are_found_by_the_whole_of_them(url: str) -> None:
    migrate(url, "0004")
    asyncio.run(_run(url, _fill))
    migrate(url)
    found = asyncio.run(_run(url, _tokens))
    expected = {
        (name, row.param, row.value)
        for name, (_, content) in ROWS.items()
        for row in tokens_of(name, "a", content, "")
        if row.param == "name:exact"
    }
    assert found == expected
    assert ("Practitioner", "name:exact", "Kvåle") in found
    assert not any(kind == "Endpoint" for kind, *_ in found)


async def _run(url: str, work: Callable[[Connection], Answer]) -> Answer:
    store = open_store(url, pool=2)
    try:
        return await store.run(work)
    finally:
        await store.close()


def _fill(connection: Connection) -> None:
    for table, content in ROWS.values():
        insert = (
            f"INSERT INTO {table} (id, version, updated, body, author, author_unit) VALUES ('a', 1, 1, :b, '1', '')"  # noqa: S608
        )
        connection.execute(text(insert), {"b": json.dumps(content).encode()})


def _tokens(connection: Connection) -> set[tuple[str, str, str]]:
    rows = connection.execute(text("SELECT type, param, value FROM token"))
    return {(row.type, row.param, row.value) for row in rows}


def test_an_operators_subscription_goes_on_as_a_resource(url: str) -> None:
    migrate(url, "0011")
    insert = (
        "INSERT INTO subscription (id, organisation, topic, endpoint, header, status, events, created) VALUES"
        " ('s1', '310471437', 'case-changed', 'https://fjordvik.example/notify', 'X-Key: secret', 'active', 7, 1000)"
    )
    asyncio.run(_run(url, lambda connection: connection.execute(text(insert)).rowcount))
    migrate(url)
    kept: Any = asyncio.run(_run(url, lambda connection: find_subscription(connection, "s1")))
    assert (kept["status"], kept["header"], kept["events"], kept["proven"]) == ("active", "X-Key: secret", 7, 1000)
    content = json.loads(kept["body"])
    validate(content, "Subscription")
    assert "secret" not in str(content)
    expected = {(row.type, row.param, row.value) for row in tokens_of("Subscription", "s1", content, "")}
    assert asyncio.run(_run(url, _tokens)) == expected
