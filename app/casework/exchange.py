"""Resources that are exchanged without case rules: stored, versioned, scoped and notified (DESIGN 4.2)."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from app.casework.address_protection import note_label, shown
from app.casework.checks import check_requester
from app.casework.context import Context, viewer_of, written
from app.casework.opening import add_parties, open_to
from app.casework.patients import Subject, patient_key, subject_of
from app.casework.persist import Decided
from app.casework.plans import ended, plan_parties
from app.casework.repeat import repeated
from app.casework.rows import audit, date_rows, notices_for, task_columns, tokens_of
from app.casework.shared_elements import shared_document
from app.clock import oslo_day
from app.errors import Forbidden, InvalidContent, Refused
from app.fhir import codes, need
from app.fhir.care_team import is_coordination_team
from app.fhir.document import Document, fingerprint, splice
from app.fhir.identifiers import holds_national_number
from app.fhir.rendering import parsed, version_members
from app.fhir.resources import RESOURCES, Sight
from app.security.caller import Caller
from app.store.changes import AUTHOR, Changes, Party, Stored, Submission, Token, Write
from app.store.tables import token

_WITH_RULES: Final = frozenset({"Task", "CareTeam", "CarePlan"})
"""Types that others than the author change, under rules of their own."""
_ENDED: Final = frozenset({"completed", "cancelled", "rejected", "failed", "entered-in-error"})


def is_service_task(content: dict[str, Any]) -> bool:
    """Whether a Task has a code of ours."""
    return bool(codes.code_in(content.get("code"), codes.COORDINATION_TASK))


def check_writable(type_name: str, content: dict[str, Any]) -> None:
    """Refuse what only the service writes.

    :raises InvalidContent: a Task code of ours that partners do not use; a person's number in the directory.
    :raises Refused: 409, a coordination CareTeam, which is made by registering a coordinator.
    """
    if type_name == "Task" and is_service_task(content):
        raise InvalidContent(
            "This code is not offered to partners.",
            code="unknown-code",
            expression="Task.code",
            allowed=(codes.COORDINATOR_NEED, codes.ABORT, "a code of another system"),
        )
    if type_name == "Practitioner":
        _check_no_national_number(content)
    if type_name == "CareTeam" and is_coordination_team(content):
        raise Refused(
            "A coordination CareTeam is made by registering a coordinator.",
            code="care-team-by-operation",
            expression="CareTeam.category",
            allowed=("CareTeam/$register-coordinator",),
        )


def _check_no_national_number(content: dict[str, Any]) -> None:
    """The directory is read by all callers; a practitioner is known by HPR number."""
    for index, entry in enumerate(content.get("identifier", ())):
        if entry.get("system") in need.PATIENT_SYSTEMS or holds_national_number(str(entry.get("value", ""))):
            raise InvalidContent(
                "The directory holds no national identity number.",
                code="national-number-in-directory",
                expression=f"Practitioner.identifier[{index}]",
                allowed=(codes.HPR,),
            )


async def create_exchanged(context: Context, caller: Caller, type_name: str, document: Document) -> Decided:
    """A first version, or the earlier result of the same number."""
    number = own_number(type_name, document.value)
    subject = await subject_of(context, viewer_of(caller), type_name, document.value)
    content = fingerprint(document) if all(number) else ""
    today = oslo_day(context.clock()).isoformat()
    intake = await context.store.intake(caller.organisation, type_name, number, subject.identifier, today)
    if intake.resource:
        return await repeated(context, caller, intake, content, type_name)
    resource = context.new_id()
    changes = Changes()
    if content:
        changes.submissions.append(Submission(caller.organisation, type_name, *number, resource, content))
    patient = patient_key(context, _whole(subject, type_name, resource), intake.patient, changes)
    place = _Place(type=type_name, id=resource, version=1, author=caller.organisation, author_unit=caller.unit)
    if type_name == "Task" and caller.unit:
        changes.tokens.append(Token("Task", AUTHOR, resource, _place(caller), resource))
    return await _version(context, caller, place, document, patient, changes, "create")


def _place(caller: Caller) -> str:
    return f"{caller.organisation}|{caller.unit}"


async def _written_by(context: Context, stored: Stored) -> str:
    """The unit that made a Task, as ``_place``; empty where no unit did, or that was not kept yet."""
    if stored.type != "Task":
        return ""
    wanted = select(token.c.system).where(token.c.type == "Task", token.c.param == AUTHOR, token.c.value == stored.id)
    return await context.store.run(lambda c: c.execute(wanted).scalar()) or ""


async def update_exchanged(
    context: Context, caller: Caller, stored: Stored, document: Document, interaction: str
) -> Decided:
    """The next version; a Task that has ended keeps its status, and none becomes a case.

    :raises Forbidden: another organisation made it.
    :raises InvalidContent: the code would make it another Task; an element is another party's.
    :raises Refused: 409 ``task-ended``.
    """
    if stored.type not in _WITH_RULES and stored.author != caller.organisation:
        raise Forbidden("Only the organisation that made this resource changes it.", code="not-the-author")
    now = parsed(stored.body)
    if stored.type == "Task" and (is_service_task(document.value) or is_service_task(now)):
        raise InvalidContent("A Task does not become another one.", code="immutable-element", expression="Task.code")
    check_writable(stored.type, document.value)
    if stored.type == "Task" and document.value.get("requester") != now.get("requester"):
        check_requester(context, caller, document.value)
    if stored.type == "Task" and now["status"] in _ENDED and document.value["status"] != now["status"]:
        raise Refused("This Task has ended.", code="task-ended", expression="Task.status")
    if stored.type in {"Task", "CarePlan"}:
        seen = await shown(context, caller, stored)
        document = shared_document(context, caller, stored, seen.body, document, await _written_by(context, stored))
    subject = await subject_of(context, viewer_of(caller), stored.type, document.value)
    known = await context.store.patient_key(*subject.identifier) if all(subject.identifier) else ""
    tokens = set(tokens_of(stored.type, stored.id, document.value, context.base))
    dates = set(date_rows(stored.type, stored.id, document.value))
    changes = Changes(
        untoken=[row for row in tokens_of(stored.type, stored.id, now, context.base) if row not in tokens],
        undate=[row for row in date_rows(stored.type, stored.id, now) if row not in dates],
    )
    patient = patient_key(context, _whole(subject, stored.type, stored.id), known, changes)
    place = _Place(
        type=stored.type,
        id=stored.id,
        version=stored.version + 1,
        author=stored.author,
        author_unit=stored.author_unit,
        updated=stored.updated,
        before=now,
    )
    decided = await _version(context, caller, place, document, patient, changes, interaction)
    if stored.patient != (patient or ""):
        # It was about somebody else: both are touched.
        changes.audits.append(changes.audits[-1]._replace(patient=stored.patient))
    return decided


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a version goes; ``updated`` and ``before`` are when the one before it was written, and its content."""

    type: str
    id: str
    version: int
    author: str
    author_unit: str
    updated: int = 0
    before: dict[str, Any] | None = None


def own_number(type_name: str, content: dict[str, Any]) -> tuple[str, str]:
    """The sender's own number; a person's national number is nobody's own."""
    given = content.get("identifier") or ()
    identifiers = [given] if isinstance(given, dict) else given
    if type_name != "Task":
        identifiers = [one for one in identifiers if one.get("system") not in need.PATIENT_SYSTEMS]
    return need.sender_number({"identifier": identifiers})


def _whole(subject: Subject, type_name: str, resource: str) -> Subject:
    """A Patient without a national identifier is known by its id."""
    return Subject(identifier=subject.identifier, literal=f"Patient/{resource}") if type_name == "Patient" else subject


async def _version(
    context: Context,
    caller: Caller,
    place: _Place,
    document: Document,
    patient: str | None,
    changes: Changes,
    interaction: str,
) -> Decided:
    now = max(context.clock(), place.updated)
    content = document.value
    body = splice(document.raw, version_members(document.raw, place.id, place.version, now))
    write = Write(
        type=place.type,
        id=place.id,
        version=place.version,
        updated=now,
        body=body,
        columns=_columns(place, content, patient),
    )
    changes.writes.append(write)
    changes.tokens += tokens_of(place.type, place.id, content, context.base)
    changes.dates += date_rows(place.type, place.id, content)
    if place.type != "Task":
        note_label(changes, patient, place.type, place.id, content, place.before)
    parties = await _parties(context, caller, place, content)
    add_parties(changes, parties)
    if place.type == "Task":
        await open_to(context, caller, place.id, content, parties, changes)
    changes.audits.append(audit(caller, interaction, write, patient))
    if place.type == "Task":
        changes.notices += notices_for(parties, place.id, now)
    return changes, written(write)


def _columns(place: _Place, content: dict[str, Any], patient: str | None) -> dict[str, Any]:
    if place.type == "Task":
        return task_columns(content, patient)
    if place.type == "CareTeam":
        return {"status": content.get("status", ""), "patient": patient, "trust": None}
    return {
        "status": content.get("status"),
        "patient": patient,
        "author": place.author,
        "author_unit": place.author_unit,
    }


async def _parties(context: Context, caller: Caller, place: _Place, content: dict[str, Any]) -> list[Party]:
    """Who sees this version and later ones; those who do not any more keep the versions before it."""
    if RESOURCES[place.type].sight is Sight.EVERYBODY:
        return []
    if place.type == "Encounter":
        # The whole hospital's, and of a patient with a protected address its own unit's: ``store.searching`` decides.
        return [Party(place.author, place.id, unit, None) for unit in sorted({"", place.author_unit})]
    own = {Party(caller.organisation, place.id, caller.unit, None)}
    if place.type == "Task":
        return _sorted(own | _named(context, place.id, content))
    if place.type != "CarePlan":
        return _sorted(own) if place.version == 1 or place.type == "CareTeam" else []
    viewer = viewer_of(caller)
    now = await plan_parties(context, viewer, place.id, content, place.before)
    if place.before is None:
        return _sorted(own | now)
    before = await plan_parties(context, viewer, place.id, place.before, place.before)
    return _sorted(now) + ended(before, now, place.version - 1, (place.author, place.author_unit))


def _named(context: Context, resource: str, content: dict[str, Any]) -> set[Party]:
    """The requester and owner of a Task that the directory knows."""
    parties = set()
    for name in ("requester", "owner"):
        system, value = need.identifier_of(content.get(name))
        unit = context.directory.unit_by_resh(value) if system == codes.RESH else None
        if unit:
            trust = context.directory.trusts[unit.trust]
            parties.add(Party(trust.organisation_number, resource, unit.key, None))
        elif system == codes.ORGANISATION and context.directory.municipality_by_organisation_number(value):
            parties.add(Party(value, resource, "", None))
    return parties


def _sorted(parties: set[Party]) -> list[Party]:
    return sorted(parties, key=lambda party: (party.organisation, party.unit))
