"""Provenance on both databases: the same events as are stored, for exactly those who see that version of the case."""

import json
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api.subjects import VIEWS
from app.casework.context import viewer_of
from app.casework.patients import resolve_patients
from app.coordination.states import Move
from app.fhir import codes
from app.fhir.provenance import event_key
from app.fhir.resources import RESOURCES, Sight
from app.fhir.search import Query, parse
from app.fhir.validation import validate
from app.reports.provenances import VIEW
from app.security.caller import Caller
from app.store.interface import Store
from tests.casework.chains import step
from tests.casework.world import DALHEIM, FJORDVIK, GROUP, KE, TRUST, UNITS, World, at, directory, need, sender
from tests.reports.pages import all_pages
from tests.store.databases import Live

FIRST, SECOND = "neurology-outpatient", "rehabilitation"
READERS = [sender(), sender(DALHEIM), *(at(unit) for unit in (*UNITS, KE, GROUP)), at("ehr")]
Content = dict[str, Any]


def query(*pairs: tuple[str, str]) -> Query:
    """A search as the route reads it."""
    return parse("Provenance", pairs)


async def found(world: World, caller: Caller, *pairs: tuple[str, str]) -> list[Content]:
    """All matches."""
    asked = await resolve_patients(world.store, viewer_of(caller), query(*pairs))
    return await all_pages(VIEW, world, caller, asked)


def ids(rows: Iterable[Content]) -> list[str]:
    return [row["id"] for row in rows]


def activity(row: Content) -> str:
    return str(row["activity"]["coding"][0]["code"])


async def handed_over(world: World) -> str:
    """A case of Fjordvik's: the first unit assesses it and hands it on, the second declines."""
    case = (await world.post(need())).id
    await world.act(at(FIRST), case, "accept")
    await world.act(at(FIRST), case, "assess", assessment={"a": True})
    await world.act(at(FIRST), case, "transfer", unit=SECOND, reason="Hører til rehabilitering")
    await world.act(at(SECOND), case, "decline", reasonCode="no-need", reason="Ikke behov nå")
    return case


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_who_sees_a_version_sees_what_made_it(live: Live, data: st.DataObject) -> None:
    live.empty()
    live.run(walked(World(live.store), data))


async def walked(world: World, data: st.DataObject) -> None:
    """A random case and a strange one; every reader against what the versions say."""
    case = (await world.post(need("1"))).id
    await world.post(need("2"), sender(DALHEIM))
    for _ in range(data.draw(st.integers(1, 10))):
        await step(world, case, data)
    events = await world.events(case)
    assert {event["move"] for event in events} <= codes.MOVE_DISPLAY.keys()
    for reader in READERS:
        seen = set(await world.versions(reader, case))
        expected = [
            f"{case}-{event['version']}-{event['number']}"
            for event in events
            if event["version"] in seen and (event["move"] != "assess" or reader.organisation == TRUST)
        ]
        page = await found(world, reader, ("target", f"Task/{case}"), ("_count", "2"))
        assert sorted(ids(page)) == sorted(expected)
        assert sorted(ids(page), key=lambda one: _place(page, one), reverse=True) == ids(page)
        for event in events:
            key = f"{case}-{event['version']}-{event['number']}"
            row = await VIEW.read(world.context, reader, key)
            assert (row is not None) == (key in expected)
        for content in page:
            well_formed(content)


def _place(page: list[Content], one: str) -> tuple[str, str]:
    return next((row["recorded"], row["id"]) for row in page if row["id"] == one)


def well_formed(row: Content) -> None:
    """By our own tables and by another reading of R4."""
    validate(row, "Provenance")
    import_module("fhir.resources.R4B.provenance").Provenance.model_validate(row)


async def test_an_earlier_owner_sees_its_own_time_and_no_more(store: Store) -> None:
    world = World(store)
    await handed_over(world)
    assert [activity(row) for row in await found(world, at(FIRST))] == ["assess", "accept", "route", "submit"]
    assert [activity(row) for row in await found(world, at(SECOND))] == [
        "decline", "transfer", "assess", "accept", "route", "submit",
    ]  # fmt: skip
    assert await found(world, at(KE)) == await found(world, at(SECOND))
    assert await found(world, sender(DALHEIM)) == []
    assert await found(world, at("oncology")) == []


async def test_a_sender_reads_the_moves_and_not_what_was_said_inside(store: Store) -> None:
    world = World(store)
    await handed_over(world)
    outside, inside = await found(world, sender()), await found(world, at(SECOND))
    assert [activity(row) for row in outside] == ["decline", "transfer", "accept", "route", "submit"]
    told = {"coding": [{"system": codes.DECLINE_REASON, "code": "no-need"}], "text": "Ikke behov nå"}
    reasons = {activity(row): row.get("reason") for row in outside}
    assert reasons == {"decline": [told], "transfer": None, "accept": None, "route": None, "submit": None}
    said = {activity(row): row.get("reason") for row in inside}
    assert said["transfer"] == [{"text": "Hører til rehabilitering"}]
    assert said["decline"] == [told]
    assert said["route"]
    assert "9900011" not in json.dumps(outside)


async def test_the_agent_is_the_unit_and_for_its_own_house_the_person(store: Store) -> None:
    world = World(store)
    await handed_over(world)
    units = directory().units
    outside = {activity(row): row["agent"][0] for row in await found(world, sender())}
    inside = {activity(row): row["agent"][-1] for row in await found(world, at(KE))}
    assert {len(row["agent"]) for row in await found(world, sender())} == {1}
    assert outside["transfer"]["who"]["identifier"] == {"system": codes.RESH, "value": units[FIRST].resh}
    assert inside["transfer"]["onBehalfOf"] == outside["transfer"]["who"]
    assert inside["transfer"]["who"]["identifier"] == {"system": codes.HPR, "value": "9900011"}
    assert inside["decline"]["onBehalfOf"]["identifier"]["value"] == units[SECOND].resh
    assert outside["submit"]["who"]["identifier"] == {"system": codes.ORGANISATION, "value": FJORDVIK}
    assert outside["route"]["who"] == {"type": "Device", "display": "Samband"}


@pytest.mark.parametrize(
    ("agent", "outside", "inside"),
    [
        (f"{codes.RESH}|4900101", ["transfer", "accept"], ["transfer", "assess", "accept"]),
        (f"{codes.RESH}|4900103", ["decline"], ["decline"]),
        (f"{codes.RESH}|4900901", [], []),
        (f"{codes.HPR}|9900011", [], ["decline", "transfer", "assess", "accept"]),
        ("9900011", [], ["decline", "transfer", "assess", "accept"]),
        (f"{codes.HPR}|", [], ["decline", "transfer", "assess", "accept"]),
        (f"{codes.ORGANISATION}|{FJORDVIK}", ["submit"], ["submit"]),
        (f"{codes.ORGANISATION}|{TRUST}", [], []),
        ("https://elsewhere.example|4900101", [], []),
    ],
)
async def test_an_agent_is_found_as_far_as_it_is_shown(
    store: Store, agent: str, outside: list[str], inside: list[str]
) -> None:
    world = World(store)
    await handed_over(world)
    search = ("agent:identifier", agent)
    assert [activity(row) for row in await found(world, sender(), search)] == outside
    assert [activity(row) for row in await found(world, at(KE), search)] == inside


async def test_by_target_patient_and_time(store: Store) -> None:
    world = World(store)
    first = await handed_over(world)
    world.now += 60_000
    other = await world.post(need("2", for_={"identifier": {"system": codes.NATIONAL_NUMBER, "value": "15848010070"}}))
    both = await found(world, sender())

    async def matches(*pairs: tuple[str, str]) -> list[str]:
        return ids(await found(world, sender(), *pairs))

    assert await matches(("target", f"Task/{first}/_history/1")) == [f"{first}-1-1", f"{first}-1-0"]
    assert await matches(("target", first), ("target", f"Task/{first}/_history/4")) == [f"{first}-4-0"]
    assert await matches(("target", f"Task/{first}/_history/99999999999999999999")) == []
    assert await matches(("target", f"https://other.example/Task/{first}")) == []
    assert await matches(("target", f"{other.id},{first}")) == ids(both)
    number = f"{codes.NATIONAL_NUMBER}|15848010070"
    assert await matches(("patient:identifier", number)) == [f"{other.id}-1-1", f"{other.id}-1-0"]
    assert await matches(("patient:identifier", f"{codes.NATIONAL_NUMBER}|15848010151")) == []
    assert await matches(("_id", f"{other.id}-1-0,nobody,{first}-1-00")) == [f"{other.id}-1-0"]
    assert await matches(("recorded", "gt2026-11-21T12:00:30+01:00")) == [f"{other.id}-1-1", f"{other.id}-1-0"]
    assert len(await matches(("recorded", "2026-11-21"))) == len(both)
    assert await matches(("recorded", "ne2026")) == []
    for prefix in ("le", "lt", "eq", "ge", "gt", "sa", "eb", "ne"):
        moment = "2026-11-21T11:00:00.000Z"
        expected = {
            row["id"]
            for row in both
            if {"le": row["recorded"] <= moment, "lt": False, "eq": row["recorded"] == moment, "ge": True,
                "gt": row["recorded"] > moment, "sa": row["recorded"] > moment, "eb": False,
                "ne": row["recorded"] != moment}[prefix]
        }  # fmt: skip
        assert set(await matches(("recorded", f"{prefix}{moment}"))) == expected, prefix
        assert await matches(("_lastUpdated", f"{prefix}{moment}")) == await matches(("recorded", f"{prefix}{moment}"))
    assert await matches(("_sort", "_lastUpdated"), ("_count", "1")) == ids(both)[::-1]
    assert both[-1]["recorded"] == "2026-11-21T11:00:00.000Z"


async def test_a_total_is_of_what_the_reader_sees(store: Store) -> None:
    world = World(store)
    await handed_over(world)
    for reader in READERS:
        page = await VIEW.search(world.context, reader, query(("_total", "accurate"), ("_count", "1")))
        assert page.total == len(await found(world, reader))
        assert (await VIEW.search(world.context, reader, query(("_count", "0")))).total == page.total


@pytest.mark.parametrize("key", ["a", "a-1", "a-1-x", "a-01-0", "a-1--1", "a-1-1234567890", "-1-0x", "a-\u0661-0"])
def test_an_id_that_is_not_ours_is_nobody(key: str) -> None:
    assert event_key(key) is None
    assert event_key(f"{key.partition('-')[0]}-1-0") == (key.partition("-")[0], 1, 0)


def test_every_move_has_a_name_and_every_derived_type_its_view() -> None:
    assert set(Move) <= codes.MOVE_DISPLAY.keys()
    assert {one.name for one in RESOURCES.values() if one.sight is Sight.DERIVED} == VIEWS.keys()
