"""The ``abort`` Task: the sender of a case asks its owner to cancel it (DESIGN 4.2, 4.3)."""

from collections.abc import Mapping
from typing import Any, Final

from app.clock import instant
from app.errors import Problems
from app.fhir import codes
from app.fhir.changeable import changed_elements
from app.fhir.differences import KEPT, SERVICE_OWNED, differs, reason_of
from app.fhir.need import check_code, check_number, check_patient, check_target
from app.fhir.rendering import Members, dump, raw_members
from app.fhir.walk import modifiers

OPEN: Final = "requested"
FIXED: Final = (
    *("requester", "for", "code", "intent", "groupIdentifier", "basedOn", "partOf", "focus", "identifier"),
    "authoredOn",
)
"""Elements that do not change after submission."""
OWNED: Final = (*SERVICE_OWNED, "owner", "businessStatus")
"""Elements that the service sets."""
_SAYS_WHY: Final = ("description", "reasonCode.text", "statusReason.text")


def is_abort(task: Mapping[str, Any]) -> bool:
    """Whether a Task asks to cancel a case."""
    return codes.code_in(task.get("code"), codes.COORDINATION_TASK) == codes.ABORT


def why(task: Mapping[str, Any]) -> str:
    """The sender's reason in words; empty where there is none."""
    texts = (task.get("description"), (task.get("reasonCode") or {}).get("text"), reason_of(dict(task))[1])
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")


def check_abort(task: dict[str, Any], raw: bytes) -> None:
    """Hold a new Task (already valid R4; ``raw`` its bytes) against the rules.

    :raises InvalidContent: all that is wrong.
    """
    problems = Problems()
    for name, value in (("status", OPEN), ("intent", "order")):
        if task.get(name) != value:
            text = "A new request to cancel a case has a fixed value here."
            problems.add(_NOT_ALLOWED[name], f"Task.{name}", text, (value,))
    for name in ("businessStatus", "output"):
        if name in task:
            problems.add("service-owned-element", f"Task.{name}", "This element is set by the service.")
    check_code(task, problems)
    check_number(task, problems)
    _check_focus(task, problems)
    if "for" in task:
        check_patient(task, problems)
    _check_content(task, raw, problems)
    problems.raise_if_any()


_NOT_ALLOWED: Final = {"status": "status-not-allowed", "intent": "intent-not-allowed"}


def check_changed_abort(task: dict[str, Any], raw: bytes) -> None:
    """Hold the content of a changed one against the same rules.

    :raises InvalidContent: all that is wrong.
    """
    problems = Problems()
    _check_content(task, raw, problems)
    problems.raise_if_any()


def _check_focus(task: dict[str, Any], problems: Problems) -> None:
    focus = task.get("focus")
    if not isinstance(focus, dict) or not focus.get("reference"):
        problems.add("missing-element", "Task.focus.reference", "The case is required, by a literal reference.")
        return
    check_target(task, focus, "Task", "Task.focus", problems)


def _check_content(task: dict[str, Any], raw: bytes, problems: Problems) -> None:
    if not why(task):
        problems.add("missing-element", "Task.description", "The owner must be told why, in words.", _SAYS_WHY)
    for path in modifiers(task, "Task") if b"modifierExtension" in raw or b"implicitRules" in raw else ():
        problems.add("modifier-not-understood", path, "Nothing here may change the meaning of the rest.")


def changed_in(now: dict[str, Any], wanted: dict[str, Any]) -> frozenset[str]:
    """Members that an update changes; what the service has filled in may be left out."""
    left_out = {name for name in (*KEPT, "for") if name not in wanted}
    changed = {name for name in changed_elements(now, wanted) if differs(name, now, wanted)}
    return frozenset(changed - left_out - {"resourceType"})


def filled(raw: bytes, subject: object, requester: dict[str, Any]) -> Members:
    """Patient and requester of a new one, where the sender names none."""
    present = raw_members(raw)
    named = {"for": subject, "requester": requester}
    return {name: dump(value) for name, value in named.items() if name not in present}


def ended(stage: str, status: str, updated: int) -> Members:
    """What it becomes when the case ends by another road; ``stage`` is the case's end."""
    reason = codes.concept(codes.STAGE, stage, codes.STAGE_DISPLAY[stage], "Saken er avsluttet.")
    return {"status": dump(status), "statusReason": dump(reason), "lastModified": dump(instant(updated))}
