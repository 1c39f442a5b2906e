"""A partner's create: routed with a reason, owned at once, idempotent, refused where it contradicts."""

import asyncio
from typing import Any

import pytest

from app.coordination.consent import Consent
from app.coordination.states import Stage
from app.errors import InvalidContent, Refused, Stale
from app.fhir import codes
from app.fhir.search import parse
from app.store.changes import Viewer
from app.store.tables import audit_event
from tests.casework.world import (
    DALHEIM,
    FJORDVIK,
    GROUP,
    KE,
    OTHER_PATIENT,
    PATIENT,
    TRUST,
    World,
    at,
    consent,
    entry,
    need,
    resh,
    sender,
)

ORGANISATION = {"system": codes.ORGANISATION}


def organisation(number: str) -> dict[str, Any]:
    """A logical reference to an organisation."""
    return {"type": "Organization", "identifier": ORGANISATION | {"value": number}}


def involved(*units: str) -> list[dict[str, Any]]:
    """Inputs that name units known to treat the patient."""
    return [entry("involved-unit", "valueReference", resh(unit)) for unit in units]


ROUTED: dict[str, tuple[dict[str, Any], str, str]] = {
    "the unit wished for": ({"owner": resh("oncology")}, "wished-unit", "oncology"),
    "by its organisation number": ({"owner": organisation("310470910")}, "wished-unit", "oncology"),
    "the only unit that treats": (
        {"owner": None, "input": involved("habilitation")},
        "only-treating-unit",
        "habilitation",
    ),
    "two units that treat": ({"owner": None, "input": involved("habilitation", "oncology")}, "catchment", KE),
    "no wish": ({"owner": None}, "catchment", KE),
    "a wish for the trust": ({"owner": organisation(TRUST)}, "catchment", KE),
    "a wish for the coordinating unit": ({"owner": resh(KE)}, "catchment", KE),
    "a wish for the decision group": ({"owner": resh(GROUP)}, "catchment", KE),
    "an unknown unit": ({"owner": {"identifier": {"system": codes.RESH, "value": "1"}}}, "catchment", KE),
}


@pytest.mark.parametrize(("members", "rule", "unit"), ROUTED.values(), ids=ROUTED.keys())
async def test_a_need_is_routed_in_the_same_commit(world: World, members: dict[str, Any], rule: str, unit: str) -> None:
    created = await world.post(need(**members))
    assert (created.status, created.version, created.updated) == (201, 1, world.now)
    case = await world.case(created.id)
    stage = Stage.AT_COORDINATING_UNIT if unit == KE else Stage.IN_QUEUE
    assert (case.owner, case.stage, case.sender) == (unit, stage, FJORDVIK)
    submitted, routed = await world.events(created.id)
    assert (submitted["from_stage"], submitted["to_stage"], submitted["actor"]) == ("", "received", "sender")
    assert (routed["to_stage"], routed["unit"], routed["rule"], routed["actor"]) == (stage, unit, rule, "service")
    assert routed["reason"]
    assert await world.parties(created.id) == {(FJORDVIK, "", None), (TRUST, unit, None), (TRUST, KE, None)}
    body = await world.body(created.id)
    assert (body["status"], body["owner"]["identifier"]) == ("received", resh(unit)["identifier"])
    assert body["businessStatus"]["coding"][0]["code"] == stage


async def test_a_closed_unit_is_passed_over(world: World) -> None:
    world.close("oncology")
    created = await world.post(need(owner=resh("oncology"), input=involved("rehabilitation")))
    assert (await world.case(created.id)).owner == "rehabilitation"


async def test_a_patient_with_a_coordinator_goes_to_that_unit(world: World) -> None:
    await world.on_team(
        at("rehabilitation"), None, "register-coordinator", patient=PATIENT, practitioner="9900046", consent=True
    )
    created = await world.post(need(owner=None))
    assert (await world.case(created.id)).owner == "rehabilitation"
    assert (await world.events(created.id))[1]["rule"] == "existing-coordinator"


async def test_an_unknown_municipality_falls_back(world: World) -> None:
    created = await world.post(need(owner=None), sender("999999999"))
    assert (await world.events(created.id))[1]["rule"] == "fallback"


async def test_what_the_service_adds(world: World) -> None:
    body = await world.body((await world.post(need())).id)
    own, case_number = body["identifier"]
    assert own == need()["identifier"][0]
    assert case_number["system"] == codes.CASE_NUMBER
    assert body["groupIdentifier"]["value"] == case_number["value"]
    assert body["requester"]["identifier"] == ORGANISATION | {"value": FJORDVIK}
    assert body["requester"]["display"] == "Fjordvik kommune"


async def test_what_the_sender_names_itself_is_kept(world: World) -> None:
    given: dict[str, Any] = {"groupIdentifier": {"system": "urn:g", "value": "7"}, "requester": organisation(FJORDVIK)}
    body = await world.body((await world.post(need(**given))).id)
    assert {name: body[name] for name in given} == given


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ([consent()], Consent(given=True, date="2026-11-21", source="notice")),
        ([consent(False)], Consent(given=False, date="2026-11-21", source="notice")),
        (
            [consent(), entry("consent-date", "valueDate", "2026-10-01")],
            Consent(given=True, date="2026-10-01", source="notice"),
        ),
        (None, None),
    ],
)
async def test_the_consent_is_kept_beside_the_case(world: World, inputs: Any, expected: Consent | None) -> None:
    assert (await world.case((await world.post(need(input=inputs))).id)).consent == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("identifier", "1"),
        ("identifier", "https://fjordvik.example/saker|1"),
        ("code", "coordinator-need"),
        ("code", f"{codes.COORDINATION_TASK}|coordinator-need"),
        ("status", "received"),
        ("business-status", f"{codes.STAGE}|in-queue"),
        ("owner:identifier", f"{codes.RESH}|4900101"),
        ("requester:identifier", FJORDVIK),
        ("_lastUpdated", "2026-11-21"),
    ],
)
async def test_a_new_case_is_found(world: World, name: str, value: str) -> None:
    created = await world.post()
    page = await world.store.search(parse("Task", [(name, value)]), Viewer(organisation=FJORDVIK))
    assert [row.id for row in page.rows] == [created.id]


async def test_a_new_case_is_found_by_its_number(world: World) -> None:
    created = await world.post()
    number = (await world.case(created.id)).number
    page = await world.store.search(parse("Task", [("identifier", number)]), Viewer(organisation=FJORDVIK))
    assert [row.id for row in page.rows] == [created.id]


async def test_the_write_is_audited(world: World) -> None:
    created = await world.post()
    rows = await world.store.run(lambda c: c.execute(audit_event.select()).mappings().all())
    [row] = [row for row in rows if row["resource"] == created.id]
    expected = (FJORDVIK, "sender", "create", "Task", 1, (await world.case(created.id)).patient)
    assert (
        tuple(row[name] for name in ("organisation", "role", "interaction", "type", "version", "patient")) == expected
    )


async def test_two_needs_of_a_patient_have_one_key(world: World) -> None:
    first, second = await world.post(need("1")), await world.post(need("2"), sender(DALHEIM))
    assert (await world.case(first.id)).patient == (await world.case(second.id)).patient


async def test_the_same_again_gives_the_first_result(world: World) -> None:
    first = await world.post(need())
    await world.act(at("neurology-outpatient"), first.id, "accept")
    spelled = need(
        id="x", meta={"tag": [{"code": "later"}]}, authoredOn="2026-11-21", lastModified="2026-11-21T00:00:00Z"
    )
    again = await world.post(dict(reversed(spelled.items())))
    assert (again.status, again.id, again.version) == (200, first.id, 2)
    assert again.body == (await world.load(first.id)).body


@pytest.mark.parametrize(
    "other",
    [
        need(description="Noe annet"),
        need(priority="urgent"),
        need(for_={"identifier": {"system": codes.NATIONAL_NUMBER, "value": OTHER_PATIENT}}),
        need(input=[consent(False)]),
    ],
)
async def test_the_same_number_with_other_content_is_refused(world: World, other: dict[str, Any]) -> None:
    await world.post(need())
    with pytest.raises(Refused) as refused:
        await world.post(other)
    assert refused.value.error == "number-in-use"


async def test_the_number_of_another_sender_is_another_number(world: World) -> None:
    first, second = await world.post(need()), await world.post(need(), sender(DALHEIM))
    assert (second.status, second.id != first.id) == (201, True)


async def test_ten_at_once_are_one_case(world: World) -> None:
    results = await asyncio.gather(*(world.post(need()) for _ in range(10)))
    assert sorted(result.status for result in results) == [200] * 9 + [201]
    assert len({result.id for result in results}) == 1
    assert len(await world.events(results[0].id)) == 2


async def test_needs_of_a_new_patient_at_once_have_one_key(world: World) -> None:
    results = await asyncio.gather(*(world.post(need(str(number))) for number in range(6)))
    assert len({(await world.case(result.id)).patient for result in results}) == 1


async def test_a_conditional_create(world: World) -> None:
    condition = parse("Task", [("identifier", "https://fjordvik.example/saker|1"), ("_count", "2")])
    first = await world.post(need(), condition=condition)
    again = await world.post(need(description="Noe annet"), condition=condition)
    assert (first.status, again.status, again.id) == (201, 200, first.id)
    theirs = await world.post(need(), sender(DALHEIM), condition=condition)
    assert theirs.status == 201, "what the caller does not see does not count"


async def test_a_condition_that_several_match(world: World) -> None:
    await world.post(need("1"))
    await world.post(need("2"))
    with pytest.raises(Stale) as stale:
        await world.post(need("3"), condition=parse("Task", [("status", "received"), ("_count", "2")]))
    assert stale.value.status == 412


async def test_a_requester_that_contradicts_the_token(world: World) -> None:
    with pytest.raises(InvalidContent) as invalid:
        await world.post(need(requester=organisation(DALHEIM)))
    assert invalid.value.error == "requester-contradicts-token"
    assert invalid.value.issues[0].expression.startswith("Task.requester")


@pytest.mark.parametrize("name", ["Dalheim kommune", "  dalheim  KOMMUNE ", "Nevrologisk poliklinikk"])
async def test_a_name_of_another_organisation_contradicts_the_token_too(world: World, name: str) -> None:
    for reference in ({"display": name}, organisation(FJORDVIK) | {"display": name}):
        with pytest.raises(InvalidContent) as invalid:
            await world.post(need(requester=reference))
        assert invalid.value.error == "requester-contradicts-token"
        assert invalid.value.issues[0].expression == "Task.requester.display"


@pytest.mark.parametrize("name", ["Fjordvik kommune", "Tjenestekontoret, Fjordvik", "Kari Dahl"])
async def test_ones_own_name_and_those_of_people_do_not(world: World, name: str) -> None:
    made = await world.post(need(requester={"display": name}))
    assert (await world.body(made.id))["requester"] == {"display": name}


@pytest.mark.parametrize("requester", [{"display": "Kari"}, {"type": "Patient", "identifier": {"value": "1"}}])
async def test_any_other_requester_is_kept(world: World, requester: dict[str, Any]) -> None:
    body = await world.body((await world.post(need(requester=requester))).id)
    assert body["requester"] == requester


OTHER_TASK = {
    "resourceType": "Task",
    "identifier": [{"system": "https://fjordvik.example/saker", "value": "t-1"}],
    "status": "requested",
    "intent": "order",
    "code": {"coding": [{"system": "https://fjordvik.example/codes", "code": "call-me"}]},
    "owner": resh("oncology"),
}


async def test_a_task_of_another_kind_is_exchanged(world: World) -> None:
    created = await world.post(OTHER_TASK)
    assert created.status == 201
    assert (await world.load(created.id)).state is None
    assert await world.events(created.id) == []
    assert await world.sees(at("oncology"), created.id)
    assert not await world.sees(at("rehabilitation"), created.id)
    assert not await world.sees(sender(DALHEIM), created.id)
    again = await world.post(OTHER_TASK)
    assert (again.status, again.id) == (200, created.id)
    with pytest.raises(Refused):
        await world.act(at("oncology"), created.id, "accept")
    done = await world.put(at("oncology"), created.id, OTHER_TASK | {"status": "completed"}, 1)
    assert done.version == 2
    with pytest.raises(Refused) as ended:
        await world.put(sender(), created.id, OTHER_TASK | {"status": "requested"}, 2)
    assert ended.value.error == "task-ended"


async def test_a_task_does_not_become_a_case_or_the_other_way(world: World) -> None:
    created = await world.post(OTHER_TASK)
    with pytest.raises(InvalidContent):
        await world.put(sender(), created.id, OTHER_TASK | {"code": need()["code"]}, 1)
    with pytest.raises(InvalidContent):
        await world.post(OTHER_TASK | {"code": codes.concept(codes.COORDINATION_TASK, codes.EHR_REGISTRATION)})


TEAM = {"resourceType": "CareTeam", "status": "active", "name": "Team", "subject": need()["for"]}


async def test_a_care_team_of_another_kind_is_exchanged(world: World) -> None:
    created = await world.post(TEAM, at("oncology"), "CareTeam")
    assert (created.status, created.type) == (201, "CareTeam")
    changed = await world.put(at("oncology"), created.id, TEAM | {"name": "Nytt"}, 1, "CareTeam")
    assert changed.version == 2
    assert not await world.sees(sender(), created.id, "CareTeam")


async def test_a_coordination_team_is_made_by_its_operation(world: World) -> None:
    with pytest.raises(Refused) as refused:
        await world.post(TEAM | {"category": [{"coding": [codes.LONGITUDINAL_CARE]}]}, at("oncology"), "CareTeam")
    assert refused.value.issues[0].allowed == ("CareTeam/$register-coordinator",)
