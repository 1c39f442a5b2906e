"""A case is changed by PUT or JSON Patch: what the sender says in it, a move, or both in one version."""

from dataclasses import replace
from typing import Any

from app.casework.address_protection import note_label
from app.casework.checks import check_references
from app.casework.consents import consent_in
from app.casework.context import Context, written
from app.casework.moves import move, next_version
from app.casework.opening import open_to
from app.casework.persist import Decided, shown_again
from app.casework.rows import audit, case_parties, notices_of
from app.casework.task_words import in_words_of_task
from app.casework.wanted_moves import check_set, wanted_move
from app.coordination.case import Case, actors_of
from app.fhir import rendering
from app.fhir.differences import difference, merged
from app.fhir.document import Document
from app.fhir.need import check_changed, read_need
from app.security.caller import Caller
from app.store.changes import Changes, Stored


async def change_case(
    context: Context,
    caller: Caller,
    stored: Stored,
    case: Case,
    now: dict[str, Any],
    document: Document,
    interaction: str,
) -> Decided:
    """The case's next version: ``now`` is what the caller read, ``document`` what it makes of it.

    :raises InvalidContent: 422, an element that this caller cannot change, or that a move still needs.
    :raises Refused: 409, no move of the caller's leads where the elements point.
    """
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
    command = wanted_move(context, case, actors, document.value, changed)
    moving = move(context, caller, stored, command, case=case, base=base, interaction=interaction)
    changes, result = await in_words_of_task(moving)
    check_set(changes, document.value, changed)
    if changed.content:
        await _open(context, caller, stored, case, document.value, changes)
    return changes, result


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
    return changes, written(write)
