"""Named operations: each becomes a command of the domain, or a change of a CareTeam."""

from dataclasses import replace
from typing import Any

import msgspec

from app.casework.context import Context, Result, viewer_of, written
from app.casework.coordinators import deregister_coordinator, register_coordinator
from app.casework.drafts import move_draft
from app.casework.moves import case_of, move, next_version
from app.casework.persist import Decided, check_version, persist
from app.casework.rows import audit, note_row
from app.clock import oslo_day
from app.coordination.case import actors_of
from app.coordination.decide import available
from app.coordination.decide import operation as operation_of
from app.coordination.states import Actor, Move, Stage
from app.errors import InvalidContent, NotFound, Refused, Stale
from app.fhir.commands import Arguments, assessment_of, command_of, where
from app.fhir.rendering import parsed
from app.fhir.resources import RESOURCES, Operation
from app.security.caller import Caller
from app.store.changes import Changes, Look, Stored


async def operate(
    context: Context,
    caller: Caller,
    type_name: str,
    resource: str | None,
    operation: str,
    parameters: dict[str, Any],
    if_match: int | None,
) -> Result:
    """Carry out ``operation`` (without ``$``) of a type or, with ``resource``, of one instance.

    :raises NotFound: no such operation, or no such resource for this caller.
    :raises Stale: 412, ``if_match`` is not the current version.
    :raises Refused: 409 with the moves that the caller has now; also when another caller was faster.
    :raises InvalidContent: 422, a parameter.
    """
    declared = _declared(type_name, resource, operation)
    arguments = Arguments(parameters, declared.parameters)
    if operation == "register-coordinator":
        return await persist(context, lambda: register_coordinator(context, caller, arguments))
    assert resource is not None
    first: Stored | None = None

    async def attempt() -> Decided:
        nonlocal first
        stored = await _addressed(context, caller, type_name, resource, if_match)
        first = first or stored
        _check_still_there(context, caller, first, stored)
        if operation == "deregister-coordinator":
            return await deregister_coordinator(context, caller, stored, arguments)
        if operation == "assess":
            return _assess(context, caller, stored, arguments)
        return await _move(context, caller, stored, Move(operation), arguments)

    return await persist(context, attempt)


async def visible(context: Context, caller: Caller, type_name: str, resource: str, look: Look | None = None) -> Stored:
    """The current version of what the caller sees; with a ``look`` where it is shown something of it.

    :raises NotFound: the same whether it does not exist or is not the caller's.
    """
    stored = await context.store.read(type_name, resource, viewer_of(caller), look)
    if stored is None:
        raise NotFound
    return stored


async def _addressed(context: Context, caller: Caller, type_name: str, resource: str, if_match: int | None) -> Stored:
    """The version that an operation meets.

    :raises NotFound: it does not exist, or never was the caller's.
    :raises Stale: 412, it is not the version that the caller read.
    :raises Refused: 409, the case was the caller's and has been handed over: the caller still sees what was before.
    """
    try:
        stored = await visible(context, caller, type_name, resource)
    except NotFound:
        if not (await context.store.history(type_name, resource, viewer_of(caller), 1)).rows:
            raise
        # The versions after a hand-over are not for the one before: none of them is named here.
        if if_match is not None:
            raise Stale("The case has been handed over since.", expression=f"{type_name}.owner") from None
        raise Refused(
            "The case has been handed over to another unit.", code="case-handed-over", expression=f"{type_name}.owner"
        ) from None
    check_version(stored, if_match)
    return stored


def _check_still_there(context: Context, caller: Caller, first: Stored, stored: Stored) -> None:
    """Refuse when somebody else moved the case while this operation was being decided.

    The caller asked about the case as it stood: an operation that happens to be open in the new stage too is not
    what it decided on. A change that is no move (a note, the EHR's answer) does not hinder.
    """
    if first.state is None or stored.state is None or first.version == stored.version:
        return
    before, now = case_of(first), case_of(stored)
    if (before.stage, before.owner) == (now.stage, now.owner):
        return
    actors = actors_of(now, caller.role, caller.unit, caller.organisation, context.directory)
    moves = available(now, actors, context.directory, context.limits)
    raise Refused(
        "Somebody else moved the case at the same moment.",
        code="case-moved",
        expression="Task.businessStatus",
        allowed=tuple(operation_of(entry.move) for entry in moves),
    )


def _declared(type_name: str, resource: str | None, operation: str) -> Operation:
    level = "type" if resource is None else "instance"
    for declared in RESOURCES[type_name].operations:
        if (declared.name, declared.level, declared.method) == (operation, level, "POST"):
            return declared
    raise NotFound("There is no such operation here.", code="unknown-operation")


async def _move(context: Context, caller: Caller, stored: Stored, wanted: Move, arguments: Arguments) -> Decided:
    case = case_of(stored)
    today = oslo_day(context.clock()).isoformat()
    command = command_of(wanted, arguments, case.owner, context.directory, today)
    if case.stage is Stage.DRAFT:
        return await move_draft(context, caller, stored, command)
    return await move(context, caller, stored, command)


def _assess(context: Context, caller: Caller, stored: Stored, arguments: Arguments) -> Decided:
    """The hospital's answers to the criteria: kept beside the case, stored with the decision, never sent out."""
    case = case_of(stored)
    actors = actors_of(case, caller.role, caller.unit, caller.organisation, context.directory)
    if Actor.OWNER not in actors or case.ended:
        moves = available(case, actors, context.directory, context.limits)
        raise Refused(
            "Only the owner of an open case assesses it.",
            code="not-the-owner",
            expression="Task.owner" if Actor.OWNER not in actors else "Task.businessStatus",
            allowed=tuple(operation_of(entry.move) for entry in moves),
        )
    assessment = assessment_of(arguments)
    if assessment is None:
        raise InvalidContent(
            "The answers are required.",
            code="parameter-missing",
            expression=where("assessment"),
            allowed=("part a", "part b", "part c", "part d"),
        )
    assessed = replace(case, assessment=assessment)
    now = max(context.clock(), stored.updated)
    reason = parsed(stored.body).get("statusReason")
    write = next_version(context, stored, assessed, now, base=stored.body, reason=reason, outputs=[])
    event = note_row(
        case, write, caller, min(actors), "assess", reason_code="met" if assessment.met else "not-met"
    )._replace(assessment=msgspec.json.encode(assessment).decode())
    changes = Changes(writes=[write], events=[event], audits=[audit(caller, "operation", write, case.patient)])
    return changes, written(write)
