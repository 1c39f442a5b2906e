"""A need that its sender has not submitted: its author's alone, changed freely, then submitted, withdrawn or too old.

It is not a case: no owner, no case number, no events, no notices, and nothing that it references is opened to others.
"""

from dataclasses import replace
from typing import Any, Final

from app.casework.cases import placement_of, subject_of_need, with_requester, write_case
from app.casework.checks import check_references, check_requester
from app.casework.consents import consent_in
from app.casework.context import Context, Result, written
from app.casework.moves import case_of
from app.casework.opening import open_to
from app.casework.patients import patient_key
from app.casework.persist import Decided, shown_again
from app.casework.rows import Place, audit, case_write, service_caller, token, tokens_of
from app.clock import oslo_day
from app.coordination.case import Case, actors_of, draft_case
from app.coordination.command import Command
from app.coordination.deadlines import after_days
from app.coordination.decide import available, decide, operation
from app.coordination.states import Actor, Move
from app.errors import Refused
from app.fhir import codes, need, rendering
from app.fhir.case_number import case_number
from app.fhir.differences import MOVING, Difference, difference, merged, reason_of, stage_of
from app.fhir.document import Document, splice
from app.security.caller import Caller
from app.store.changes import AUTHOR_ONLY, Changes, Party, Stored

_ASKED: Final = {"requested": Move.SUBMIT, "cancelled": Move.WITHDRAW, "entered-in-error": Move.ENTER_IN_ERROR}
"""What the author asks for by ``Task.status``."""
_TOO_OLD: Final = "Kladden ble ikke sendt inn innen fristen."


def new_draft(
    context: Context, caller: Caller, place: Place, document: Document, patient: str, changes: Changes
) -> Result:
    """Add the first version to ``changes``; only its author is party to it."""
    case = draft_case(sender=caller.organisation, sender_unit=caller.unit, patient=patient)
    is_trust = context.directory.trust_by_organisation_number(caller.organisation) is not None
    changes.parties.append(Party(caller.organisation, place.id, caller.unit if is_trust else "", None))
    changes.parties.append(Party(AUTHOR_ONLY, place.id, "", None))
    return _write(context, caller, place, document, replace(case, since=place.updated), changes, "create")


async def change_draft(
    context: Context, caller: Caller, stored: Stored, document: Document, interaction: str
) -> Decided:
    """PUT or JSON Patch: content, and by ``status`` a move.

    :raises InvalidContent: an element that nobody changes; the rules of a need's content; a move lacks its reason.
    :raises Refused: 409 ``no-such-move``.
    """
    case = case_of(stored)
    actors = _actors(context, caller, case)
    changed = difference(rendering.exact(stored.body), document.value, actors=actors, stage=case.stage)
    if not changed.content and not changed.moving:
        return shown_again(context, caller, interaction, stored)
    wanted = _asked(context, case, actors, document.value, changed)
    after = _document(merged(stored.body, document.raw, changed.content))
    if wanted is Move.SUBMIT:
        return await _submitted(context, caller, stored, after, interaction)
    need.check_draft(after.value, after.raw, complete=False)
    check_requester(context, caller, after.value)
    await check_references(context, caller, "Task", after)
    if wanted is not None:
        text = reason_of(document.value)[1] if "statusReason" in changed.moving else ""
        case = decide(case, Command(move=wanted, reason=text), actors, context.directory, context.limits).case
        return await _kept(context, caller, stored, after, case, interaction, text)
    return await _kept(context, caller, stored, after, case, interaction)


async def move_draft(context: Context, caller: Caller, stored: Stored, command: Command) -> Decided:
    """An operation.

    :raises Refused: 409 with the moves that the caller has now.
    :raises InvalidContent: 422, the command lacks something, or the draft something that a need must have.
    """
    document = _document(stored.body)
    if command.move is Move.SUBMIT:
        return await _submitted(context, caller, stored, document, "operation")
    case = case_of(stored)
    actors = _actors(context, caller, case)
    after = decide(case, command, actors, context.directory, context.limits).case
    return await _kept(context, caller, stored, document, after, "operation", command.reason)


async def withdraw_old_draft(context: Context, stored: Stored) -> Decided:
    """What time does to a draft that is not submitted."""
    case = case_of(stored)
    command = Command(move=Move.OVERDUE)
    after = decide(case, command, frozenset({Actor.SERVICE}), context.directory, context.limits).case
    by = service_caller(case.sender, "time")
    return await _kept(context, by, stored, _document(stored.body), after, "update", _TOO_OLD)


def _document(raw: bytes) -> Document:
    return Document(raw, rendering.exact(raw))


def _actors(context: Context, caller: Caller, case: Case) -> frozenset[Actor]:
    return actors_of(case, caller.role, caller.unit, caller.organisation, context.directory)


def _asked(
    context: Context, case: Case, actors: frozenset[Actor], wanted: dict[str, Any], changed: Difference
) -> Move | None:
    """The move that the set status asks for, None for a change of content alone.

    :raises Refused: 409 ``no-such-move`` with the operations that the caller has now.
    """
    if not changed.moving:
        return None
    asked = _ASKED.get(wanted["status"]) if "status" in changed.moving else None
    moves = available(case, actors, context.directory, context.limits)
    stages = next((entry.targets for entry in moves if entry.move is asked), ())
    # Where a need is routed to is not for its sender to say.
    said = "businessStatus" not in changed.moving or (len(stages) == 1 and stage_of(wanted) == stages[0])
    if stages and said:
        return asked
    raise Refused(
        "No move of yours leads from a draft to what is set.",
        code="no-such-move",
        expression="Task.businessStatus" if stages else f"Task.{min(changed.moving, key=MOVING.index)}",
        allowed=tuple(operation(entry.move) for entry in moves),
    )


async def _submitted(context: Context, caller: Caller, stored: Stored, document: Document, interaction: str) -> Decided:
    """The draft becomes the case that it would have become at once had it been posted as ``requested``."""
    case, content = case_of(stored), document.value
    need.check_draft(content, document.raw, complete=True)
    check_requester(context, caller, content)
    await check_references(context, caller, "Task", document)
    facts = need.read_need(content)
    subject = await subject_of_need(context, caller, content)
    today = oslo_day(context.clock()).isoformat()
    intake = await context.store.intake(caller.organisation, "Task", facts.number, subject.identifier, today)
    changes = Changes()
    patient = patient_key(context, subject, intake.patient, changes) or ""
    command = Command(
        move=Move.SUBMIT,
        placement=placement_of(context, caller, facts, intake),
        consent=await consent_in(context, caller, facts),
    )
    decision = decide(case, command, _actors(context, caller, case), context.directory, context.limits)
    place = _next(context, stored)
    case = replace(
        decision.case,
        number=case_number(place.updated),
        patient=patient,
        since=place.updated,
        submitted=place.version,
    )
    opened = replace(decision, case=case)
    result = write_case(context, caller, place, document, changes, facts=facts, opened=opened, interaction=interaction)
    _supersede(context, stored, case, changes)
    await open_to(context, caller, place.id, content, changes.parties[:], changes)
    changes.parties.append(Party(AUTHOR_ONLY, place.id, "", stored.version))
    return changes, result


async def _kept(
    context: Context,
    caller: Caller,
    stored: Stored,
    document: Document,
    case: Case,
    interaction: str,
    reason: str = "",
) -> Decided:
    """The next version, its author's as the one before."""
    changes = Changes()
    if document.value["for"] != rendering.exact(stored.body)["for"]:
        subject = await subject_of_need(context, caller, document.value)
        known = await context.store.patient_key(*subject.identifier) if all(subject.identifier) else ""
        case = replace(case, patient=patient_key(context, subject, known, changes) or "")
    result = _write(context, caller, _next(context, stored), document, case, changes, interaction, reason)
    _supersede(context, stored, case, changes)
    return changes, result


def _next(context: Context, stored: Stored) -> Place:
    return Place(id=stored.id, version=stored.version + 1, updated=max(context.clock(), stored.updated))


def _supersede(context: Context, stored: Stored, after: Case, changes: Changes) -> None:
    """What only the version before was found by goes; where that was about somebody else, both are touched."""
    kept = set(changes.tokens)
    before = tokens_of("Task", stored.id, rendering.parsed(stored.body), context.base)
    changes.untoken += [row for row in before if row not in kept]
    if stored.patient != after.patient:
        changes.audits.append(changes.audits[-1]._replace(patient=stored.patient))


def _write(
    context: Context,
    caller: Caller,
    place: Place,
    document: Document,
    case: Case,
    changes: Changes,
    interaction: str,
    reason: str = "",
) -> Result:
    """Add a version that only the author sees."""
    raw, content = document.raw, document.value
    body = splice(
        raw,
        rendering.version_members(raw, place.id, place.version, place.updated)
        | with_requester(raw, caller, context)
        | rendering.case_members(
            status=case.status,
            stage=case.stage,
            owner=None,
            reason={"text": reason} if reason else None,
            updated=place.updated,
        ),
    )
    requester, owner = token(codes.ORGANISATION, caller.organisation), token(*need.identifier_of(content.get("owner")))
    write = case_write(case, place, body, content, requester, owner)
    if not case.ended:
        write.columns["due"] = after_days(case.since, context.settings.draft_days)
    changes.writes.append(write)
    changes.tokens += tokens_of("Task", place.id, content, context.base)
    changes.audits.append(audit(caller, interaction, write, case.patient))
    return written(write)
