"""A start or an end that lay ahead: the day that it falls due, without anybody calling."""

from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.casework.falling_due import sweep
from app.clock import oslo_day
from app.coordination.coordinators import EhrState
from app.outbound.worker import Worker
from app.store.tables import care_team, outbox
from tests.casework.test_story import answer, appointed, outputs
from tests.casework.world import DAY, NOON, PATIENT, World, at
from tests.store.databases import Live

UNIT = at("neurology-outpatient")
PATHWAY = {"patient": PATIENT, "consent": True, "role": "17"}
PEOPLE = ("9900011", "9900020", "9900038", "9900046", "9900089")


async def orders(world: World) -> list[str]:
    """Topics of all orders for the EHR, oldest first."""
    statement = outbox.select().where(outbox.c.kind == "ehr").order_by(outbox.c.id)
    return [row.topic for row in await world.store.run(lambda c: c.execute(statement).all())]


async def status(world: World, team: str) -> str:
    """``CareTeam.status``, which is what a search finds too."""
    stored = await world.load(team, "CareTeam")
    column = care_team.select().where(care_team.c.id == team)
    [row] = await world.store.run(lambda c: c.execute(column).all())
    found: str = msgspec.json.decode(stored.body)["status"]
    assert row.status == found
    return found


async def test_a_start_to_come(world: World) -> None:
    made = await world.on_team(
        UNIT, None, "register-coordinator", practitioner="9900011", start="2026-11-24", **PATHWAY
    )
    assert await status(world, made.id) == "inactive"
    assert await orders(world) == ["register"]
    world.now += 2 * DAY
    assert await sweep(world.context) == 0
    world.now += DAY
    assert await sweep(world.context) == 1
    assert await status(world, made.id) == "active"
    assert await orders(world) == ["register"], "the EHR has known the start since the registration"
    assert await sweep(world.context) == 0
    assert (await world.load(made.id, "CareTeam")).version == 2


async def test_an_end_to_come(world: World) -> None:
    case, team = await appointed(world)
    await answer(world, EhrState.CONFIRMED)
    [stint] = await world.store.participants(team)
    given = {"participant": stint.id, "reasonCode": "need-ended", "end": "2026-11-23"}
    await world.on_team(UNIT, team, "deregister-coordinator", **given)
    await answer(world, EhrState.CONFIRMED)
    versions = (await world.load(team, "CareTeam")).version, (await world.load(case)).version
    world.now += 2 * DAY
    assert await sweep(world.context) == 0
    assert await status(world, team) == "active", "the last day is included"
    world.now += DAY
    assert await sweep(world.context) == 1
    assert await sweep(world.context) == 0
    assert await status(world, team) == "inactive"
    assert await orders(world) == ["register", "end", "end"], "now the EHR's copy is to be inactive"
    ended = (await world.events(case))[-1]
    assert (ended["move"], ended["actor"], ended["unit"]) == ("coordinator-ended", "service", UNIT.unit)
    assert outputs(await world.body(case))["coordinator-end"] == "2026-11-23"
    kinds = [entry["type"]["coding"][0]["code"] for entry in (await world.body(case))["output"]]
    assert len(kinds) == len(set(kinds))
    after = (await world.load(team, "CareTeam")).version, (await world.load(case)).version
    assert after == (versions[0] + 1, versions[1] + 1)
    await answer(world, EhrState.CONFIRMED)
    assert ((await world.load(team, "CareTeam")).version, (await world.load(case)).version) == after
    moves = [event["move"] for event in await world.events(case)]
    assert moves.count("deregistration-confirmed") == 1, "the figures count one deregistration"


async def test_what_the_ehr_refuses_on_the_day_is_told(world: World) -> None:
    case, team = await appointed(world)
    await answer(world, EhrState.CONFIRMED)
    [stint] = await world.store.participants(team)
    await world.on_team(UNIT, team, "deregister-coordinator", participant=stint.id, reasonCode="need-ended")
    await answer(world, EhrState.CONFIRMED)
    world.now += DAY
    await sweep(world.context)
    await answer(world, EhrState.REJECTED, "HTTP 422")
    assert outputs(await world.body(case))["deregistration"] == "ehr-rejected"
    assert (await world.body(stint.work_item))["status"] == "requested"


async def test_an_answer_after_midnight_does_not_hide_what_fell_due(world: World) -> None:
    _, team = await appointed(world)
    [stint] = await world.store.participants(team)
    await world.on_team(UNIT, team, "deregister-coordinator", participant=stint.id, reasonCode="need-ended")
    world.now += DAY
    await answer(world, EhrState.CONFIRMED)
    assert await sweep(world.context) == 1
    assert await orders(world) == ["register", "end", "end"]
    assert await status(world, team) == "inactive"


async def test_after_a_long_sleep_both_days_are_seen_to_once(world: World) -> None:
    case = (await world.post()).id
    await world.act(UNIT, case, "accept")
    await world.act(UNIT, case, "appoint", practitioner="9900011", start="2026-11-23")
    [team] = await world.store.run(lambda c: [row.id for row in c.execute(care_team.select())])
    [stint] = await world.store.participants(team)
    given = {"participant": stint.id, "reasonCode": "need-ended", "end": "2026-11-24"}
    await world.on_team(UNIT, team, "deregister-coordinator", **given)
    version = (await world.load(case)).version
    world.now += 30 * DAY
    assert await sweep(world.context) == 1
    assert [event["move"] for event in await world.events(case)][-2:] == ["coordinator-began", "coordinator-ended"]
    assert (await world.load(case)).version == version + 1
    assert await sweep(world.context) == 0


async def test_one_team_that_cannot_be_seen_to_keeps_no_other_waiting(world: World) -> None:
    teams = []
    for patient, hpr, unit in (
        ("10915596784", "9900046", "rehabilitation"),
        ("15848010070", "9900011", "neurology-outpatient"),
    ):
        given = PATHWAY | {"patient": patient, "practitioner": hpr, "start": "2026-11-22"}
        teams.append((await world.on_team(at(unit), None, "register-coordinator", **given)).id)
    whole = world.directory
    world.directory = _without(whole, "rehabilitation")
    world.now += DAY
    await sweep(world.context)
    assert [await status(world, team) for team in teams] == ["inactive", "active"]
    world.directory = whole
    assert await sweep(world.context) == 1
    assert await status(world, teams[0]) == "active"


def _without(directory: Any, unit: str) -> Any:
    return _Lacking(directory, unit)


class _Lacking:
    """A directory that has lost a unit."""

    def __init__(self, directory: Any, unit: str) -> None:
        self._directory = directory
        self.units = {key: value for key, value in directory.units.items() if key != unit}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._directory, name)


async def test_of_the_wrong_patient_nothing_more_is_said(world: World) -> None:
    case, team = await appointed(world)
    await world.act(at("coordinating-unit"), case, "enter-in-error", reason="Feil pasient")
    version = (await world.load(case)).version
    world.now += DAY
    assert await sweep(world.context) == 1
    assert await status(world, team) == "inactive"
    assert (await orders(world))[-1] == "end"
    assert (await world.load(case)).version == version


DAYS = 12
CALENDAR = st.lists(
    st.tuples(
        st.integers(0, DAYS - 1),
        st.integers(-3, 6),
        st.one_of(st.none(), st.tuples(st.integers(0, 4), st.integers(-2, 5))),
    ),
    min_size=1,
    max_size=len(PEOPLE),
)
"""For each person: the day of the registration, the start after that, and the end: how many days later it is said,
and for how many days after that."""


@given(calendar=CALENDAR, hours=st.integers(0, 12))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_active_by_periods_is_active_by_status_on_every_day(live: Live, calendar: Any, hours: int) -> None:
    live.empty()
    live.run(_play(World(live.store, now=NOON + hours * 3_600_000), calendar))


async def _play(world: World, calendar: list[tuple[int, int, tuple[int, int] | None]]) -> None:
    team = ""
    ends: dict[str, tuple[int, int]] = {}
    for day in range(2 * DAYS):
        await sweep(world.context)
        today = oslo_day(world.now)
        for hpr, (said, start, end) in zip(PEOPLE, calendar, strict=False):
            if said == day:
                begins = (today + timedelta(days=start)).isoformat()
                made = await world.on_team(
                    UNIT, None, "register-coordinator", practitioner=hpr, start=begins, **PATHWAY
                )
                team = made.id
                if end is not None:
                    ends[hpr] = (day + end[0], end[1])
            if ends.get(hpr, (-1, 0))[0] == day:
                [row] = [row for row in await world.store.participants(team) if row.hpr == hpr]
                last = max(row.start_day, (today + timedelta(days=ends[hpr][1])).isoformat())
                given = {"participant": row.id, "reasonCode": "need-ended", "end": last}
                await world.on_team(UNIT, team, "deregister-coordinator", **given)
        if team:
            text = today.isoformat()
            rows = await world.store.participants(team)
            by_periods = any(row.start_day <= text <= (row.end_day or text) for row in rows)
            assert await status(world, team) == ("active" if by_periods else "inactive"), text
        world.now += DAY
    assert await sweep(world.context) == 0, "whatever fell due has been seen to"


async def test_the_worker_looks_for_what_falls_due(world: World) -> None:
    world.settings = world.settings.model_copy(update={"ehr_url": ""})
    given = PATHWAY | {"practitioner": "9900011", "start": "2026-11-22"}
    made = await world.on_team(UNIT, None, "register-coordinator", **given)
    world.now += DAY
    async with httpx.AsyncClient() as client:
        await Worker(world.context, client, client).look()
    assert await status(world, made.id) == "active"


@pytest.mark.parametrize("hour", [22, 23])
async def test_the_day_is_the_one_in_norway(world: World, hour: int) -> None:
    made = await world.on_team(
        UNIT, None, "register-coordinator", practitioner="9900011", start="2026-11-22", **PATHWAY
    )
    # Noon in Norway is 11 UTC in winter: at 23 UTC the next day has come.
    world.now += (hour - 11) * 3_600_000
    assert await sweep(world.context) == (1 if hour == 23 else 0)
    assert await status(world, made.id) == ("active" if hour == 23 else "inactive")
