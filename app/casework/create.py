"""A partner's create: the need becomes a case with an owner in the same commit; a repeat gets the first result."""

from dataclasses import replace

from app.casework.aborts import request_abort
from app.casework.cases import placement_of, subject_of_need, write_case
from app.casework.checks import check_references, check_requester
from app.casework.conditions import by_condition
from app.casework.consents import consent_in
from app.casework.context import Context, Result
from app.casework.drafts import new_draft
from app.casework.exchange import check_writable, create_exchanged
from app.casework.opening import open_to
from app.casework.patients import patient_key
from app.casework.persist import Decided, persist, shown_again
from app.casework.repeat import repeated
from app.casework.rows import Place
from app.casework.subscriptions import TYPE as SUBSCRIPTION
from app.casework.subscriptions import create_subscription
from app.clock import oslo_day
from app.coordination.decide import Decision, open_case
from app.fhir import need
from app.fhir.abort import is_abort
from app.fhir.case_number import case_number
from app.fhir.document import Document, fingerprint
from app.fhir.search import Query
from app.security.caller import Caller
from app.store.changes import Changes, Stored, Submission


async def create(
    context: Context,
    caller: Caller,
    type_name: str,
    document: Document,
    if_none_exist: Query | None = None,
) -> Result:
    """Store a valid resource; 201, or 200 with what the caller already has under this number or condition.

    :raises InvalidContent: 422, against the rules of the profile.
    :raises Refused: 409, the sender's number already stands for other content.
    :raises Stale: 412, several resources match the condition.
    """

    async def missing() -> Decided:
        return await created(context, caller, type_name, document)

    async def found(stored: Stored) -> Decided:
        return shown_again(context, caller, "create", stored)

    if if_none_exist is None:
        return await persist(context, missing)
    condition = if_none_exist
    return await persist(context, lambda: by_condition(context, caller, condition, found, missing, "If-None-Exist"))


async def created(context: Context, caller: Caller, type_name: str, document: Document) -> Decided:
    """The first version, or what the sender's number already stands for; as ``create`` without a condition."""
    if type_name == "Task" and need.is_need(document.value):
        need.check_need(document.value, document.raw)
        check_requester(context, caller, document.value)
        await check_references(context, caller, type_name, document)
        return await _need(context, caller, document)
    if type_name == "Task" and is_abort(document.value):
        return await request_abort(context, caller, document)
    if type_name == SUBSCRIPTION:
        return await create_subscription(context, caller, document)
    check_writable(type_name, document.value)
    if type_name == "Task":
        check_requester(context, caller, document.value)
    return await create_exchanged(context, caller, type_name, document)


async def _need(context: Context, caller: Caller, document: Document) -> Decided:
    facts = need.read_need(document.value)
    subject = await subject_of_need(context, caller, document.value)
    content = fingerprint(document)
    today = oslo_day(context.clock()).isoformat()
    intake = await context.store.intake(caller.organisation, "Task", facts.number, subject.identifier, today)
    if intake.resource:
        return await repeated(context, caller, intake, content, "Task")
    place = Place(id=context.new_id(), version=1, updated=context.clock())
    changes = Changes(submissions=[Submission(caller.organisation, "Task", *facts.number, place.id, content)])
    patient = patient_key(context, subject, intake.patient, changes) or ""
    if need.is_draft(document.value):
        return changes, new_draft(context, caller, place, document, patient, changes)
    case, events = open_case(
        number=case_number(place.updated),
        sender=caller.organisation,
        patient=patient,
        municipality=caller.organisation,
        placement=placement_of(context, caller, facts, intake),
        directory=context.directory,
        consent=await consent_in(context, caller, facts),
    )
    opened = Decision(case=replace(case, since=place.updated, sender_unit=caller.unit), events=events)
    result = write_case(context, caller, place, document, changes, facts=facts, opened=opened, interaction="create")
    await open_to(context, caller, result.id, document.value, changes.parties[:], changes)
    return changes, result
