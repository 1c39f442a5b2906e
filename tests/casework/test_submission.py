"""A draft that is submitted is as if it had been posted so."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.coordination.states import Stage
from app.errors import InvalidContent, Refused
from app.fhir import codes
from app.store.changes import Viewer
from app.store.tables import address_protection, outbox, party
from tests.casework.chains import put_body
from tests.casework.drafts import STRANGERS, UNIT, draft, submit
from tests.casework.world import (
    FJORDVIK,
    GROUP,
    KE,
    PATIENT,
    World,
    at,
    consent,
    entry,
    need,
    resh,
    sender,
)
from tests.store.databases import Live
from tests.store.rows import subscribe

BARE: dict[str, Any] = {"description": None, "input": None, "owner": None}


@pytest.mark.parametrize("way", ["operation", "put", "patch"])
async def test_what_it_lacks_is_asked_for_when_it_is_submitted(world: World, way: str) -> None:
    made = await world.post(draft(**BARE))
    with pytest.raises(InvalidContent) as refused:
        await submit(world, made.id, way)
    assert [(issue.code, issue.expression) for issue in refused.value.issues] == [("need-missing", "Task")]
    assert (await world.load(made.id)).version == 1
    assert await world.events(made.id) == []
    filled = put_body((await world.load(made.id)).body, {"description": "Trenger koordinator"})
    await world.put(sender(), made.id, filled, 1)
    await submit(world, made.id, way)
    assert (await world.case(made.id)).stage is Stage.AT_COORDINATING_UNIT


NEEDS = st.fixed_dictionaries(
    {},
    optional={
        "owner": st.sampled_from([None, resh(UNIT), resh("oncology"), resh(KE), resh(GROUP)]),
        "input": st.lists(
            st.sampled_from(
                [
                    consent(),
                    consent(False),
                    entry("consent-date", "valueDate", "2026-11-01"),
                    entry("involved-unit", "valueReference", resh("habilitation")),
                    entry("criteria-a", "valueBoolean", True),
                    entry("reporter", "valueCodeableConcept", codes.concept(codes.REPORTER, "gp")),
                ]
            ),
            max_size=4,
            unique_by=lambda one: one["type"]["coding"][0]["code"],
        ).map(lambda given: given or None),
        "groupIdentifier": st.sampled_from([None, {"system": "urn:g", "value": "7"}]),
        "priority": st.sampled_from(["routine", "urgent"]),
        "authoredOn": st.just("2026-11-20"),
        "note": st.just([{"text": "Ring pårørende"}]),
        "restriction": st.just({"period": {"end": "2026-12-24"}}),
        "meta": st.just({"tag": [{"system": "urn:tags", "code": "a"}], "security": [{"system": "urn:l", "code": "x"}]}),
        "requester": st.just({"identifier": {"system": codes.ORGANISATION, "value": FJORDVIK}, "display": "Vi"}),
        "basedOn": st.just([{"display": "Den forrige"}]),
    },
)
WAYS = ("operation", "put", "patch", "put at once")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(members=NEEDS, first=NEEDS, way=st.sampled_from(WAYS))
def test_submitted_it_is_the_case_that_it_would_have_been_at_once(
    live: Live, members: dict[str, Any], first: dict[str, Any], way: str
) -> None:
    live.run(_same(World(live.store), members, first, way))


async def _same(world: World, members: dict[str, Any], first: dict[str, Any], way: str) -> None:
    numbers = (next(world.ids), next(world.ids))
    direct = await world.post(need(numbers[0], **members))
    wanted = need(numbers[1], **members)
    by_update = way == "put at once"
    made = await world.post(draft(numbers[1], **(first if by_update else members)))
    if by_update:
        now = json.loads((await world.load(made.id)).body)
        wanted |= {"id": made.id, "businessStatus": now["businessStatus"]}
        wanted["meta"] = {**now["meta"], **(wanted.get("meta") or {})}
        await world.put(sender(), made.id, wanted, 1)
    else:
        await submit(world, made.id, way)
    # What an update leaves out of these two is kept.
    left_out: set[str] = {name for name in ("meta", "requester") if by_update and name in first and name not in members}
    assert await _seen(world, direct.id, numbers[0], left_out) == await _seen(world, made.id, numbers[1], left_out)


async def _seen(world: World, resource: str, number: str, left_out: set[str]) -> dict[str, Any]:
    """All that there is of a case, without ids, numbers and versions."""
    case = await world.case(resource)
    stored = await world.load(resource)
    text = stored.body.decode().replace(resource, "ID").replace(case.number, "CASE").replace(number, "NUMBER")
    body = {name: value for name, value in json.loads(text).items() if name not in left_out}
    body.setdefault("meta", {}).pop("versionId", None)
    events = [{k: v for k, v in row.items() if k not in {"case_id", "version"}} for row in await world.events(resource)]
    seen = {str(c): await world.found(c, identifier=case.number) == [resource] for c in (sender(), *STRANGERS)}
    wide = {"_count": "100", "identifier": number, "patient:identifier": f"{codes.NATIONAL_NUMBER}|{PATIENT}"}
    return {
        "body": body,
        "case": replace(case, number="", submitted=1),
        "events": events,
        "parties": await world.parties(resource),
        "found by": seen,
        "found": len(await world.found(sender(), **{k: v for k, v in wide.items() if ":" not in k})),
    }


async def test_the_hospital_sees_what_was_submitted_and_nothing_before(world: World) -> None:
    made = await world.post(draft(description="Et første forsøk"))
    await world.put(sender(), made.id, put_body((await world.load(made.id)).body, {"description": "Bedre"}), 1)
    await submit(world, made.id)
    await world.act(at(UNIT), made.id, "accept")
    assert await world.versions(sender(), made.id) == [1, 2, 3, 4]
    for caller in (at(UNIT), at(KE)):
        assert await world.versions(caller, made.id) == [3, 4]
        viewer = Viewer(organisation=caller.organisation, unit=caller.unit)
        assert await world.store.vread("Task", made.id, 2, viewer) is None
    await world.act(at(UNIT), made.id, "escalate", reason="Ikke vår")
    assert await world.versions(at(UNIT), made.id) == [3, 4]
    with pytest.raises(Refused) as refused:
        await world.act(at(UNIT), made.id, "accept")
    assert refused.value.error == "case-handed-over"
    await world.act(at(KE), made.id, "place", unit="oncology", outcome="team", reason="Der")
    assert await world.versions(at("oncology"), made.id) == [3, 4, 5, 6]


async def test_a_second_submission_is_refused_with_what_is_open(world: World) -> None:
    made = await world.post(draft())
    await submit(world, made.id)
    with pytest.raises(Refused) as refused:
        await world.act(sender(), made.id, "submit")
    assert refused.value.error == "move-not-allowed"
    assert refused.value.issues[0].allowed == ("$withdraw",)
    assert len(await world.events(made.id)) == 2


async def test_of_many_submissions_at_once_one_counts(world: World) -> None:
    await subscribe(world.store, "s1", FJORDVIK)
    made = await world.post(draft())
    ends = await asyncio.gather(*(world.act(sender(), made.id, "submit") for _ in range(6)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Refused"] * 5 + ["Result"]
    assert len(await world.events(made.id)) == 2
    assert len(await world.rows(outbox)) == 1
    assert (await world.load(made.id)).version == 2


async def test_a_label_and_what_it_references_are_told_with_the_submission(world: World) -> None:
    asked = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": draft()["for"]}
    order = await world.post(asked, type_name="ServiceRequest")
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}
    made = await world.post(draft(meta={"security": [label]}, focus={"reference": f"ServiceRequest/{order.id}"}))
    assert await world.rows(address_protection) == []
    assert not await world.sees(at(UNIT), order.id, "ServiceRequest")
    await submit(world, made.id)
    assert [row["level"] for row in await world.rows(address_protection)] != []
    assert await world.sees(at(UNIT), order.id, "ServiceRequest")
    opened = {row["since"] for row in await world.rows(party) if row["resource"] == order.id}
    assert opened == {1}
