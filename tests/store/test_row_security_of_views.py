"""Row-level security behind views: with the query's own predicate taken out the database still gives no foreign row."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg
import pytest
from sqlalchemy import true

from app.casework.patients import resolve_patients
from app.fhir import codes
from app.fhir.measure_report import Month
from app.fhir.search import parse
from app.reports import audit_events, cases, provenances, units
from app.reports.figures import counted
from app.reports.view import figures_rows
from app.security.caller import Caller, Role
from app.store.changes import Look, RowScope, Viewer, party_rows
from app.store.looks import row_of
from app.store.opening import open_store
from app.store.tables import audit_event
from tests.casework.world import DALHEIM, FJORDVIK, OTHER_PATIENT, PATIENT, TRUST, World, at, directory, need, sender

OWNER, STRANGER = at("neurology-outpatient"), at("oncology")
VIEWS = {"Provenance": provenances, "AuditEvent": audit_events}
MONTHS = [Month(date(2026, 11, 1), date(2026, 11, 30))]


@pytest.fixture
async def world(owned: str, ordinary_url: str) -> AsyncIterator[World]:
    """A case of Fjordvik's that was assessed and appointed, one of Dalheim's, and who looked at them."""
    store = open_store(ordinary_url, pool=4)
    world = World(store)
    first = (await world.post(need())).id
    second = (await world.post(_of(OTHER_PATIENT), sender(DALHEIM))).id
    await world.act(OWNER, first, "accept")
    await world.act(OWNER, first, "assess", assessment={"a": True, "b": True, "c": True})
    await world.act(OWNER, first, "appoint", practitioner="9900011")
    for case, caller in ((first, OWNER), (second, sender(DALHEIM))):
        await store.read("Task", case, _viewer(caller), _look(caller))
    yield world
    await store.close()
    owner = await asyncpg.connect(owned)
    tables = "task, history, party, token, case_event, audit_event, participant, care_team, submission, outbox"
    await owner.execute(f"TRUNCATE {tables}")
    await owner.close()


def _of(national: str) -> dict[str, Any]:
    return need("2", for_={"identifier": {"system": codes.NATIONAL_NUMBER, "value": national}})


def _viewer(caller: Caller) -> Viewer:
    return Viewer(organisation=caller.organisation, unit=caller.unit)


def _look(caller: Caller) -> Look:
    return Look(1, caller.organisation, caller.unit, "", "", caller.role, "read", "r", "")


def _auditor(organisation: str) -> Caller:
    return Caller(organisation=organisation, role=Role.AUDITOR)


@pytest.fixture
def no_predicate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both views without the words about who may see a row."""
    for view in VIEWS.values():
        monkeypatch.setattr(view, "_visible", lambda _: true())


async def _seen(world: World, name: str, caller: Caller, *asked: tuple[str, str]) -> list[str]:
    """The ids that a search finds, and that a read by id gives too."""
    query = await resolve_patients(world.store, _viewer(caller), parse(name, asked))
    view = VIEWS[name].VIEW
    page = await view.search(world.context, caller, replace(query, count=200, total=True))
    assert page.total == len(page.rows)
    for row in page.rows:
        assert await view.read(world.context, caller, row.id) is not None
    return sorted(row.id for row in page.rows)


@pytest.mark.usefixtures("no_predicate")
async def test_events_of_others_stay_away(world: World) -> None:
    mine = await _seen(world, "Provenance", OWNER)
    assert len(mine) > 3
    for stranger in (STRANGER, Caller(organisation="", role=Role.UNIT), sender("999999999")):
        assert await _seen(world, "Provenance", stranger) == []
        assert await provenances.VIEW.read(world.context, stranger, mine[0]) is None
        assert await _seen(world, "Provenance", stranger, _by_number(PATIENT)) == []
    fjordvik, dalheim = [await _seen(world, "Provenance", sender(one)) for one in (FJORDVIK, DALHEIM)]
    assert fjordvik
    assert dalheim
    assert not set(fjordvik) & set(dalheim)


def _by_number(number: str) -> tuple[str, str]:
    return "patient:identifier", f"{codes.NATIONAL_NUMBER}|{number}"


@pytest.mark.usefixtures("no_predicate")
async def test_that_a_hospital_has_assessed_stays_there(world: World) -> None:
    case = (await _seen(world, "Provenance", sender(FJORDVIK)))[0].rsplit("-", 2)[0]
    scopes = {"sender": party_rows(_viewer(sender(FJORDVIK))), "owner": party_rows(_viewer(OWNER))}
    told = {
        # Asked as if by the hospital: what is told is the database's doing.
        name: {row["move"] for row in await world.store.run(lambda c: cases.events(c, case, TRUST), scope)}
        for name, scope in scopes.items()
    }
    assert ("assess" in told["owner"], "assess" in told["sender"]) == (True, False)
    stranger = party_rows(_viewer(STRANGER))
    assert await world.store.run(lambda c: cases.events(c, case, TRUST), stranger) == []


@pytest.mark.usefixtures("no_predicate")
async def test_audit_events_of_others_stay_away(world: World) -> None:
    fjordvik, dalheim = [await _seen(world, "AuditEvent", _auditor(one)) for one in (FJORDVIK, DALHEIM)]
    hospital = await _seen(world, "AuditEvent", _auditor(TRUST))
    assert fjordvik
    assert dalheim
    assert not set(fjordvik) & set(dalheim)
    assert set(hospital) == {*fjordvik, *dalheim}
    for organisation in ("999999999", ""):
        assert await _seen(world, "AuditEvent", _auditor(organisation)) == []
        assert await audit_events.VIEW.read(world.context, _auditor(organisation), fjordvik[0]) is None
        query = parse("AuditEvent", [_by_number(PATIENT)])
        asked = await resolve_patients(world.store, Viewer(organisation=organisation), query)
        assert await audit_events.touches(world.context, _auditor(organisation), asked) == ([], False)


@pytest.mark.parametrize("view", VIEWS)
async def test_with_the_predicate_nothing_of_ones_own_is_lost(
    world: World, view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = {
        "Provenance": [OWNER, STRANGER, sender(FJORDVIK), sender(DALHEIM), at("coordinating-unit")],
        "AuditEvent": [_auditor(one) for one in (FJORDVIK, DALHEIM, TRUST)],
    }[view]
    bound = [await _seen(world, view, reader) for reader in readers]
    everything = world.store.run

    async def unbound(work: Any, _scope: Any = None) -> Any:
        return await everything(work)

    monkeypatch.setattr(world.store, "run", unbound)
    assert bound == [await _seen(world, view, reader) for reader in readers]
    assert any(bound)


async def test_figures_are_of_ones_own_house(world: World) -> None:
    own = figures_rows(directory(), TRUST)
    other = RowScope("figures", units="elsewhere-ward,elsewhere-ke", trust="elsewhere")
    nobody = figures_rows(directory(), DALHEIM)
    keys = own.units.split(",")
    for measure in ("open-cases", "active-coordinators", "coordinator-changes"):
        for scope, some in ((own, True), (other, False), (nobody, False)):
            (month,) = await world.store.run(lambda c: counted(c, measure, MONTHS, own.trust, keys), scope)  # noqa: B023
            assert any(month.values()) is some, (measure, scope)
    assert await world.store.run(units.figures, own)
    assert await world.store.run(units.figures, other) == []
    assert await world.store.run(units.figures, nobody) == []


async def test_every_reader_of_rows_may_add_to_the_audit_and_none_reads_it_without_the_role(world: World) -> None:
    await world.store.record_looks([row_of(_look(OWNER), "Task", "t1", 1, "patient")])
    async with world.store.together() as together:
        await together.read("Task", "none", _viewer(STRANGER))
        await together.record_looks([row_of(_look(STRANGER), "Task", "t1", 1, "patient")])
    rows = await world.store.run(lambda c: c.execute(audit_event.select()).all())
    assert len(rows) > 2
    for scope in (party_rows(_viewer(OWNER)), RowScope("figures", units=OWNER.unit, trust="helse-fjordvest")):
        assert await world.store.run(lambda c: c.execute(audit_event.select()).all(), scope) == []
