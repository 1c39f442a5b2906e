"""What others than its author may change of a Task of another code and of a plan: the table of ``fhir.changeable``."""

from collections.abc import Mapping
from typing import Any

from app.casework.context import Context
from app.errors import Problems
from app.fhir import codes
from app.fhir.changeable import (
    NOTHING,
    PLAN_FIXED,
    PLAN_MEMBER,
    TASK_OWNER,
    Elements,
    changed_elements,
    check_added,
    check_elements,
)
from app.fhir.differences import merged
from app.fhir.document import Document, read
from app.fhir.identifiers import ORGANISATION_OLD
from app.fhir.need import identifier_of
from app.fhir.rendering import exact
from app.security.caller import Caller
from app.store.changes import Stored


def shared_document(
    context: Context, caller: Caller, stored: Stored, shown: bytes, document: Document, written_by: str
) -> Document:
    """The update of a Task or CarePlan as it is stored; what another party's update leaves as it was keeps its bytes.

    ``shown``: the stored body as the caller reads it. ``written_by``: ``organisation|unit``, where a unit made a Task.

    :raises InvalidContent: all elements that this caller does not change, and notes that do not stand any more.
    """
    now, wanted = exact(shown), document.value
    changed = changed_elements(now, wanted) - {"id", "resourceType"}
    problems = Problems()
    if _is_author(context, caller, stored, now, written_by):
        fixed = PLAN_FIXED if stored.type == "CarePlan" else frozenset()
        for name in sorted(changed & fixed):
            problems.add("immutable-element", f"{stored.type}.{name}", "This element does not change.")
        if "note" in changed:
            check_added(stored.type, "note", now, wanted, problems)
        problems.raise_if_any()
        return document
    may = PLAN_MEMBER if stored.type == "CarePlan" else _of_task(context, caller, now)
    check_elements(stored.type, changed, may, now, wanted, problems)
    problems.raise_if_any()
    return read(merged(stored.body, document.raw, changed))


def _of_task(context: Context, caller: Caller, now: Mapping[str, Any]) -> Elements:
    return TASK_OWNER if _names(context, caller, now.get("owner")) else NOTHING


def _is_author(context: Context, caller: Caller, stored: Stored, now: Mapping[str, Any], written_by: str) -> bool:
    """A plan's author by unit, and a Task's where a unit wrote it, or is named as the one that asks.

    Of another Task everybody who is not its owner alone, for nobody else sees it.
    """
    if stored.type == "CarePlan":
        return stored.author == caller.organisation and stored.author_unit in ("", caller.unit)
    if written_by:
        asks = identifier_of(now.get("requester"))[0] == codes.RESH and _names(context, caller, now.get("requester"))
        return written_by == f"{caller.organisation}|{caller.unit}" or asks
    return _names(context, caller, now.get("requester")) or not _names(context, caller, now.get("owner"))


def _names(context: Context, caller: Caller, reference: object) -> bool:
    system, value = identifier_of(reference)
    if system == codes.RESH:
        unit = context.directory.unit_by_resh(value)
        return unit is not None and unit.key == caller.unit
    return system in {codes.ORGANISATION, ORGANISATION_OLD} and value == caller.organisation
