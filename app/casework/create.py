"""A partner's create: the need becomes a case with an owner in the same commit; a repeat gets the first result."""

from dataclasses import replace
from typing import Any

from app.casework.aborts import request_abort
from app.casework.address_protection import note_label
from app.casework.checks import check_references, check_requester
from app.casework.conditions import by_condition
from app.casework.consents import consent_in
from app.casework.context import Context, Result, viewer_of
from app.casework.exchange import check_writable, create_exchanged
from app.casework.opening import open_to
from app.casework.patients import Subject, patient_key, subject_at
from app.casework.persist import Decided, persist, shown_again
from app.casework.repeat import repeated
from app.casework.rows import audit, case_parties, case_write, event_row, notices_of, token, tokens_of
from app.clock import oslo_day
from app.coordination.case import Case
from app.coordination.consent import Consent
from app.coordination.decide import open_case
from app.errors import InvalidContent
from app.fhir import codes, need, rendering
from app.fhir.abort import is_abort
from app.fhir.case_number import case_number
from app.fhir.document import Document, fingerprint, splice
from app.fhir.search import Query
from app.routing.rules import RoutingFacts, route
from app.security.caller import Caller
from app.store.changes import Changes, Stored, Submission, Token
from app.store.interface import Intake


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
    check_writable(type_name, document.value)
    if type_name == "Task":
        check_requester(context, caller, document.value)
    return await create_exchanged(context, caller, type_name, document)


async def _need(context: Context, caller: Caller, document: Document) -> Decided:
    facts = need.read_need(document.value)
    subject = await _subject(context, caller, document.value)
    content = fingerprint(document)
    today = oslo_day(context.clock()).isoformat()
    intake = await context.store.intake(caller.organisation, "Task", facts.number, subject.identifier, today)
    if intake.resource:
        return await repeated(context, caller, intake, content, "Task")
    consent = await consent_in(context, caller, facts)
    changes, result = _new_case(context, caller, document, facts, intake, subject, content, consent)
    await open_to(context, caller, result.id, document.value, changes.parties[:], changes)
    return changes, result


async def _subject(context: Context, caller: Caller, task: dict[str, Any]) -> Subject:
    """The patient, and what else must be there.

    :raises InvalidContent: reference-not-found.
    """
    subject = await subject_at(context, viewer_of(caller), task["for"])
    if not all(subject.identifier) and not subject.literal:
        raise InvalidContent(
            "There is no such resource, or it is not yours to see.",
            code="reference-not-found",
            expression="Task.for.reference",
        )
    return subject


def _new_case(
    context: Context,
    caller: Caller,
    document: Document,
    facts: need.Need,
    intake: Intake,
    subject: Subject,
    first: str,
    consent: Consent | None,
) -> Decided:
    raw, content = document.raw, document.value
    now = context.clock()
    resource = context.new_id()
    changes = Changes()
    patient = patient_key(context, subject, intake.patient, changes) or ""
    case, events = _opened(context, caller, facts, intake, patient)
    case = replace(case, since=now, sender_unit=caller.unit, consent=consent)
    unit = context.directory.units[case.owner]
    owner = rendering.organisation_reference(codes.RESH, unit.resh, unit.name)
    body = splice(
        raw,
        rendering.version_members(raw, resource, 1, now)
        | _filled(raw, caller, case.number, context)
        | rendering.case_members(status=case.status, stage=case.stage, owner=owner, reason=None, updated=now),
    )
    requester = token(codes.ORGANISATION, facts.requester_organisation or caller.organisation)
    write = case_write(
        case,
        resource=resource,
        version=1,
        updated=now,
        body=body,
        requester=requester,
        owner=f"{codes.RESH}|{unit.resh}",
        content=content,
    )
    changes.writes.append(write)
    changes.tokens += _case_tokens(resource, content, case.number, context.base)
    note_label(changes, patient, "Task", resource, content)
    changes.parties += case_parties(case, resource, context.directory)
    changes.submissions.append(Submission(caller.organisation, "Task", *facts.number, resource, first))
    changes.events += [event_row(case, event, caller, write, number) for number, event in enumerate(events)]
    changes.audits.append(audit(caller, "create", write, patient))
    changes.notices += notices_of(case, resource, now)
    return changes, Result(status=201, type="Task", id=resource, version=1, updated=now, body=body)


def _opened(context: Context, caller: Caller, facts: need.Need, intake: Intake, patient: str) -> tuple[Case, Any]:
    directory = context.directory
    wish = directory.unit_by_resh(facts.wish_resh) or directory.unit_by_organisation_number(facts.wish_organisation)
    trust = directory.trust_by_organisation_number(facts.wish_organisation)
    involved = (directory.unit_by_resh(resh) for resh in facts.involved_resh)
    placement = route(
        RoutingFacts(
            trust=trust.key if trust else None,
            wish_unit=wish.key if wish else None,
            coordinator_units=intake.coordinator_units,
            involved_units=tuple(unit.key for unit in involved if unit),
            municipality_organisation=caller.organisation,
        ),
        directory,
    )
    case, events = open_case(
        number=case_number(context.clock()),
        sender=caller.organisation,
        patient=patient,
        municipality=caller.organisation,
        placement=placement,
        directory=directory,
    )
    return case, events


def _filled(raw: bytes, caller: Caller, number: str, context: Context) -> rendering.Members:
    members: rendering.Members = {"identifier": rendering.with_case_number(raw, number)}
    present = rendering.member_names(raw)
    if "groupIdentifier" not in present:
        members["groupIdentifier"] = rendering.dump({"system": codes.CASE_NUMBER, "value": number})
    if "requester" not in present:
        sender = context.directory.municipality_by_organisation_number(caller.organisation)
        name = sender.name if sender else ""
        members["requester"] = rendering.dump(
            rendering.organisation_reference(codes.ORGANISATION, caller.organisation, name)
        )
    return members


def _case_tokens(resource: str, content: dict[str, Any], number: str, base: str) -> list[Token]:
    filler = {"system": codes.CASE_NUMBER, "value": number}
    return tokens_of("Task", resource, content | {"identifier": [*content.get("identifier", ()), filler]}, base)
