"""A Task of another code and a plan have several hands: each changes its own elements, and notes are only added to."""

import json
from typing import Any

import pytest

from app.errors import InvalidContent
from app.fhir import codes
from app.fhir.changeable import PLAN_MEMBER, TASK_OWNER
from app.security.caller import Caller
from tests.casework.world import DALHEIM, FJORDVIK, KE, PATIENT, World, at, need, resh, sender

SUBJECT = {"identifier": {"system": codes.NATIONAL_NUMBER, "value": PATIENT}}
NOTE = [{"text": "Hei"}]
TASK: dict[str, Any] = {
    "status": "accepted",
    "statusReason": {"text": "x"},
    "businessStatus": {"text": "x"},
    "owner": resh("oncology"),
    "executionPeriod": {"start": "2026-01-01"},
    "lastModified": "2026-12-01",
    "output": [{"type": {"text": "svar"}, "valueString": "ja"}],
    "text": {"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    "note": [*NOTE, {"text": "Ny"}],
    "description": "x",
    "priority": "urgent",
    "code": {"text": "x"},
    "for": {"display": "x"},
    "intent": "plan",
    "requester": {"display": "x"},
    "restriction": {"repetitions": 2},
    "input": [],
    "identifier": [],
    "authoredOn": "2026-01-01",
    "language": "nn",
    "extension": [{"url": "https://x.example", "valueCode": "x"}],
    "focus": {"display": "x"},
}
PLAN: dict[str, Any] = {
    "status": "completed",
    "title": "x",
    "description": "x",
    "period": {"end": "2027-01-01"},
    "addresses": [{"display": "x"}],
    "supportingInfo": [{"display": "x"}],
    "goal": [{"display": "x"}],
    "activity": [{"detail": {"status": "scheduled"}}],
    "text": TASK["text"],
    "note": [*NOTE, {"text": "Ny"}],
    "subject": {"display": "x"},
    "author": {"display": "x"},
    "contributor": [{"type": "Organization", "identifier": {"system": codes.ORGANISATION, "value": DALHEIM}}],
    "careTeam": [{"display": "x"}],
    "identifier": [{"value": "x"}],
    "intent": "proposal",
    "category": [{"text": "x"}],
    "basedOn": [{"display": "x"}],
    "replaces": [{"display": "x"}],
    "partOf": [{"display": "x"}],
    "created": "2026-01-01",
    "language": "nn",
    "extension": TASK["extension"],
    "meta": {"security": [{"code": "x"}]},
}


async def allowed(
    world: World, caller: Caller, type_name: str, content: dict[str, Any], changes: dict[str, Any], author: Caller
) -> set[str]:
    """The elements of ``changes`` that this caller can change, each on a resource of its own."""
    found = set()
    for name, value in changes.items():
        numbered = content | (
            {"identifier": [{"system": "urn:x", "value": f"{name}-{caller.organisation}"}]}
            if type_name == "Task"
            else {}
        )
        made = await world.post(numbered, author, type_name)
        wanted = {key: one for key, one in (json.loads(made.body) | {name: value}).items() if one != []}
        if name == "meta":
            wanted["meta"]["versionId"] = "1"
        try:
            after = json.loads((await world.put(caller, made.id, wanted, 1, type_name)).body)
        except InvalidContent as refused:
            told = refused.issues[0]
            assert told.expression.startswith(f"{type_name}.{name}")
            assert told.code in {"element-not-yours", "immutable-element"}
            assert (await world.load(made.id, type_name)).version == 1
        else:
            assert name == "meta" or after.get(name) == wanted.get(name)
            found.add(name)
    return found


async def test_the_owner_of_another_task_reports_on_it_and_its_maker_changes_the_rest(world: World) -> None:
    content = need(code={"text": "annet"}, note=NOTE, owner=resh("neurology-outpatient"))
    content["requester"] = {"identifier": {"system": codes.ORGANISATION, "value": FJORDVIK}}
    theirs = await allowed(world, at("neurology-outpatient"), "Task", content, TASK, sender())
    assert theirs == set(TASK) & set(TASK_OWNER)
    assert await allowed(world, sender(), "Task", content, TASK, sender()) == set(TASK)


@pytest.mark.parametrize("caller", [at("neurology-outpatient"), sender()], ids=["member", "municipality"])
async def test_a_member_keeps_a_plan_up_to_date_and_its_author_says_who_sees_it(world: World, caller: Caller) -> None:
    team = await world.on_team(
        at("neurology-outpatient"),
        None,
        "register-coordinator",
        patient=PATIENT,
        practitioner="9900011",
        consent=True,
    )
    content = {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "subject": SUBJECT,
        "note": NOTE,
        "careTeam": [{"reference": f"CareTeam/{team.id}"}],
        "contributor": [{"type": "Organization", "identifier": {"system": codes.ORGANISATION, "value": FJORDVIK}}],
    }
    assert await allowed(world, caller, "CarePlan", content, PLAN, at(KE)) == set(PLAN) & set(PLAN_MEMBER)
    assert set(PLAN_MEMBER) - {"contained"} <= set(PLAN)
    assert await allowed(world, at(KE), "CarePlan", content, PLAN, at(KE)) == set(PLAN) - {"subject"}


@pytest.mark.parametrize("note", [[], [{"text": "Ny"}], [{"text": "Ny"}, *NOTE]], ids=["removed", "altered", "before"])
async def test_a_note_stands_for_its_author_too(world: World, note: list[Any]) -> None:
    for type_name, content in (
        ("Task", need(code={"text": "annet"}, note=NOTE)),
        (
            "CarePlan",
            {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": SUBJECT, "note": NOTE},
        ),
    ):
        made = await world.post(content, type_name=type_name)
        wanted = {name: one for name, one in (json.loads(made.body) | {"note": note}).items() if one != []}
        with pytest.raises(InvalidContent) as refused:
            await world.put(sender(), made.id, wanted, 1, type_name)
        assert [(one.code, one.expression) for one in refused.value.issues] == [
            ("append-only-element", f"{type_name}.note[0]")
        ]
