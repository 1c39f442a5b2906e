"""Figures per unit equal a tally made beside, of random chains of moves."""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.coordination.case import Case
from app.coordination.states import OTHER_OUTCOMES, Stage
from app.fhir import codes
from app.reports.cases import events
from app.reports.units import figures
from app.store.interface import Store
from tests.casework.chains import step
from tests.casework.world import FJORDVIK, TRUST, World, at, need
from tests.store.databases import Live

OTHERS = frozenset(OTHER_OUTCOMES)


PATIENTS = ("10915596784", "15848010070", "15848010151")
"""Synthetic ones, each with a case: a patient has one coordinator at a time."""


def patient(number: str) -> dict[str, Any]:
    """A logical reference."""
    return {"identifier": {"system": codes.NATIONAL_NUMBER, "value": number}}


class Tally:
    """What a bystander counts, from the cases alone."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def opened(self, case: Case) -> None:
        """A case came to its first unit."""
        self.counts[case.owner, "received"] += 1

    def moved(self, before: Case, after: Case, move: str) -> None:
        """A case went on."""
        if after.owner != before.owner:
            self.counts[after.owner, "received"] += 1
            self.counts[before.owner, "handed_over"] += 1
            self.counts[after.owner, "placed"] += after.stage is Stage.PLACED
        if before.stage is after.stage:
            return
        self.counts[after.owner, "accepted"] += move == "accept"
        self.counts[after.owner, "appointed"] += after.stage is Stage.COORDINATOR_APPOINTED
        self.counts[after.owner, "other_outcome"] += after.stage in OTHERS
        self.counts[after.owner, "declined"] += after.stage is Stage.DECLINED
        self.counts[after.owner, "withdrawn"] += after.stage is Stage.WITHDRAWN
        self.counts[after.owner, "lapsed"] += after.stage is Stage.LAPSED


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_figures_add_up(live: Live, data: st.DataObject) -> None:
    live.empty()
    live.run(check(World(live.store), data))


async def check(world: World, data: st.DataObject) -> None:
    """Some cases, all walked together."""
    tally = Tally()
    cases = [(await world.post(need(number, for_=patient(number)))).id for number in PATIENTS]
    states = {key: await world.case(key) for key in cases}
    for case in states.values():
        tally.opened(case)
    for _ in range(data.draw(st.integers(5, 15))):
        await step(world, cases[data.draw(st.integers(0, len(cases) - 1))], data)
        for key in cases:  # time moves others too
            before, after = states[key], await world.case(key)
            if before != after:
                tally.moved(before, after, (await world.events(key))[-1]["move"])
            states[key] = after
    found = await world.store.run(figures)
    counted = {(row["unit"], name): value for row in found for name, value in row.items() if name != "unit" and value}
    assert counted == {key: value for key, value in tally.counts.items() if value}
    assert [row["unit"] for row in found] == sorted({row["unit"] for row in found})


async def test_no_events_no_figures(store: Store) -> None:
    assert await store.run(figures) == []


async def test_the_trace_of_a_case_tells_every_move_with_its_reason(store: Store) -> None:
    world = World(store)
    case = (await world.post(need())).id
    await world.act(at("neurology-outpatient"), case, "accept")
    await world.act(at("neurology-outpatient"), case, "assess", assessment={"a": True, "b": True, "c": True})
    await world.act(at("neurology-outpatient"), case, "conclude", outcome="team", reason="Et team følger opp")
    told: list[dict[str, Any]] = await store.run(lambda connection: events(connection, case, TRUST))
    assert [(row["version"], row["move"], row["to_stage"]) for row in told] == [
        (1, "submit", "received"),
        (1, "route", "in-queue"),
        (2, "accept", "assessing"),
        (3, "assess", "assessing"),
        (4, "conclude", "team"),
    ]
    assert told[1]["rule"] == "wished-unit"
    assert told[-1]["reason"] == "Et team følger opp"
    assert told[-1]["assessment"]["met"] is True
    assert told[0]["at"] == "2026-11-21T11:00:00.000Z"
    told = await store.run(lambda connection: events(connection, case, FJORDVIK))
    assert "assess" not in {row["move"] for row in told}  # that is for the hospital
    assert await store.run(lambda connection: events(connection, "unknown", TRUST)) == []
