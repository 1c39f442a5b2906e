"""The request to cancel a case: who may ask and when, where it goes with the case, and what each answer does."""

import asyncio
import json
from typing import Any

import pytest

from app.casework.actions import available_actions
from app.casework.context import Result
from app.casework.overdue import sweep
from app.coordination.states import Actor, Stage
from app.errors import InvalidContent, MethodNotAllowed, NotFound, Refused, SambandError, Stale
from app.fhir import codes
from app.fhir.changeable import ABORT, NOTHING
from app.security.caller import Caller
from app.store.changes import Viewer
from app.store.tables import audit_event, outbox
from tests.casework.chains import patch_of, put_body
from tests.casework.world import DALHEIM, DAY, GROUP, KE, OTHER_PATIENT, PATIENT, World, at, consent, need, resh, sender
from tests.store.rows import subscribe

UNIT, ONCOLOGY = at("neurology-outpatient"), at("oncology")
TWO_CODES = [codes.coding(codes.COORDINATION_TASK, code) for code in ("abort", "coordinator-need")]
HL7S_TOO = [codes.coding("http://hl7.org/fhir/CodeSystem/task-code", "abort"), TWO_CODES[0]]
NATIONAL = {"system": codes.NATIONAL_NUMBER}
WHY = "Pasienten har fått fast kontakt i kommunen."


def abort(case: str, number: str = "avbryt-1", **members: Any) -> dict[str, Any]:
    """A request to cancel a case; a member given as None is left out."""
    content: dict[str, Any] = {
        "resourceType": "Task",
        "identifier": [{"system": "https://fjordvik.example/saker", "value": number}],
        "status": "requested",
        "intent": "order",
        "code": codes.concept(codes.COORDINATION_TASK, codes.ABORT),
        "description": WHY,
        "focus": {"reference": f"Task/{case}"},
    } | {name.rstrip("_"): value for name, value in members.items()}
    return {name: value for name, value in content.items() if value is not None}


async def accepted(world: World, **members: Any) -> str:
    """The id of a case that its unit assesses: it is not withdrawn without asking."""
    case = (await world.post(need(**members))).id
    await world.act(UNIT, case, "accept")
    return case


async def asked(world: World) -> tuple[str, str]:
    """The ids of a case and of the open request to cancel it."""
    case = await accepted(world)
    return case, (await world.post(abort(case))).id


async def say(world: World, caller: Caller, request: str, **members: Any) -> Result:
    """An answer by PUT of the request as it stands."""
    stored = await world.load(request)
    return await world.put(caller, request, put_body(stored.body, members), stored.version)


async def error_of(attempt: Any) -> SambandError:
    """What an attempt is refused with."""
    with pytest.raises(SambandError) as caught:
        await attempt
    return caught.value


def stage_of(body: dict[str, Any]) -> str:
    """``businessStatus``."""
    return str(body["businessStatus"]["coding"][0]["code"])


async def test_the_owner_finds_it_and_its_yes_withdraws_the_case(world: World) -> None:
    case = await accepted(world)
    made = await world.post(abort(case))
    content = json.loads(made.body)
    assert (made.status, content["status"], content["meta"]["versionId"]) == (201, "requested", "1")
    assert content["owner"]["identifier"] == resh("neurology-outpatient")["identifier"]
    assert content["for"]["identifier"]["value"] == PATIENT
    assert content["requester"]["display"] == "Fjordvik kommune"
    assert await world.sees(UNIT, made.id)
    assert await world.sees(at(KE), made.id)
    assert not await world.sees(ONCOLOGY, made.id)
    assert not await world.sees(sender(DALHEIM), made.id)
    answered = await say(world, UNIT, made.id, status="completed")
    assert json.loads(answered.body)["status"] == "completed"
    body = await world.body(case)
    assert (body["status"], stage_of(body), body["statusReason"]["text"]) == ("cancelled", "withdrawn", WHY)
    assert (await world.case(case)).abort == ""
    events = await world.events(case)
    assert [(row["move"], row["actor"], row["reason"]) for row in events[-2:]] == [
        ("request-abort", "sender", WHY),
        ("abort", "owner", WHY),
    ]


async def test_no_leaves_the_case_as_it_is_with_the_reason_in_its_trace(world: World) -> None:
    case, request = await asked(world)
    before, state = await world.body(case), await world.load(case)
    world.now += 1000
    bare = await error_of(say(world, UNIT, request, status="rejected"))
    assert (bare.error, bare.issues[0].expression) == ("missing-element", "Task.statusReason.text")
    await say(world, UNIT, request, status="rejected", statusReason={"text": "Vi er straks ferdige."})
    after = await world.body(case)
    for content in (before, after):
        del content["lastModified"], content["meta"]
    assert after == before
    now = await world.load(case)
    assert (await world.case(case)).since == json.loads(state.state or b"{}")["since"], "its time goes on"
    assert now.version == state.version + 1
    assert (await world.events(case))[-1]["move"] == "abort-rejected"
    assert (await world.events(case))[-1]["reason"] == "Vi er straks ferdige."
    again = await world.post(abort(case, "avbryt-2"))
    assert again.status == 201, "the sender may ask anew"


async def test_the_sender_takes_it_back(world: World) -> None:
    case, request = await asked(world)
    await say(world, sender(), request, status="cancelled")
    assert (await world.body(request))["status"] == "cancelled"
    assert (await world.case(case)).abort == ""
    assert (await world.case(case)).stage is Stage.ASSESSING
    assert (await world.events(case))[-1]["move"] == "abort-cancelled"
    assert (await world.act(UNIT, case, "appoint", practitioner="9900011")).status == 200


async def test_by_json_patch_too(world: World) -> None:
    case, request = await asked(world)
    stored = await world.load(request)
    operations = patch_of(stored.body, {"status": "completed", "note": [{"text": "Avtalt på telefon"}]})
    assert (await world.patch(UNIT, request, operations, stored.version)).status == 200
    assert (await world.body(request))["note"] == [{"text": "Avtalt på telefon"}]
    assert (await world.case(case)).stage is Stage.WITHDRAWN


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


async def test_terminal_is_final(world: World) -> None:
    case, request = await asked(world)
    await say(world, UNIT, request, status="rejected", statusReason={"text": "Nei"})
    for caller, members in (
        (UNIT, {"status": "completed"}),
        (sender(), {"status": "cancelled"}),
        (sender(), {"status": "requested"}),
        (sender(), {"description": "Likevel"}),
    ):
        late = await error_of(say(world, caller, request, **members))
        assert (late.status, late.error) == (409, "task-ended")
    assert (await world.load(request)).version == 2
    assert (await world.case(case)).stage is Stage.ASSESSING


@pytest.mark.parametrize("status", ["accepted", "in-progress", "received", "failed", "entered-in-error"])
async def test_each_gives_its_own_answers_only(world: World, status: str) -> None:
    case, request = await asked(world)
    for caller, allowed in ((UNIT, ("completed", "rejected")), (sender(), ("cancelled",)), (at(KE), ())):
        for wanted in (status, *({"completed", "rejected", "cancelled"} - set(allowed))):
            refused = await error_of(say(world, caller, request, status=wanted, statusReason={"text": "x"}))
            assert (refused.status, refused.error, refused.issues[0].allowed) == (409, "no-such-move", allowed)
    alone = await error_of(say(world, UNIT, request, statusReason={"text": "x"}))
    assert alone.error == "no-such-move"
    assert (await world.load(request)).version == 1
    assert (await world.case(case)).abort == request


CHANGES: dict[str, Any] = {
    "description": "En annen grunn",
    "reasonCode": {"text": "x"},
    "priority": "urgent",
    "restriction": {"repetitions": 2},
    "text": {"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    "note": [{"text": "Hei"}],
    "statusReason": {"text": "x"},
    "focus": {"display": "x"},
    "for": {"display": "x"},
    "code": {"text": "x"},
    "intent": "plan",
    "identifier": [{"system": "urn:x", "value": "x"}],
    "requester": {"display": "x"},
    "groupIdentifier": {"value": "x"},
    "owner": resh("oncology"),
    "businessStatus": {"text": "x"},
    "output": [{"type": {"text": "x"}, "valueString": "x"}],
    "lastModified": "2026-12-01",
    "authoredOn": "2026-01-01",
    "input": [consent()],
    "extension": [{"url": "https://x.example", "valueCode": "x"}],
    "encounter": {"display": "x"},
}


async def test_the_table_says_what_each_may_change(world: World) -> None:
    case, request = await asked(world)
    for caller, mine in ((at(KE), NOTHING), (UNIT, ABORT[Actor.OWNER]), (sender(), ABORT[Actor.SENDER])):
        names = {name.partition(".")[0] for name in mine}
        for name, value in CHANGES.items():
            attempt = say(world, caller, request, **{name: value})
            if name in names and not (name == "statusReason" and caller is UNIT):
                assert (await attempt).status == 200, (caller.role, name)
            else:
                refused = await error_of(attempt)
                assert refused.status in {409, 422}, (caller.role, name)
                assert refused.issues[0].expression in {f"Task.{name}", "Task.status"}, (caller.role, name)
    assert (await world.case(case)).abort == request
    before = await world.load(request)
    kept = await error_of(say(world, UNIT, request, note=[{"text": "Ha det"}]))
    assert kept.issues[0].code == "append-only-element"
    left_out = dict.fromkeys(("for", "requester", "owner", "lastModified")) | {"status": "completed"}
    assert (await say(world, UNIT, request, **left_out)).version == before.version + 1
    assert (await world.body(request))["requester"]["identifier"]["value"] == "310471437"


async def test_a_stale_answer_is_412(world: World) -> None:
    case, request = await asked(world)
    stored = await world.load(request)
    await say(world, sender(), request, note=[{"text": "Haster"}])
    with pytest.raises(Stale):
        await world.put(UNIT, request, put_body(stored.body, {"status": "completed"}), 1)
    assert (await world.case(case)).stage is Stage.ASSESSING


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


async def test_the_case_is_not_withdrawn_past_the_request(world: World) -> None:
    """The owner's yes is given on the request: not by an operation, not by the case's own Task."""
    case, _ = await asked(world)
    with pytest.raises(NotFound):
        await world.act(UNIT, case, "abort")
    with pytest.raises(NotFound):
        await world.act(sender(), case, "request-abort")
    stored = await world.load(case)
    wanted = {"status": "cancelled", "businessStatus": codes.concept(codes.STAGE, "withdrawn")}
    refused = await error_of(world.put(UNIT, case, put_body(stored.body, wanted), stored.version))
    assert (refused.status, refused.error) == (409, "no-such-move")
    assert "completed abort Task" in refused.issues[0].allowed


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


async def test_one_row_of_audit_names_both(world: World) -> None:
    case, request = await asked(world)
    await say(world, UNIT, request, status="completed")
    viewer = Viewer(organisation=sender().organisation)
    rows = (await world.store.history("Task", request, viewer, 10)).rows
    assert [row.version for row in rows] == [2, 1]
    found = await world.store.run(
        lambda c: [dict(row) for row in c.execute(audit_event.select().order_by(audit_event.c.id)).mappings()]
    )
    last = found[-1]
    assert (last["interaction"], last["resource"], last["version"]) == ("update", request, 2)
    assert last["others"] == f"Task/{case}/4"


async def test_the_sender_is_notified_of_both_at_each_step(world: World) -> None:
    case = await accepted(world)
    await subscribe(world.store, "s-1", sender().organisation)

    async def told() -> set[str]:
        rows = await world.store.run(lambda c: list(c.execute(outbox.select().order_by(outbox.c.id)).mappings()))
        await world.store.run(lambda c: c.execute(outbox.delete()))
        return {row["focus"] for row in rows if row["kind"] == "notification"}

    request = (await world.post(abort(case))).id
    both = {f"Task/{case}", f"Task/{request}"}
    assert await told() == both
    await world.act(UNIT, case, "transfer", unit="oncology", reason="x")
    assert await told() == both
    await say(world, sender(), request, note=[{"text": "Haster"}])
    assert await told() == {f"Task/{request}"}
    await say(world, ONCOLOGY, request, status="completed")
    assert await told() == both
