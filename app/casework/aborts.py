"""A sender asks the owner of its case to cancel it: an ``abort`` Task, kept with the case in one commit.

The case's own row names its open request. So the commit that makes a second one at the same moment, or one for a case
that has moved on meanwhile, meets another version of the case, and is decided again.
"""

from dataclasses import replace
from typing import Any

from app.casework.checks import check_references, check_requester
from app.casework.context import Context, viewer_of, written
from app.casework.following import owner_members
from app.casework.moves import case_of, next_version
from app.casework.opening import add_parties, open_to
from app.casework.patients import subject_at
from app.casework.persist import Decided
from app.casework.repeat import repeated
from app.casework.rows import audit, case_parties, event_row, notices_of, task_columns, tokens_of
from app.clock import oslo_day
from app.coordination.case import Case, actors_of
from app.coordination.command import Command
from app.coordination.decide import Decision, decide
from app.coordination.states import Actor, Move
from app.errors import InvalidContent, Refused
from app.fhir import codes
from app.fhir.abort import check_abort, filled, why
from app.fhir.document import Document, fingerprint, splice
from app.fhir.indexing import own_reference
from app.fhir.need import sender_number
from app.fhir.rendering import Members, organisation_reference, parsed, version_members
from app.security.caller import Caller
from app.store.changes import Changes, Stored, Submission, Write


async def request_abort(context: Context, caller: Caller, document: Document) -> Decided:
    """The first version of a request, or what the sender's number already stands for.

    :raises InvalidContent: ``reference-not-found``, the focus is no case that the caller has sent;
        ``patient-contradicts-case``; or against the rules of ``app.fhir.abort``.
    :raises Refused: 409, the case has ended, is withdrawn without asking, or has an open request already.
    """
    task = document.value
    check_abort(task, document.raw)
    check_requester(context, caller, task)
    await check_references(context, caller, "Task", document)
    stored = await _focused(context, caller, task)
    number, content = sender_number(task), fingerprint(document)
    subject = await subject_at(context, viewer_of(caller), task.get("for"))
    today = oslo_day(context.clock()).isoformat()
    intake = await context.store.intake(caller.organisation, "Task", number, subject.identifier, today)
    if intake.resource:
        return await repeated(context, caller, intake, content, "Task")
    case = case_of(stored)
    if "for" in task and (intake.patient if all(subject.identifier) else subject.literal) != case.patient:
        raise InvalidContent(
            "The patient is another than that of the case.", code="patient-contradicts-case", expression="Task.for"
        )
    resource = context.new_id()
    changes = Changes(submissions=[Submission(caller.organisation, "Task", *number, resource, content)])
    decision = _decided(context, case, Command(move=Move.REQUEST_ABORT, reason=why(task), abort=resource))
    noted = note_on_case(context, caller, stored, decision.case, changes)
    changes.events.append(event_row(decision.case, decision.event, caller, noted))
    return await _made(context, caller, document, stored, decision.case, resource, changes)


async def _focused(context: Context, caller: Caller, task: dict[str, Any]) -> Stored:
    """The case that the request is about: one that the caller has sent. All else looks the same."""
    target = own_reference(task["focus"], context.base)
    stored = await context.store.read("Task", target[1], viewer_of(caller)) if target else None
    if stored is not None and stored.state is not None:
        actors = actors_of(case_of(stored), caller.role, caller.unit, caller.organisation, context.directory)
        if Actor.SENDER in actors:
            return stored
    raise InvalidContent(
        "There is no such resource, or it is not yours to see.",
        code="reference-not-found",
        expression="Task.focus.reference",
    )


def _decided(context: Context, case: Case, command: Command) -> Decision:
    if case.ended:
        text = "The case has ended: there is nothing left to cancel."
        raise Refused(text, code="case-ended", expression="Task.focus")
    try:
        return decide(case, command, frozenset({Actor.SENDER}), context.directory, context.limits)
    except Refused as refused:
        issues = tuple(replace(one, expression="Task.focus") for one in refused.issues)
        raise Refused(code=refused.error, issues=issues) from None


def note_on_case(context: Context, caller: Caller, stored: Stored, case: Case, changes: Changes) -> Write:
    """A new version of the case that has not moved: what it says of its request is another."""
    now = max(context.clock(), stored.updated)
    reason = parsed(stored.body).get("statusReason")
    write = next_version(context, stored, case, now, base=stored.body, reason=reason, outputs=[])
    changes.writes.append(write)
    changes.audits.append(audit(caller, "update", write, case.patient))
    changes.notices += notices_of(case, stored.id, now, context.directory)
    return write


async def _made(
    context: Context,
    caller: Caller,
    document: Document,
    focused: Stored,
    case: Case,
    resource: str,
    changes: Changes,
) -> Decided:
    raw, task, now = document.raw, document.value, max(context.clock(), focused.updated)
    body = splice(raw, version_members(raw, resource, 1, now) | _filled(context, caller, raw, focused, case, now))
    columns = task_columns(parsed(body), case.patient)
    write = Write(type="Task", id=resource, version=1, updated=now, body=body, columns=columns)
    changes.writes.append(write)
    changes.tokens += tokens_of("Task", resource, task, context.base)
    parties = case_parties(case, resource, context.directory)
    add_parties(changes, parties)
    # Under the case's own id: what the request opens goes on with the case.
    await open_to(context, caller, focused.id, task, parties, changes)
    changes.audits.append(audit(caller, "create", write, case.patient))
    changes.notices += notices_of(case, resource, now, context.directory)
    return changes, written(write)


def _filled(context: Context, caller: Caller, raw: bytes, focused: Stored, case: Case, now: int) -> Members:
    sender = context.directory.municipality_by_organisation_number(caller.organisation)
    requester = organisation_reference(codes.ORGANISATION, caller.organisation, sender.name if sender else "")
    return filled(raw, parsed(focused.body)["for"], requester) | owner_members(context, case, now)
