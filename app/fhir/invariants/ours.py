"""The constraints of our own profiles (``ig/input/fsh/invariants.fsh``), each by its key.

A test holds every rule against its FHIRPath: both say the same of the same content.
"""

from typing import Final

from app.errors import CANONICAL
from app.fhir import codes
from app.fhir.invariants.rules import Invariant, Value, has, invariants, is_after, objects

_PATIENT_SYSTEMS: Final = (codes.NATIONAL_NUMBER, codes.D_NUMBER, codes.HELP_NUMBER)
_ENDED: Final = ("rejected", "cancelled")
_NOT_OURS: Final = ("in-progress", "on-hold", "ready", "failed")
_ASKED: Final = ("requested", "completed", "cancelled")
_QUESTIONNAIRE: Final = f"{CANONICAL}/Questionnaire/coordinator-criteria"


def _patient(value: Value) -> bool:
    identifier = value.get("identifier", {})
    return has(value, "reference") or (has(identifier, "value") and identifier.get("system") in _PATIENT_SYSTEMS)


def _need(value: Value) -> bool:
    if value["status"] == "draft" or any(has(value, name) for name in ("description", "reasonCode", "note", "focus")):
        return True
    return any(
        one.get("system") == codes.TASK_INPUT and str(one.get("code", "")).startswith("criteria-")
        for row in objects(value, "input")
        for one in objects(row["type"], "coding")
    )


def _number(value: Value) -> bool:
    return any(has(one, "system") and has(one, "value") and _is_sender(one) for one in objects(value, "identifier"))


def _is_sender(identifier: Value) -> bool:
    kind = identifier.get("type")
    return kind is None or any(one.get("code") == "PLAC" for one in objects(kind, "coding"))


def _said_why(value: Value) -> bool:
    return value["status"] not in _ENDED or has(value.get("statusReason", {}), "text")


def _says_why(value: Value) -> bool:
    texts = (value.get("reasonCode", {}), "text"), (value.get("statusReason", {}), "text")
    return has(value, "description") or any(has(*one) for one in texts)


def _is_answered(value: Value) -> bool:
    if value["status"] == "rejected":
        return has(value.get("statusReason", {}), "text")
    return value["status"] in _ASKED


def _stint(value: Value) -> bool:
    """Of two precisions, only what both say is compared; an order that this leaves open is none, as in FHIRPath."""
    period = value.get("period", {})
    if not has(period, "end"):
        return True
    start, end = str(period.get("start", "")), str(period.get("end", ""))
    if "T" in start and "T" in end:
        return not is_after(start, end)
    length = min(len(start), len(end))
    return start[:length] < end[:length] or (length > 0 and start == end)


def _answers(value: Value) -> bool:
    return str(value.get("questionnaire", "")).startswith(_QUESTIONNAIRE)


OURS: Final[dict[str, Invariant]] = invariants(
    ("samband-patient", "a reference, or an identifier of a national system", _patient),
    ("samband-need-1", "description, reasonCode, note, focus or the answer to a criterion; not of a draft", _need),
    ("samband-need-2", "the sender's own number: system and value, of type PLAC or without a type", _number),
    ("samband-need-3", "a need that is rejected or cancelled says why in statusReason.text", _said_why),
    (
        "samband-need-4",
        f"a case does not use the states {', '.join(_NOT_OURS)}",
        lambda value: value["status"] not in _NOT_OURS,
    ),
    ("samband-abort-1", "why, in words: description, reasonCode.text or statusReason.text", _says_why),
    (
        "samband-abort-2",
        f"a request is {', '.join(_ASKED)}, or rejected with statusReason.text",
        _is_answered,
    ),
    ("samband-team-1", "a participant that has an end has a start that is not later", _stint),
    ("samband-answers-1", f"the answers are to {_QUESTIONNAIRE}", _answers),
)
