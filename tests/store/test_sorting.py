"""A search is sorted as by hand, page by page through sealed cursors, on both databases."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.casework.rows import date_rows, tokens_of
from app.fhir.cursor import decode_cursor, encode_cursor
from app.fhir.declared import Kind
from app.fhir.instants import covered
from app.fhir.resources import RESOURCES, STORED
from app.fhir.search import Query, parse
from app.fhir.sorts import sort_keys
from app.store.changes import Changes, Viewer
from app.store.interface import Store
from tests.store.databases import Live
from tests.store.rows import DALHEIM, FJORDVIK, seen, task
from tests.store.test_search_kinds import BASE, ROWS, at, named, written

KEY = b"a key of the deployment"
BOUND = 5_000
UPDATED = [1_000, 1_001, 2_000, 2_001, BOUND]
STEP = Random(3)  # noqa: S311 - a fixed population
WHEN = {key: STEP.choice(UPDATED) for rows in ROWS.values() for key in rows}
VIEWERS = {key: (FJORDVIK, DALHEIM) if STEP.random() < 0.5 else (FJORDVIK,) for rows in ROWS.values() for key in rows}
SORTS = [(name, key) for name in ROWS for key in sort_keys(RESOURCES[name].sorts)]


async def fill(store: Store) -> None:
    for name, rows in ROWS.items():
        changes = Changes()
        for key, content in rows.items():
            changes.writes.append(replace(written(name, key, content), updated=WHEN[key]))
            changes.tokens += tokens_of(name, key, content, BASE)
            changes.dates += date_rows(name, key, content)
            changes.parties += seen(key, *VIEWERS[key])
        await store.commit(changes)


@pytest.fixture
def filled(live: Live) -> Live:
    live.run(fill(live.store))
    return live


def by_hand(query: Query, viewer: Viewer) -> list[str]:
    """Those with a value in its order, then those without, both by their ids where they are equal."""
    values = {
        key: values_of(query, key, content)
        for key, content in ROWS[query.type].items()
        if viewer in VIEWERS[key] or query.type == "Organization"
        if all(named_so(one, content) for one in query.criteria)
    }
    choose, turned = (max, True) if query.descending else (min, False)
    some = sorted(((choose(found), key) for key, found in values.items() if found), reverse=turned)
    none = sorted((key for key, found in values.items() if not found), reverse=turned)
    return [key for _, key in some] + none


def values_of(query: Query, key: str, content: dict[str, Any]) -> list[Any]:
    if query.sort is None:
        return [WHEN[key]]
    if query.sort.kind is Kind.ID:
        return [key]
    found = at(query.sort, content)
    if query.sort.kind is Kind.DATE:
        return [bounds[0] for bounds in map(covered, found) if bounds]
    if query.sort.kind is Kind.STRING:
        return [" ".join(one.lower().replace("å", "a").split()) for one in found]
    return [str(one).lower() if isinstance(one, bool) else one for one in found]


def named_so(criterion: Any, content: dict[str, Any]) -> bool:
    found = at(criterion.parameter, content)
    if criterion.parameter.kind is Kind.STRING:
        return any(named(one, criterion.modifier, criterion.values[0].text) for one in found)
    return any(one == criterion.values[0].code for one in found)


async def walk(
    store: Store, query: Query, viewer: Viewer, between: Callable[[list[str]], Awaitable[None]] | None = None
) -> list[str]:
    """All pages, each by the sealed cursor of the one before, beginning with that of the self link."""
    found: list[str] = []
    query = replace(query, position=query.start(BOUND))
    while True:
        query = decode_cursor(encode_cursor(query, KEY), KEY, query.type)
        page = await store.search(query, viewer)
        found += [row.id for row in page.rows]
        if not page.more:
            return found
        last = page.rows[-1]
        query = query.after(page.place, last.id, BOUND)
        if between:
            await between(found)


ASKED = {
    "Task": ("status", "accepted"),
    "CarePlan": ("status", "active"),
    "ServiceRequest": ("intent", "order"),
    "QuestionnaireResponse": ("status", "draft"),
    "Organization": ("name:contains", "erg"),
    "Encounter": ("status", "active"),
}


@settings(max_examples=200, deadline=None)
@given(
    sort=st.sampled_from(SORTS),
    count=st.sampled_from(["1", "3", "7", "200"]),
    viewer=st.sampled_from([FJORDVIK, DALHEIM]),
    narrowed=st.booleans(),
)
def check(live: Live, sort: tuple[str, str], count: str, viewer: Viewer, *, narrowed: bool) -> None:
    name, key = sort
    asked = [ASKED[name]] if narrowed else []
    query = parse(name, [*asked, ("_sort", key), ("_count", count)])
    expected = by_hand(query, viewer)
    first = live.run(live.store.search(query, viewer))
    assert [row.id for row in first.rows] == expected[: int(count)]
    assert all(row.body == row.id.encode() and row.type == name for row in first.rows)
    assert live.run(walk(live.store, query, viewer)) == expected


def test_any_sort_is_as_by_hand(filled: Live) -> None:
    check(filled)


@pytest.mark.parametrize("name", [one.name for one in STORED])
def test_every_declared_key_sorts_every_type(filled: Live, name: str) -> None:
    for key in sort_keys(RESOURCES[name].sorts):
        query = parse(name, [("_sort", key), ("_count", "5")])
        expected = by_hand(query, FJORDVIK) if name in ROWS else []
        assert filled.run(walk(filled.store, query, FJORDVIK)) == expected, key


@pytest.mark.parametrize("key", ["_lastUpdated", "authored-on", "modified", "status", "_id", "priority"])
@pytest.mark.parametrize("minus", ["", "-"])
def test_nobody_who_pages_sees_a_row_twice_or_misses_one_that_stays(filled: Live, key: str, minus: str) -> None:
    """Others write between the pages: rows come, and rows change, some already shown and some not yet."""
    query = parse("Task", [("_sort", minus + key), ("_count", "4")])
    expected = by_hand(query, FJORDVIK)
    changed: list[str] = []

    async def write(found: list[str]) -> None:
        step = len(changed)
        shown, ahead = found[step], next(one for one in reversed(expected) if one not in [*found, *changed])
        changes = Changes()
        for number, one in enumerate((shown, ahead)):
            content = {"status": "rejected", "authoredOn": "2026-11-22", "lastModified": "2020", "priority": "asap"}
            version = written("Task", one, content)
            changes.writes.append(replace(version, version=2, updated=BOUND + 1 + 2 * step + number))
        fresh = task(f"new-{step}", updated=BOUND + 1, status="accepted", authored_low=1, authored_high=2)
        changes.writes.append(fresh)
        changes.parties += seen(fresh.id, FJORDVIK)
        await filled.store.commit(changes)
        changed.extend((shown, ahead))

    async def write_thrice(found: list[str]) -> None:
        if len(changed) < 6:
            await write(found)

    found = filled.run(walk(filled.store, query, FJORDVIK, write_thrice))
    assert len(changed) == 6
    assert found == [one for one in expected if one not in changed[1::2]]


def test_several_types_are_sorted_by_id_in_one_order(filled: Live) -> None:
    for minus in ("", "-"):
        query = parse("", [("_type", "Task,CarePlan,Organization"), ("_sort", f"{minus}_id"), ("_count", "17")])
        ids = sorted([*ROWS["Task"], *ROWS["CarePlan"], *ROWS["Organization"]], reverse=minus == "-")
        assert filled.run(walk(filled.store, query, FJORDVIK)) == ids
