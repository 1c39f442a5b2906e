"""Resources that partners and the directory exchange: who sees them, who changes them, what a case opens."""

import json
from typing import Any

import pytest

from app.casework.context import viewer_of
from app.casework.falling_due import sweep
from app.casework.patients import resolve_patients
from app.casework.update import conditional_update
from app.errors import Forbidden, InvalidContent, MethodNotAllowed, PreconditionMissing, Refused, Stale, Unreadable
from app.fhir import codes
from app.fhir.document import read
from app.fhir.search import parse
from app.security.caller import Caller
from tests.casework.world import DALHEIM, DAY, FJORDVIK, KE, PATIENT, World, at, consent, need, resh, sender

OWNER, NEXT = "neurology-outpatient", "rehabilitation"
NIN = {"system": codes.NATIONAL_NUMBER, "value": PATIENT}
SUBJECT = {"identifier": NIN}


def request(number: str = "r1", **members: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": "https://fjordvik.example/req", "value": number}],
        "status": "active",
        "intent": "order",
        "subject": SUBJECT,
    } | members


def organization(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Organization", "name": "Nevrologisk avdeling", "active": True} | members


def plan(**members: Any) -> dict[str, Any]:
    return {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": SUBJECT} | members


def municipality(number: str) -> dict[str, Any]:
    return {"type": "Organization", "identifier": {"system": codes.ORGANISATION, "value": number}}


async def search(world: World, caller: Caller, kind: str, *pairs: tuple[str, str]) -> list[str]:
    query = await resolve_patients(world.store, viewer_of(caller), parse(kind, pairs))
    return [row.id for row in (await world.store.search(query, viewer_of(caller))).rows]


async def test_a_partners_resource_is_its_own(world: World) -> None:
    made = await world.post(request(), type_name="ServiceRequest")
    assert (made.status, made.version) == (201, 1)
    assert await world.sees(sender(), made.id, "ServiceRequest")
    for other in (sender(DALHEIM), at(OWNER), at(KE), at("ehr")):
        assert not await world.sees(other, made.id, "ServiceRequest")


async def test_the_same_number_again_gets_the_first_result(world: World) -> None:
    made = await world.post(request(), type_name="ServiceRequest")
    again = await world.post(request(), type_name="ServiceRequest")
    assert (again.status, again.id) == (200, made.id)
    with pytest.raises(Refused, match="number"):
        await world.post(request(priority="urgent"), type_name="ServiceRequest")
    other = await world.post(request(), sender(DALHEIM), type_name="ServiceRequest")
    assert other.id != made.id
    answers = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "identifier": {"value": "1", "system": "u:x"},
    }
    first = await world.post(answers, type_name="QuestionnaireResponse")
    assert (await world.post(answers, type_name="QuestionnaireResponse")).id == first.id


async def test_a_number_that_is_too_long_for_an_index_is_a_number_all_the_same(world: World) -> None:
    long = "".join(f"{index:x}" for index in range(3_000))
    made = await world.post(request(long), type_name="ServiceRequest")
    assert (await world.post(request(long), type_name="ServiceRequest")).id == made.id
    assert (await world.post(request(f"{long}1"), type_name="ServiceRequest")).id != made.id
    assert await search(world, sender(), "ServiceRequest", ("identifier", long)) == [made.id]


async def test_a_case_opens_what_it_references_to_its_parties_and_to_the_next_owner(world: World) -> None:
    made = await world.post(request(), type_name="ServiceRequest")
    agreed = await world.post(
        {
            "resourceType": "Consent",
            "status": "active",
            "scope": {"text": "care"},
            "category": [{"text": "coordination"}],
            "patient": SUBJECT,
            "policyRule": {"text": "law"},
        },
        type_name="Consent",
    )
    entry = {
        "type": codes.concept(codes.TASK_INPUT, "consent"),
        "valueReference": {"reference": f"Consent/{agreed.id}"},
    }
    task = await world.post(need(focus={"reference": f"ServiceRequest/{made.id}"}, input=[entry]))
    for kind, one in (("ServiceRequest", made.id), ("Consent", agreed.id)):
        assert await world.sees(at(OWNER), one, kind)
        assert await world.sees(at(KE), one, kind)
        assert not await world.sees(at(NEXT), one, kind)
        assert not await world.sees(sender(DALHEIM), one, kind)
    await world.act(at(OWNER), task.id, "transfer", unit=NEXT, reason="hører hjemme der")
    await world.put(sender(), made.id, request(priority="urgent"), type_name="ServiceRequest")
    assert await world.sees(at(NEXT), made.id, "ServiceRequest")
    assert await world.sees(sender(), made.id, "ServiceRequest")
    assert not await world.sees(at(OWNER), made.id, "ServiceRequest")
    assert await world.versions(at(OWNER), made.id, "ServiceRequest") == [1]
    assert await world.versions(at(NEXT), made.id, "ServiceRequest") == [1, 2]


async def test_a_unit_that_sees_it_by_another_case_goes_on_seeing_it(world: World) -> None:
    made = await world.post(request(), type_name="ServiceRequest")
    focus = {"reference": f"ServiceRequest/{made.id}"}
    first = await world.post(need("1", focus=focus))
    await world.post(need("2", focus=focus))
    await world.act(at(OWNER), first.id, "transfer", unit=NEXT, reason="hører hjemme der")
    assert await world.sees(at(NEXT), made.id, "ServiceRequest")
    assert await world.sees(at(OWNER), made.id, "ServiceRequest")


async def test_only_what_the_sender_made_is_opened(world: World) -> None:
    made = await world.post(request(), type_name="ServiceRequest")
    await world.post(need(focus={"reference": f"ServiceRequest/{made.id}"}))
    exchanged = need("9", code={"text": "other"}, for_=SUBJECT, owner=municipality(DALHEIM), input=None)
    exchanged["focus"] = {"reference": f"ServiceRequest/{made.id}"}
    task = await world.post(exchanged, at(OWNER))
    assert await world.sees(sender(DALHEIM), task.id)
    assert not await world.sees(sender(DALHEIM), made.id, "ServiceRequest")


async def test_an_input_that_is_added_is_opened_too(world: World) -> None:
    task = await world.post()
    asked = await world.post(
        {"resourceType": "QuestionnaireResponse", "status": "completed", "subject": SUBJECT},
        type_name="QuestionnaireResponse",
    )
    answers = {"type": {"text": "answers"}, "valueReference": {"reference": f"QuestionnaireResponse/{asked.id}"}}
    now = await world.body(task.id)
    await world.put(sender(), task.id, now | {"input": [consent(), answers]}, if_match=1)
    assert await world.sees(at(OWNER), asked.id, "QuestionnaireResponse")


@pytest.mark.parametrize("member", ["for", "focus", "basedOn"])
async def test_a_reference_of_a_need_to_what_is_not_ones_own_is_as_one_to_nothing(world: World, member: str) -> None:
    patient = await world.post({"resourceType": "Patient", "identifier": [NIN]}, sender(DALHEIM), "Patient")
    made = await world.post(request(), sender(DALHEIM), type_name="ServiceRequest")
    kind, key = ("Patient", patient.id) if member == "for" else ("ServiceRequest", made.id)
    told = []
    for target in (f"{kind}/{key}", f"{kind}/00000000-0000-4000-8000-000000000000"):
        value: Any = {"reference": target}
        with pytest.raises(InvalidContent) as refused:
            await world.post(need() | {member: [value] if member == "basedOn" else value})
        told.append(refused.value.issues)
    assert told[0] == told[1]
    assert told[0][0].code == "reference-not-found"


async def test_dangling_references_are_fine_elsewhere(world: World) -> None:
    for caller in (sender(), sender(DALHEIM)):
        content = request(subject={"reference": "Patient/f001"}, basedOn=[{"reference": "CarePlan/none"}])
        made = await world.post(content, caller, type_name="ServiceRequest")
        assert await search(world, caller, "ServiceRequest", ("patient", "Patient/f001")) == [made.id]


async def test_a_patient_by_reference_is_the_same_as_by_identifier(world: World) -> None:
    patient = await world.post({"resourceType": "Patient", "identifier": [NIN]}, type_name="Patient")
    task = await world.post(need(for_={"reference": f"Patient/{patient.id}"}))
    other = await world.post(need("2"))
    assert (await world.case(task.id)).patient == (await world.case(other.id)).patient
    assert await world.sees(at(OWNER), patient.id, "Patient")
    found = {task.id, other.id}
    assert set(await search(world, sender(), "Task", ("patient", f"Patient/{patient.id}"))) == found
    assert set(await search(world, at(OWNER), "Task", ("patient:identifier", f"{NIN['system']}|{PATIENT}"))) == found
    assert await search(world, sender(DALHEIM), "Task", ("patient", f"Patient/{patient.id}")) == []


async def test_a_patient_without_a_national_number_is_known_by_its_resource(world: World) -> None:
    patient = await world.post({"resourceType": "Patient", "name": [{"text": "Ukjent"}]}, type_name="Patient")
    task = await world.post(need(for_={"reference": f"Patient/{patient.id}"}))
    assert await search(world, sender(), "Task", ("patient", f"Patient/{patient.id}")) == [task.id]


async def test_a_resource_is_changed_by_the_organisation_that_made_it(world: World) -> None:
    made = await world.post(request(), type_name="ServiceRequest")
    await world.post(need(focus={"reference": f"ServiceRequest/{made.id}"}))
    with pytest.raises(Forbidden):
        await world.put(at(OWNER), made.id, request(status="revoked"), type_name="ServiceRequest")
    with pytest.raises(MethodNotAllowed):
        await world.put(sender(DALHEIM), made.id, request(), type_name="ServiceRequest")
    again = await world.put(sender(), made.id, request(status="revoked"), type_name="ServiceRequest")
    assert again.version == 2
    assert await search(world, at(OWNER), "ServiceRequest", ("status", "revoked")) == [made.id]
    with pytest.raises(Stale):
        await world.put(sender(), made.id, request(), 1, type_name="ServiceRequest")


async def test_what_an_update_leaves_out_is_found_no_more(world: World) -> None:
    made = await world.post(request(code={"coding": [{"code": "a"}]}, authoredOn="2026"), type_name="ServiceRequest")
    await world.put(sender(), made.id, request(authoredOn="2025"), type_name="ServiceRequest")
    assert await search(world, sender(), "ServiceRequest", ("code", "a")) == []
    assert await search(world, sender(), "ServiceRequest", ("authored", "2026")) == []
    assert await search(world, sender(), "ServiceRequest", ("authored", "2025")) == [made.id]


async def test_an_encounter_stays_in_the_hospital(world: World) -> None:
    encounter = {"resourceType": "Encounter", "status": "in-progress", "class": {"code": "IMP"}, "subject": SUBJECT}
    made = await world.post(encounter, at("ehr"), type_name="Encounter")
    assert await world.sees(at(OWNER), made.id, "Encounter")
    assert await world.sees(at(KE), made.id, "Encounter")
    assert not await world.sees(sender(), made.id, "Encounter")


async def test_the_directory_is_read_by_all_and_holds_no_national_number(world: World) -> None:
    made = await world.post(organization(), at(KE), type_name="Organization")
    assert await world.sees(sender(), made.id, "Organization")
    assert await search(world, sender(DALHEIM), "Organization", ("name", "nevro")) == [made.id]
    assert await world.versions(sender(DALHEIM), made.id, "Organization") == [1]
    with pytest.raises(Forbidden):
        await world.put(sender(), made.id, organization(), type_name="Organization")
    for one in (NIN, {"system": "https://other.example", "value": PATIENT}):
        with pytest.raises(InvalidContent) as refused:
            await world.post({"resourceType": "Practitioner", "identifier": [one]}, at(KE), type_name="Practitioner")
        assert refused.value.issues[0].code == "national-number-in-directory"


# -- the individual plan -----------------------------------------------------------------------------------------------


async def with_team(world: World) -> str:
    made = await world.on_team(
        at(OWNER), None, "register-coordinator", patient=PATIENT, practitioner="9900011", consent=True
    )
    return made.id


async def test_a_plan_is_seen_by_team_municipality_and_author(world: World) -> None:
    team = await with_team(world)
    content = plan(careTeam=[{"reference": f"CareTeam/{team}"}], contributor=[municipality(FJORDVIK)])
    made = await world.post(content, at(KE), type_name="CarePlan")
    for caller in (at(OWNER), at(KE), sender()):
        assert await world.sees(caller, made.id, "CarePlan")
    assert not await world.sees(sender(DALHEIM), made.id, "CarePlan")
    assert not await world.sees(at(NEXT), made.id, "CarePlan")
    with pytest.raises(PreconditionMissing):
        await world.put(sender(), made.id, content, type_name="CarePlan")
    # The municipality does not see the team, and does not end its sight by keeping the plan as it is.
    assert (await world.put(sender(), made.id, content, 1, type_name="CarePlan")).version == 2
    assert await world.sees(at(OWNER), made.id, "CarePlan")
    with pytest.raises(InvalidContent):
        await world.put(at(OWNER), made.id, plan(careTeam=content["careTeam"]), 2, type_name="CarePlan")
    await world.put(at(KE), made.id, plan(careTeam=content["careTeam"]), 2, type_name="CarePlan")
    assert not await world.sees(sender(), made.id, "CarePlan")
    assert await world.versions(sender(), made.id, "CarePlan") == [1, 2]
    assert await world.sees(at(KE), made.id, "CarePlan")


async def test_a_team_that_the_author_does_not_see_gets_no_sight(world: World) -> None:
    team = await with_team(world)
    made = await world.post(plan(careTeam=[{"reference": f"CareTeam/{team}"}]), type_name="CarePlan")
    assert await world.sees(sender(), made.id, "CarePlan")
    assert not await world.sees(at(OWNER), made.id, "CarePlan")


async def test_who_comes_into_the_team_sees_its_plan(world: World) -> None:
    team = await with_team(world)
    made = await world.post(plan(careTeam=[{"reference": f"CareTeam/{team}"}]), at(OWNER), type_name="CarePlan")
    assert not await world.sees(at("oncology"), made.id, "CarePlan")
    await world.on_team(
        at("oncology"), None, "register-coordinator", patient=PATIENT, practitioner="9900089", role="19", consent=True
    )
    assert await world.sees(at("oncology"), made.id, "CarePlan")


async def with_plan(world: World) -> tuple[str, str, str]:
    """Ids of a team with a coordinator at OWNER and one at oncology, of its plan, and of oncology's stint."""
    team = await with_team(world)
    content = plan(careTeam=[{"reference": f"CareTeam/{team}"}])
    made = await world.post(content, at(KE), type_name="CarePlan")
    await world.on_team(
        at("oncology"), None, "register-coordinator", patient=PATIENT, practitioner="9900089", role="19", consent=True
    )
    [stint] = [row.id for row in await world.store.participants(team) if row.unit == "oncology"]
    await world.put(at(KE), made.id, content | {"title": "a"}, 1, type_name="CarePlan")
    return team, made.id, stint


async def gone(world: World, team: str, key: str) -> None:
    """Oncology keeps the versions up to its end and sees none later; the others see all."""
    kept = await world.versions(at("oncology"), team, "CareTeam"), await world.versions(at("oncology"), key, "CarePlan")
    for one, type_name in ((team, "CareTeam"), (key, "CarePlan")):
        assert not await world.sees(at("oncology"), one, type_name)
        assert await world.sees(at(OWNER), one, type_name)
    assert await search(world, at("oncology"), "CarePlan", ("status", "active")) == []
    content = plan(careTeam=[{"reference": f"CareTeam/{team}"}], title="b")
    await world.put(at(KE), key, content, (await world.load(key, "CarePlan")).version, type_name="CarePlan")
    # A later change of the team does not give the lost sight back, nor a bit more of it.
    await world.on_team(
        at(OWNER), None, "register-coordinator", patient=PATIENT, practitioner="9900020", role="17", consent=True
    )
    again = (
        await world.versions(at("oncology"), team, "CareTeam"),
        await world.versions(at("oncology"), key, "CarePlan"),
    )
    assert again == kept
    assert kept[1]
    assert len(await world.versions(at(OWNER), key, "CarePlan")) > len(kept[1])


async def test_who_leaves_the_team_loses_sight_of_team_and_plan_at_once(world: World) -> None:
    world.now -= 2 * DAY
    team, key, stint = await with_plan(world)
    world.now += 2 * DAY
    assert await world.sees(at("oncology"), key, "CarePlan")
    given = {"participant": stint, "reasonCode": "need-ended", "end": "2026-11-20"}
    await world.on_team(at("oncology"), team, "deregister-coordinator", **given)
    await gone(world, team, key)


async def test_who_is_in_the_team_until_a_day_loses_sight_when_it_has_passed(world: World) -> None:
    team, key, stint = await with_plan(world)
    given = {"participant": stint, "reasonCode": "need-ended", "end": "2026-11-22"}
    await world.on_team(at("oncology"), team, "deregister-coordinator", **given)
    world.now += DAY
    await sweep(world.context)
    assert await world.sees(at("oncology"), team, "CareTeam")
    assert await world.sees(at("oncology"), key, "CarePlan")
    world.now += DAY
    await sweep(world.context)
    await gone(world, team, key)


async def test_who_comes_into_the_team_on_a_day_sees_the_plan_from_then_on(world: World) -> None:
    team = await with_team(world)
    made = await world.post(plan(careTeam=[{"reference": f"CareTeam/{team}"}]), at(KE), type_name="CarePlan")
    coming = {"patient": PATIENT, "practitioner": "9900089", "role": "19", "consent": True, "start": "2026-11-23"}
    await world.on_team(at("oncology"), None, "register-coordinator", **coming)
    assert not await world.sees(at("oncology"), made.id, "CarePlan")
    world.now += 2 * DAY
    await sweep(world.context)
    assert await world.sees(at("oncology"), made.id, "CarePlan")


# -- conditional update ------------------------------------------------------------------------------------------------


async def conditionally(world: World, content: dict[str, Any], name: str, if_match: int | None = None) -> Any:
    query = parse("Organization", [("name", name)])
    document = read(json.dumps(content).encode())
    return await conditional_update(world.context, at(KE), "Organization", query, document, if_match)


async def test_a_conditional_update_replaces_the_match_or_creates(world: World) -> None:
    made = await conditionally(world, organization(), "nevro")
    assert (made.status, made.version) == (201, 1)
    changed = await conditionally(world, organization(active=False), "nevro")
    assert (changed.status, changed.id, changed.version) == (200, made.id, 2)
    assert (await conditionally(world, organization(id=made.id), "nevro", 2)).version == 3
    with pytest.raises(Unreadable):
        await conditionally(world, organization(id="another"), "nevro")
    with pytest.raises(MethodNotAllowed):
        await conditionally(world, organization(id="another"), "none")
    with pytest.raises(Stale):
        await conditionally(world, organization(), "nevro", 1)
    await world.post(organization(name="Nevrokirurgi"), at(KE), type_name="Organization")
    with pytest.raises(Stale, match="match"):
        await conditionally(world, organization(), "nevro")


async def test_the_owner_of_another_task_is_party_to_what_it_references(world: World) -> None:
    made = await world.post(request(), type_name="ServiceRequest")
    task = need("5", code={"text": "other"}, owner=resh(OWNER), focus={"reference": f"ServiceRequest/{made.id}"})
    await world.post(task)
    assert await world.sees(at(OWNER), made.id, "ServiceRequest")


def message(**members: Any) -> dict[str, Any]:
    """A Task of another code, from one unit of the hospital to another."""
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": {"text": "Ring tilbake"},
        "description": "Om avtalen",
        "owner": resh(NEXT),
    } | members


@pytest.mark.parametrize("requester", [None, "trust", "unit"])
async def test_a_task_between_two_units_is_its_authors(world: World, requester: str | None) -> None:
    """That the trust is named as the one that asks makes not every unit of it the author."""
    asks: dict[str, Any] = {"trust": municipality("310470007"), "unit": resh(OWNER)}
    members = {"requester": asks[requester]} if requester else {}
    made = await world.post(message(**members), at(OWNER))
    assert await world.sees(at(NEXT), made.id)
    content = await world.body(made.id)
    with pytest.raises(InvalidContent) as refused:
        await world.put(at(NEXT), made.id, content | {"description": "Noe annet", "priority": "urgent"}, 1)
    found = {issue.expression for issue in refused.value.issues}
    assert found == {"Task.description", "Task.priority"}
    taken = await world.put(at(NEXT), made.id, content | {"status": "accepted"}, 1)
    changed = await world.put(
        at(OWNER), made.id, (await world.body(made.id)) | {"description": "Noe annet"}, taken.version
    )
    assert (await world.body(made.id))["description"] == "Noe annet"
    # Whoever was named for a while sees it still, and is neither author nor owner any more.
    moved = await world.put(
        at(OWNER), made.id, (await world.body(made.id)) | {"owner": resh("oncology")}, changed.version
    )
    assert await world.sees(at(NEXT), made.id)
    content = await world.body(made.id)
    tried: tuple[dict[str, Any], ...] = ({"status": "completed"}, {"description": "Igjen"}, {"owner": resh(NEXT)})
    for members in tried:
        with pytest.raises(InvalidContent):
            await world.put(at(NEXT), made.id, content | members, moved.version)
