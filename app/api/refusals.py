"""The audit rows of what was refused, once it is clear whom it was about.

A request to a resource that is not there gets a row too, without a patient: it must take as long, and it is a try.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from app.api.call import Attempt, Service
from app.api.subjects import ABOUT_PATIENTS, patient_of
from app.casework.context import viewer_of
from app.casework.patients import named_subject, resolve_patients
from app.errors import SambandError
from app.fhir.indexing import own_reference
from app.security.caller import Caller
from app.store.looks import look_of, row_of

RECORDED: Final = frozenset({403, 404, 405, 409, 412, 422, 428})
"""Statuses of a refusal that may tell something of a patient; the others come before anything is looked up."""
_CASE: Final = "Task"


async def record_refusal(service: Service, attempt: Attempt, path: Mapping[str, Any], refusal: SambandError) -> None:
    """One row for each patient whom a refused request was about.

    :raises Unavailable: the row cannot be written: then the refusal is not told either.
    """
    caller = attempt.caller
    if attempt.is_recorded:
        return
    # With Allow it is the method that is not offered, whatever the resource.
    tells = refusal.status in RECORDED or attempt.touched
    if caller is None or not tells or "Allow" in refusal.headers:
        return
    # Only the reports have an id without a type: that of a case.
    name = path.get("type", _CASE if "id" in path else "")
    if name not in ABOUT_PATIENTS:
        return
    look = look_of(caller, service.context.clock(), attempt.interaction)
    if "id" in path:
        patient = await patient_of(service.context, name, path["id"])
        rows = [row_of(look, name, path["id"] if patient else "", 0, patient, refusal.status)]
    else:
        patients = sorted(attempt.touched) or await _named(service, caller, attempt, name)
        rows = [row_of(look, name, "", 0, patient, refusal.status) for patient in patients]
    await service.context.store.record_refusals(rows)


async def _named(service: Service, caller: Caller, attempt: Attempt, name: str) -> list[str]:
    """Keys of the patients of what a condition found, else of the one whom the content names; "" for an unknown one.

    A Task may name nobody but the case that it is about.
    """
    store = service.context.store
    if attempt.condition is not None:
        viewer = viewer_of(caller)
        condition = await resolve_patients(store, viewer, replace(attempt.condition, count=2))
        found = (await store.search(condition, viewer)).rows
        if found:
            return sorted({row.patient for row in found})
    if attempt.content is None:
        return []
    subject = named_subject(name, attempt.content, service.context.base)
    if subject.literal:
        return [await store.patient_of(*subject.literal.split("/"))]
    if all(subject.identifier):
        return [await store.patient_key(*subject.identifier)]
    focus = own_reference(attempt.content.get("focus"), service.context.base) if name == _CASE else None
    return [await store.patient_of(*focus)] if focus and focus[0] == _CASE else []
