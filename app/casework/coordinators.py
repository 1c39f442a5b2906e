"""Registering and deregistering a coordinator on a CareTeam, without a case or after one."""

from dataclasses import replace
from typing import Any

from app.casework.context import Context, written
from app.casework.moves import end_participants
from app.casework.patients import patient_argument
from app.casework.persist import Decided, shown_again
from app.casework.plans import follow_team
from app.casework.teams import Team, load_team, new_row, order_ehr, team_of, write_team, write_work_item
from app.casework.telling import tell_case
from app.casework.wanted_ends import wanted_ends
from app.clock import oslo_day
from app.coordination.arguments import parameter
from app.coordination.coordinators import END_REASONS, Participants, deregister, register
from app.errors import Forbidden, InvalidContent, Issue, Refused
from app.fhir import codes, rendering
from app.fhir.care_team import is_coordination_team
from app.fhir.commands import Arguments, appointment_of, consent_of, where
from app.routing.directory import Unit
from app.security.caller import Caller, Role
from app.store.changes import Changes, PatientIdentifier, Stored, Write

_HOSPITAL = frozenset({Role.UNIT, Role.COORDINATING_UNIT})


async def register_coordinator(context: Context, caller: Caller, arguments: Arguments) -> Decided:
    """``CareTeam/$register-coordinator``: a new stint at the caller's unit.

    :raises Forbidden: the caller is not a unit of a trust.
    :raises Refused: no consent, not health personnel, or the role is taken.
    """
    unit = context.directory.unit(caller.unit)
    if caller.role not in _HOSPITAL or unit is None or not _is_of(context, caller, unit):
        raise Forbidden("Only a unit of the hospital registers coordinators.", code="not-a-unit")
    now = context.clock()
    today = oslo_day(now).isoformat()
    system, value = patient_argument(context, arguments)
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
    return changes, written(write)


def _is_of(context: Context, caller: Caller, unit: Unit) -> bool:
    """Whether a unit is one of the caller's trust; the issuer, not the directory, may have paired them."""
    return context.directory.trusts[unit.trust].organisation_number == caller.organisation


async def deregister_coordinator(context: Context, caller: Caller, stored: Stored, arguments: Arguments) -> Decided:
    """``CareTeam/{id}/$deregister-coordinator``: the end of a stint, in the EHR too, told to the case's sender.

    Of a stint that has ended so already the answer is the current version, and nobody is told again.

    :raises Forbidden: the stint is another unit's.
    :raises InvalidContent: 422, the participant, the end or its reason.
    :raises Refused: 409, the stint has ended on another day or for another reason.
    """
    if not is_coordination_team(rendering.parsed(stored.body)):
        raise Refused("This CareTeam is not one for coordination.", code="not-a-coordination-team")
    if caller.role not in _HOSPITAL | {Role.EHR}:
        raise Forbidden("Only the hospital deregisters coordinators.", code="not-a-unit")
    team = await load_team(context, stored)
    participant = _participant_of(arguments, team)
    _check_may_end(context, caller, team, participant, where("participant"))
    end = arguments.value("end", "valueDate")
    reason = str(arguments.value("reasonCode", "valueCode") or "")
    if reason not in END_REASONS:
        raise InvalidContent(
            "The reason of the end is required.",
            code="parameter-missing" if not reason else "end-reason-unknown",
            expression=where("reasonCode"),
            allowed=tuple(END_REASONS),
        )
    today = oslo_day(context.clock()).isoformat()
    after = deregister(team.participants, participant, end=end, reason=reason, today=today)
    if after == team.participants:
        return shown_again(context, caller, "operation", stored)
    changes = Changes()
    write = await _end(context, caller, "operation", team, after, changes)
    return changes, written(write)


async def _end(
    context: Context, caller: Caller, interaction: str, team: Team, after: Participants, changes: Changes
) -> Write:
    """The ends that ``after`` has and the team has not, told to the cases that the stints came from."""
    write = await end_participants(context, caller, interaction, team, after, changes)
    for participant in after:
        case_id = team.rows[participant.id].case_id
        if case_id and participant not in team.participants:
            said = [rendering.output("coordinator-end", "valueDate", participant.end)]
            await tell_case(context, caller, case_id, said, changes)
    return write


def _check_may_end(context: Context, caller: Caller, team: Team, participant: str, expression: str) -> None:
    """Refuse a unit that ends what is another unit's; the coordinating unit and the EHR end any stint."""
    office = context.directory.coordinating_unit(team.trust).key
    if caller.role is Role.EHR or (caller.role is Role.COORDINATING_UNIT and caller.unit == office):
        return
    if caller.role is not Role.UNIT or team.rows[participant].unit != caller.unit:
        raise Forbidden(
            "Only the coordinator's own unit, the coordinating unit or the EHR deregisters the coordinator.",
            code="not-your-coordinator",
            expression=expression,
        )


def _participant_of(arguments: Arguments, team: Team) -> str:
    """The stint that is meant: by its id, or by the HPR number of a person with one open stint.

    A person without an open one means the one that ended last: the request may have come twice.
    """
    named = arguments.text("participant")
    hpr = arguments.reference("practitioner", codes.HPR).lstrip("0")
    if named:
        found = [row.id for row in team.participants if row.id == named]
    else:
        theirs = [row for row in team.participants if row.hpr == hpr]
        last = None if any(row.end is None for row in theirs) else max((row.end or "" for row in theirs), default=None)
        found = [row.id for row in theirs if row.end == last]
    if len(found) != 1:
        raise InvalidContent(
            "Name one participant of this CareTeam, by its id or by the person's HPR number.",
            code="participant-unknown",
            expression=where("participant" if named else "practitioner"),
            allowed=tuple(team.rows),
        )
    return found[0]


async def deregister_by_update(
    context: Context, caller: Caller, stored: Stored, now: dict[str, Any], wanted: dict[str, Any], interaction: str
) -> Decided:
    """A PUT of a coordination CareTeam: an end set on a participant deregisters it; no more than that.

    :raises InvalidContent: 422, a participant is left out, twice there or changed, or another element is.
    :raises Forbidden: 403, an end is set on another unit's coordinator.
    :raises Refused: 409, a new participant: a coordinator is registered by the operation, with the consent.
    """
    ends = wanted_ends(now, wanted)
    if not ends:
        return shown_again(context, caller, interaction, stored)
    team = await load_team(context, stored)
    today = oslo_day(context.clock()).isoformat()
    after = team.participants
    for participant, end in ends.items():
        _check_may_end(context, caller, team, participant, end.path)
        try:
            after = deregister(after, participant, end=end.end, reason=end.reason, today=today)
        except InvalidContent as invalid:
            raise InvalidContent(issues=tuple(_in_row(issue, end.path) for issue in invalid.issues)) from None
    if after == team.participants:
        return shown_again(context, caller, interaction, stored)
    changes = Changes()
    write = await _end(context, caller, interaction, team, after, changes)
    return changes, written(write)


def _in_row(issue: Issue, path: str) -> Issue:
    """What the operation says of a parameter, an update says of an element."""
    element = {parameter("end"): "period.end", parameter("reasonCode"): "extension"}.get(issue.expression)
    return replace(issue, expression=f"{path}.{element}" if element else path)
