"""An ``abort`` Task is answered by the owner of its case, changed or taken back by who sent it: PUT and JSON Patch."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from app.casework.aborts import note_on_case
from app.casework.checks import check_references
from app.casework.context import Context, written
from app.casework.following import next_abort
from app.casework.moves import case_of, move
from app.casework.persist import Decided, shown_again
from app.casework.rows import note_row
from app.clock import instant
from app.coordination.case import Case, actors_of
from app.coordination.command import Command
from app.coordination.states import Actor, Move
from app.errors import InvalidContent, Problems, Refused
from app.fhir.abort import FIXED, OPEN, OWNED, changed_in, check_changed_abort, why
from app.fhir.changeable import changeable_in_abort, check_elements
from app.fhir.differences import merged, reason_of
from app.fhir.document import Document
from app.fhir.references import literal
from app.fhir.rendering import Members, dump, parsed
from app.security.caller import Caller
from app.store.changes import Changes, Stored

_MOVING: Final = frozenset({"status", "statusReason"})
ANSWERS: Final[dict[Actor, tuple[str, ...]]] = {
    Actor.OWNER: ("completed", "rejected"),
    Actor.SENDER: ("cancelled",),
}
"""The ``status`` that each may set in an open request."""


async def change_abort(
    context: Context, caller: Caller, stored: Stored, now: dict[str, Any], document: Document, interaction: str
) -> Decided:
    """The update of a request: ``completed`` withdraws the case, ``rejected`` and ``cancelled`` leave it as it is.

    ``now``: the request as the caller reads it.

    :raises Refused: 409 ``task-ended``, ``no-such-move``, or the case says no.
    :raises InvalidContent: 422, an element that this caller does not change, or a rejection without its reason.
    """
    wanted = document.value
    changed = changed_in(now, wanted)
    if not changed:
        return shown_again(context, caller, interaction, stored)
    focused = await case_focused(context, stored)
    case = case_of(focused)
    actors = actors_of(case, caller.role, caller.unit, caller.organisation, context.directory)
    _check(now, wanted, changed, actors)
    await _check_content(context, caller, document, changed)
    base = merged(stored.body, document.raw, changed)
    if wanted["status"] == "completed":
        command = Command(move=Move.ABORT, reason=why(now))
        changes, _ = await move(context, caller, focused, command, interaction=interaction, answer=base)
        return changes, written(next(one for one in changes.writes if one.id == stored.id))
    changes = Changes()
    if "status" in changed:
        _settle(context, caller, focused, case, wanted, changed, changes)
    members: Members = {"lastModified": dump(instant(max(context.clock(), stored.updated)))}
    return changes, written(next_abort(context, caller, case, stored, base, members, changes, interaction))


async def case_focused(context: Context, abort: Stored) -> Stored:
    """The case that a request is about."""
    target = literal(parsed(abort.body)["focus"]["reference"])
    stored = await context.store.load("Task", target.id) if target else None
    assert stored is not None  # it was read when the request was made, and nothing is deleted
    return stored


def answers_of(actors: Collection[Actor]) -> tuple[str, ...]:
    """What these actors may set as the ``status`` of an open request."""
    return tuple(status for actor in sorted(actors) for status in ANSWERS.get(actor, ()))


def _check(now: dict[str, Any], wanted: dict[str, Any], changed: frozenset[str], actors: Collection[Actor]) -> None:
    if now["status"] != OPEN:
        raise Refused("This request has been answered or taken back.", code="task-ended", expression="Task.status")
    problems = Problems()
    for name in sorted(changed & set(OWNED)):
        problems.add("service-owned-element", f"Task.{name}", "This element is set by the service.")
    for name in sorted(changed & set(FIXED)):
        problems.add("immutable-element", f"Task.{name}", "This element does not change after submission.")
    rest = changed - set(OWNED) - set(FIXED) - _MOVING
    check_elements("Task", rest, changeable_in_abort(actors), now, wanted, problems)
    problems.raise_if_any()
    _check_status(wanted, changed, actors)


def _check_status(wanted: dict[str, Any], changed: frozenset[str], actors: Collection[Actor]) -> None:
    allowed = answers_of(actors)
    alone = "status" not in changed and "statusReason" in changed and Actor.SENDER not in actors
    if alone or ("status" in changed and wanted["status"] not in allowed):
        text = "This is not an answer that is yours to give."
        raise Refused(text, code="no-such-move", expression="Task.status", allowed=allowed)
    said = "statusReason" in changed and reason_of(wanted)[1].strip()
    if wanted["status"] == "rejected" and not said:
        raise InvalidContent("A no says why.", code="missing-element", expression="Task.statusReason.text")


async def _check_content(context: Context, caller: Caller, document: Document, changed: frozenset[str]) -> None:
    mine = {name: document.value[name] for name in changed - _MOVING if name in document.value}
    if changed - _MOVING:
        check_changed_abort(document.value, document.raw)
        await check_references(context, caller, "Task", Document(document.raw, mine))


def _settle(
    context: Context,
    caller: Caller,
    focused: Stored,
    case: Case,
    wanted: dict[str, Any],
    changed: frozenset[str],
    changes: Changes,
) -> None:
    """The case goes on as it was, and may be asked about again; what became of the request is one of its events."""
    free = replace(case, abort="")
    noted = note_on_case(context, caller, focused, free, changes)
    reason = reason_of(wanted)[1] if "statusReason" in changed else ""
    actor = Actor.OWNER if wanted["status"] == "rejected" else Actor.SENDER
    changes.events.append(note_row(free, noted, caller, actor, f"abort-{wanted['status']}", reason))
