"""A move of a case: the domain decides, the Task's new version and all that follows go into one commit."""

from dataclasses import replace
from typing import Any

import msgspec

from app.casework.context import Context, Result, written
from app.casework.following import follow_case
from app.casework.handing_over import Motion, hand_over_opened, handed_over
from app.casework.plans import follow_team
from app.casework.rows import Place, audit, case_write, event_row, notices_of, service_caller, token
from app.casework.teams import Team, new_row, order_ehr, team_of, write_team, write_work_item
from app.casework.work_items import reopen_work_item
from app.clock import oslo_day
from app.coordination.case import Case, CaseEvent, actors_of
from app.coordination.command import Command
from app.coordination.coordinators import Participants, end_in_error, register
from app.coordination.decide import decide
from app.coordination.states import Actor, Move, Stage
from app.errors import Refused
from app.fhir import codes, rendering
from app.fhir.document import splice
from app.fhir.need import identifier_of
from app.security.caller import Caller
from app.store.changes import Changes, Stored, Write


def case_of(stored: Stored) -> Case:
    """The case beside a Task.

    :raises Refused: 409 when the Task is not a coordinator need.
    """
    if stored.state is None:
        raise Refused("This Task is not a coordinator need.", code="not-a-case", expression="Task.code")
    return msgspec.json.decode(stored.state, type=Case)


async def move(
    context: Context,
    caller: Caller,
    stored: Stored,
    command: Command,
    *,
    case: Case | None = None,
    base: bytes | None = None,
    interaction: str = "operation",
    answer: bytes | None = None,
) -> tuple[Changes, Result]:
    """Decide and prepare the commit.

    ``base`` is the Task with content that the caller changed in the same step, ``case`` the case with it;
    ``answer`` is the request to cancel the case, as the owner has answered it.

    :raises Refused: 409 with the moves that the caller has now.
    :raises InvalidContent: 422, the command lacks something.
    """
    case = case or case_of(stored)
    actors = actors_of(case, caller.role, caller.unit, caller.organisation, context.directory)
    decision = decide(case, command, actors, context.directory, context.limits)
    motion = Motion(stored=stored, case=decision.case, event=decision.event, base=base or stored.body)
    changes = Changes()
    outputs = await _consequences(context, caller, motion, command, changes)
    result = _commit_case(context, caller, motion, outputs, changes, interaction)
    await hand_over_opened(context, motion, changes)
    await follow_case(context, caller, case.abort, motion, changes, answer, interaction)
    return changes, result


async def commit_service_move(context: Context, stored: Stored, command: Command) -> tuple[Changes, Result]:
    """A move that time or the directory makes: the same table, actor ``service``."""
    case = case_of(stored)
    trust = context.directory.trusts[case.trust].organisation_number
    decision = decide(case, command, frozenset({Actor.SERVICE}), context.directory, context.limits)
    motion = Motion(stored=stored, case=decision.case, event=decision.event, base=stored.body)
    changes = Changes()
    caller = service_caller(trust, "time")
    result = _commit_case(context, caller, motion, [], changes, "update")
    await hand_over_opened(context, motion, changes)
    await follow_case(context, caller, case.abort, motion, changes)
    return changes, result


def _commit_case(
    context: Context,
    caller: Caller,
    motion: Motion,
    outputs: list[dict[str, Any]],
    changes: Changes,
    interaction: str,
) -> Result:
    now = max(context.clock(), motion.stored.updated)
    case = replace(motion.case, since=now)
    version = motion.stored.version + 1
    write = next_version(
        context, motion.stored, case, now, base=motion.base, reason=_reason(motion.event), outputs=outputs
    )
    changes.writes.insert(0, write)
    changes.events.append(event_row(case, motion.event, caller, write))
    changes.audits.append(audit(caller, interaction, write, case.patient))
    changes.notices += notices_of(case, write.id, now, context.directory)
    if motion.event.from_unit != case.owner:
        changes.parties += handed_over(context, motion, version)
    return written(write)


def next_version(
    context: Context,
    stored: Stored,
    case: Case,
    now: int,
    *,
    base: bytes,
    reason: dict[str, Any] | None,
    outputs: list[dict[str, Any]],
) -> Write:
    """The Task's next version: the service's elements spliced into ``base``, all else as it was sent."""
    unit = context.directory.units[case.owner]
    version = stored.version + 1
    members = rendering.version_members(base, stored.id, version, now) | rendering.case_members(
        status=case.status,
        stage=case.stage,
        owner=rendering.organisation_reference(codes.RESH, unit.resh, unit.name),
        reason=reason,
        updated=now,
    )
    if outputs:
        members["output"] = rendering.outputs_with(base, outputs)
    body = splice(base, members)
    content = rendering.parsed(base)
    requester, owner = token(*identifier_of(content.get("requester"))), f"{codes.RESH}|{unit.resh}"
    return case_write(case, Place(id=stored.id, version=version, updated=now), body, content, requester, owner)


_TOLD: frozenset[Stage] = frozenset({Stage.DECLINED, Stage.WITHDRAWN, Stage.LAPSED, Stage.ENTERED_IN_ERROR})


def _reason(event: CaseEvent) -> dict[str, Any] | None:
    """``statusReason`` of an end; why the hospital hands a case on is its own, and stays in the case events."""
    if event.to_stage not in _TOLD:
        return None
    system = codes.REASON_SYSTEM.get(event.move, codes.STAGE)
    coded = codes.concept(system, event.reason_code) if event.reason_code else {}
    return (coded | ({"text": event.reason} if event.reason else {})) or None


async def _consequences(
    context: Context, caller: Caller, motion: Motion, command: Command, changes: Changes
) -> list[dict[str, Any]]:
    """What a move brings with it besides the Task, and what it says in ``Task.output``."""
    stage = motion.case.stage
    if command.move is Move.APPOINT:
        return await _appoint(context, caller, motion, command, changes)
    if command.move is Move.REQUEST_INFORMATION:
        return [rendering.output("question", "valueString", command.reason)]
    if command.move is Move.ANSWER:
        return [rendering.output("answer", "valueString", command.reason)]
    if stage is Stage.ENTERED_IN_ERROR:
        await _end_participants(context, caller, motion, changes)
        return []
    if motion.case.ended and stage not in {Stage.WITHDRAWN, Stage.LAPSED}:
        return [_decision(stage)] + (
            [rendering.output("answer-text", "valueString", command.reason)] if command.reason else []
        )
    return []


def _decision(stage: Stage) -> dict[str, Any]:
    return rendering.output(
        "decision", "valueCodeableConcept", codes.concept(codes.STAGE, stage, codes.STAGE_DISPLAY[stage])
    )


async def _appoint(
    context: Context, caller: Caller, motion: Motion, command: Command, changes: Changes
) -> list[dict[str, Any]]:
    """The coordinator's row, the EHR's order and the work item; the answer names person, unit and telephone."""
    case, appointment = motion.case, command.appointment
    assert appointment is not None  # decide() asks for it
    subject = rendering.parsed(motion.base)["for"]
    team = await team_of(context, case.patient, case.trust, subject)
    after = register(
        team.participants,
        appointment,
        case.consent,
        context.directory,
        trust=case.trust,
        new_id=context.new_id(),
    )
    new = after[-1]
    item = write_work_item(context, caller, team, new, changes)
    fresh = {new.id: new_row(team, new, motion.stored.id, item)}
    write = write_team(context, caller, "operation", team, after, changes, fresh)
    await follow_team(context, team, after, changes)
    order_ehr(context, team, "register", new.id, write.updated, changes)
    unit = context.directory.units[new.unit]
    entries = [
        _decision(case.stage),
        rendering.output("coordinator", "valueReference", rendering.practitioner_reference(new.hpr, new.name)),
        rendering.output(
            "coordinator-unit",
            "valueReference",
            rendering.organisation_reference(codes.RESH, unit.resh, unit.name),
        ),
        rendering.output("coordinator-phone", "valueContactPoint", {"system": "phone", "value": new.phone}),
        rendering.output("coordinator-start", "valueDate", new.start),
        rendering.output("care-team", "valueReference", {"reference": f"CareTeam/{team.id}"}),
        rendering.output("registration", "valueCode", new.ehr_state),
    ]
    if command.reason:
        entries.append(rendering.output("answer-text", "valueString", command.reason))
    return entries


async def _end_participants(context: Context, caller: Caller, motion: Motion, changes: Changes) -> None:
    """Wrong patient: what the case registered ends, in the EHR too."""
    case = motion.case
    team = await team_of(context, case.patient, case.trust, {})
    mine = [row.id for row in team.rows.values() if row.case_id == motion.stored.id]
    after = end_in_error(team.participants, mine, oslo_day(context.clock()).isoformat())
    if after != team.participants:
        await end_participants(context, caller, "operation", team, after, changes)


async def end_participants(
    context: Context, caller: Caller, interaction: str, team: Team, after: Participants, changes: Changes
) -> Write:
    """Write the team with ends that ``after`` has and it has not, and order the same of the EHR."""
    write = write_team(context, caller, interaction, team, after, changes, {})
    await follow_team(context, team, after, changes)
    for participant in after:
        if participant not in team.participants:
            order_ehr(context, team, "end", participant.id, write.updated, changes)
            await reopen_work_item(context, caller, team.rows[participant.id], changes)
    return write
