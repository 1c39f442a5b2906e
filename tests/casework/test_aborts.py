"""The request to cancel a case: who may ask and when, and what the request must say."""

import asyncio
import json
from typing import Any

import pytest

from app.casework.actions import available_actions
from app.casework.context import Result
from app.coordination.states import Stage
from app.errors import InvalidContent, NotFound, Refused
from app.fhir import codes
from app.security.caller import Caller
from tests.casework.abort_requests import ONCOLOGY, UNIT, WHY, abort, accepted, asked, error_of, say
from tests.casework.world import DALHEIM, KE, OTHER_PATIENT, PATIENT, World, at, need, resh, sender

TWO_CODES = [codes.coding(codes.COORDINATION_TASK, code) for code in ("abort", "coordinator-need")]
HL7S_TOO = [codes.coding("http://hl7.org/fhir/CodeSystem/task-code", "abort"), TWO_CODES[0]]
NATIONAL = {"system": codes.NATIONAL_NUMBER}


async def test_only_the_sender_asks_and_all_else_looks_the_same(world: World) -> None:
    case = await accepted(world)
    other = await world.post({"resourceType": "Task", "status": "requested", "intent": "order", "code": {"text": "x"}})
    found = []
    for caller, target in (
        (sender(DALHEIM), case),
        (UNIT, case),
        (at(KE), case),
        (sender(), "3fb7a4a4-9f1c-4a3d-9d2e-0f0f6f1d2c3b"),
        (sender(), other.id),
    ):
        refused = await error_of(world.post(abort(target, requester=None), caller))
        found.append((type(refused), refused.issues))
    assert set(found) == {found[0]}
    assert (found[0][0], found[0][1][0].code, found[0][1][0].expression) == (
        InvalidContent,
        "reference-not-found",
        "Task.focus.reference",
    )


async def test_the_unit_of_the_hospital_that_sent_it_may_ask_and_no_other(world: World) -> None:
    made = await world.post(need(owner=resh("oncology"), requester=None), UNIT)
    await world.act(ONCOLOGY, made.id, "accept")
    stranger = await error_of(world.post(abort(made.id), at("rehabilitation")))
    assert stranger.issues[0].code == "reference-not-found"
    request = await world.post(abort(made.id), UNIT)
    await world.act(ONCOLOGY, made.id, "transfer", unit="rehabilitation", reason="x")
    assert await world.sees(UNIT, request.id), "it is the sender's"
    await say(world, at("rehabilitation"), request.id, status="completed")
    assert (await world.case(made.id)).stage is Stage.WITHDRAWN


async def test_a_request_about_a_request_is_none(world: World) -> None:
    _, request = await asked(world)
    assert (await error_of(world.post(abort(request, "avbryt-2")))).error == "reference-not-found"


@pytest.mark.parametrize(
    ("members", "code", "expression"),
    [
        ({"focus": None}, "missing-element", "Task.focus.reference"),
        ({"focus": {"identifier": {"system": "urn:x", "value": "1"}}}, "missing-element", "Task.focus.reference"),
        ({"focus": {"reference": "CarePlan/1"}}, "wrong-reference-target", "Task.focus.reference"),
        ({"intent": "plan"}, "intent-not-allowed", "Task.intent"),
        ({"status": "accepted"}, "status-not-allowed", "Task.status"),
        ({"identifier": None}, "sender-number-missing", "Task.identifier"),
        ({"description": None}, "missing-element", "Task.description"),
        ({"description": None, "reasonCode": {"coding": [{"code": "x"}]}}, "missing-element", "Task.description"),
        ({"output": [{"type": {"text": "x"}, "valueString": "x"}]}, "service-owned-element", "Task.output"),
        ({"businessStatus": {"text": "x"}}, "service-owned-element", "Task.businessStatus"),
        (
            {"modifierExtension": [{"url": "https://x.example/not", "valueBoolean": True}]},
            "modifier-not-understood",
            "Task.modifierExtension",
        ),
        (
            {"code": {"coding": TWO_CODES}},
            "too-many",
            "Task.code.coding[1]",
        ),
        ({"for_": {"identifier": NATIONAL | {"value": OTHER_PATIENT}}}, "patient-contradicts-case", "Task.for"),
        ({"for_": {"reference": "Patient/3fb7a4a4"}}, "reference-not-found", "Task.for.reference"),
        ({"for_": {"display": "x"}}, "missing-element", "Task.for.identifier"),
        ({"requester": resh("oncology")}, "requester-contradicts-token", "Task.requester.identifier"),
    ],
)
async def test_bad_input_names_the_element(world: World, members: dict[str, Any], code: str, expression: str) -> None:
    case = await accepted(world)
    refused = await error_of(world.post(abort(case, **members)))
    assert (refused.status, [(one.code, one.expression) for one in refused.issues]) == (422, [(code, expression)])
    assert (await world.case(case)).abort == ""


@pytest.mark.parametrize(
    "members",
    [
        {"description": None, "reasonCode": {"text": WHY}},
        {"description": None, "statusReason": {"text": WHY}},
        {"code": {"coding": HL7S_TOO}},
        {"for_": {"identifier": NATIONAL | {"value": PATIENT}}, "owner": resh("oncology")},
    ],
)
async def test_what_is_taken_as_a_request(world: World, members: dict[str, Any]) -> None:
    case = await accepted(world)
    made = await world.post(abort(case, **members))
    assert (await world.body(made.id))["owner"]["identifier"] == resh("neurology-outpatient")["identifier"]
    await say(world, UNIT, made.id, status="completed")
    assert (await world.body(case))["statusReason"]["text"] == WHY


async def test_a_reference_with_our_base_and_a_version_is_the_case_too(world: World) -> None:
    case = await accepted(world)
    reference = f"{world.context.base}/Task/{case}/_history/1"
    assert (await world.post(abort(case, focus={"reference": reference}))).status == 201


async def test_where_it_is_withdrawn_without_asking_and_after_the_end(world: World) -> None:
    queued = (await world.post(need("2"))).id
    direct = await error_of(world.post(abort(queued)))
    assert (direct.status, direct.error, direct.issues[0].allowed) == (409, "move-not-allowed", ("$withdraw",))
    assert direct.issues[0].expression == "Task.focus"
    draft = await error_of(world.post(abort((await world.post(need("3", status="draft"))).id)))
    assert (draft.error, "$withdraw" in draft.issues[0].allowed) == ("move-not-allowed", True)
    await world.act(sender(), queued, "withdraw", reason="Ikke aktuelt")
    over = await error_of(world.post(abort(queued)))
    assert (over.status, over.error) == (409, "case-ended")
    case, _ = await asked(world)
    second = await error_of(world.post(abort(case, "avbryt-2")))
    assert (second.status, second.error) == (409, "abort-already-open")
    assert PATIENT not in str(second.issues)


async def test_the_same_again_is_the_same_request(world: World) -> None:
    case, request = await asked(world)
    again = await world.post(abort(case))
    assert (again.status, again.id) == (200, request)
    other = await error_of(world.post(abort(case, description="En annen grunn")))
    assert (other.status, other.error) == (409, "number-in-use")
    await say(world, UNIT, request, status="completed")
    again = await world.post(abort(case))
    assert (again.status, again.id, again.version) == (200, request, 2)


async def test_two_at_once_make_one(world: World) -> None:
    case = await accepted(world)
    attempts = [world.post(abort(case, f"avbryt-{index}")) for index in range(4)]
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    made = [one for one in answers if isinstance(one, Result)]
    refused = [one for one in answers if isinstance(one, Refused)]
    assert (len(made), [one.error for one in refused]) == (1, ["abort-already-open"] * 3)
    assert (await world.case(case)).abort == made[0].id
    assert [row["move"] for row in await world.events(case)].count("request-abort") == 1


async def actions(world: World, caller: Caller, resource: str) -> list[dict[str, Any]]:
    """Each action as its parts by name, the last of those that repeat."""
    found = json.loads(await available_actions(world.context, caller, resource)).get("parameter", [])
    return [
        {part["name"]: next(value for name, value in part.items() if name != "name") for part in action["part"]}
        for action in found
    ]


async def test_each_is_told_what_there_is_to_do(world: World) -> None:
    case = (await world.post(need())).id
    assert [one["operation"] for one in await actions(world, sender(), case)] == ["$withdraw"]
    await world.act(UNIT, case, "accept")
    assert await actions(world, sender(), case) == [{"task": "abort"}]
    request = (await world.post(abort(case))).id
    assert await actions(world, sender(), case) == []
    told = {
        "task": "abort",
        "reference": {"reference": f"Task/{request}"},
        "status": "completed",
        "target": "withdrawn",
    }
    assert told in await actions(world, UNIT, case)
    assert await actions(world, UNIT, request) == [
        {"status": "completed", "target": "withdrawn"},
        {"status": "rejected", "requires": "statusReason.text"},
    ]
    assert await actions(world, sender(), request) == [{"status": "cancelled"}]
    assert await actions(world, at(KE), request) == []
    await say(world, sender(), request, status="cancelled")
    assert await actions(world, UNIT, request) == await actions(world, sender(), request) == []
    with pytest.raises(NotFound):
        await actions(world, sender(DALHEIM), request)
