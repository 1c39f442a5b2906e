"""A need becomes a case in one version of its Task: routed, numbered, owned, told to its sender."""

from typing import Any

from app.casework.address_protection import note_label
from app.casework.context import Context, Result, viewer_of, written
from app.casework.patients import Subject, subject_at
from app.casework.rows import Place, audit, case_parties, case_write, event_row, notices_of, token, tokens_of
from app.coordination.decide import Decision
from app.errors import InvalidContent
from app.fhir import codes, rendering
from app.fhir.document import Document, Opened, members_in, splice
from app.fhir.need import Need
from app.routing.rules import Placement, RoutingFacts, route
from app.security.caller import Caller
from app.store.changes import Changes, Token
from app.store.interface import Intake


async def subject_of_need(context: Context, caller: Caller, task: dict[str, Any]) -> Subject:
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


def placement_of(context: Context, caller: Caller, facts: Need, intake: Intake) -> Placement:
    """Which unit answers a need, and why."""
    directory = context.directory
    wish = directory.unit_by_resh(facts.wish_resh) or directory.unit_by_organisation_number(facts.wish_organisation)
    trust = directory.trust_by_organisation_number(facts.wish_organisation)
    involved = (directory.unit_by_resh(resh) for resh in facts.involved_resh)
    return route(
        RoutingFacts(
            trust=trust.key if trust else None,
            wish_unit=wish.key if wish else None,
            coordinator_units=intake.coordinator_units,
            involved_units=tuple(unit.key for unit in involved if unit),
            municipality_organisation=caller.organisation,
        ),
        directory,
    )


def write_case(
    context: Context,
    caller: Caller,
    place: Place,
    document: Document,
    changes: Changes,
    *,
    facts: Need,
    opened: Decision,
    interaction: str,
) -> Result:
    """Add the version in which a need becomes a case, and all that follows from that."""
    raw, content, case = members_in(document.raw), document.value, opened.case
    unit = context.directory.units[case.owner]
    owner = rendering.organisation_reference(codes.RESH, unit.resh, unit.name)
    body = splice(
        raw,
        rendering.version_members(raw, place.id, place.version, place.updated)
        | _filled(raw, caller, case.number, context)
        | rendering.case_members(status=case.status, stage=case.stage, owner=owner, reason=None, updated=place.updated),
    )
    requester = token(codes.ORGANISATION, facts.requester_organisation or caller.organisation)
    write = case_write(case, place, body, content, requester, f"{codes.RESH}|{unit.resh}")
    changes.writes.append(write)
    changes.tokens += _case_tokens(place.id, content, case.number, context.base)
    note_label(changes, case.patient, "Task", place.id, content)
    changes.parties += case_parties(case, place.id, context.directory, case.submitted)
    changes.events += [event_row(case, event, caller, write, number) for number, event in enumerate(opened.events)]
    changes.audits.append(audit(caller, interaction, write, case.patient))
    changes.notices += notices_of(case, place.id, place.updated, context.directory)
    return written(write)


def with_requester(raw: bytes | Opened, caller: Caller, context: Context) -> rendering.Members:
    """``requester`` where the sender names none: its organisation."""
    if "requester" in rendering.member_names(raw):
        return {}
    sender = context.directory.municipality_by_organisation_number(caller.organisation)
    reference = rendering.organisation_reference(codes.ORGANISATION, caller.organisation, sender.name if sender else "")
    return {"requester": rendering.dump(reference)}


def _filled(raw: Opened, caller: Caller, number: str, context: Context) -> rendering.Members:
    members: rendering.Members = {"identifier": rendering.with_case_number(raw, number)}
    if "groupIdentifier" not in rendering.member_names(raw):
        members["groupIdentifier"] = rendering.dump({"system": codes.CASE_NUMBER, "value": number})
    return members | with_requester(raw, caller, context)


def _case_tokens(resource: str, content: dict[str, Any], number: str, base: str) -> list[Token]:
    filler = {"system": codes.CASE_NUMBER, "value": number}
    return tokens_of("Task", resource, content | {"identifier": [*content.get("identifier", ()), filler]}, base)
