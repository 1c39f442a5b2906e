"""Resources that are exchanged without case rules: stored, versioned, scoped and notified (DESIGN 4.2)."""

from dataclasses import dataclass
from typing import Any, Final

from app.casework.checks import check_requester
from app.casework.context import Context, Result
from app.casework.persist import Decided
from app.casework.repeat import repeated
from app.casework.rows import CASE_CHANGED, audit, task_columns, tokens_of
from app.clock import oslo_day
from app.errors import InvalidContent, Refused
from app.fhir import codes, need
from app.fhir.care_team import is_coordination_team
from app.fhir.document import Document, fingerprint, splice
from app.fhir.rendering import parsed, version_members
from app.security.caller import Caller
from app.store.changes import Changes, Notice, Party, PatientIdentifier, Stored, Submission, Write

_ENDED: Final = frozenset({"completed", "cancelled", "rejected", "failed", "entered-in-error"})


def is_service_task(content: dict[str, Any]) -> bool:
    """Whether a Task has a code of ours."""
    return bool(codes.code_in(content.get("code"), codes.COORDINATION_TASK))


def check_writable(type_name: str, content: dict[str, Any]) -> None:
    """Refuse what only the service writes.

    :raises InvalidContent: a Task code of ours that partners do not use.
    :raises Refused: 409, a coordination CareTeam, which is made by registering a coordinator.
    """
    if type_name == "Task" and is_service_task(content):
        raise InvalidContent(
            "This code is not offered to partners.",
            code="unknown-code",
            expression="Task.code",
            allowed=(codes.COORDINATOR_NEED, "a code of another system"),
        )
    if type_name == "CareTeam" and is_coordination_team(content):
        raise Refused(
            "A coordination CareTeam is made by registering a coordinator.",
            code="care-team-by-operation",
            expression="CareTeam.category",
            allowed=("CareTeam/$register-coordinator",),
        )


async def create_exchanged(context: Context, caller: Caller, type_name: str, document: Document) -> Decided | Result:
    """A first version, or the earlier result of the same number."""
    number = need.sender_number(document.value) if type_name == "Task" else ("", "")
    identifier = _patient_identifier(type_name, document.value)
    content = fingerprint(document) if all(number) else ""
    today = oslo_day(context.clock()).isoformat()
    intake = await context.store.intake(caller.organisation, type_name, number, identifier, today)
    if intake.resource:
        return await repeated(context, caller, intake, content, type_name)
    resource = context.new_id()
    changes = Changes()
    if content:
        changes.submissions.append(Submission(caller.organisation, type_name, *number, resource, content))
    patient = _patient_key(context, identifier, intake.patient, changes)
    place = _Place(type=type_name, id=resource, version=1)
    return _version(context, caller, place, document, patient, changes, "create")


async def update_exchanged(
    context: Context, caller: Caller, stored: Stored, document: Document, interaction: str
) -> Decided:
    """The next version; a Task that has ended keeps its status, and none becomes a case.

    :raises InvalidContent: the code would make it another Task.
    :raises Refused: 409 ``task-ended``.
    """
    now = parsed(stored.body)
    if stored.type == "Task" and (is_service_task(document.value) or is_service_task(now)):
        raise InvalidContent("A Task does not become another one.", code="immutable-element", expression="Task.code")
    check_writable(stored.type, document.value)
    if stored.type == "Task" and document.value.get("requester") != now.get("requester"):
        check_requester(context, caller, document.value)
    if stored.type == "Task" and now["status"] in _ENDED and document.value["status"] != now["status"]:
        raise Refused("This Task has ended.", code="task-ended", expression="Task.status")
    identifier = _patient_identifier(stored.type, document.value)
    known = await context.store.patient_key(*identifier) if all(identifier) else ""
    kept = set(tokens_of(stored.type, stored.id, document.value))
    changes = Changes(untoken=[row for row in tokens_of(stored.type, stored.id, now) if row not in kept])
    patient = _patient_key(context, identifier, known, changes)
    place = _Place(type=stored.type, id=stored.id, version=stored.version + 1, before=stored.updated)
    return _version(context, caller, place, document, patient, changes, interaction)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a version goes; ``before`` is when the one before it was written."""

    type: str
    id: str
    version: int
    before: int = 0


def _patient_identifier(type_name: str, content: dict[str, Any]) -> tuple[str, str]:
    found = need.identifier_of(content.get("for" if type_name == "Task" else "subject"))
    return found if found[0] in need.PATIENT_SYSTEMS else ("", "")


def _patient_key(context: Context, identifier: tuple[str, str], known: str, changes: Changes) -> str | None:
    if not all(identifier):
        return None
    if known:
        return known
    fresh = context.new_id()
    changes.patients.append(PatientIdentifier(*identifier, fresh))
    return fresh


def _version(
    context: Context,
    caller: Caller,
    place: _Place,
    document: Document,
    patient: str | None,
    changes: Changes,
    interaction: str,
) -> Decided:
    now = max(context.clock(), place.before)
    body = splice(document.raw, version_members(document.raw, place.id, place.version, now))
    columns = (
        task_columns(document.value, patient)
        if place.type == "Task"
        else {"status": document.value.get("status", ""), "patient": patient, "trust": None}
    )
    write = Write(type=place.type, id=place.id, version=place.version, updated=now, body=body, columns=columns)
    changes.writes.append(write)
    changes.tokens += tokens_of(place.type, place.id, document.value)
    changes.parties += _parties(context, caller, place.id, document.value)
    changes.audits.append(audit(caller, interaction, write, patient))
    changes.notices += [
        Notice(party.organisation, CASE_CHANGED, place.id, f"{place.type}/{place.id}", now)
        for party in changes.parties
        if place.type == "Task" and party.unit == ""
    ]
    status = 201 if place.version == 1 else 200
    return changes, Result(status=status, type=place.type, id=place.id, version=place.version, updated=now, body=body)


def _parties(context: Context, caller: Caller, resource: str, content: dict[str, Any]) -> list[Party]:
    """The author, and the requester and owner that the directory knows."""
    parties = {Party(caller.organisation, resource, caller.unit, None)}
    for name in ("requester", "owner"):
        system, value = need.identifier_of(content.get(name))
        unit = context.directory.unit_by_resh(value) if system == codes.RESH else None
        if unit:
            trust = context.directory.trusts[unit.trust]
            parties.add(Party(trust.organisation_number, resource, unit.key, None))
        elif system == codes.ORGANISATION and context.directory.municipality_by_organisation_number(value):
            parties.add(Party(value, resource, "", None))
    return sorted(parties, key=lambda party: (party.organisation, party.unit))
