"""``Task/{id}/$available-actions``: what this caller may do with this case now, from the table that decides.

On a request to cancel a case: the answers that this caller may give.
"""

from typing import Any

from app.casework.abort_answers import answers_of, case_focused
from app.casework.context import Context
from app.casework.moves import case_of
from app.casework.operate import visible
from app.coordination.case import Case, actors_of
from app.coordination.decide import available
from app.coordination.states import BY_TASK, Move
from app.fhir import codes
from app.fhir.abort import OPEN, is_abort
from app.fhir.rendering import parameters, parsed
from app.security.caller import Caller
from app.store.changes import Stored
from app.store.looks import look_of


async def available_actions(context: Context, caller: Caller, resource: str) -> bytes:
    """A Parameters resource: an ``action`` for each open move, with what it may lead to and what it needs."""
    look = look_of(caller, context.clock(), "read")
    stored = await visible(context, caller, "Task", resource, look)
    if stored.state is None and is_abort(parsed(stored.body)):
        return await _answers(context, caller, stored)
    case = case_of(stored)
    actors = actors_of(case, caller.role, caller.unit, caller.organisation, context.directory)
    moves = available(case, actors, context.directory, context.limits)
    return parameters([_action(context, case, entry) for entry in moves])


async def _answers(context: Context, caller: Caller, stored: Stored) -> bytes:
    case = case_of(await case_focused(context, stored))
    actors = actors_of(case, caller.role, caller.unit, caller.organisation, context.directory)
    given = answers_of(actors) if parsed(stored.body)["status"] == OPEN else ()
    return parameters([_part({"name": "status", "valueCode": status}, *_MEANS[status]) for status in given])


_MEANS: dict[str, list[dict[str, Any]]] = {
    "completed": [{"name": "target", "valueCode": "withdrawn"}],
    "rejected": [{"name": "requires", "valueString": "statusReason.text"}],
    "cancelled": [],
}


def _part(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"name": "action", "part": list(parts)}


def _action(context: Context, case: Case, entry: Any) -> dict[str, Any]:
    units = (context.directory.units[key] for key in entry.units)
    # Asking moves nothing by itself.
    targets = () if entry.move is Move.REQUEST_ABORT else entry.targets
    return _part(
        *_how(case, entry.move),
        *({"name": "target", "valueCode": str(target)} for target in targets),
        *({"name": "requires", "valueString": name} for name in entry.requires),
        *({"name": "unit", "valueString": f"{unit.resh} {unit.name}"} for unit in units),
        *({"name": "reasonCode", "valueCode": code} for code in entry.reasons),
    )


def _how(case: Case, move: Move) -> list[dict[str, Any]]:
    """The operation, or the code of the Task that is posted, or which Task is answered with which status."""
    if move not in BY_TASK:
        return [{"name": "operation", "valueString": f"${move}"}]
    task = {"name": "task", "valueCode": codes.ABORT}
    if move is Move.REQUEST_ABORT:
        return [task]
    request = {"name": "reference", "valueReference": {"reference": f"Task/{case.abort}"}}
    return [task, request, {"name": "status", "valueCode": "completed"}]
