"""A case lapses: nothing is left to answer. Who may say so, with which reasons, and what follows."""

from typing import Any

import pytest

from app.coordination.states import Stage
from app.errors import InvalidContent, Refused
from app.fhir import codes
from app.store.tables import outbox
from tests.casework.chains import put_body
from tests.casework.world import FJORDVIK, KE, World, at, need, sender
from tests.store.rows import subscribe

UNIT = "neurology-outpatient"
MOVED: dict[str, Any] = {"reasonCode": "patient-moved", "reason": "Har flyttet"}


@pytest.mark.parametrize("who", [UNIT, KE])
@pytest.mark.parametrize("code", ["patient-dead", "patient-moved", "duplicate"])
async def test_by_its_owner_or_the_coordinating_unit(world: World, who: str, code: str) -> None:
    await subscribe(world.store, "s1", FJORDVIK)
    made = await world.post()
    await world.act(at(who), made.id, "lapse", reasonCode=code, reason="Ord om hvorfor")
    body = await world.body(made.id)
    assert (body["status"], body["businessStatus"]["coding"][0]["display"]) == ("cancelled", "Bortfalt")
    assert body["statusReason"] == codes.concept(codes.LAPSE_REASON, code) | {"text": "Ord om hvorfor"}
    assert "output" not in body
    event = (await world.events(made.id))[-1]
    assert (event["move"], event["to_stage"], event["reason_code"]) == ("lapse", "lapsed", code)
    sent = await world.store.run(lambda c: [row.focus for row in c.execute(outbox.select())])
    assert sent == [f"Task/{made.id}"] * 2
    with pytest.raises(Refused):
        await world.act(at(who), made.id, "accept")
    await world.act(at(KE), made.id, "enter-in-error", reason="Feil pasient også")


async def test_by_update(world: World) -> None:
    made = await world.post()
    reason = codes.concept(codes.LAPSE_REASON, "duplicate") | {"text": "Se sak 7"}
    wanted = {"status": "cancelled", "businessStatus": codes.concept(codes.STAGE, "lapsed"), "statusReason": reason}
    body = (await world.load(made.id)).body
    with pytest.raises(InvalidContent) as lacking:
        await world.put(at(UNIT), made.id, put_body(body, wanted | {"statusReason": None}), 1)
    told = {issue.expression for issue in lacking.value.issues}
    assert told == {"Task.statusReason.coding.code", "Task.statusReason.text"}
    await world.put(at(UNIT), made.id, put_body(body, wanted), 1)
    assert (await world.case(made.id)).stage is Stage.LAPSED


async def test_a_bound_unit_does_not_get_out_of_a_case_so(world: World) -> None:
    made = await world.post(need(owner=None))
    await world.act(at(KE), made.id, "place", unit=UNIT, outcome="team", reason="Der")
    for move in ((), ("accept",)):
        for name in move:
            await world.act(at(UNIT), made.id, name)
        with pytest.raises(Refused) as refused:
            await world.act(at(UNIT), made.id, "lapse", **MOVED)
        assert refused.value.error == "move-not-allowed"
        assert "$lapse" not in refused.value.issues[0].allowed
    await world.act(at(KE), made.id, "lapse", **MOVED)
    assert (await world.case(made.id)).stage is Stage.LAPSED


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"reasonCode": "wrong-unit", "reason": "x"}, "reason-unknown"),
        ({"reasonCode": "duplicate"}, "parameter-missing"),
        ({"reason": "x"}, "parameter-missing"),
    ],
)
async def test_never_for_another_reason(world: World, given: dict[str, Any], code: str) -> None:
    made = await world.post()
    with pytest.raises(InvalidContent) as refused:
        await world.act(at(UNIT), made.id, "lapse", **given)
    assert [issue.code for issue in refused.value.issues] == [code]
    if code == "reason-unknown":
        assert refused.value.issues[0].allowed == ("patient-dead", "patient-moved", "duplicate")


async def test_not_by_its_sender(world: World) -> None:
    made = await world.post()
    with pytest.raises(Refused) as refused:
        await world.act(sender(), made.id, "lapse", **MOVED)
    assert refused.value.issues[0].allowed == ("$withdraw",)


async def test_an_owner_who_is_the_coordinating_unit_is_offered_it_once(world: World) -> None:
    made = await world.post(need(owner=None))
    await world.act(at(KE), made.id, "request-information", question="Hvor bor pasienten?")
    case = await world.case(made.id)
    moves = [entry.move for entry in world.moves(case, at(KE))]
    assert moves.count(moves[-1]) == 1
    assert len(moves) == len(set(moves))
    assert "lapse" in moves
