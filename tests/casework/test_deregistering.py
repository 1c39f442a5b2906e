"""How a coordinator's stint ends: when, by whom, said twice, by PUT, and after a case about the wrong patient."""

from typing import Any

import pytest

from app.coordination.coordinators import EhrState
from app.errors import Forbidden, InvalidContent, Refused
from app.fhir import codes
from app.store.tables import outbox
from tests.casework.test_story import answer, appointed, outputs
from tests.casework.world import DAY, KE, PATIENT, World, at

UNIT, OTHER = at("neurology-outpatient"), at("rehabilitation")
END = "Parameters.parameter.where(name='end')"
ENDS = {"reasonCode": "need-ended"}


async def registered(world: World, start: str = "2026-11-21") -> tuple[str, str]:
    """CareTeam and participant of a coordinator that no case led to."""
    made = await world.on_team(
        UNIT, None, "register-coordinator", patient=PATIENT, practitioner="9900011", consent=True, start=start
    )
    [stint] = await world.store.participants(made.id)
    return made.id, stint.id


async def written(world: World, team: str) -> tuple[int, int, int]:
    """(version, deliveries of all kinds, orders for the EHR) as they are now."""
    rows = await world.store.run(lambda c: c.execute(outbox.select()).mappings().all())
    return (await world.load(team, "CareTeam")).version, len(rows), sum(row["kind"] == "ehr" for row in rows)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("2026-11-20", "end-before-start"),
        ("2026", "date-invalid"),
        ("2026-12", "date-invalid"),
        ("0001-01-01", "date-invalid"),
        ("1989-12-31", "date-invalid"),
        ("2031-11-22", "date-invalid"),
        ("9999-12-31", "date-invalid"),
    ],
)
async def test_an_end_that_cannot_be_is_refused_as_it_was_sent(world: World, end: str, code: str) -> None:
    team, participant = await registered(world)
    before = await written(world, team)
    with pytest.raises(InvalidContent) as refused:
        await world.on_team(UNIT, team, "deregister-coordinator", participant=participant, end=end, **ENDS)
    [issue] = refused.value.issues
    assert (issue.code, issue.expression) == (code, END)
    if end[:4] in {"0001", "1989", "2031", "9999"}:
        assert "from 1990-01-01 up to 5 years ahead" in issue.diagnostics
    assert await written(world, team) == before


@pytest.mark.parametrize("start", ["1989-12-31", "2031-11-22", "9999-12-31"])
async def test_a_start_that_is_too_far_off(world: World, start: str) -> None:
    with pytest.raises(InvalidContent) as refused:
        await registered(world, start)
    [issue] = refused.value.issues
    assert (issue.code, issue.expression) == ("date-invalid", END.replace("end", "start"))
    assert "from 1990-01-01 up to 5 years ahead" in issue.diagnostics


async def test_five_years_ahead_is_not_too_far_off(world: World) -> None:
    team, participant = await registered(world, "1990-01-01")
    await world.on_team(UNIT, team, "deregister-coordinator", participant=participant, end="2031-11-21", **ENDS)
    assert (await world.body(team, "CareTeam"))["participant"][0]["period"]["end"] == "2031-11-21"


async def test_a_stint_to_come_ends_on_its_first_day_unless_another_is_said(world: World) -> None:
    team, participant = await registered(world, "2026-12-01")
    with pytest.raises(InvalidContent) as refused:
        await world.on_team(UNIT, team, "deregister-coordinator", participant=participant, end="2026-11-30", **ENDS)
    assert refused.value.issues[0].code == "end-before-start"
    await world.on_team(UNIT, team, "deregister-coordinator", participant=participant, **ENDS)
    [row] = (await world.body(team, "CareTeam"))["participant"]
    assert row["period"] == {"start": "2026-12-01", "end": "2026-12-01"}


@pytest.mark.parametrize("named", ["participant", "practitioner"])
@pytest.mark.parametrize(("end", "days"), [("2026-11-21", 0), (None, 0), (None, 3), ("2026-12-24", 1)])
async def test_the_same_end_again_changes_nothing(world: World, named: str, end: str | None, days: int) -> None:
    case, team = await appointed(world)
    [stint] = await world.store.participants(team)
    who = {named: stint.id if named == "participant" else stint.hpr}
    given = who | ENDS | ({"end": end} if end else {})
    first = await world.on_team(UNIT, team, "deregister-coordinator", **given)
    before, told = await written(world, team), (await world.load(case)).version
    world.now += days * DAY
    again = await world.on_team(UNIT, team, "deregister-coordinator", **given)
    assert (again.status, again.version, again.body) == (200, first.version, first.body)
    assert await written(world, team) == before
    assert (await world.load(case)).version == told
    world.now += 40 * DAY
    for other in ({"reasonCode": "replaced"}, {"end": "2027-12-01"}):
        with pytest.raises(Refused) as ended:
            await world.on_team(UNIT, team, "deregister-coordinator", **(given | other))
        assert ended.value.error == "already-ended"


async def test_only_those_whose_coordinator_it_is_end_a_stint(world: World) -> None:
    team, participant = await registered(world)
    given = {"patient": PATIENT, "practitioner": "9900046", "consent": True, "role": "19"}
    await world.on_team(OTHER, None, "register-coordinator", **given)
    assert await world.sees(OTHER, team, "CareTeam")
    before = await written(world, team)
    with pytest.raises(Forbidden) as operation:
        await world.on_team(OTHER, team, "deregister-coordinator", participant=participant, **ENDS)
    content = await world.body(team, "CareTeam")
    index = next(i for i, row in enumerate(content["participant"]) if row["id"] == participant)
    content["participant"][index]["period"]["end"] = "2026-12-24"
    with pytest.raises(Forbidden) as update:
        await world.put(OTHER, team, content, 2, "CareTeam")
    assert operation.value.error == update.value.error == "not-your-coordinator"
    assert update.value.issues[0].expression == f"CareTeam.participant[{index}]"
    assert await written(world, team) == before
    for caller, end in ((UNIT, "2026-12-24"), (at(KE), "2026-12-23"), (at("ehr"), "2026-12-22")):
        await world.on_team(caller, team, "deregister-coordinator", participant=participant, end=end, **ENDS)
        assert (await world.store.participant(participant)).end_day == end  # type: ignore[union-attr]


def extended(row: dict[str, Any], state: str) -> dict[str, Any]:
    """A participant with another state in the EHR."""
    others = [x for x in row["extension"] if x["url"] != codes.EHR_STATE_EXTENSION]
    return row | {"extension": [{"url": codes.EHR_STATE_EXTENSION, "valueCode": state}, *others]}


async def test_a_put_says_nothing_of_a_row_but_its_end(world: World) -> None:
    team, _ = await registered(world)
    content = await world.body(team, "CareTeam")
    [row] = content["participant"]
    other_unit = row["onBehalfOf"] | {"identifier": {"system": codes.RESH, "value": "1"}}
    reason = {"url": codes.END_REASON_EXTENSION, "valueCode": "replaced"}
    refusals: list[tuple[list[dict[str, Any]], str, str]] = [
        ([row, row], "participant-twice", "CareTeam.participant[1]"),
        (
            [row, row | {"period": row["period"] | {"end": "2026-12-24"}}],
            "participant-twice",
            "CareTeam.participant[1]",
        ),
        ([extended(row, "ehr-confirmed")], "participant-changed", "CareTeam.participant[0].extension"),
        ([row | {"onBehalfOf": other_unit}], "participant-changed", "CareTeam.participant[0]"),
        ([row | {"extension": [reason]}], "participant-changed", "CareTeam.participant[0]"),
        (
            [row | {"period": row["period"] | {"end": "2026-11-20"}}],
            "invariant",
            "CareTeam.participant[0].period",
        ),
        ([row | {"period": row["period"] | {"end": "2027"}}], "date-invalid", "CareTeam.participant[0].period.end"),
    ]
    for rows, code, expression in refusals:
        with pytest.raises(InvalidContent) as refused:
            await world.put(UNIT, team, content | {"participant": rows}, 1, "CareTeam")
        [issue] = refused.value.issues
        assert (issue.code, issue.expression) == (code, expression)
    assert (await world.load(team, "CareTeam")).version == 1
    unknowing = {name: value for name, value in row.items() if name != "extension"}
    ended = unknowing | {"period": row["period"] | {"end": "2026-12-24"}}
    assert (await world.put(UNIT, team, content | {"participant": [ended]}, 1, "CareTeam")).version == 2


async def test_a_put_says_why_it_ended_too(world: World) -> None:
    team, participant = await registered(world)
    content = await world.body(team, "CareTeam")
    reason = {"url": codes.END_REASON_EXTENSION, "valueCode": "patient-moved"}
    content["participant"][0]["period"]["end"] = "2026-12-24"
    content["participant"][0]["extension"].append(reason)
    await world.put(UNIT, team, content, 1, "CareTeam")
    stint = await world.store.participant(participant)
    assert stint is not None
    assert (stint.end_day, stint.end_reason) == ("2026-12-24", "patient-moved")
    assert (await world.put(UNIT, team, await world.body(team, "CareTeam"), 2, "CareTeam")).version == 2
    content["participant"][0]["extension"][-1] = reason | {"valueCode": "replaced"}
    await world.put(UNIT, team, content, 2, "CareTeam")
    stint = await world.store.participant(participant)
    assert stint is not None
    assert stint.end_reason == "replaced"


@pytest.mark.parametrize(("days", "end"), [(0, "2026-11-21"), (5, "2026-11-25")])
async def test_after_the_wrong_patient_the_role_is_free_at_once(world: World, days: int, end: str) -> None:
    case, team = await appointed(world)
    await answer(world, EhrState.CONFIRMED)
    world.now += days * DAY
    await world.act(at(KE), case, "enter-in-error", reason="Feil pasient")
    [stint] = await world.store.participants(team)
    assert (stint.end_day, stint.end_reason) == (end, "entered-in-error")
    assert "coordinator-end" not in outputs(await world.body(case))
    given = {"patient": PATIENT, "practitioner": "9900020", "consent": True}
    assert (await world.on_team(UNIT, None, "register-coordinator", **given)).id == team
    assert (await world.body(team, "CareTeam"))["status"] == "active"
