"""The life of a case: handed over, placed, appealed, consented to, appointed, registered, ended; and by time alone."""

import asyncio
import json
from typing import Any

import pytest

from app.casework.actions import available_actions
from app.casework.overdue import sweep
from app.casework.registration import record_ehr_answer
from app.coordination.coordinators import EhrState
from app.coordination.states import Stage
from app.errors import Forbidden, InvalidContent, NotFound, Refused, Stale
from app.store import outbox
from app.store.changes import Attempt, Changes, Settled
from app.store.interface import Store
from app.store.tables import audit_event, participant
from tests.casework.world import (
    DALHEIM,
    DAY,
    GROUP,
    KE,
    NOT_HEALTH_PERSONNEL,
    OTHER_PATIENT,
    PATIENT,
    TRUST,
    World,
    at,
    need,
    sender,
)

UNIT, WARD = at("neurology-outpatient"), at("neurology-ward")


async def new(world: World, **members: Any) -> str:
    """The id of a case in the queue of neurology's outpatient clinic."""
    return (await world.post(need(**members))).id


async def appointed(world: World) -> tuple[str, str]:
    """A case with a coordinator, and the CareTeam's id."""
    case = await new(world)
    await world.act(UNIT, case, "accept")
    await world.act(UNIT, case, "appoint", practitioner="9900011")
    return case, outputs(await world.body(case))["care-team"]["reference"].removeprefix("CareTeam/")


def outputs(body: dict[str, Any]) -> dict[str, Any]:
    """Values of a Task's outputs by their type."""
    found = {}
    for entry in body.get("output", ()):
        [value] = [value for name, value in entry.items() if name.startswith("value")]
        found[entry["type"]["coding"][0]["code"]] = value
    return found


async def answer(world: World, state: EhrState, reason: str = "") -> None:
    """The EHR's word on the oldest order that waits."""
    rows = await world.store.run(
        lambda c: outbox.claim(c, "ehr", "helse-fjordvest", world.now, 30_000, 1, lambda: "bundle")
    )
    settled = Settled(rows[0].id, rows[0].attempts, "delivered", world.now, world.now, "")
    attempt = Attempt(rows[0].id, 1, world.now, 5, 200, "")
    await record_ehr_answer(world.context, rows[0].focus, rows[0].topic, state, reason, settled, attempt)


async def test_hand_over_until_the_limit_then_placed_appealed_and_appointed(world: World) -> None:
    case = await new(world)
    for unit, other in (
        ("neurology-outpatient", "oncology"),
        ("oncology", "rehabilitation"),
        ("rehabilitation", "neurology-ward"),
    ):
        await world.act(at(unit), case, "transfer", unit=other, reason=f"Til {other}")
    with pytest.raises(Refused) as limit:
        await world.act(WARD, case, "transfer", unit="habilitation", reason="Videre")
    assert limit.value.error == "hop-limit-reached"
    assert "$escalate" in limit.value.issues[0].allowed
    assert "$transfer" not in limit.value.issues[0].allowed
    await world.act(WARD, case, "escalate", reason="Grensen er nådd")
    await world.act(at(KE), case, "escalate", reason="Til gruppen")
    await world.act(at(GROUP), case, "place", unit="rehabilitation", outcome="coordinator-appointed", reason="Bindende")
    await world.act(at("rehabilitation"), case, "appeal", reason="Vi er uenige")
    assert (await world.case(case)).owner == KE
    await world.act(at(KE), case, "place", unit="rehabilitation", outcome="coordinator-appointed", reason="Endelig")
    with pytest.raises(Refused) as twice:
        await world.act(at("rehabilitation"), case, "appeal", reason="En gang til")
    assert twice.value.error == "appeal-used"
    await world.act(at("rehabilitation"), case, "accept")
    with pytest.raises(Refused):
        await world.act(at("rehabilitation"), case, "transfer", unit="oncology", reason="Nei")
    await world.act(at("rehabilitation"), case, "appoint", practitioner="9900046")
    body = await world.body(case)
    assert body["status"] == "completed"
    assert outputs(body)["coordinator"]["display"] == "Jonas Brekkhus"
    assert [row["version"] for row in await world.events(case)] == [1, 1, *range(2, 12)]


async def test_sight_follows_the_case(world: World) -> None:
    case = await new(world)
    await world.act(UNIT, case, "accept")
    await world.act(UNIT, case, "transfer", unit="oncology", reason="x")
    assert not await world.sees(UNIT, case)
    assert await world.versions(UNIT, case) == [1, 2]
    assert await world.versions(at("oncology"), case) == [1, 2, 3]
    assert await world.versions(at(KE), case) == await world.versions(sender(), case) == [1, 2, 3]
    assert await world.versions(sender(DALHEIM), case) == await world.versions(at("habilitation"), case) == []
    await world.act(at("oncology"), case, "escalate", reason="x")
    await world.act(at(KE), case, "place", unit="neurology-outpatient", outcome="team", reason="x")
    assert await world.versions(UNIT, case) == [1, 2, 3, 4, 5]
    assert await world.versions(at("oncology"), case) == [1, 2, 3]
    for nobody in (sender(DALHEIM), at("habilitation")):
        with pytest.raises(NotFound):
            await world.act(nobody, case, "accept")
        with pytest.raises(NotFound):
            await available_actions(world.context, nobody, case)


async def test_available_actions_are_what_a_refusal_names(world: World) -> None:
    case = await new(world)
    shown = json.loads(await available_actions(world.context, UNIT, case))
    names = tuple(entry["part"][0]["valueString"] for entry in shown["parameter"])
    with pytest.raises(Refused) as refused:
        await world.act(UNIT, case, "appeal", reason="x")
    assert refused.value.issues[0].allowed == names
    await world.act(sender(), case, "withdraw", reason="x")
    assert "parameter" not in json.loads(await available_actions(world.context, UNIT, case))


async def test_consent_comes_before_appointment(world: World) -> None:
    case = await new(world, input=None)
    await world.act(UNIT, case, "accept")
    with pytest.raises(Refused) as missing:
        await world.act(UNIT, case, "appoint", practitioner="9900011")
    assert missing.value.error == "consent-missing"
    await world.act(UNIT, case, "await-consent")
    with pytest.raises(Refused) as no:
        await world.act(UNIT, case, "appoint", practitioner="9900011", consent=False)
    assert no.value.error == "consent-refused"
    assert (await world.case(case)).stage is Stage.AWAITING_CONSENT
    await world.act(UNIT, case, "appoint", practitioner="9900011", consent=True)
    assert (await world.case(case)).stage is Stage.COORDINATOR_APPOINTED


async def test_a_coordinator_is_health_personnel(world: World) -> None:
    case = await new(world)
    await world.act(UNIT, case, "accept")
    with pytest.raises(Refused) as refused:
        await world.act(UNIT, case, "appoint", practitioner=NOT_HEALTH_PERSONNEL)
    assert refused.value.error == "not-health-personnel"
    with pytest.raises(InvalidContent) as unknown:
        await world.act(UNIT, case, "appoint", practitioner="1234567")
    assert unknown.value.error == "practitioner-unknown"
    assert (await world.load(case)).version == 2


async def test_assessment_is_kept_with_the_decision_and_not_sent_out(world: World) -> None:
    case = await new(world)
    await world.act(UNIT, case, "accept")
    await world.act(UNIT, case, "assess", assessment={"a": True, "b": True, "d": True})
    with pytest.raises(Refused) as stranger:
        await world.act(sender(), case, "assess", assessment={"a": True})
    assert stranger.value.error == "not-the-owner"
    await world.act(UNIT, case, "appoint", practitioner="9900011")
    assessed, decided = (await world.events(case))[-2:]
    assert (assessed["move"], assessed["reason_code"], assessed["from_stage"]) == (
        "assess",
        "met",
        assessed["to_stage"],
    )
    assert json.loads(decided["assessment"])["met"] is True
    assert "criteria" not in (await world.load(case)).body.decode()


async def test_registered_only_when_the_ehr_says_so(world: World) -> None:
    case, team = await appointed(world)
    assert outputs(await world.body(case))["registration"] == "ehr-pending"
    await answer(world, EhrState.CONFIRMED)
    body = await world.body(case)
    assert (outputs(body)["registration"], body["status"]) == ("ehr-confirmed", "completed")
    confirmed = (await world.events(case))[-1]
    assert (confirmed["move"], confirmed["actor"], confirmed["unit"]) == ("registration-confirmed", "ehr", UNIT.unit)
    [row] = (await world.body(team, "CareTeam"))["participant"]
    assert row["extension"][0]["valueCode"] == "ehr-confirmed"
    [stint] = await world.store.participants(team)
    assert (await world.body(stint.work_item))["status"] == "completed"


async def test_a_rejection_goes_back_to_the_work_item_not_to_the_case(world: World) -> None:
    case, team = await appointed(world)
    await answer(world, EhrState.REJECTED, "Ukjent HPR-nummer")
    [stint] = await world.store.participants(team)
    item = await world.body(stint.work_item)
    assert (item["status"], item["statusReason"]["text"]) == ("requested", "Ukjent HPR-nummer")
    assert (await world.case(case)).stage is Stage.COORDINATOR_APPOINTED
    assert not await world.sees(sender(), stint.work_item)
    assert await world.sees(UNIT, stint.work_item)


async def test_deregistered_here_then_in_the_ehr(world: World) -> None:
    case, team = await appointed(world)
    await answer(world, EhrState.CONFIRMED)
    [stint] = await world.store.participants(team)
    world.now += 40 * DAY
    await world.on_team(UNIT, team, "deregister-coordinator", participant=stint.id, reasonCode="need-ended")
    ended = await world.body(team, "CareTeam")
    assert ended["participant"][0]["period"] == {"start": "2026-11-21", "end": "2026-12-31"}
    assert ended["status"] == "active", "the last day is included"
    await answer(world, EhrState.CONFIRMED)
    assert outputs(await world.body(case))["deregistration"] == "ehr-confirmed"
    assert (await world.events(case))[-1]["move"] == "deregistration-confirmed"
    world.now += DAY
    with pytest.raises(Refused) as again:
        await world.on_team(UNIT, team, "deregister-coordinator", participant=stint.id, reasonCode="replaced")
    assert again.value.error == "already-ended"


async def test_a_coordinator_without_a_case(world: World) -> None:
    given = {"patient": OTHER_PATIENT, "practitioner": "9900011", "consent": True}
    made = await world.on_team(UNIT, None, "register-coordinator", **given)
    assert made.status == 201
    with pytest.raises(Refused) as twice:
        await world.on_team(UNIT, None, "register-coordinator", **given)
    assert twice.value.error == "already-registered"
    with pytest.raises(Refused) as taken:
        await world.on_team(UNIT, None, "register-coordinator", **(given | {"practitioner": "9900020"}))
    assert taken.value.error == "single-role-taken"
    other = await world.on_team(
        UNIT, None, "register-coordinator", **(given | {"role": "19", "practitioner": "9900020"})
    )
    assert (other.status, other.id, other.version) == (200, made.id, 2)
    for nobody in (sender(), at(GROUP)):
        with pytest.raises(Forbidden):
            await world.on_team(nobody, None, "register-coordinator", **given)
    with pytest.raises(Refused) as missing:
        await world.on_team(UNIT, None, "register-coordinator", patient=PATIENT, practitioner="9900011")
    assert missing.value.error == "consent-missing"


async def test_a_put_of_the_team_sets_an_end_and_no_more(world: World) -> None:
    case, team = await appointed(world)
    content = await world.body(team, "CareTeam")
    without = {name: value for name, value in content.items() if name != "participant"}
    with pytest.raises(InvalidContent) as left_out:
        await world.put(UNIT, team, without, 1, "CareTeam")
    [row] = content["participant"]
    assert left_out.value.issues[0].code == "participant-left-out"
    assert row["id"] in left_out.value.issues[0].diagnostics
    assert (await world.put(UNIT, team, content, 1, "CareTeam")).version == 1
    content["participant"][0]["period"]["end"] = "2026-12-24"
    assert (await world.put(UNIT, team, content, 1, "CareTeam")).version == 2
    [stint] = await world.store.participants(team)
    assert (stint.end_day, stint.ehr_state) == ("2026-12-24", "ehr-pending")
    assert outputs(await world.body(case))["coordinator-end"] == "2026-12-24"


async def test_the_wrong_patient_ends_what_the_case_made(world: World) -> None:
    case, team = await appointed(world)
    await world.act(at(KE), case, "enter-in-error", reason="Feil pasient")
    assert (await world.body(case))["status"] == "entered-in-error"
    [stint] = await world.store.participants(team)
    assert (stint.end_day, stint.end_reason) == ("2026-11-21", "entered-in-error")
    rows = await world.store.run(lambda c: outbox.list_deliveries(c, "waiting"))
    assert sorted(row["topic"] for row in rows if row["kind"] == "ehr") == ["end", "register"]
    with pytest.raises(Refused):
        await world.act(at(KE), case, "enter-in-error", reason="Igjen")


OVERDUE = [
    (5, Stage.AT_COORDINATING_UNIT, KE),
    (7, Stage.AT_DECISION_GROUP, GROUP),
]


async def test_time_moves_a_case_on(world: World) -> None:
    case = await new(world)
    for days, stage, owner in OVERDUE:
        world.now += days * DAY
        await sweep(world.context)
        assert (await world.case(case)).stage is not stage, "the last day is included"
        world.now += DAY
        assert await sweep(world.context) == 1
        found = await world.case(case)
        assert (found.stage, found.owner) == (stage, owner)
        last = (await world.events(case))[-1]
        assert (last["move"], last["actor"], last["at"]) == ("overdue", "service", world.now)
    world.now += 60 * DAY
    assert await sweep(world.context) == 1, "the leaders are reminded; the case stays"
    assert await sweep(world.context) == 0
    assert (await world.load(case)).version == 3


async def test_a_change_that_is_no_move_does_not_postpone_the_deadline(world: World) -> None:
    case = await new(world)
    world.now += 4 * DAY
    content = await world.body(case) | {"description": "Det haster"}
    await world.put(sender(), case, content, 1)
    await world.act(UNIT, case, "assess", assessment={"a": True})
    world.now += 2 * DAY
    assert await sweep(world.context) == 1
    assert (await world.case(case)).stage is Stage.AT_COORDINATING_UNIT


async def test_an_unanswered_question_goes_back_to_the_asker(world: World) -> None:
    case = await new(world)
    await world.act(UNIT, case, "accept")
    await world.act(UNIT, case, "request-information", question="Hvilken fastlege?")
    assert outputs(await world.body(case))["question"] == "Hvilken fastlege?"
    world.now += 11 * DAY
    await sweep(world.context)
    assert (await world.case(case)).stage is Stage.ASSESSING


class AtOnce:
    """A store whose first ``parties`` commits wait for each other: all have decided on the same version."""

    def __init__(self, store: Store, parties: int) -> None:
        self._store = store
        self._barrier = asyncio.Barrier(parties)
        self._waiting = parties

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, changes: Changes) -> None:
        """Wait for the others, once."""
        if self._waiting:
            self._waiting -= 1
            await self._barrier.wait()
        await self._store.commit(changes)


@pytest.mark.parametrize("if_match", [None, 1])
@pytest.mark.parametrize("moves", [("accept", "accept"), ("accept", "transfer"), ("accept", "transfer", "withdraw")])
async def test_of_moves_at_once_one_wins(world: World, moves: tuple[str, ...], if_match: int | None) -> None:
    case = await new(world)
    given = {
        "accept": (UNIT, {}),
        "transfer": (UNIT, {"unit": "oncology", "reason": "x"}),
        "withdraw": (sender(), {"reason": "x"}),
    }
    store = world.store
    world.store = AtOnce(store, len(moves))
    calls = [world.act(given[name][0], case, name, if_match, **given[name][1]) for name in moves]
    results = await asyncio.gather(*calls, return_exceptions=True)
    world.store = store
    lost = [result for result in results if isinstance(result, BaseException)]
    assert len(results) - len(lost) == 1
    assert all(isinstance(result, Refused if if_match is None else Stale) for result in lost), lost
    assert (await world.load(case)).version == 2
    assert len(await world.events(case)) == 3
    won = moves[next(at for at, result in enumerate(results) if not isinstance(result, BaseException))]
    assert (await world.events(case))[-1]["move"] == won


async def test_updates_at_once_keep_the_first(world: World) -> None:
    case = await new(world)
    body = await world.body(case)
    store = world.store
    world.store = AtOnce(store, 3)
    calls = [world.put(sender(), case, body | {"description": f"Utgave {number}"}, 1) for number in range(3)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    world.store = store
    assert sum(isinstance(result, Stale) for result in results) == 2
    assert (await world.load(case)).version == 2


async def test_two_registrations_at_once_keep_a_single_role(world: World) -> None:
    given = {"patient": PATIENT, "consent": True}
    results = await asyncio.gather(
        *(
            world.on_team(UNIT, None, "register-coordinator", practitioner=hpr, **given)
            for hpr in ("9900011", "9900020")
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Refused) for result in results) == 1
    stints = await world.store.run(lambda c: c.execute(participant.select()).all())
    assert len(stints) == 1


async def test_every_write_of_a_case_is_audited(world: World) -> None:
    case, team = await appointed(world)
    rows = await world.store.run(lambda c: c.execute(audit_event.select()).mappings().all())
    written = {f"{row['type']}/{row['resource']}/{row['version']}" for row in rows}
    written |= {other for row in rows for other in row["others"].split()}
    [stint] = await world.store.participants(team)
    expected = {f"Task/{case}/{version}" for version in (1, 2, 3)}
    assert written == expected | {f"CareTeam/{team}/1", f"Task/{stint.work_item}/1"}
    assert len(rows) == 3  # one for each interaction, whatever it wrote besides
    assert all(row["patient"] == stint.patient for row in rows)
    assert {row["organisation"] for row in rows if row["version"] > 1} == {TRUST}
