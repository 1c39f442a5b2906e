"""A request to cancel a case goes with the case: to each owner, and to its end."""

import asyncio
import json
from typing import Any

import pytest

from app.casework.context import Result
from app.casework.overdue import sweep
from app.coordination.states import Stage
from app.errors import MethodNotAllowed, Refused, Stale
from app.security.caller import Caller
from tests.casework.abort_requests import ONCOLOGY, UNIT, abort, accepted, asked, error_of, say, stage_of
from tests.casework.world import DAY, GROUP, KE, World, at, resh, sender


async def test_the_owner_is_the_cases_wherever_it_goes(world: World) -> None:
    case, request = await asked(world)
    await world.act(UNIT, case, "transfer", unit="oncology", reason="x")
    body = await world.body(request)
    assert body["owner"]["identifier"] == resh("oncology")["identifier"]
    assert (await world.versions(UNIT, request), await world.versions(ONCOLOGY, request)) == ([1], [1, 2])
    assert isinstance(await error_of(say(world, UNIT, request, status="completed")), MethodNotAllowed)
    await world.act(ONCOLOGY, case, "accept")
    assert (await world.load(request)).version == 2, "it goes nowhere when the case stays"
    await world.act(ONCOLOGY, case, "escalate", reason="x")
    await world.act(at(KE), case, "escalate", reason="x")
    assert (await world.body(request))["owner"]["identifier"] == resh(GROUP)["identifier"]
    assert await world.sees(at(KE), request), "the coordinating unit goes on seeing it"
    wrong = await error_of(say(world, at(KE), request, status="completed"))
    assert (wrong.status, wrong.error, wrong.issues[0].allowed) == (409, "no-such-move", ())
    await say(world, at(GROUP), request, status="completed")
    assert (await world.case(case)).stage is Stage.WITHDRAWN
    assert await world.versions(UNIT, request) == [1]


async def test_time_takes_it_along(world: World) -> None:
    case, request = await asked(world)
    world.now += 21 * DAY
    await sweep(world.context)
    assert (await world.case(case)).stage is Stage.AT_COORDINATING_UNIT
    assert (await world.body(request))["owner"]["identifier"] == resh(KE)["identifier"]
    assert not await world.sees(UNIT, request)
    await say(world, at(KE), request, status="completed")
    assert (await world.case(case)).stage is Stage.WITHDRAWN


async def test_what_it_opens_goes_with_the_case(world: World) -> None:
    letter = await world.post(
        {"resourceType": "Communication", "status": "completed", "note": [{"text": "x"}]}, type_name="Communication"
    )
    case = await accepted(world)
    attached = {"type": {"text": "brev"}, "valueReference": {"reference": f"Communication/{letter.id}"}}
    await world.post(abort(case, input=[attached]))
    assert await world.sees(UNIT, letter.id, "Communication")
    await world.act(UNIT, case, "transfer", unit="oncology", reason="x")
    assert await world.sees(ONCOLOGY, letter.id, "Communication")
    await world.put(sender(), letter.id, {**json.loads(letter.body), "note": [{"text": "y"}]}, 1, "Communication")
    assert not await world.sees(UNIT, letter.id, "Communication")


@pytest.mark.parametrize(
    ("caller", "operation", "given", "status"),
    [
        (UNIT, "appoint", {"practitioner": "9900011"}, "cancelled"),
        (UNIT, "decline", {"reasonCode": "no-need", "reason": "Nei"}, "cancelled"),
        (UNIT, "conclude", {"outcome": "team", "reason": "x"}, "cancelled"),
        (at(KE), "enter-in-error", {"reason": "Feil pasient"}, "cancelled"),
    ],
)
async def test_another_end_of_the_case_ends_it(
    world: World, caller: Caller, operation: str, given: dict[str, Any], status: str
) -> None:
    case, request = await asked(world)
    await world.act(caller, case, operation, **given)
    body = await world.body(request)
    assert (body["status"], body["statusReason"]["text"]) == (status, "Saken er avsluttet.")
    assert body["statusReason"]["coding"][0]["code"] == stage_of(await world.body(case))
    late = await error_of(say(world, UNIT, request, status="completed"))
    assert (late.status, late.error) == (409, "task-ended")


async def test_a_withdrawal_that_becomes_direct_is_what_it_asked_for(world: World) -> None:
    case, request = await asked(world)
    await world.act(UNIT, case, "transfer", unit="oncology", reason="x")
    await world.act(sender(), case, "withdraw", reason="Ikke aktuelt")
    assert (await world.body(request))["status"] == "completed"
    assert (await world.body(case))["statusReason"]["text"] == "Ikke aktuelt"


async def yes_at_once_with(
    world: World, index: int, move: str, **parameters: Any
) -> tuple[str, str, tuple[BaseException | None, ...]]:
    """A new case, the request to cancel it, and what the yes and a move of the case at once were refused with.

    Exactly one of the two is done; ``None`` stands for that one.
    """
    case = await accepted(world, number=f"race-{index}")
    request = (await world.post(abort(case, f"avbryt-race-{index}"))).id
    answers = await asyncio.gather(
        say(world, UNIT, request, status="completed"),
        world.act(UNIT, case, move, **parameters),
        return_exceptions=True,
    )
    won = [isinstance(one, Result) for one in answers]
    assert sorted(won) == [False, True], answers
    return case, request, tuple(one if isinstance(one, BaseException) else None for one in answers)


async def test_yes_and_an_end_by_another_road_at_once(world: World) -> None:
    for index in range(6):
        case, request, refused = await yes_at_once_with(world, index, "decline", reasonCode="no-need", reason="Nei")
        assert isinstance(refused[0] or refused[1], Refused | Stale)
        said = refused[0] is None
        ends = ("completed", Stage.WITHDRAWN, "abort") if said else ("cancelled", Stage.DECLINED, "decline")
        found = ((await world.body(request))["status"], (await world.case(case)).stage)
        assert (*found, (await world.events(case))[-1]["move"]) == ends
        assert (await world.load(request)).version == 2


async def test_yes_and_a_hand_over_at_once(world: World) -> None:
    for index in range(6):
        case, request, refused = await yes_at_once_with(world, index, "transfer", unit="oncology", reason="x")
        stage = (await world.case(case)).stage
        owner = (await world.body(request))["owner"]["identifier"]
        if refused[0] is None:
            assert (stage, owner) == (Stage.WITHDRAWN, resh("neurology-outpatient")["identifier"])
        else:
            assert (stage, owner) == (Stage.IN_QUEUE, resh("oncology")["identifier"])
            assert (await world.body(request))["status"] == "requested"


async def test_a_request_and_a_hand_over_at_once_do_not_part(world: World) -> None:
    for index in range(6):
        case = await accepted(world, number=f"race-{index}")
        made, moved = await asyncio.gather(
            world.post(abort(case, f"avbryt-race-{index}")),
            world.act(UNIT, case, "transfer", unit="oncology", reason="x"),
            return_exceptions=True,
        )
        assert isinstance(moved, Result), moved
        if isinstance(made, Result):
            owner = (await world.body(made.id))["owner"]["identifier"]
            assert owner == resh("oncology")["identifier"]
            assert not await world.sees(UNIT, made.id)
        else:
            assert isinstance(made, Refused)
            assert (made.error, (await world.case(case)).abort) == ("move-not-allowed", "")
