"""What a hostile or careless partner found once: consent, senders inside the hospital, references, requesters."""

from typing import Any

import pytest

from app.errors import InvalidContent, PreconditionMissing, Refused, Unreadable
from app.fhir import codes
from tests.casework.chains import put_body
from tests.casework.world import DALHEIM, OTHER_PATIENT, World, at, consent, entry, need, resh, sender

UNIT = at("neurology-outpatient")
ONCOLOGY = at("oncology")


async def appoint(world: World, case: str, **given: Any) -> Any:
    """The unit accepts where it has not, and appoints."""
    if (await world.case(case)).stage == "in-queue":
        await world.act(UNIT, case, "accept")
    return await world.act(UNIT, case, "appoint", practitioner="9900011", **given)


@pytest.mark.parametrize("first", [True, None])
async def test_the_senders_newer_word_on_the_consent_counts(world: World, first: bool | None) -> None:
    made = await world.post(need(input=None if first is None else [consent(first)]))
    withdrawn = put_body(made.body, {"input": [consent(False)]})
    changed = await world.put(sender(), made.id, withdrawn, 1)
    await world.act(UNIT, made.id, "accept")
    with pytest.raises(Refused) as refused:
        await appoint(world, made.id)
    assert refused.value.error == "consent-refused"
    given = put_body((await world.load(made.id)).body, {"input": [consent(True)]})
    await world.put(sender(), made.id, given, changed.version + 1)
    assert (await appoint(world, made.id)).status == 200


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ([consent(True), consent(False)], "too-many"),
        ([entry("consent", "valueReference", {"display": "pasienten sa ja"})], "wrong-reference-target"),
    ],
)
async def test_a_doubtful_consent_is_none(world: World, inputs: list[Any], code: str) -> None:
    with pytest.raises(InvalidContent) as invalid:
        await world.post(need(input=inputs))
    assert [issue.code for issue in invalid.value.issues] == [code]


async def test_a_unit_that_reports_a_need_is_its_sender(world: World) -> None:
    document = need(owner=resh("oncology"), requester=None)
    made = await world.post(document, UNIT)
    assert (await world.case(made.id)).owner == "oncology"
    assert (await world.post(document, UNIT)).status == 200
    await world.act(ONCOLOGY, made.id, "request-information", question="Hva er gjort?")
    await world.act(UNIT, made.id, "answer", answer="Alt er prøvd.")
    assert (await world.act(UNIT, made.id, "withdraw", reason="Ikke lenger aktuelt")).status == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reasonCode": codes.concept(codes.NEED_KIND, "zzz")}, "unknown-code"),
        ({"input": [consent(), entry("colour", "valueString", "x")]}, "unknown-code"),
        ({"input": [entry("consent", "valueString", "ja")]}, "wrong-type"),
        ({"input": [consent()], "extension": [], "modifierExtension": [{"url": "https://x.example/not"}]}, None),
        ({"description": None}, "need-missing"),
    ],
)
async def test_changed_content_meets_the_rules_of_new_content(
    world: World, changes: dict[str, Any], code: str | None
) -> None:
    made = await world.post(need())
    with pytest.raises((InvalidContent, Unreadable)) as invalid:
        await world.put(sender(), made.id, put_body(made.body, changes), 1)
    assert code is None or code in [issue.code for issue in invalid.value.issues]
    assert (await world.load(made.id)).version == 1


@pytest.mark.parametrize("element", ["focus", "encounter"])
async def test_a_reference_that_the_sender_cannot_read_is_refused_like_an_unknown_one(
    world: World, element: str
) -> None:
    others = await world.post(
        need("d", for_={"identifier": {"system": codes.NATIONAL_NUMBER, "value": OTHER_PATIENT}}), sender(DALHEIM)
    )
    answers = []
    for target in (f"Task/{others.id}", "Task/3fb7a4a4-9f1c-4a3d-9d2e-0f0f6f1d2c3b"):
        reference = target if element == "focus" else target.replace("Task", "Encounter")
        with pytest.raises(InvalidContent) as invalid:
            await world.post(need("x", **{element: {"reference": reference}}))
        answers.append([(issue.code, issue.expression, issue.diagnostics) for issue in invalid.value.issues])
    assert answers[0] == answers[1]
    assert answers[0][0][:2] == ("reference-not-found", f"Task.{element}.reference")


@pytest.mark.parametrize(
    "requester",
    [
        {"identifier": {"system": codes.ORGANISATION, "value": DALHEIM}},
        {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.2.101", "value": DALHEIM}},
        resh("oncology"),
    ],
)
@pytest.mark.parametrize("code", [None, {"text": "noe annet"}], ids=["need", "other"])
async def test_nobody_sends_in_the_name_of_another(
    world: World, requester: dict[str, Any], code: dict[str, Any] | None
) -> None:
    more: dict[str, Any] = {"code": code} if code else {}
    with pytest.raises(InvalidContent) as invalid:
        await world.post(need(requester=requester, **more))
    assert invalid.value.error == "requester-contradicts-token"


async def test_a_version_that_no_resource_has_is_no_precondition(world: World) -> None:
    made = await world.post(need())
    test = {"op": "test", "path": "/meta/versionId", "value": "9" * 5000}
    with pytest.raises(PreconditionMissing):
        await world.patch(sender(), made.id, [test], None)


async def test_the_id_in_a_body_is_that_of_the_url(world: World) -> None:
    made = await world.post(need())
    with pytest.raises(Unreadable) as unreadable:
        await world.put(sender(), made.id, put_body(made.body, {"id": "another", "note": [{"text": "x"}]}), 1)
    assert unreadable.value.error == "id-mismatch"
