"""``Task/{id}/$available-actions``: what this caller may do with this case now, from the table that decides."""

from typing import Any

from app.casework.context import Context
from app.casework.moves import case_of
from app.casework.operate import visible
from app.coordination.case import actors_of
from app.coordination.decide import available
from app.fhir.rendering import parameters
from app.security.caller import Caller
from app.store.looks import look_of


async def available_actions(context: Context, caller: Caller, resource: str) -> bytes:
    """A Parameters resource: an ``action`` for each open move, with what it may lead to and what it needs."""
    look = look_of(caller, context.clock(), "read")
    stored = await visible(context, caller, "Task", resource, look)
    case = case_of(stored)
    actors = actors_of(case, caller.role, caller.unit, caller.organisation, context.directory)
    moves = available(case, actors, context.directory, context.limits)
    return parameters([_action(context, entry) for entry in moves])


def _action(context: Context, entry: Any) -> dict[str, Any]:
    units = (context.directory.units[key] for key in entry.units)
    parts = [
        {"name": "operation", "valueString": f"${entry.move}"},
        *({"name": "target", "valueCode": str(target)} for target in entry.targets),
        *({"name": "requires", "valueString": name} for name in entry.requires),
        *({"name": "unit", "valueString": f"{unit.resh} {unit.name}"} for unit in units),
        *({"name": "reasonCode", "valueCode": code} for code in entry.reasons),
    ]
    return {"name": "action", "part": parts}
