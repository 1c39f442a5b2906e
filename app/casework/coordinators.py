"""Registering and deregistering a coordinator on a CareTeam, without a case or after one."""

from typing import Any

from app.casework.context import Context, Result
from app.casework.moves import case_of, end_participants, next_version
from app.casework.persist import Decided, result_of
from app.casework.plans import follow_team
from app.casework.rows import CASE_CHANGED, audit
from app.casework.teams import Team, load_team, new_row, order_ehr, team_of, write_team, write_work_item
from app.clock import oslo_day
from app.coordination.coordinators import END_REASONS, deregister, register
from app.errors import Forbidden, InvalidContent, Problems, Refused
from app.fhir import codes, rendering
from app.fhir.care_team import is_coordination_team
from app.fhir.commands import Arguments, appointment_of, consent_of, where
from app.fhir.identifiers import Mode, check_identifier
from app.fhir.need import PATIENT_SYSTEMS
from app.security.caller import Caller, Role
from app.store.changes import Changes, Notice, PatientIdentifier, Stored, Write

_HOSPITAL = frozenset({Role.UNIT, Role.COORDINATING_UNIT})


async def register_coordinator(context: Context, caller: Caller, arguments: Arguments) -> Decided:
    """``CareTeam/$register-coordinator``: a new stint at the caller's unit.

    :raises Forbidden: the caller is not a unit of a trust.
    :raises Refused: no consent, not health personnel, or the role is taken.
    """
    unit = context.directory.unit(caller.unit)
    if caller.role not in _HOSPITAL or unit is None:
        raise Forbidden("Only a unit of the hospital registers coordinators.", code="not-a-unit")
    now = context.clock()
    today = oslo_day(now).isoformat()
    system, value = _patient(context, arguments)
    appointment = appointment_of(arguments, unit.key, context.directory, today)
    if appointment is None:
        raise InvalidContent(
            "The coordinator is required.",
            code="parameter-missing",
            expression=where("practitioner"),
            allowed=("valueReference with identifier of " + codes.HPR,),
        )
    known = await context.store.patient_key(system, value)
    patient = known or context.new_id()
    subject = {"type": "Patient", "identifier": {"system": system, "value": value}}
    team = await team_of(context, patient, unit.trust, subject)
    after = register(
        team.participants,
        appointment,
        consent_of(arguments, today),
        context.directory,
        trust=unit.trust,
        new_id=context.new_id(),
    )
    changes = Changes(patients=[] if known else [PatientIdentifier(system, value, patient)])
    item = write_work_item(context, caller, team, after[-1], changes)
    fresh = {after[-1].id: new_row(team, after[-1], "", item)}
    write = write_team(context, caller, "operation", team, after, changes, fresh)
    await follow_team(context, team, after, changes)
    order_ehr(context, team, "register", after[-1].id, write.updated, changes)
    return changes, _answer(201 if team.version == 0 else 200, write)


def _patient(context: Context, arguments: Arguments) -> tuple[str, str]:
    identifier = arguments.value("patient", "valueIdentifier") or {}
    system, value = str(identifier.get("system", "")), str(identifier.get("value", ""))
    if system not in PATIENT_SYSTEMS or not value:
        raise InvalidContent(
            "The patient is required, by an identifier of a national system.",
            code="parameter-missing",
            expression=f"{where('patient')}.value",
            allowed=PATIENT_SYSTEMS,
        )
    if problem := check_identifier(system, value, Mode(context.settings.identity_numbers)):
        raise InvalidContent(problem, code="wrong-identifier", expression=f"{where('patient')}.value.value")
    return system, value


async def deregister_coordinator(context: Context, caller: Caller, stored: Stored, arguments: Arguments) -> Decided:
    """``CareTeam/{id}/$deregister-coordinator``: the end of a stint, in the EHR too, told to the case's sender."""
    if not is_coordination_team(rendering.parsed(stored.body)):
        raise Refused("This CareTeam is not one for coordination.", code="not-a-coordination-team")
    if caller.role not in _HOSPITAL | {Role.EHR}:
        raise Forbidden("Only the hospital deregisters coordinators.", code="not-a-unit")
    team = await load_team(context, stored)
    participant = _participant_of(arguments, team)
    today = oslo_day(context.clock()).isoformat()
    end = str(arguments.value("end", "valueDate") or today)
    reason = str(arguments.value("reasonCode", "valueCode") or "")
    if reason not in END_REASONS:
        raise InvalidContent(
            "The reason of the end is required.",
            code="parameter-missing" if not reason else "end-reason-unknown",
            expression=where("reasonCode"),
            allowed=tuple(END_REASONS),
        )
    changes = Changes()
    write = await end_participants(context, caller, team, [participant], end, reason, changes)
    if case_id := team.rows[participant].case_id:
        await tell_case(context, caller, case_id, [rendering.output("coordinator-end", "valueDate", end)], changes)
    return changes, _answer(200, write)


def _participant_of(arguments: Arguments, team: Team) -> str:
    """The stint that is meant: by its id, or by the HPR number of a person with one open stint."""
    named = arguments.text("participant")
    hpr = arguments.reference("practitioner", codes.HPR).lstrip("0")
    found = [row.id for row in team.participants if row.id == named or (row.hpr == hpr and row.end is None)]
    if len(found) != 1:
        raise InvalidContent(
            "Name one participant of this CareTeam, by its id or by the person's HPR number.",
            code="participant-unknown",
            expression=where("participant" if named else "practitioner"),
            allowed=tuple(team.rows),
        )
    return found[0]


async def tell_case(
    context: Context, caller: Caller, case_id: str, outputs: list[dict[str, object]], changes: Changes
) -> None:
    """A new version of the case's Task with more output, and the event for its sender; no move."""
    stored = await context.store.load("Task", case_id)
    if stored is None or stored.state is None:
        return
    case = case_of(stored)
    now = max(context.clock(), stored.updated)
    reason = rendering.parsed(stored.body).get("statusReason")
    write = next_version(context, stored, case, now, base=stored.body, reason=reason, outputs=outputs)
    changes.writes.append(write)
    changes.audits.append(audit(caller, "update", write, case.patient))
    changes.notices.append(Notice(case.sender, CASE_CHANGED, case_id, f"Task/{case_id}", now))


def _answer(status: int, write: Write) -> Result:
    return Result(
        status=status,
        type=write.type,
        id=write.id,
        version=write.version,
        updated=write.updated,
        body=write.body,
    )


async def deregister_by_update(
    context: Context, caller: Caller, stored: Stored, now: dict[str, Any], wanted: dict[str, Any]
) -> Decided | Result:
    """A PUT of a coordination CareTeam: an end set on a participant deregisters it; no more than that.

    :raises InvalidContent: 422, a participant is left out or changed, or another element is.
    :raises Refused: 409, a new participant: a coordinator is registered by the operation, with the consent.
    """
    ends = _ends(now, wanted)
    if not ends:
        return result_of(200, stored)
    team = await load_team(context, stored)
    changes = Changes()
    today = oslo_day(context.clock()).isoformat()
    after = team.participants
    for participant, (end, reason) in ends.items():
        after = deregister(after, participant, end=end, reason=reason or "need-ended", today=today)
    write = write_team(context, caller, "update", team, after, changes, {})
    await follow_team(context, team, after, changes)
    for participant, (end, _) in ends.items():
        order_ehr(context, team, "end", participant, write.updated, changes)
        if case_id := team.rows[participant].case_id:
            said = [rendering.output("coordinator-end", "valueDate", end)]
            await tell_case(context, caller, case_id, said, changes)
    return changes, _answer(200, write)


def _ends(now: dict[str, Any], wanted: dict[str, Any]) -> dict[str, tuple[str, str]]:
    problems = Problems()
    for name in sorted(now.keys() | wanted.keys()):
        if name not in ("participant", "meta", "text") and now.get(name) != wanted.get(name, now.get(name)):
            problems.add("service-owned-element", f"CareTeam.{name}", "This element is set by the service.")
    brought = {entry.get("id"): (index, entry) for index, entry in enumerate(wanted.get("participant", ()))}
    known = {entry["id"]: entry for entry in now.get("participant", ())}
    if any(key not in known for key in brought):
        raise Refused(
            "A coordinator is registered by the operation, with the patient's consent.",
            code="register-by-operation",
            expression="CareTeam.participant",
            allowed=("CareTeam/$register-coordinator",),
        )
    ends: dict[str, tuple[str, str]] = {}
    for key, entry in known.items():
        if key not in brought:
            problems.add(
                "participant-left-out",
                "CareTeam.participant",
                f"Participant {key} is missing; only period.end deregisters.",
            )
            continue
        index, new = brought[key]
        _compare(entry, new, f"CareTeam.participant[{index}]", ends, problems)
    problems.raise_if_any()
    return ends


def _compare(
    entry: dict[str, Any],
    new: dict[str, Any],
    path: str,
    ends: dict[str, tuple[str, str]],
    problems: Problems,
) -> None:
    end = new.get("period", {}).get("end")
    if _fixed(entry) != _fixed(new) or (end is None and "end" in entry["period"]):
        problems.add("participant-changed", path, "Only period.end and the end reason can be set.")
    elif end != entry["period"].get("end"):
        ends[entry["id"]] = (str(end), _end_reason(new))


def _fixed(entry: dict[str, Any]) -> tuple[Any, ...]:
    member = entry.get("member", {}).get("identifier")
    roles = [coding.get("code") for coding in codes.codings(entry.get("role"))]
    return member, roles, entry.get("period", {}).get("start")


def _end_reason(entry: dict[str, Any]) -> str:
    reasons = (x.get("valueCode") for x in entry.get("extension", ()) if x.get("url") == codes.END_REASON_EXTENSION)
    return str(next(reasons, "") or "")
