"""PUT and JSON Patch: whose element is it, which version was read, and is it a change at all."""

import json
from typing import Any

import msgspec
import pytest

from app.coordination.states import Stage
from app.errors import InvalidContent, MethodNotAllowed, NotFound, PreconditionMissing, Refused, Stale
from app.fhir import codes
from app.security.caller import Caller
from tests.casework.chains import patch_of, put_body
from tests.casework.world import DALHEIM, KE, OTHER_PATIENT, World, at, consent, need, resh, sender

UNIT = at("neurology-outpatient")


async def created(world: World, **members: Any) -> tuple[str, bytes]:
    """Id and body of a new case in the unit's queue."""
    result = await world.post(need(note=[{"text": "Hei"}], priority="routine", **members))
    return result.id, result.body


async def refused(
    world: World, caller: Caller, resource: str, body: bytes, changes: dict[str, Any]
) -> list[tuple[str, str]]:
    """(code, expression) of what an update is refused for; the same by PUT and JSON Patch."""
    answers = []
    with pytest.raises(InvalidContent) as invalid:
        await world.put(caller, resource, put_body(body, changes), 1)
    answers.append([(issue.code, issue.expression) for issue in invalid.value.issues])
    with pytest.raises(InvalidContent) as invalid:
        await world.patch(caller, resource, patch_of(body, changes), 1)
    answers.append([(issue.code, issue.expression) for issue in invalid.value.issues])
    assert answers[0] == answers[1]
    assert (await world.load(resource)).version == 1
    return answers[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("output", [{"type": {"text": "x"}, "valueString": "y"}]),
        ("lastModified", "2026-01-01T00:00:00Z"),
    ],
)
@pytest.mark.parametrize("caller", [sender(), UNIT], ids=["sender", "unit"])
async def test_a_service_owned_element_is_not_set(world: World, caller: Caller, name: str, value: Any) -> None:
    resource, body = await created(world)
    assert await refused(world, caller, resource, body, {name: value}) == [("service-owned-element", f"Task.{name}")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("requester", {"display": "En annen"}),
        ("for", {"identifier": {"system": codes.NATIONAL_NUMBER, "value": OTHER_PATIENT}}),
        ("code", {"text": "noe annet"}),
        ("intent", "plan"),
        ("groupIdentifier", {"value": "x"}),
        ("basedOn", [{"display": "x"}]),
        ("focus", {"display": "x"}),
        ("identifier", [{"system": "https://fjordvik.example/saker", "value": "2"}]),
    ],
)
@pytest.mark.parametrize("caller", [sender(), UNIT], ids=["sender", "unit"])
async def test_an_immutable_element_stays(world: World, caller: Caller, name: str, value: Any) -> None:
    resource, body = await created(world)
    assert await refused(world, caller, resource, body, {name: value}) == [("immutable-element", f"Task.{name}")]


async def test_all_problems_come_at_once(world: World) -> None:
    resource, body = await created(world)
    wrong = {"intent": "plan", "description": "x", "lastModified": "2026-01-01T00:00:00Z", "partOf": [{"display": "x"}]}
    found = await refused(world, UNIT, resource, body, wrong)
    assert sorted(path for _, path in found) == ["Task.description", "Task.intent", "Task.lastModified", "Task.partOf"]


NOTES = [{"text": "Hei"}, {"text": "Ny"}]
SENDERS = {
    "description": "Ny",
    "reasonCode": {"text": "x"},
    "_description": {"id": "d"},
    "priority": "urgent",
    "restriction": {"period": {"end": "2026-12-24"}},
    "input": [consent(), {"type": {"text": "annet"}, "valueString": "ny"}],
}


@pytest.mark.parametrize(("name", "value"), [("note", NOTES), *SENDERS.items()])
async def test_what_a_sender_changes(world: World, name: str, value: Any) -> None:
    resource, body = await created(world)
    result = await world.put(sender(), resource, put_body(body, {name: value}), 1)
    assert result.version == 2
    assert json.loads(result.body).get(name) == value
    assert (await world.events(resource))[-1]["move"] == "route", "a change of content is no move"


@pytest.mark.parametrize("caller", [UNIT, at(KE)], ids=["owner", "coordinating unit"])
async def test_what_the_hospital_changes(world: World, caller: Caller) -> None:
    resource, body = await created(world)
    assert json.loads((await world.patch(caller, resource, patch_of(body, {"note": NOTES}), 1)).body)["note"] == NOTES


@pytest.mark.parametrize(("name", "value"), SENDERS.items())
async def test_what_the_hospital_does_not_change(world: World, name: str, value: Any) -> None:
    resource, body = await created(world)
    assert await refused(world, UNIT, resource, body, {name: value}) == [("element-not-yours", f"Task.{name}")]


async def test_what_the_service_owns_is_kept_when_it_is_left_out(world: World) -> None:
    resource, _ = await created(world)
    await world.act(UNIT, resource, "request-information", question="Hva?")
    before = await world.body(resource)
    owned = (
        "id",
        "meta",
        "status",
        "businessStatus",
        "owner",
        "output",
        "lastModified",
        "groupIdentifier",
        "requester",
    )
    sent = {name: value for name, value in before.items() if name not in (*owned, "statusReason")}
    sent |= {"status": before["status"], "identifier": before["identifier"][:1], "description": "Ny"}
    after = json.loads((await world.put(sender(), resource, sent, 2)).body)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {"description", "meta"}


async def test_the_numbers_in_the_content_do_not_hinder(world: World) -> None:
    """A fraction has no exact float; what was read and sent back is still the same."""
    dose = {"type": {"text": "dose"}, "valueQuantity": {"value": 0.1}}
    resource, body = await created(world, input=[dose])
    result = await world.put(sender(), resource, put_body(body, {"priority": "urgent"}), 1)
    assert result.version == 2
    assert (
        await world.patch(sender(), resource, [{"op": "replace", "path": "/priority", "value": "stat"}], 2)
    ).version == 3


@pytest.mark.parametrize("caller", [sender(), UNIT], ids=["sender", "unit"])
async def test_an_update_that_changes_nothing_is_no_version(world: World, caller: Caller) -> None:
    resource, body = await created(world)
    world.now += 5_000
    reordered = dict(reversed(json.loads(body).items()))
    for result in (
        await world.put(caller, resource, body, 1),
        await world.put(caller, resource, reordered, 1),
        await world.patch(caller, resource, [{"op": "test", "path": "/status", "value": "received"}], 1),
    ):
        assert (result.status, result.version, result.body) == (200, 1, body)
    owner = json.loads(body) | {"owner": resh("neurology-outpatient") | {"display": "Et annet navn"}}
    assert (await world.put(caller, resource, owner, 1)).version == 1, "a display is no hand-over"


async def test_profiles_and_tags_are_kept_and_changed(world: World) -> None:
    meta = {"profile": ["https://fjordvik.example/p"], "tag": [{"system": "urn:t", "code": "a"}]}
    resource, _ = await created(world, meta=meta)
    await world.act(UNIT, resource, "accept")
    assert (await world.body(resource))["meta"] | meta == (await world.body(resource))["meta"]
    content = await world.body(resource)
    content["meta"]["tag"] = [{"system": "urn:t", "code": "b"}]
    result = await world.put(sender(), resource, content, 2)
    assert result.version == 3
    found = json.loads(result.body)["meta"]
    assert (found["tag"][0]["code"], found["profile"], found["versionId"]) == ("b", meta["profile"], "3")


@pytest.mark.parametrize("who", [sender(DALHEIM), at("oncology")], ids=["another sender", "another unit"])
async def test_unknown_and_invisible_are_the_same(world: World, who: Caller) -> None:
    resource, body = await created(world)
    answers = []
    for target in (resource, "unknown"):
        for if_match in (None, 1, 7):
            content = json.loads(body) | {"id": target}
            with pytest.raises(MethodNotAllowed) as put:
                await world.put(who, target, content, if_match)
            with pytest.raises(NotFound) as patch:
                await world.patch(who, target, [{"op": "replace", "path": "/priority", "value": "stat"}], if_match)
            answers.append([(error.value.error, error.value.issues, error.value.headers) for error in (put, patch)])
    assert all(answer == answers[0] for answer in answers)
    assert [answer[0] for answer in answers[0]] == ["update-does-not-create", "not-found"]


async def test_the_version_that_was_read_must_be_told(world: World) -> None:
    resource, body = await created(world)
    content = json.loads(body) | {"priority": "urgent"}
    del content["meta"]
    with pytest.raises(PreconditionMissing) as missing:
        await world.put(sender(), resource, content)
    assert missing.value.status == 428
    with pytest.raises(PreconditionMissing):
        await world.patch(sender(), resource, [{"op": "replace", "path": "/priority", "value": "stat"}], None)


async def test_the_version_can_be_told_in_the_body(world: World) -> None:
    resource, body = await created(world)
    assert (await world.put(sender(), resource, json.loads(body) | {"priority": "urgent"})).version == 2
    tested = [
        {"op": "test", "path": "/meta/versionId", "value": "2"},
        {"op": "replace", "path": "/priority", "value": "stat"},
    ]
    assert (await world.patch(sender(), resource, tested, None)).version == 3


async def test_a_stale_version_is_told_the_current_one(world: World) -> None:
    resource, body = await created(world)
    await world.act(UNIT, resource, "accept")
    for call in (
        world.put(sender(), resource, json.loads(body) | {"priority": "urgent"}),
        world.put(sender(), resource, body, 1),
        world.patch(sender(), resource, [], 1),
        world.act(UNIT, resource, "escalate", 1, reason="x"),
    ):
        with pytest.raises(Stale) as stale:
            await call
        assert (stale.value.status, stale.value.headers["ETag"]) == (412, 'W/"2"')
        assert stale.value.issues[0].allowed == ('W/"2"',)


async def test_content_and_move_in_one_update(world: World) -> None:
    resource, body = await created(world)
    both = {
        "note": [{"text": "Hei"}, {"text": "Vi tar den"}],
        "status": "accepted",
        "businessStatus": codes.concept(codes.STAGE, "assessing"),
    }
    result = await world.put(UNIT, resource, put_body(body, both), 1)
    assert (result.version, (await world.case(resource)).stage) == (2, Stage.ASSESSING)
    assert len(json.loads(result.body)["note"]) == 2
    assert len(await world.events(resource)) == 3


async def test_a_move_with_forbidden_content_does_neither(world: World) -> None:
    resource, body = await created(world)
    both = {"description": "x", "status": "accepted", "businessStatus": codes.concept(codes.STAGE, "assessing")}
    assert await refused(world, UNIT, resource, body, both) == [("element-not-yours", "Task.description")]


@pytest.mark.parametrize("status", ["in-progress", "on-hold", "ready", "failed", "completed", "accepted"])
async def test_a_status_that_no_move_leads_to(world: World, status: str) -> None:
    resource, body = await created(world)
    for caller in (UNIT, sender()):
        with pytest.raises(Refused) as error:
            await world.put(caller, resource, put_body(body, {"status": status}), 1)
        assert error.value.issues[0].allowed


async def test_a_set_that_is_not_one_move_does_nothing(world: World) -> None:
    resource, body = await created(world)
    for odd in (
        {"status": "completed", "businessStatus": codes.concept(codes.STAGE, "assessing")},
        {"status": "accepted", "businessStatus": codes.concept(codes.STAGE, "assessing"), "owner": resh("oncology")},
    ):
        with pytest.raises(Refused) as error:
            await world.put(UNIT, resource, put_body(body, odd), 1)
        assert error.value.error == "no-such-move"
    assert (await world.load(resource)).version == 1


async def test_what_a_move_lacks_is_named_in_the_task(world: World) -> None:
    resource, body = await created(world)
    decline = {"status": "rejected", "businessStatus": codes.concept(codes.STAGE, "declined")}
    found = await refused(world, UNIT, resource, body, decline)
    assert found == [
        ("parameter-missing", "Task.statusReason.coding.code"),
        ("parameter-missing", "Task.statusReason.text"),
    ]


async def test_an_earlier_reason_is_not_the_next_ones(world: World) -> None:
    """Who reads the Task and sets only the stage has given no reason."""
    resource, _ = await created(world)
    await world.act(UNIT, resource, "transfer", unit="oncology", reason="Hører til hos dere")
    handed = (await world.load(resource)).body
    onward = {"businessStatus": codes.concept(codes.STAGE, "in-queue"), "owner": resh("rehabilitation")}
    with pytest.raises(InvalidContent) as missing:
        await world.put(at("oncology"), resource, put_body(handed, onward), 2)
    assert missing.value.issues[0].expression == "Task.statusReason.text"


async def test_the_members_that_nobody_touched_keep_their_bytes(world: World) -> None:
    resource, body = await created(world)
    before = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    after = (await world.patch(sender(), resource, [{"op": "add", "path": "/note/-", "value": {"text": "x"}}], 1)).body
    now = msgspec.json.decode(after, type=dict[str, msgspec.Raw])
    assert {name for name in now if bytes(now[name]) != bytes(before[name])} == {"note", "meta"}
