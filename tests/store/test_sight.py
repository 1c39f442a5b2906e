"""Who sees what is in every query: current versions, earlier ones, histories and searches."""

import pytest

from app.fhir.search import parse
from app.store.changes import Changes, Viewer
from app.store.interface import Past, Store
from tests.store.rows import DALHEIM, FJORDVIK, NEUROLOGY, ONCOLOGY, TRUST, seen, task, team

STRANGERS = [DALHEIM, ONCOLOGY, Viewer(organisation=TRUST), Viewer(organisation="", unit=""), Viewer(organisation="%")]


async def visible(store: Store, viewer: Viewer, resource: str = "t1") -> dict[str, object]:
    """Everything that a viewer can learn of a Task."""
    found = [await store.vread("Task", resource, version, viewer) for version in (1, 2, 3, 4)]
    page = await store.search(parse("Task", [("_id", resource)]), viewer)
    counted = await store.search(parse("Task", [("_id", resource), ("_count", "0")]), viewer)
    return {
        "read": (await store.read("Task", resource, viewer)) is not None,
        "vread": [row.version for row in found if row],
        "history": [row.version for row in (await store.history("Task", resource, viewer, 10)).rows],
        "type": [row.version for row in (await store.history("Task", None, viewer, 10)).rows],
        "search": [row.version for row in page.rows],
        "count": counted.total,
    }


NOTHING = {"read": False, "vread": [], "history": [], "type": [], "search": [], "count": 0}
ALL = {"read": True, "vread": [1, 2, 3], "history": [3, 2, 1], "type": [3, 2, 1], "search": [3], "count": 1}


@pytest.fixture
async def three(store: Store) -> Store:
    """Three versions, party to which are a municipality for good and a unit up to version 2."""
    await store.commit(Changes(writes=[task("t1")], parties=seen("t1", FJORDVIK, NEUROLOGY)))
    await store.commit(Changes(writes=[task("t1", 2, 2_000)]))
    await store.commit(Changes(writes=[task("t1", 3, 3_000)], parties=seen("t1", NEUROLOGY, until=2)))
    return store


async def test_a_party_sees_all_versions(three: Store) -> None:
    assert await visible(three, FJORDVIK) == ALL


async def test_the_whole_organisation_is_party_where_no_unit_is_named(three: Store) -> None:
    assert await visible(three, Viewer(organisation=FJORDVIK.organisation, unit="case-office")) == ALL


async def test_an_earlier_owner_sees_the_versions_up_to_its_hand_over(three: Store) -> None:
    assert await visible(three, NEUROLOGY) == NOTHING | {"vread": [1, 2], "history": [2, 1], "type": [2, 1]}


@pytest.mark.parametrize("viewer", STRANGERS, ids=str)
async def test_a_stranger_sees_the_same_as_if_there_were_nothing(three: Store, viewer: Viewer) -> None:
    assert await visible(three, viewer) == NOTHING
    assert await visible(three, viewer) == await visible(three, viewer, "t-none")


async def test_an_owner_that_is_back_sees_all_again(three: Store) -> None:
    await three.commit(Changes(parties=seen("t1", NEUROLOGY)))
    assert await visible(three, NEUROLOGY) == ALL


async def test_sight_from_a_version_on_shows_no_earlier_one(three: Store) -> None:
    late = {"vread": [2, 3], "history": [3, 2], "type": [3, 2]}
    await three.commit(Changes(parties=seen("t1", ONCOLOGY, since=2)))
    assert await visible(three, ONCOLOGY) == ALL | late
    await three.commit(Changes(parties=seen("t1", ONCOLOGY)))
    assert await visible(three, ONCOLOGY) == ALL | late, "a beginning stays"
    await three.commit(Changes(parties=seen("t1", ONCOLOGY, until=2)))
    assert await visible(three, ONCOLOGY) == NOTHING | {"vread": [2], "history": [2], "type": [2]}


async def test_two_ways_to_be_party_are_one_row_in_a_page(store: Store) -> None:
    clinic = Viewer(organisation=TRUST, unit="")
    await store.commit(Changes(writes=[task("t1")], parties=seen("t1", NEUROLOGY, clinic)))
    assert (await store.search(parse("Task", []), NEUROLOGY)).rows[0].id == "t1"
    assert len((await store.search(parse("Task", []), NEUROLOGY)).rows) == 1
    assert len((await store.history("Task", "t1", NEUROLOGY, 10)).rows) == 1


async def test_the_same_id_in_another_type_is_another_resource(store: Store) -> None:
    await store.commit(Changes(writes=[task("same"), team("same")], parties=seen("same", FJORDVIK)))
    assert (found := await store.read("CareTeam", "same", FJORDVIK)) is not None
    assert found.type == "CareTeam"
    assert len((await store.history("CareTeam", None, FJORDVIK, 10)).rows) == 1


async def test_a_history_is_cut_at_its_count(three: Store) -> None:
    assert [row.version for row in (await three.history("Task", "t1", FJORDVIK, 2)).rows] == [3, 2]


async def test_the_history_of_a_type_is_newest_first(store: Store) -> None:
    await store.commit(Changes(writes=[task("b", updated=5), task("a", updated=5), task("c", updated=9)]))
    await store.commit(Changes(writes=[task("a", 2, 7)], parties=[p for k in "abc" for p in seen(k, FJORDVIK)]))
    found = [(row.id, row.version, row.updated) for row in (await store.history("Task", None, FJORDVIK, 10)).rows]
    assert found == [("c", 1, 9), ("a", 2, 7), ("b", 1, 5), ("a", 1, 5)]


async def test_a_history_goes_on_behind_its_last_row_and_begins_at_a_moment(store: Store) -> None:
    writes = [task("a", updated=5), task("b", updated=5), team("c", updated=5), task("d", updated=9)]
    await store.commit(Changes(writes=writes, parties=[p for k in "abcd" for p in seen(k, FJORDVIK)]))
    await store.commit(Changes(writes=[task("a", 2, 9)]))
    types = ("CareTeam", "Task", "Organization")
    whole = (await store.history(types, None, FJORDVIK, 10)).rows
    assert [(row.type, row.id, row.version) for row in whole] == [
        ("Task", "d", 1), ("Task", "a", 2), ("Task", "b", 1), ("Task", "a", 1), ("CareTeam", "c", 1),
    ]  # fmt: skip
    for cut in range(1, 6):
        last = whole[cut - 1]
        before = Past(updated=last.updated, type=last.type, id=last.id, version=last.version)
        assert (await store.history(types, None, FJORDVIK, 10, before=before)).rows == whole[cut:]
    assert (await store.history(types, None, FJORDVIK, 10, since=6)).rows == whole[:2]
    assert (await store.history(types, None, DALHEIM, 10)).rows == ()
    assert [row.version for row in (await store.history("Task", "a", FJORDVIK, 10, since=6)).rows] == [2]
