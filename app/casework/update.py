"""PUT and JSON Patch: a change of content, a move, or both; a move meets the same table as its operation."""

from collections.abc import Sequence
from typing import Any, Final

from app.casework import subscriptions
from app.casework.abort_answers import change_abort
from app.casework.address_protection import shown as as_shown
from app.casework.changing_cases import change_case
from app.casework.closing_by_hand import close_by_hand, is_work_item
from app.casework.conditions import by_condition
from app.casework.context import Context, Result, viewer_of
from app.casework.coordinators import deregister_by_update
from app.casework.create import created
from app.casework.drafts import change_draft
from app.casework.exchange import update_exchanged
from app.casework.moves import case_of
from app.casework.persist import Decided, check_version, persist
from app.casework.task_words import in_words_of_task
from app.coordination.states import Stage
from app.errors import (
    MethodNotAllowed,
    NotFound,
    PreconditionMissing,
    SambandError,
    TooLarge,
    Unreadable,
)
from app.fhir import rendering
from app.fhir.abort import is_abort
from app.fhir.care_team import is_coordination_team
from app.fhir.document import Document, read
from app.fhir.identifiers import Mode, validate_identifiers
from app.fhir.patch import apply, operations_of
from app.fhir.resources import RESOURCES
from app.fhir.search import Query
from app.fhir.validation import validate
from app.security.caller import Caller
from app.store.changes import Stored

_VERSION_DIGITS: Final = 10


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
    return await change_case(context, caller, stored, case, now, document, interaction)


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
