"""MeasureReports on both databases equal a count made beside, of random chains of moves and stints."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.clock import oslo_day
from app.coordination.coordinators import END_REASONS
from app.coordination.states import TERMINAL, Move
from app.errors import Forbidden, SambandError
from app.fhir import codes
from app.fhir.measures import MEASURES
from app.fhir.published import by_url
from app.fhir.search import Query, parse
from app.fhir.validation import validate
from app.reports.measure_reports import VIEW
from app.security.caller import Caller, Role
from app.store.interface import Store
from app.store.tables import case_event, participant
from tests.casework.chains import step
from tests.casework.world import DALHEIM, DAY, GROUP, KE, NURSE, TRUST, UNITS, World, at, directory, need, sender
from tests.reports.pages import all_pages
from tests.store.databases import Live

PATIENTS = ("10915596784", "15848010070", "15848010151")
Content = dict[str, Any]
Rows = list[dict[str, Any]]


def anybody(role: Role) -> Caller:
    """A caller of the trust who is at no unit."""
    return Caller(organisation=TRUST, role=role)


def query(*pairs: tuple[str, str]) -> Query:
    return parse("MeasureReport", pairs)


async def found(world: World, caller: Caller, *pairs: tuple[str, str]) -> list[Content]:
    """All matches."""
    return await all_pages(VIEW, world, caller, query(*pairs))


def total(report: Content, figure: str) -> int:
    return int(next(g for g in report["group"] if code(g["code"]) == figure)["population"][0]["count"])


def strata(report: Content, figure: str) -> dict[str, dict[str, int]]:
    """What it is divided by → value → number."""
    group = next(g for g in report["group"] if code(g["code"]) == figure)
    return {
        code(one["code"][0]): {code(s["value"]): s["population"][0]["count"] for s in one.get("stratum", ())}
        for one in group["stratifier"]
    }


def code(concept: Content) -> str:
    return str(concept["coding"][0]["code"])


# -- the count beside --------------------------------------------------------------------------------------------------


async def rows_of(world: World) -> tuple[Rows, Rows]:
    """All events of all cases, oldest first, and all stints."""
    statement = case_event.select().order_by(case_event.c.case_id, case_event.c.version, case_event.c.number)
    events = await world.store.run(lambda c: [dict(row) for row in c.execute(statement).mappings()])
    stints = await world.store.run(lambda c: [dict(row) for row in c.execute(participant.select()).mappings()])
    return events, stints


def expected_open(events: Rows, before: date) -> Counter[tuple[str, str]]:
    """(unit, stage) of each case that was open when that day began: its moves, played again."""
    standing: dict[str, tuple[str, str]] = {}
    for event in events:
        if event["move"] in set(Move) and oslo_day(event["at"]) < before:
            standing[event["case_id"]] = (event["unit"], event["to_stage"])
    return Counter(place for place in standing.values() if place[1] not in set(TERMINAL))


def days(stint: dict[str, Any], until: date) -> Iterator[date]:
    """Every day that a stint covers, one by one."""
    day = date.fromisoformat(stint["start_day"])
    while day <= until and (stint["end_day"] is None or day.isoformat() <= stint["end_day"]):
        yield day
        day += timedelta(days=1)


def months(first: date, today: date) -> Iterator[tuple[date, date]]:
    """(first, last) day of each month, the last one as far as it has come."""
    while first.replace(day=1) <= today:
        after = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        yield first.replace(day=1), min(after - timedelta(days=1), today)
        first = after


# -- the same ----------------------------------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_reports_say_what_was_counted_beside(live: Live, data: st.DataObject) -> None:
    live.empty()
    live.run(check(World(live.store), data))


async def check(world: World, data: st.DataObject) -> None:
    """Cases and stints over some months, then every report of the trust against the rows."""
    cases = [
        (await world.post(need(number, for_={"identifier": {"system": codes.NATIONAL_NUMBER, "value": number}}))).id
        for number in PATIENTS
    ]
    for _ in range(data.draw(st.integers(3, 12))):
        with suppress(SambandError):  # somebody else may have the role already
            await step(world, cases[data.draw(st.integers(0, len(cases) - 1))], data)
        if data.draw(st.booleans()):
            await stint(world, data)
        world.now += data.draw(st.sampled_from([0, DAY, 17 * DAY, 40 * DAY]))
    events, stints = await rows_of(world)
    reports = {report["id"]: report for report in await found(world, at(KE), ("_count", "7"))}
    today = oslo_day(world.now)
    begun = min([oslo_day(event["at"]) for event in events] + [date.fromisoformat(s["start_day"]) for s in stints])
    calendar = list(months(min(begun, today), today))
    units = {"": "310470007"} | {unit.key: unit.resh for unit in directory().units.values()}
    assert len(reports) == len(calendar) * len(units) * len(MEASURES)
    active_before: Counter[str] = Counter()
    for first, last in calendar:
        for unit, value in units.items():
            mine = [s for s in stints if unit in {"", s["unit"]}]
            active_before[unit] = compare(reports, f"{first:%Y-%m}-{value}", unit, events, mine, first, last,
                                          active_before[unit])  # fmt: skip
    for report in reports.values():
        well_formed(report)


def compare(
    reports: dict[str, Content], place: str, unit: str, events: Rows, mine: Rows, first: date, last: date, before: int
) -> int:
    """One month of one reporter; its active coordinators come back."""
    standing = {key: n for key, n in expected_open(events, last + timedelta(1)).items() if unit in {"", key[0]}}
    opened = reports[f"open-cases-{place}"]
    assert total(opened, "open") == sum(standing.values())
    stages: Counter[str] = Counter()
    for (_, stage), number in standing.items():
        stages[stage] += number
    assert strata(opened, "open")["stage"] == dict(stages)
    active = [s for s in mine if last in days(s, last)]
    report = reports[f"active-coordinators-{place}"]
    assert total(report, "active") == len(active)
    assert strata(report, "active")["role"] == dict(Counter(s["role"] for s in active))
    changes = reports[f"coordinator-changes-{place}"]
    begun = [s for s in mine if first <= date.fromisoformat(s["start_day"]) <= last]
    over = [s for s in mine if s["end_day"] and first <= date.fromisoformat(s["end_day"]) + timedelta(1) <= last]
    assert (total(changes, "registered"), total(changes, "deregistered")) == (len(begun), len(over))
    assert strata(changes, "deregistered")["end-reason"] == dict(Counter(s["end_reason"] for s in over))
    # The month before, those who came, less those who went.
    assert total(report, "active") == before + total(changes, "registered") - total(changes, "deregistered")
    return total(report, "active")


async def stint(world: World, data: st.DataObject) -> None:
    """Somebody is registered, or deregistered, on a day near this one; a refusal is as good."""
    day = oslo_day(world.now) + timedelta(days=data.draw(st.integers(-20, 20)))
    unit = data.draw(st.sampled_from(UNITS))
    rows = await world.store.run(lambda c: [dict(row) for row in c.execute(participant.select()).mappings()])
    with suppress(SambandError):
        ends: bool = data.draw(st.booleans())
        if rows and ends:
            row = rows[data.draw(st.integers(0, len(rows) - 1))]
            reason = data.draw(st.sampled_from(sorted(END_REASONS)))
            given = {"participant": row["id"], "end": day.isoformat(), "reasonCode": reason}
            await world.on_team(at(row["unit"]), row["care_team"], "deregister-coordinator", **given)
        else:
            given = {"patient": data.draw(st.sampled_from(PATIENTS)), "practitioner": NURSE[unit], "consent": True}
            role = data.draw(st.sampled_from(["17", "18"]))
            await world.on_team(at(unit), None, "register-coordinator", start=day.isoformat(), role=role, **given)


def well_formed(report: Content) -> None:
    """R4 by our tables and by another reading; strata that add up to the total; nobody's data."""
    validate(report, "MeasureReport")
    import_module("fhir.resources.R4B.measurereport").MeasureReport.model_validate(report)
    measure = by_url("Measure", report["measure"])
    assert measure is not None
    declared = {code(g["code"]): {code(s["code"]) for s in g["stratifier"]} for g in json.loads(measure.body)["group"]}
    assert declared.keys() == {code(group["code"]) for group in report["group"]}
    for figure, names in declared.items():
        divided = strata(report, figure)
        assert divided.keys() <= names
        assert {sum(numbers.values()) for numbers in divided.values()} == {total(report, figure)}
    text = json.dumps(report)
    assert not any(number in text for number in (*PATIENTS, *NURSE.values()))
    assert "Patient" not in text


async def test_who_reads_which(store: Store) -> None:
    world = World(store)
    await world.post(need())
    everything = {report["id"] for report in await found(world, at(KE))}
    for caller in (at(GROUP), anybody(Role.AUDITOR), anybody(Role.OPERATOR)):
        assert {report["id"] for report in await found(world, caller)} == everything
    own = await found(world, at("neurology-ward"))
    assert {report["id"] for report in own} == {
        f"{measure}-2026-11-{directory().units['neurology-ward'].resh}" for measure in MEASURES
    }
    other = f"open-cases-2026-11-{directory().units['oncology'].resh}"
    assert await VIEW.read(world.context, at("neurology-ward"), other) is None
    assert await VIEW.read(world.context, at(KE), other) is not None
    for stranger in (sender(), sender(DALHEIM), at("ehr")):
        for asked in (VIEW.read(world.context, stranger, other), VIEW.search(world.context, stranger, query())):
            with pytest.raises(Forbidden):
                await asked
    elsewhere = Caller(organisation="310470015", role=Role.COORDINATING_UNIT, unit=KE)
    assert await found(world, elsewhere) == []
    assert await VIEW.read(world.context, elsewhere, other) is None


async def test_by_measure_period_date_and_reporter(store: Store) -> None:
    world = World(store)
    await world.post(need())
    world.now += 30 * DAY  # 2026-12-21
    unit = f"{codes.RESH}|{directory().units['oncology'].resh}"

    async def months_of(*pairs: tuple[str, str]) -> list[str]:
        rows = await found(world, at(KE), ("measure", "open-cases"), ("reporter:identifier", unit), *pairs)
        return [row["period"]["start"][:7] for row in rows]

    assert await months_of() == ["2026-12", "2026-11"]
    assert await months_of(("_sort", "_lastUpdated"), ("_count", "1")) == ["2026-11", "2026-12"]
    assert await months_of(("period", "2026-11")) == ["2026-11"]
    assert await months_of(("period", "ge2026-12")) == ["2026-12"]
    assert await months_of(("period", "eb2026-12")) == ["2026-11"]
    assert await months_of(("date", "2026-12-01")) == ["2026-11"]
    assert await months_of(("date", "2026-12-21")) == ["2026-12"]
    assert await months_of(("_lastUpdated", "lt2026-12-02")) == ["2026-11"]
    assert await months_of(("_id", "open-cases-2026-11-4900301,open-cases-2027-01-4900301")) == ["2026-11"]
    url = MEASURES["open-cases"].url
    for named in ("Measure/open-cases", url, f"{url}|0.1.0"):
        assert len(await found(world, at("oncology"), ("measure", named))) == 2
    for named in ("Measure/other", f"{url}|9", "https://elsewhere.example/Measure/open-cases"):
        assert await found(world, at("oncology"), ("measure", named)) == []
    trust = await found(world, at(KE), ("reporter:identifier", f"{codes.ORGANISATION}|{TRUST}"))
    assert len(trust) == 2 * len(MEASURES)
    page = await VIEW.search(world.context, at(KE), query(("_total", "accurate"), ("_count", "2")))
    assert (page.total, len(page.rows)) == (len(await found(world, at(KE))), 2)


async def test_the_month_that_runs_changes_and_one_that_is_over_stays(store: Store) -> None:
    world = World(store)
    key = f"open-cases-2026-11-{TRUST}"
    empty = await VIEW.read(world.context, at(KE), key)
    case = (await world.post(need())).id
    first = await VIEW.read(world.context, at(KE), key)
    assert empty is not None
    assert first is not None
    assert empty.version != first.version
    assert total(json.loads(first.body), "open") == 1
    world.now += 30 * DAY
    await world.act(at("neurology-outpatient"), case, "decline", reasonCode="no-need", reason="Ikke behov")
    over = await VIEW.read(world.context, at(KE), key)
    assert over is not None
    told = json.loads(over.body)
    assert (total(told, "open"), told["period"]) == (1, {"start": "2026-11-01", "end": "2026-11-30"})
    assert (told["date"], told["meta"]["lastUpdated"]) == ("2026-12-01", "2026-11-30T23:00:00.000Z")
    now = await VIEW.read(world.context, at(KE), key.replace("-11-", "-12-"))
    assert now is not None
    assert total(json.loads(now.body), "open") == 0
    for strange in (key.replace("2026", "2027"), key.replace("2026-11", "2026-10"), "open-cases", f"{key}0"):
        assert await VIEW.read(world.context, at(KE), strange) is None


async def test_the_ehr_state_is_told_of_today_only(store: Store) -> None:
    world = World(store)
    given = {"patient": PATIENTS[0], "practitioner": NURSE["oncology"], "consent": True}
    await world.on_team(at("oncology"), None, "register-coordinator", **given)
    (now,) = await found(world, at("oncology"), ("measure", "active-coordinators"))
    assert strata(now, "active")["ehr-state"] == {"ehr-pending": 1}
    world.now += 30 * DAY
    _, over = await found(world, at("oncology"), ("measure", "active-coordinators"))
    assert strata(over, "active").keys() == {"unit", "role"}
    assert total(over, "active") == 1
