"""PUT and JSON Patch: a change of content, a move, or both; a move meets the same table as its operation."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from app.casework import subscriptions
from app.casework.abort_answers import change_abort
from app.casework.address_protection import note_label
from app.casework.address_protection import shown as as_shown
from app.casework.checks import check_references
from app.casework.closing_by_hand import close_by_hand, is_work_item
from app.casework.conditions import by_condition
from app.casework.consents import consent_in
from app.casework.context import Context, Result, viewer_of
from app.casework.coordinators import deregister_by_update
from app.casework.create import created
from app.casework.drafts import change_draft
from app.casework.exchange import update_exchanged
from app.casework.moves import case_of, move, next_version
from app.casework.opening import open_to
from app.casework.persist import Decided, check_version, persist, shown_again
from app.casework.rows import audit, case_parties, notices_of
from app.casework.task_words import in_words_of_task
from app.coordination.case import Case, actors_of
from app.coordination.command import Command
from app.coordination.conditions import REASONS
from app.coordination.decide import available, operation
from app.coordination.states import BY_TASK, STATUS, Actor, Move, Stage
from app.errors import (
    InvalidContent,
    MethodNotAllowed,
    NotFound,
    PreconditionMissing,
    Refused,
    SambandError,
    TooLarge,
    Unreadable,
)
from app.fhir import codes, rendering
from app.fhir.abort import is_abort
from app.fhir.care_team import is_coordination_team
from app.fhir.differences import MOVING, Difference, difference, merged, reason_of, stage_of
from app.fhir.document import Document, read
from app.fhir.identifiers import Mode, validate_identifiers
from app.fhir.need import check_changed, identifier_of, read_need
from app.fhir.patch import apply, operations_of
from app.fhir.resources import RESOURCES
from app.fhir.search import Query
from app.fhir.validation import validate
from app.security.caller import Caller
from app.store.changes import Changes, Stored

_VERSION_DIGITS: Final = 10
_BY_OPERATION: Final = frozenset({Move.APPOINT})
"""Moves that carry more than a Task's elements can say."""


async def update(
    context: Context,
    caller: Caller,
    type_name: str,
    resource: str,
    document: Document,
    if_match: int | None,
) -> Result:
    """Replace a resource by a valid document.

    :raises MethodNotAllowed: 405, the id is unknown or not the caller's: both look the same.
    :raises PreconditionMissing: 428, neither If-Match nor meta.versionId.
    :raises Stale: 412.
    :raises InvalidContent: 422, an element that this caller cannot change.
    :raises Refused: 409, the case says no.
    """
    return await persist(context, lambda: _updated(context, caller, type_name, resource, document, if_match))


async def _updated(
    context: Context, caller: Caller, type_name: str, resource: str, document: Document, if_match: int | None
) -> Decided:
    if document.value.get("id", resource) != resource:
        raise Unreadable(
            "The id in the body is not the one in the URL.", code="id-mismatch", expression=f"{type_name}.id"
        )
    named = document.value.get("meta", {}).get("versionId") if RESOURCES[type_name].versioned_update else None
    expected = if_match if if_match is not None else _number(named)
    missing = MethodNotAllowed("An update does not create.", code="update-does-not-create")
    stored = await _current(context, caller, type_name, resource, expected, missing)
    if type_name == subscriptions.TYPE:
        return await subscriptions.update_subscription(context, caller, stored, document, "update")
    return await _replace(context, caller, stored, document, "update")


async def conditional_update(
    context: Context,
    caller: Caller,
    type_name: str,
    query: Query,
    document: Document,
    if_match: int | None,
) -> Result:
    """Replace the one resource that matches, or create where none does (R4 3.1.0.4.3).

    :raises Stale: 412 ``several-matches``; or the precondition, as for ``update``.
    :raises Unreadable: 400 ``id-contradicts-match``, the body names another resource than the one that matches.
    :raises MethodNotAllowed: 405, none matches, and the body names an id, which only the service gives.
    """
    named = document.value.get("id")

    async def found(stored: Stored) -> Decided:
        if named not in (None, stored.id):
            raise Unreadable("The body has another id than the match.", code="id-contradicts-match")
        return await _updated(context, caller, type_name, stored.id, document, if_match)

    async def missing() -> Decided:
        if named is not None:
            raise MethodNotAllowed("An update does not create.", code="update-does-not-create")
        return await created(context, caller, type_name, document)

    return await persist(context, lambda: by_condition(context, caller, query, found, missing))


async def patch(
    context: Context,
    caller: Caller,
    type_name: str,
    resource: str,
    operations: Sequence[Any],
    if_match: int | None,
) -> Result:
    """Apply a JSON Patch (RFC 6902), from ``read_operations`` or decoded JSON; the same rules as for ``update``.

    :raises Unreadable: bad-patch
    :raises NotFound: 404, the id is unknown or not the caller's: both look the same.
    """
    changes = operations_of(operations)
    tested = [one.value for one in changes if (one.op, one.path) == ("test", ("meta", "versionId"))]
    expected = if_match if if_match is not None else _number(next(iter(tested), None))

    async def attempt() -> Decided:
        stored = await _current(context, caller, type_name, resource, expected, NotFound())
        document = read(_patched(context, await as_shown(context, caller, stored), changes))
        validate(document.value, type_name)
        validate_identifiers(document.value, Mode(context.settings.identity_numbers))
        return await _replace(context, caller, stored, document, "patch")

    return await persist(context, attempt)


def _patched(context: Context, shown: Stored, changes: Sequence[Any]) -> bytes:
    """The resource after a patch; copies do not make it larger than what anybody could have sent.

    :raises TooLarge: 413
    """
    patched, most = apply(shown.body, changes), context.settings.max_body
    if len(patched) > max(most, len(shown.body)):
        raise TooLarge(f"The resource would be larger than {most} bytes.")
    return patched


def _number(version: object) -> int | None:
    """A version as a number; one that no resource can have is as good as none."""
    plain = isinstance(version, str) and version.isascii() and version.isdigit() and len(version) < _VERSION_DIGITS
    return int(version) if plain and isinstance(version, str) else None


async def _current(
    context: Context, caller: Caller, type_name: str, resource: str, expected: int | None, missing: SambandError
) -> Stored:
    stored = await context.store.read(type_name, resource, viewer_of(caller))
    if stored is None:
        raise missing
    if expected is None and RESOURCES[type_name].versioned_update:
        raise PreconditionMissing(
            "State the version that you read.",
            expression="If-Match",
            allowed=(f'W/"{stored.version}"', "meta.versionId in the body"),
        )
    check_version(stored, expected)
    return stored


async def _replace(context: Context, caller: Caller, stored: Stored, document: Document, interaction: str) -> Decided:
    now = rendering.exact((await as_shown(context, caller, stored)).body)
    if stored.state is None:
        return await _replace_other(context, caller, stored, now, document, interaction)
    case = case_of(stored)
    if case.stage is Stage.DRAFT:
        return await in_words_of_task(change_draft(context, caller, stored, document, interaction))
    return await _replace_case(context, caller, stored, case, now, document, interaction)


async def _replace_case(
    context: Context,
    caller: Caller,
    stored: Stored,
    case: Case,
    now: dict[str, Any],
    document: Document,
    interaction: str,
) -> Decided:
    actors = actors_of(case, caller.role, caller.unit, caller.organisation, context.directory)
    changed = difference(now, document.value, actors=actors, stage=case.stage)
    if not changed.content and not changed.moving:
        return shown_again(context, caller, interaction, stored)
    base = merged(stored.body, document.raw, changed.content)
    if changed.content:
        check_changed(document.value, document.raw)
        await check_references(context, caller, "Task", Document(document.raw, _mine(document.value)))
        case = await _with_consent(context, caller, case, now, document.value)
    if not changed.moving:
        changes, result = _content(context, caller, stored, case, base, interaction)
        note_label(changes, case.patient, "Task", stored.id, document.value)
        await _open(context, caller, stored, case, document.value, changes)
        return changes, result
    command = _command(context, case, actors, document.value, changed)
    moving = move(context, caller, stored, command, case=case, base=base, interaction=interaction)
    changes, result = await in_words_of_task(moving)
    _check_set(changes, document.value, changed)
    if changed.content:
        await _open(context, caller, stored, case, document.value, changes)
    return changes, result


async def _replace_other(
    context: Context, caller: Caller, stored: Stored, now: dict[str, Any], document: Document, interaction: str
) -> Decided:
    """What is no case: each by its own rules."""
    if stored.type == "CareTeam" and is_coordination_team(now):
        return await deregister_by_update(context, caller, stored, now, document.value, interaction)
    if stored.type == "Task" and is_work_item(now):
        return await close_by_hand(context, caller, stored, document)
    if stored.type == "Task" and is_abort(now):
        return await change_abort(context, caller, stored, now, document, interaction)
    return await update_exchanged(context, caller, stored, document, interaction)


def _mine(task: dict[str, Any]) -> dict[str, Any]:
    """The content without what the service wrote into it."""
    return {name: value for name, value in task.items() if name != "output"}


async def _with_consent(
    context: Context, caller: Caller, case: Case, now: dict[str, Any], wanted: dict[str, Any]
) -> Case:
    """The sender's newer word on the consent counts, a withdrawal first of all."""
    before, after = read_need(now), read_need(wanted)
    told = (before.consent_given, before.consent_date, before.consent_reference)
    if told == (after.consent_given, after.consent_date, after.consent_reference):
        return case
    return replace(case, consent=await consent_in(context, caller, after))


async def _open(
    context: Context, caller: Caller, stored: Stored, case: Case, wanted: dict[str, Any], changes: Changes
) -> None:
    """The case's parties see what a sender adds to the case."""
    await open_to(context, caller, stored.id, wanted, case_parties(case, stored.id, context.directory), changes)


def _content(context: Context, caller: Caller, stored: Stored, case: Case, base: bytes, interaction: str) -> Decided:
    now = max(context.clock(), stored.updated)
    reason = rendering.parsed(base).get("statusReason")
    write = next_version(context, stored, case, now, base=base, reason=reason, outputs=[])
    changes = Changes(
        writes=[write],
        audits=[audit(caller, interaction, write, case.patient)],
        notices=notices_of(case, stored.id, now, context.directory),
    )
    return changes, Result(status=200, type="Task", id=stored.id, version=write.version, updated=now, body=write.body)


def _command(
    context: Context,
    case: Case,
    actors: frozenset[Actor],
    wanted: dict[str, Any],
    changed: Difference,
) -> Command:
    """The one move that leads where the set elements point.

    :raises Refused: 409 ``no-such-move`` with the operations that the caller has now.
    """
    moves = available(case, actors, context.directory, context.limits)
    allowed = tuple(operation(entry.move) for entry in moves)
    target = _target(actors, wanted, changed)
    found = [entry.move for entry in moves if target in entry.targets and entry.move not in BY_TASK]
    if "owner" not in changed.moving and target == case.stage:
        found = []
    where = f"Task.{next(name for name in MOVING if name in changed.moving)}"
    if not found:
        text = "No move of yours leads from this stage to what is set."
        raise Refused(text, code="no-such-move", expression=where, allowed=allowed)
    chosen = found[0]
    if chosen in _BY_OPERATION:
        text = "This move needs more than a Task says."
        raise Refused(text, code="move-by-operation", expression=where, allowed=(operation(chosen),))
    # What stands there from an earlier move is somebody else's words.
    code, text = reason_of(wanted) if "statusReason" in changed.moving else ("", "")
    outcome = Stage(code) if chosen is Move.PLACE and code in set(Stage) else None
    return Command(
        move=chosen,
        unit=_unit(context, wanted) if chosen in {Move.TRANSFER, Move.PLACE} else None,
        outcome=target if chosen is Move.CONCLUDE else outcome,
        reason_code=code if chosen in REASONS else "",
        reason=text,
    )


def _target(actors: frozenset[Actor], wanted: dict[str, Any], changed: Difference) -> Stage | None:
    named = stage_of(wanted)
    if named in set(Stage) and ("businessStatus" in changed.moving or "owner" in changed.moving):
        return Stage(named)
    if actors == {Actor.SENDER} and "status" in changed.moving:
        return next((stage for stage, status in STATUS.items() if status == wanted.get("status")), None)
    return None


def _unit(context: Context, wanted: dict[str, Any]) -> str | None:
    system, value = identifier_of(wanted.get("owner"))
    unit = context.directory.unit_by_resh(value) if system == codes.RESH else None
    if unit is None:
        raise InvalidContent(
            "No such unit in the directory.",
            code="unit-unknown",
            expression="Task.owner.identifier",
            allowed=tuple(f"{entry.resh} ({entry.name})" for entry in context.directory.units.values()),
        )
    return unit.key


def _check_set(changes: Changes, wanted: dict[str, Any], changed: Difference) -> None:
    """The whole set must be the move's outcome: nobody is told 200 for something that did not happen."""
    after = rendering.parsed(changes.writes[0].body)
    for name in ("status", "businessStatus", "owner"):
        if name not in changed.moving:
            continue
        same = (
            stage_of(wanted) == stage_of(after)
            if name == "businessStatus"
            else identifier_of(wanted.get(name)) == identifier_of(after[name])
            if name == "owner"
            else wanted[name] == after[name]
        )
        if not same:
            raise Refused(
                "What is set is not what this move leads to.",
                code="no-such-move",
                expression=f"Task.{name}",
                allowed=(str(after["status"]), stage_of(after)),
            )
