"""Searches that are planned once find the same as those that are planned anew, for everybody and page by page."""

from dataclasses import replace
from typing import Any

import pytest

from app.fhir.search import parse
from app.store.bounded import is_bounded
from app.store.changes import Changes, Viewer
from app.store.interface import Store
from tests.store.rows import DALHEIM, FJORDVIK, NEUROLOGY, ONCOLOGY, seen, task

OWN = replace(NEUROLOGY, owner="urn:resh|4900101")
MINE = [("owner:identifier", "urn:resh|4900101"), ("status", "received")]
VIEWERS = [OWN, FJORDVIK, DALHEIM, ONCOLOGY, replace(DALHEIM, owner=OWN.owner)]


@pytest.fixture
async def worklist(store: Store) -> Store:
    """Thirty Tasks of one unit, every third of them finished and every fifth for another sender and another unit."""
    for number in range(30):
        status = "completed" if number % 3 == 0 else "received"
        write = task(f"t{number:02}", updated=1_000 + number // 4, status=status, patient=f"patient-{number % 7}")
        parties = (DALHEIM, ONCOLOGY) if number % 5 == 0 else (FJORDVIK, NEUROLOGY)
        await store.commit(Changes(writes=[write], parties=seen(write.id, *parties)))
    return store


async def pages(store: Store, viewer: Viewer, given: list[tuple[str, str]]) -> list[list[str]]:
    """The ids of each page of four."""
    query, found = parse("Task", [*given, ("_count", "4")]).resolve_patient("patient-3"), []
    while True:
        page = await store.search(query, viewer)
        found.append([row.id for row in page.rows])
        if not page.more:
            return found
        query = query.after(page.rows[-1].updated, page.rows[-1].id, 1_006)


@pytest.mark.parametrize("sort", ["-_lastUpdated", "_lastUpdated"])
@pytest.mark.parametrize("more", [[], [("_lastUpdated", "gt1970-01-01T00:00:01.002Z")]], ids=str)
async def test_own_work_is_what_a_search_of_anybody_finds(worklist: Store, sort: str, more: list[Any]) -> None:
    given = [*MINE, *more, ("_sort", sort)]
    assert is_bounded(parse("Task", given), OWN)
    assert not is_bounded(parse("Task", given), NEUROLOGY)
    found = await pages(worklist, OWN, given)
    assert found == await pages(worklist, NEUROLOGY, given)
    assert len(found) > 1


@pytest.mark.parametrize("viewer", VIEWERS, ids=str)
async def test_nobody_sees_more_of_a_patient_or_of_a_worklist(worklist: Store, viewer: Viewer) -> None:
    everything = {row.id for row in (await worklist.search(parse("Task", []), viewer)).rows}
    for given in (MINE, [("patient", "Patient/p")]):
        found = {one for page in await pages(worklist, viewer, given) for one in page}
        assert found <= everything
        loaded = [await worklist.load("Task", one) for one in everything]
        wanted = {one.id for one in loaded if one and one.patient == "patient-3"}
        assert given is MINE or found == wanted


@pytest.mark.parametrize(
    ("given", "bounded"),
    [
        (MINE, True),
        ([("patient", "Patient/p")], True),
        ([("patient", "Patient/p"), ("code", "a"), ("status:not", "completed")], True),
        ([], False),
        (MINE[:1], False),
        (MINE[1:], False),
        ([("owner:identifier", "urn:resh|4900102"), MINE[1]], False),
        ([("owner:identifier", "4900101"), MINE[1]], False),
        ([MINE[0], ("status:not", "received")], False),
        ([MINE[0], ("status", "received,accepted")], False),
        ([*MINE, ("code", "a")], False),
        ([*MINE, ("_sort", "status")], False),
        ([*MINE, ("identifier", "urn:numbers|1")], False),
        ([("patient", "Patient/p"), ("identifier", "urn:numbers|1")], False),
        ([("patient", "Patient/p,Patient/q")], False),
        ([("patient:missing", "true")], False),
    ],
    ids=str,
)
def test_which_searches_an_index_leads_to(given: list[tuple[str, str]], bounded: bool) -> None:
    assert is_bounded(parse("Task", given).resolve_patient("patient-3"), OWN) is bounded
