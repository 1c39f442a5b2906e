"""Searches that read little more than what they find, whoever asks: an index leads there, and one plan is good for all.

A party's own work by status, on the index of owners; and everything of one type about one patient. Of others that is
not so: «everything that is mine» is best read from the party table by who has five cases, and backwards in time by
who has fifty thousand.
"""

from typing import Final

from app.fhir.criteria import PatientKey, Token
from app.fhir.declared import Kind
from app.fhir.search import Criterion, Query
from app.store.changes import Viewer

_OF_WORK: Final = frozenset({"owner", "status", "updated"})
"""Columns of the index ``task_owner``."""


def is_bounded(query: Query, viewer: Viewer) -> bool:
    """Whether a search is one of these; the viewer as ``Viewer.owner`` sees all of its own work."""
    if query.sort is not None or not all(one.parameter.column for one in query.criteria):
        return False
    if query.type == "Task" and viewer.owner and {one.parameter.column for one in query.criteria} <= _OF_WORK:
        return _is_own(query, viewer) and any(_is_one(one, "status") for one in query.criteria)
    return query.type not in {"", "Encounter"} and any(_is_patient(one) for one in query.criteria)


def _is_own(query: Query, viewer: Viewer) -> bool:
    system, _, code = viewer.owner.partition("|")
    return any(_is_one(one, "owner") and one.values[0] == Token(system, code) for one in query.criteria)


def _is_one(criterion: Criterion, column: str) -> bool:
    value = criterion.values[0]
    named = isinstance(value, Token) and bool(value.code)
    return criterion.parameter.column == column and len(criterion.values) == 1 and criterion.modifier != "not" and named


def _is_patient(criterion: Criterion) -> bool:
    one = len(criterion.values) == 1 and criterion.modifier != "not"
    return criterion.parameter.kind is Kind.PATIENT and one and isinstance(criterion.values[0], PatientKey)
