"""A draft: its author's alone and no case, until it is submitted."""

import json
from typing import Any

import pytest

from app.casework.actions import available_actions
from app.casework.overdue import sweep
from app.coordination.states import Move, Stage
from app.errors import InvalidContent, NotFound, Refused
from app.fhir import codes
from app.store.tables import audit_event, outbox
from tests.casework.chains import patch_of, put_body
from tests.casework.drafts import STRANGERS, UNIT, draft, submit
from tests.casework.world import (
    DALHEIM,
    DAY,
    FJORDVIK,
    KE,
    OTHER_PATIENT,
    PATIENT,
    TRUST,
    World,
    at,
    entry,
    need,
    resh,
    sender,
)
from tests.store.rows import subscribe


async def test_it_is_stored_for_its_author_alone(world: World) -> None:
    await subscribe(world.store, "s1", FJORDVIK)
    made = await world.post(draft())
    assert (made.status, made.version) == (201, 1)
    body = await world.body(made.id)
    assert (body["status"], body["businessStatus"]["coding"]) == (
        "draft",
        [codes.coding(codes.STAGE, "draft", "Kladd")],
    )
    assert body["owner"] == resh(UNIT), "a wish"
    assert body["identifier"] == draft()["identifier"]
    assert "groupIdentifier" not in body
    assert body["requester"]["identifier"]["value"] == FJORDVIK
    case = await world.case(made.id)
    assert (case.stage, case.owner, case.number, case.trust) == (Stage.DRAFT, "", "", "")
    assert await world.parties(made.id) == {(FJORDVIK, "", None)}
    assert await world.events(made.id) == []
    assert await world.rows(outbox) == []
    assert [row["interaction"] for row in await world.rows(audit_event)] == ["create"]
    for stranger in STRANGERS:
        assert not await world.sees(stranger, made.id)
        assert await world.versions(stranger, made.id) == []
        assert await world.found(stranger) == []
    assert await world.found(sender(), **{"business-status": "draft", "owner:identifier": "4900101"}) == [made.id]


async def test_a_unit_of_the_hospital_keeps_its_draft_from_the_others_there(world: World) -> None:
    made = await world.post(draft(owner=resh(KE)), at("oncology"))
    assert await world.parties(made.id) == {(TRUST, "oncology", None)}
    sent = await world.act(at("oncology"), made.id, "submit")
    assert await world.parties(made.id) == {(TRUST, "oncology", None), (TRUST, KE, None)}
    assert await world.versions(at("oncology"), made.id) == [1, 2]
    assert await world.versions(at(KE), made.id) == [2]
    assert (await world.case(sent.id)).sender_unit == "oncology"


LACKING: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "number": ({"identifier": None}, [("sender-number-missing", "Task.identifier")]),
    "patient": ({"for_": None}, [("missing-element", "Task.for")]),
    "our own words": ({"output": [], "statusReason": {"text": "x"}}, [("service-owned-element", "Task.statusReason")]),
    "intent": ({"intent": "plan"}, [("intent-not-allowed", "Task.intent")]),
    "an input we do not know": (
        {"input": [entry("colour", "valueBoolean", True), entry("consent", "valueString", "ja")]},
        [("unknown-code", "Task.input[0].type.coding.code"), ("wrong-type", "Task.input[1].value")],
    ),
    "status": ({"status": "ready"}, [("status-not-allowed", "Task.status")]),
}


@pytest.mark.parametrize(("members", "problems"), LACKING.values(), ids=LACKING)
async def test_what_a_draft_must_have(world: World, members: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    content = draft() | members
    content = {name.rstrip("_"): value for name, value in content.items() if value}
    if "for_" in members:
        del content["for"]
    with pytest.raises(InvalidContent) as refused:
        await world.post(content)
    assert [(issue.code, issue.expression) for issue in refused.value.issues] == problems


async def test_the_same_number_again_is_the_same_need(world: World) -> None:
    made = await world.post(draft())
    again = await world.post(draft())
    assert (again.status, again.id) == (200, made.id)
    assert (await world.post(draft(), sender(DALHEIM))).id != made.id, "another organisation's number is its own"
    with pytest.raises(Refused) as refused:
        await world.post(need())
    assert refused.value.error == "number-in-use"
    await submit(world, made.id)
    after = await world.post(draft())
    assert (after.status, after.id, after.version) == (200, made.id, 2)
    assert json.loads(after.body)["status"] == "received"


async def test_what_changes_in_a_draft_is_what_it_is_found_by(world: World) -> None:
    other = {"identifier": {"system": codes.NATIONAL_NUMBER, "value": OTHER_PATIENT}}
    before = await world.post(need("0"))
    group = {"system": "urn:g", "value": "1"}
    made = await world.post(draft(groupIdentifier=group, basedOn=[{"reference": f"Task/{before.id}"}]))
    old, new = f"{codes.NATIONAL_NUMBER}|{PATIENT}", f"{codes.NATIONAL_NUMBER}|{OTHER_PATIENT}"
    assert await world.found(sender(), **{"based-on": f"Task/{before.id}"}) == [made.id]
    changed = put_body(
        (await world.load(made.id)).body,
        {"for": other, "basedOn": None, "groupIdentifier": None, "owner": None, "authoredOn": "2026-11-01"},
    )
    await world.put(sender(), made.id, changed, 1)
    assert await world.found(sender(), **{"based-on": f"Task/{before.id}"}) == []
    assert await world.found(sender(), **{"group-identifier": "urn:g|1"}) == []
    assert await world.found(sender(), **{"authored-on": "2026-11-01"}) == [made.id]
    patients = {row["patient"] for row in await world.rows(audit_event) if row["interaction"] == "update"}
    keys = {await world.store.patient_key(*one.split("|")) for one in (old, new)}
    assert patients == keys, "both were touched"
    assert (await world.load(made.id)).patient == await world.store.patient_key(*new.split("|"))
    await submit(world, made.id)
    assert (await world.case(made.id)).patient == await world.store.patient_key(*new.split("|"))


FIXED: dict[str, tuple[dict[str, Any], str]] = {
    "code": ({"code": codes.concept(codes.COORDINATION_TASK, "coordinator-need") | {"text": "x"}}, "immutable-element"),
    "intent": ({"intent": "plan"}, "immutable-element"),
    "number": ({"identifier": [{"system": "urn:s", "value": "2"}]}, "immutable-element"),
    "output": ({"output": [{"type": {"text": "x"}, "valueString": "x"}]}, "service-owned-element"),
    "someone else's name": (
        {"requester": {"identifier": {"system": codes.ORGANISATION, "value": DALHEIM}}},
        "requester-contradicts-token",
    ),
    "what is not there": ({"focus": {"reference": "ServiceRequest/none"}}, "reference-not-found"),
    "patient": ({"for": {"identifier": {"system": "urn:x", "value": "1"}}}, "patient-system-not-allowed"),
}


@pytest.mark.parametrize(("members", "code"), FIXED.values(), ids=FIXED)
@pytest.mark.parametrize("way", ["put", "patch"])
async def test_what_its_author_does_not_change(world: World, members: dict[str, Any], code: str, way: str) -> None:
    made = await world.post(draft())
    body = (await world.load(made.id)).body
    by_put = world.put(sender(), made.id, put_body(body, members), 1)
    by_patch = world.patch(sender(), made.id, patch_of(body, members), 1)
    chosen, other = (by_put, by_patch) if way == "put" else (by_patch, by_put)
    other.close()
    with pytest.raises(InvalidContent) as refused:
        await chosen
    assert refused.value.issues[0].code == code
    assert (await world.load(made.id)).version == 1


@pytest.mark.parametrize("way", ["operation", "put", "patch"])
@pytest.mark.parametrize(
    ("move", "status", "stage"),
    [("withdraw", "cancelled", Stage.WITHDRAWN), ("enter-in-error", "entered-in-error", Stage.ENTERED_IN_ERROR)],
)
async def test_its_author_ends_it(world: World, way: str, move: str, status: str, stage: Stage) -> None:
    await subscribe(world.store, "s1", FJORDVIK)
    made = await world.post(draft())
    wanted = {"status": status, "statusReason": {"text": "Ikke aktuelt"}}
    body = (await world.load(made.id)).body
    if way == "operation":
        await world.act(sender(), made.id, move, reason="Ikke aktuelt")
    elif way == "put":
        await world.put(sender(), made.id, put_body(body, wanted), 1)
    else:
        await world.patch(sender(), made.id, patch_of(body, wanted), 1)
    after = await world.body(made.id)
    assert (after["status"], after["statusReason"]) == (status, {"text": "Ikke aktuelt"})
    assert after["businessStatus"]["coding"][0]["code"] == stage
    assert (await world.case(made.id)).stage is stage
    assert await world.events(made.id) == []
    assert await world.rows(outbox) == []
    assert await world.parties(made.id) == {(FJORDVIK, "", None)}
    with pytest.raises(Refused) as refused:
        await world.act(sender(), made.id, "submit")
    assert (refused.value.error, refused.value.issues[0].allowed) == ("move-not-allowed", ())
    with pytest.raises(Refused) as refused:
        await world.put(sender(), made.id, put_body((await world.load(made.id)).body, {"description": "Mer"}), 2)
    assert refused.value.issues[0].code == "case-ended"
    world.now += 400 * DAY
    assert await sweep(world.context) == 0


async def test_an_end_needs_its_reason_in_the_words_of_the_way(world: World) -> None:
    made = await world.post(draft())
    body = (await world.load(made.id)).body
    with pytest.raises(InvalidContent) as refused:
        await world.put(sender(), made.id, put_body(body, {"status": "cancelled"}), 1)
    assert refused.value.issues[0].expression == "Task.statusReason.text"


@pytest.mark.parametrize(
    "wanted",
    [
        {"status": "accepted"},
        {"status": "requested", "businessStatus": codes.concept(codes.STAGE, "in-queue")},
        {"businessStatus": codes.concept(codes.STAGE, "in-queue")},
        {"statusReason": {"text": "Bare ord"}},
    ],
)
async def test_what_is_no_move_is_refused_with_what_is_open(world: World, wanted: dict[str, Any]) -> None:
    made = await world.post(draft())
    with pytest.raises(Refused) as refused:
        await world.put(sender(), made.id, put_body((await world.load(made.id)).body, wanted), 1)
    assert refused.value.error == "no-such-move"
    assert refused.value.issues[0].expression == f"Task.{list(wanted)[-1]}"
    assert refused.value.issues[0].allowed == ("$submit", "$withdraw", "$enter-in-error")


async def test_its_author_is_told_what_is_open(world: World) -> None:
    made = await world.post(draft())
    told = json.loads(await available_actions(world.context, sender(), made.id))
    actions = [one["part"] for one in told["parameter"]]
    assert [parts[0]["valueString"] for parts in actions] == ["$submit", "$withdraw", "$enter-in-error"]
    assert [part["valueCode"] for part in actions[0][1:]] == ["in-queue", "at-coordinating-unit"]


async def test_time_withdraws_a_draft_that_is_never_submitted(world: World) -> None:
    await subscribe(world.store, "s1", FJORDVIK)
    old, sent = await world.post(draft("1")), await world.post(draft("2"))
    await submit(world, sent.id)
    world.settings = world.settings.model_copy(update={"draft_days": 3})
    short = await world.post(draft("3"))
    world.now += 4 * DAY
    assert await sweep(world.context) == 1
    assert (await world.case(short.id)).stage is Stage.WITHDRAWN
    assert (await world.case(old.id)).stage is Stage.DRAFT
    world.now += 85 * DAY
    await sweep(world.context)
    assert (await world.case(old.id)).stage is Stage.DRAFT
    world.now += 2 * DAY
    await sweep(world.context)
    body = await world.body(old.id)
    assert (body["status"], body["businessStatus"]["coding"][0]["code"]) == ("cancelled", "withdrawn")
    assert body["statusReason"] == {"text": "Kladden ble ikke sendt inn innen fristen."}
    assert await world.events(old.id) == []
    assert [row["focus"] for row in await world.rows(outbox) if row["focus"] == f"Task/{old.id}"] == []
    (row,) = [row for row in await world.rows(audit_event) if row["resource"] == old.id and row["version"] == 2]
    assert (row["organisation"], row["role"], row["interaction"]) == (FJORDVIK, "service", "update")


async def test_a_hospitals_move_on_a_draft_is_as_on_nothing(world: World) -> None:
    made = await world.post(draft())
    for caller in STRANGERS:
        for key in (made.id, "none"):
            for operation in (Move.SUBMIT, Move.ACCEPT):
                with pytest.raises(NotFound):
                    await world.act(caller, key, str(operation))
            with pytest.raises(NotFound):
                await world.act(caller, key, "enter-in-error", reason="Feil")
