"""A page ends where it has become large; the next one goes on, and nothing is lost or told twice."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.fhir.search import Query, parse
from app.store.changes import Changes, Look, Stored
from app.store.interface import ANY_SIZE, Page, Past, Store
from app.store.tables import audit_event
from tests.store.databases import Live
from tests.store.rows import DALHEIM, FJORDVIK, seen, task, team

BOUND = 10_000
SIZES = st.lists(st.integers(0, 60), min_size=1, max_size=12)
LIMITS = {"most": st.integers(1, 90), "count": st.integers(1, 5)}
LOOK = Look(1, FJORDVIK.organisation, "", "", "client", "sender", "search-type", "r-1", "")
MANY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def fill(store: Store, sizes: list[int]) -> None:
    """Tasks with bodies of these sizes, some of the same instant; one in three has a second version."""
    keys = [f"t{number:02}" for number in range(len(sizes))]
    first = [
        task(key, updated=1_000 + number // 2, body=b"x" * size, patient=f"patient-{number % 3}")
        for number, (key, size) in enumerate(zip(keys, sizes, strict=True))
    ]
    parties = [row for key in keys for row in seen(key, FJORDVIK)]
    await store.commit(Changes(writes=first, parties=parties))
    again = [replace(one, version=2, updated=one.updated + 3) for one in first[::3]]
    await store.commit(Changes(writes=[*again, team("a-team")], parties=seen("a-team", FJORDVIK)))


def check(page: Page, most: int, count: int) -> None:
    """As large as it may be and no larger, and never empty while more follow."""
    assert len(page.rows) <= count
    assert not page.more or page.rows
    assert sum(len(row.body) for row in page.rows[:-1]) < most or len(page.rows) == 1
    if page.more and len(page.rows) < count:
        assert page.size >= most


async def searched(store: Store, query: Query, most: int, look: Look | None = None) -> list[Stored]:
    """All hits, page after page."""
    rows: list[Stored] = []
    query = replace(query, position=query.start(BOUND))
    while True:
        page = await store.search(query, FJORDVIK, look, most)
        check(page, most, query.count)
        rows += page.rows
        if not page.more:
            return rows
        query = query.after(page.place, page.rows[-1].id, BOUND)


async def remembered(store: Store, types: Any, resource: str | None, most: int, count: int) -> list[Stored]:
    """The whole history, page after page."""
    rows: list[Stored] = []
    before = None
    while True:
        page = await store.history(types, resource, FJORDVIK, count, before=before, look=LOOK, most=most)
        check(page, most, count)
        rows += page.rows
        if not page.more:
            return rows
        last = page.rows[-1]
        before = Past(updated=last.updated, type=last.type, id=last.id, version=last.version)


SEARCHES: list[list[tuple[str, str]]] = [[], [("_sort", "_lastUpdated")], [("_sort", "-status")]]


@pytest.mark.parametrize("asked", SEARCHES, ids=str)
@MANY
@given(sizes=SIZES, **LIMITS)
def test_a_search_goes_on_where_a_page_was_cut(
    live: Live, asked: list[tuple[str, str]], sizes: list[int], most: int, count: int
) -> None:
    live.empty()
    live.run(fill(live.store, sizes))
    query = replace(parse("Task", asked), count=count)
    whole = live.run(searched(live.store, replace(query, count=200), ANY_SIZE))
    assert len({row.id for row in whole}) == len(sizes)
    assert live.run(searched(live.store, query, most)) == whole


@MANY
@given(sizes=SIZES, **LIMITS)
def test_several_types_and_histories_too(live: Live, sizes: list[int], most: int, count: int) -> None:
    live.empty()
    live.run(fill(live.store, sizes))
    every = replace(parse("", [("_type", "Task,CareTeam")]), count=count)
    whole = live.run(searched(live.store, replace(every, count=200), ANY_SIZE))
    assert len(whole) == len(sizes) + 1
    assert live.run(searched(live.store, every, most)) == whole
    for types, resource in (("Task", "t00"), ("Task", None), (("Task", "CareTeam", "Organization"), None)):
        versions = live.run(live.store.history(types, resource, FJORDVIK, 200)).rows
        assert len(versions) > 1
        assert tuple(live.run(remembered(live.store, types, resource, most, count))) == versions


@MANY
@given(sizes=SIZES, **LIMITS)
def test_the_audit_tells_what_was_shown_and_no_more(live: Live, sizes: list[int], most: int, count: int) -> None:
    live.empty()
    live.run(fill(live.store, sizes))
    shown = live.run(searched(live.store, replace(parse("Task", []), count=count), most, LOOK))
    rows = live.run(live.store.run(lambda c: c.execute(select(audit_event.c.patient, audit_event.c.others)).all()))
    told = [(patient, other) for patient, others in rows for other in others.split()]
    assert sorted(told) == sorted((row.patient, f"Task/{row.id}/{row.version}") for row in shown)


async def test_resources_by_their_ids_are_cut_too(store: Store) -> None:
    await fill(store, [10] * 6)
    ids = [f"t{number:02}" for number in range(6)]
    page = await store.read_many("Task", ids, FJORDVIK, 25)
    assert ([row.id for row in page.rows], page.more) == (ids[:3], True)
    assert len((await store.read_many("Task", ids, FJORDVIK)).rows) == 6
    assert (await store.read_many("Task", ids, DALHEIM, 1)).rows == ()
    nothing = await store.read_many("Task", ids, FJORDVIK, 0)
    assert (nothing.rows, nothing.more) == ((), True)


def test_a_page_is_cut_alike_wherever_it_is_made() -> None:
    rows = tuple(Stored(type="Task", id=str(n), version=1, updated=n, body=b"x" * 10) for n in range(5))
    page = Page(rows=rows, more=False)
    assert [len(page.within(most).rows) for most in (0, 1, 10, 11, 30, 41, 1000)] == [0, 1, 1, 2, 3, 5, 5]
    assert (page.within(30).more, page.within(1000).more, page.first(2).more) == (True, False, True)
