"""The answers to a request to cancel a case: what each does, who gives it, and who is told."""

import json
from typing import Any

import pytest

from app.coordination.states import Actor, Stage
from app.errors import NotFound, Stale
from app.fhir import codes
from app.fhir.changeable import ABORT, NOTHING
from app.store.changes import Viewer
from app.store.tables import audit_event, outbox
from tests.casework.abort_requests import ONCOLOGY, UNIT, WHY, abort, accepted, asked, error_of, say, stage_of
from tests.casework.chains import patch_of, put_body
from tests.casework.world import DALHEIM, KE, PATIENT, World, at, consent, resh, sender
from tests.store.rows import subscribe


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
