"""Rows that go with a resource version: search columns, tokens, audit, case events, parties."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from app.casework.context import Result
from app.coordination.case import Case, CaseEvent
from app.coordination.deadlines import due
from app.correlation import current
from app.fhir import codes
from app.fhir.indexing import dates_of, entries_of
from app.fhir.instants import covered
from app.fhir.need import identifier_of
from app.fhir.subscriptions import CASE_CHANGED
from app.routing.directory import Directory
from app.security.caller import Caller, Role
from app.store.changes import AuditRow, CaseEventRow, DateRow, Notice, Party, Token, Write
from app.store.looks import look_of, row_of


def token(system: str, value: str) -> str | None:
    """A token column: ``system|value``, None where there is nothing."""
    return f"{system}|{value}" if value else None


def code_lines(concept: object) -> str:
    """A column of codings: a line ``system|code`` each, with a line end on either side."""
    lines = [f"{entry.get('system', '')}|{entry['code']}" for entry in codes.codings(concept) if entry.get("code")]
    return "\n".join(["", *lines, ""]) if lines else ""


def task_columns(task: dict[str, Any], patient: str | None) -> dict[str, Any]:
    """Search columns of a Task from its parsed members."""
    stage = next(iter(codes.codings(task.get("businessStatus"))), {})
    modified = covered(task.get("lastModified")) or (None, None)
    return {
        "status": task["status"],
        "business_status": token(str(stage.get("system", "")), str(stage.get("code", ""))),
        "owner": token(*identifier_of(task.get("owner"))),
        "requester": token(*identifier_of(task.get("requester"))),
        "codes": code_lines(task.get("code")),
        "patient": patient,
        "due": None,
        "state": None,
        "modified_low": modified[0],
        "modified_high": modified[1],
        **_sent_columns(task),
    }


def _sent_columns(task: dict[str, Any]) -> dict[str, Any]:
    authored = covered(task.get("authoredOn")) or (None, None)
    group = task.get("groupIdentifier") or {}
    return {
        "intent": task.get("intent"),
        "priority": task.get("priority"),
        "group_identifier": token(str(group.get("system", "")), str(group.get("value", ""))),
        "authored_low": authored[0],
        "authored_high": authored[1],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a version goes, and when it is written (ms UTC)."""

    id: str
    version: int
    updated: int


def case_write(
    case: Case, place: Place, body: bytes, content: dict[str, Any], requester: str | None, owner: str | None
) -> Write:
    """A new version of a case's Task; ``content`` is what was sent, ``requester`` and ``owner`` are token columns."""
    columns = {
        "status": case.status,
        "business_status": token(codes.STAGE, case.stage),
        "owner": owner,
        "requester": requester,
        "codes": code_lines(content["code"]),
        "patient": case.patient,
        "due": due(case, case.since),
        "state": msgspec.json.encode(case),
        "modified_low": place.updated,
        "modified_high": place.updated + 1,
        **_sent_columns(content),
    }
    if columns["group_identifier"] is None:
        columns["group_identifier"] = token(codes.CASE_NUMBER, case.number)
    return Write(type="Task", id=place.id, version=place.version, updated=place.updated, body=body, columns=columns)


def tokens_of(type_name: str, resource: str, content: dict[str, Any], base: str) -> list[Token]:
    """Rows of the token table: all that the resource table has no column for. ``base``: our own base URL."""
    found = entries_of(type_name, content, base)
    return [Token(type_name, entry.param, entry.value, entry.system, resource) for entry in found]


def date_rows(type_name: str, resource: str, content: dict[str, Any]) -> list[DateRow]:
    """Rows of the date table."""
    return [DateRow(type_name, entry.param, resource, entry.low, entry.high) for entry in dates_of(type_name, content)]


def audit(caller: Caller, interaction: str, write: Write, patient: str | None) -> AuditRow:
    """Who wrote this version."""
    look = look_of(caller, write.updated, interaction)
    return row_of(look, write.type, write.id, write.version, patient or "")


def one_for_each_patient(rows: list[AuditRow], result: Result) -> list[AuditRow]:
    """The audit rows of an interaction, which may have written several resources of a patient, as one each.

    It is that of the resource which is answered, where it is among them; the others are named in it.
    """
    if len(rows) == 1:
        return [rows[0]._replace(status=result.status, others="")]
    found: dict[str, list[AuditRow]] = {}
    for row in rows:
        found.setdefault(row.patient, []).append(row)
    answered = (result.type, result.id)
    folded = []
    for mine in found.values():
        first = next((row for row in mine if (row.type, row.resource) == answered), mine[0])
        others = " ".join(f"{row.type}/{row.resource}/{row.version}" for row in mine if row is not first)
        folded.append(first._replace(status=result.status, others=others))
    return folded


def event_row(case: Case, event: CaseEvent, caller: Caller, write: Write, number: int = 0) -> CaseEventRow:
    """A move as a row: figures are counted from these."""
    assessed = event.to_stage in _DECISIONS and case.assessment
    return CaseEventRow(
        case_id=write.id,
        version=write.version,
        number=number,
        at=write.updated,
        from_stage=event.from_stage or "",
        to_stage=event.to_stage,
        move=event.move,
        actor=event.actor,
        organisation=caller.organisation,
        person=caller.person,
        from_unit=event.from_unit,
        unit=event.unit,
        rule=event.rule,
        reason_code=event.reason_code,
        reason=event.reason,
        assessment=msgspec.json.encode(case.assessment).decode() if assessed else "",
    )


def note_row(
    case: Case, write: Write, caller: Caller, actor: str, move: str, reason: str = "", reason_code: str = ""
) -> CaseEventRow:
    """What happened to a case that stays in its stage, at its unit; ``actor`` and ``move`` are codes."""
    return CaseEventRow(
        case_id=write.id,
        version=write.version,
        number=0,
        at=write.updated,
        from_stage=case.stage,
        to_stage=case.stage,
        move=move,
        actor=actor,
        organisation=caller.organisation,
        person=caller.person,
        from_unit=case.owner,
        unit=case.owner,
        rule="",
        reason_code=reason_code,
        reason=reason,
        assessment="",
    )


_DECISIONS = frozenset(
    {
        "placed",
        "coordinator-appointed",
        "contact-physician",
        "team",
        "other-measure",
        "existing-coordinator",
        "declined",
    }
)


def case_parties(case: Case, resource: str, directory: Directory, since: int = 1) -> list[Party]:
    """Who sees a case now: its sender, its owner, the coordinating unit; the latter two from a version on."""
    trust = directory.trusts[case.trust].organisation_number
    units = {case.owner, directory.coordinating_unit(case.trust).key}
    # What a sender saw as a draft it goes on seeing: a row that is there keeps its beginning.
    if case.sender == trust:
        units.add(case.sender_unit)
    hospital = [Party(trust, resource, unit, None, since) for unit in sorted(units)]
    return hospital if case.sender == trust else [Party(case.sender, resource, "", None), *hospital]


def notices_of(case: Case, resource: str, at: int, directory: Directory) -> list[Notice]:
    """The event for those who subscribe: its sender, its owner, the coordinating unit; each pulls what it may see."""
    return notices_for(case_parties(case, resource, directory), resource, at)


def notices_for(parties: Iterable[Party], resource: str, at: int) -> list[Notice]:
    """The event of a Task for each organisation that sees it: all of it, or those of its units that do."""
    seeing: dict[str, set[str]] = {}
    for party in parties:
        if party.until is None:
            seeing.setdefault(party.organisation, set()).add(party.unit)
    return [
        Notice(
            organisation,
            "" if "" in units else f" {' '.join(sorted(units))} ",
            CASE_CHANGED,
            resource,
            f"Task/{resource}",
            at,
            current(),
        )
        for organisation, units in sorted(seeing.items())
    ]


def service_caller(trust_organisation: str, client: str) -> Caller:
    """The service itself, acting on the EHR's word or on time."""
    return Caller(organisation=trust_organisation, role=Role.SERVICE, client=client)
