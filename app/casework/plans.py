"""The individual plan (DESIGN 4.5): seen by its author, the units of its CareTeam, the municipalities that it names."""

from typing import Any

from sqlalchemy import Connection, select

from app.casework.context import Context
from app.casework.teams import Team
from app.clock import oslo_day
from app.coordination.coordinators import Participants
from app.fhir import codes
from app.fhir.indexing import own_reference
from app.fhir.need import identifier_of
from app.store.changes import Changes, Party, Viewer
from app.store.tables import RESOURCE_TABLES, token


async def plan_parties(
    context: Context, viewer: Viewer, resource: str, plan: dict[str, Any], before: dict[str, Any] | None
) -> set[Party]:
    """Who sees a plan besides its author.

    A CareTeam counts when the viewer sees it, or when it stood in the version ``before``: who may not see the team
    can still keep the plan up to date.
    """
    found = {
        Party(number, resource, "", None)
        for reference in (plan.get("author"), *plan.get("contributor", ()))
        for system, number in [identifier_of(reference)]
        if system == codes.ORGANISATION and context.directory.municipality_by_organisation_number(number)
    }
    kept = _teams(context, before or {})
    for team in _teams(context, plan):
        if team in kept or await context.store.read("CareTeam", team, viewer):
            found |= await _team_parties(context, resource, team)
    return found


def ended(before: set[Party], now: set[Party], version: int, author: tuple[str, str]) -> list[Party]:
    """Those who see the versions up to ``version`` and no later ones; ``author`` (organisation, unit) stays."""
    gone = {party[:3] for party in before} - {party[:3] for party in now}
    return [Party(*key, version) for key in sorted(gone) if (key[0], key[2]) != author]


async def follow_team(context: Context, team: Team, after: Participants, changes: Changes) -> None:
    """Units that are in a CareTeam today see the plans that name it, and those that have left see no later versions.

    Called when the team is written: also by the job for days that pass, ``falling_due``.
    """

    def plans(connection: Connection) -> list[Any]:
        named = token.c.type == "CarePlan", token.c.param == "care-team", token.c.value == team.id
        columns = plan.c.id, plan.c.version, plan.c.author, plan.c.author_unit
        return list(connection.execute(select(*columns).join(token, token.c.resource == plan.c.id).where(*named)))

    if team.version == 0:
        return  # nothing can name a team that is not there yet
    plan = RESOURCE_TABLES["CarePlan"]
    today = oslo_day(context.clock()).isoformat()
    staying = {participant.unit for participant in after if participant.active(today)}
    members = {participant.unit for participant in after if participant.start <= today}
    organisation = context.directory.trusts[team.trust].organisation_number
    for resource, version, author, author_unit in await context.store.run(plans):
        for unit in sorted({participant.unit for participant in after}):
            if unit in staying:
                changes.parties.append(Party(organisation, resource, unit, None))
            elif (organisation, unit) != (author, author_unit) and unit in members:
                changes.parties.append(Party(organisation, resource, unit, version))


async def _team_parties(context: Context, resource: str, team: str) -> set[Party]:
    today = oslo_day(context.clock()).isoformat()
    rows = await context.store.participants(team)
    return {
        Party(context.directory.trusts[row.trust].organisation_number, resource, row.unit, None)
        for row in rows
        if row.start_day <= today and (row.end_day is None or row.end_day >= today)
    }


def _teams(context: Context, plan: dict[str, Any]) -> set[str]:
    targets = (own_reference(entry, context.base) for entry in plan.get("careTeam", ()))
    return {target[1] for target in targets if target and target[0] == "CareTeam"}
