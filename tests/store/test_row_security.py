"""PostgreSQL's row-level security: the second line, should a query ever lack its predicate."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import asyncpg
import pytest

from app.fhir.search import parse
from app.store import searching
from app.store.changes import Changes, Viewer
from app.store.interface import Store
from app.store.opening import open_store
from tests.store.rows import DALHEIM, FJORDVIK, NEUROLOGY, ONCOLOGY, seen, subscribe, task
from tests.store.test_sight import NOTHING, STRANGERS, visible


@pytest.fixture
async def ordinary(owned: str, ordinary_url: str) -> AsyncIterator[Store]:
    """A store opened by a role that owns nothing, with three versions of one Task: see ``test_sight``."""
    store = open_store(ordinary_url, pool=4)
    await store.commit(Changes(writes=[task("t1")], parties=seen("t1", FJORDVIK, NEUROLOGY)))
    await store.commit(Changes(writes=[task("t1", 2, 2_000)]))
    await store.commit(Changes(writes=[task("t1", 3, 3_000)], parties=seen("t1", NEUROLOGY, until=2)))
    yield store
    await store.close()
    await _execute(owned, "DELETE FROM task; DELETE FROM history; DELETE FROM party")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


@pytest.fixture
def no_predicate(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every query without the words about who may see it."""
    caches = [one for one in vars(searching).values() if hasattr(one, "cache_clear")]
    everything = "CAST({org} AS text) IS NOT NULL AND CAST({unit} AS text) IS NOT NULL"
    for words in ("_SEES", "_SEES_EACH"):
        monkeypatch.setattr(searching, words, everything)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


async def test_an_ordinary_role_works_and_sees_what_it_should(ordinary: Store) -> None:
    assert (await visible(ordinary, FJORDVIK))["history"] == [3, 2, 1]
    assert await visible(ordinary, NEUROLOGY) == NOTHING | {"vread": [1, 2], "history": [2, 1], "type": [2, 1]}
    assert await visible(ordinary, ONCOLOGY) == NOTHING


@pytest.mark.usefixtures("no_predicate")
@pytest.mark.parametrize("viewer", STRANGERS, ids=str)
async def test_without_the_predicate_a_stranger_still_gets_no_row(ordinary: Store, viewer: Viewer) -> None:
    assert await visible(ordinary, viewer) == NOTHING
    assert (await ordinary.read_many("Task", ["t1"], viewer)).rows == ()
    assert (await ordinary.history(("Task", "CareTeam"), None, viewer, 10)).rows == ()
    own = [("owner:identifier", "urn:resh|4900101"), ("status", "received")]
    for given in (own, [("patient", "Patient/p")]):
        query = parse("Task", given).resolve_patient("patient-1")
        assert (await ordinary.search(query, replace(viewer, owner="urn:resh|4900101"))).rows == ()


@pytest.mark.usefixtures("no_predicate")
async def test_without_the_predicate_the_parties_lose_nothing(ordinary: Store) -> None:
    assert (await visible(ordinary, FJORDVIK))["history"] == [3, 2, 1]
    assert (await visible(ordinary, NEUROLOGY))["vread"] == [1, 2]


@pytest.mark.usefixtures("no_predicate")
async def test_without_the_predicate_sight_begins_no_earlier(ordinary: Store) -> None:
    await ordinary.commit(Changes(parties=seen("t1", ONCOLOGY, since=2)))
    assert (await visible(ordinary, ONCOLOGY))["history"] == [3, 2]
    assert (await visible(ordinary, ONCOLOGY))["vread"] == [2, 3]


@pytest.mark.usefixtures("no_predicate")
async def test_a_connection_that_served_one_party_shows_nothing_of_it_to_the_next(ordinary: Store) -> None:
    for viewer, found in [(FJORDVIK, 1), (DALHEIM, 0), (FJORDVIK, 1), (ONCOLOGY, 0)] * 3:
        assert len((await ordinary.search(parse("Task", []), viewer)).rows) == found
        assert await ordinary.load("Task", "t1") is not None


async def test_a_connection_that_says_nothing_sees_and_writes_nothing(ordinary: Store, ordinary_url: str) -> None:
    plain = await asyncpg.connect(ordinary_url)
    try:
        assert await plain.fetchval("SELECT count(*) FROM task") == 0
        assert await plain.fetchval("SELECT count(*) FROM history") == 0
        assert await plain.execute("UPDATE task SET status = 'completed'") == "UPDATE 0"
    finally:
        await plain.close()
    assert await ordinary.load("Task", "t1") is not None


async def test_a_subscription_and_its_secret_are_its_organisations(ordinary: Store, ordinary_url: str) -> None:
    """Whatever a query forgets: the database shows the row to who made it, and the counters to the service alone."""
    await subscribe(ordinary, "s-rls")
    await ordinary.commit(Changes(parties=seen("s-rls", FJORDVIK)))
    connection = await asyncpg.connect(ordinary_url)
    try:
        for organisation, rows in ((FJORDVIK.organisation, 1), (DALHEIM.organisation, 0)):
            await connection.execute("SELECT set_config('samband.sees', 'party', false)")
            await connection.execute("SELECT set_config('samband.organisation', $1, false)", organisation)
            await connection.execute("SELECT set_config('samband.unit', '', false)")
            assert len(await connection.fetch("SELECT header FROM subscription")) == rows
            assert await connection.fetch("SELECT events FROM subscription_count") == []
    finally:
        await connection.close()
