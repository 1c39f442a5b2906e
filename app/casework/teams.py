"""The coordination CareTeam of a patient at a trust: its rows loaded, changed by the domain, written back."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from app.casework.context import Context
from app.casework.rows import audit, task_columns, tokens_of
from app.clock import oslo_day
from app.coordination.coordinators import EhrState, Participant, Participants, active, check_start, due_day
from app.correlation import current
from app.fhir import codes
from app.fhir.care_team import Stint, render_team
from app.fhir.rendering import organisation_reference
from app.fhir.work_item import render_work_item
from app.security.caller import EHR_UNIT, Caller
from app.store.changes import Changes, Outgoing, ParticipantRow, Party, Stored, Write

WORK_ITEM_DAYS: Final = 3
"""Days until a registration in the EHR is overdue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A CareTeam as it stands; ``version`` 0 when it is not there yet. ``rows`` are the stints' stored rows."""

    id: str
    version: int
    updated: int
    trust: str
    patient: str
    subject: dict[str, Any]
    participants: Participants = ()
    rows: dict[str, ParticipantRow] = field(default_factory=dict)


def participant_of(row: ParticipantRow) -> Participant:
    """A stored stint as the domain knows it."""
    return Participant(
        id=row.id,
        hpr=row.hpr,
        name=row.name,
        unit=row.unit,
        role=row.role,
        start=row.start_day,
        end=row.end_day,
        end_reason=row.end_reason,
        ehr_state=EhrState(row.ehr_state),
        phone=row.phone,
    )


async def load_team(context: Context, stored: Stored) -> Team:
    """A stored coordination CareTeam with its stints."""
    rows = await context.store.participants(stored.id)
    return Team(
        id=stored.id,
        version=stored.version,
        updated=stored.updated,
        trust=rows[0].trust,
        patient=rows[0].patient,
        subject=msgspec.json.decode(stored.body)["subject"],
        participants=tuple(participant_of(row) for row in rows),
        rows={row.id: row for row in rows},
    )


async def team_of(context: Context, patient: str, trust: str, subject: dict[str, Any]) -> Team:
    """The team of a patient at a trust, or a new one."""
    known = await context.store.team_of(patient, trust)
    stored = await context.store.load("CareTeam", known) if known else None
    if stored is not None:
        return await load_team(context, stored)
    return Team(id=context.new_id(), version=0, updated=0, trust=trust, patient=patient, subject=subject)


def write_team(
    context: Context,
    caller: Caller,
    interaction: str,
    team: Team,
    after: Participants,
    changes: Changes,
    fresh: dict[str, ParticipantRow],
    fallen: Collection[str] = (),
) -> Write:
    """Add the team's next version, its stints and its parties to ``changes``.

    ``fresh`` holds the rows of stints that are new: what the domain does not know about them. ``fallen`` are the
    ids of stints whose due day is being seen to.

    :raises InvalidContent: 422 ``date-invalid``, a new stint begins too far off.
    """
    now = max(context.clock(), team.updated)
    version = team.version + 1
    today = oslo_day(now).isoformat()
    for row in fresh.values():
        check_start(row.start_day, today)
    trust = context.directory.trusts[team.trust]
    body = render_team(
        resource=team.id,
        version=version,
        updated=now,
        subject=team.subject,
        trust=(trust.organisation_number, trust.name),
        stints=tuple(_stint(context, participant, today) for participant in after),
    )
    columns = {
        "status": "active" if active(after, today) else "inactive",
        "patient": team.patient,
        "trust": team.trust,
    }
    write = Write(type="CareTeam", id=team.id, version=version, updated=now, body=body, columns=columns)
    changes.writes.append(write)
    changes.tokens += tokens_of("CareTeam", team.id, msgspec.json.decode(body), context.base)
    known = team.rows | fresh
    rows = [_row(known[participant.id], participant, today, fallen) for participant in after]
    changes.participants += [row for row in rows if team.rows.get(row.id) != row]
    changes.audits.append(audit(caller, interaction, write, team.patient))
    offices = {context.directory.coordinating_unit(team.trust).key, EHR_UNIT}
    staying = {participant.unit for participant in after if participant.end is None or participant.end >= today}
    changes.parties += [
        Party(trust.organisation_number, team.id, unit, None if unit in offices | staying else version)
        for unit in sorted(offices | {participant.unit for participant in after})
    ]
    return write


def _stint(context: Context, participant: Participant, today: str) -> Stint:
    unit = context.directory.units[participant.unit]
    return Stint(
        id=participant.id,
        hpr=participant.hpr,
        name=participant.name,
        role=participant.role,
        unit_resh=unit.resh,
        unit_name=unit.name,
        phone=participant.phone,
        start=participant.start,
        end=participant.end,
        end_reason=participant.end_reason,
        ehr_state=participant.ehr_state,
        active=participant.active(today),
    )


def _row(known: ParticipantRow, participant: Participant, today: str, fallen: Collection[str]) -> ParticipantRow:
    # What has fallen due stays so until it is seen to, whoever writes the team in between.
    waits = known.due_day is not None and known.due_day <= today and known.id not in fallen
    return known._replace(
        end_day=participant.end,
        end_reason=participant.end_reason,
        ehr_state=participant.ehr_state,
        due_day=known.due_day if waits else due_day(participant, today),
    )


def new_row(team: Team, participant: Participant, case_id: str, work_item: str) -> ParticipantRow:
    """The row of a new stint; ``case_id`` empty where no case led to it."""
    return ParticipantRow(
        id=participant.id,
        care_team=team.id,
        patient=team.patient,
        trust=team.trust,
        unit=participant.unit,
        role=participant.role,
        hpr=participant.hpr,
        name=participant.name,
        phone=participant.phone,
        start_day=participant.start,
        end_day=participant.end,
        end_reason=participant.end_reason,
        ehr_state=participant.ehr_state,
        case_id=case_id,
        work_item=work_item,
    )


def order_ehr(context: Context, team: Team, topic: str, participant: str, at: int, changes: Changes) -> None:
    """Tell the EHR, after the commit: ``register`` or ``end``. Without an EHR the work item is for a person."""
    if context.settings.ehr_url:
        changes.outgoing.append(
            Outgoing("ehr", team.trust, participant, topic, participant, "", "waiting", 0, at, 0, at, "", current())
        )


def write_work_item(context: Context, caller: Caller, team: Team, participant: Participant, changes: Changes) -> str:
    """Add an ``ehr-registration`` Task owned by the participant's unit; answers its id."""
    now = context.clock()
    unit = context.directory.units[participant.unit]
    trust = context.directory.trusts[team.trust]
    resource = context.new_id()
    deadline: date = oslo_day(now) + timedelta(days=WORK_ITEM_DAYS)
    body = render_work_item(
        resource=resource,
        created=now,
        team=team.id,
        participant=participant.id,
        subject=team.subject,
        owner=organisation_reference(codes.RESH, unit.resh, unit.name),
        requester=organisation_reference(codes.ORGANISATION, trust.organisation_number, trust.name),
        deadline=deadline.isoformat(),
    )
    task = msgspec.json.decode(body)
    columns = task_columns(task, team.patient)
    write = Write(type="Task", id=resource, version=1, updated=now, body=body, columns=columns)
    changes.writes.append(write)
    changes.tokens += tokens_of("Task", resource, task, context.base)
    changes.audits.append(audit(caller, "create", write, team.patient))
    units = {unit.key, context.directory.coordinating_unit(team.trust).key, EHR_UNIT}
    changes.parties += [Party(trust.organisation_number, resource, key, None) for key in sorted(units)]
    return resource
