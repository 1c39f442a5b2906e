"""What an update changes, by owner of the element (DESIGN 4.2): the service, nobody, or this actor."""

from dataclasses import dataclass
from typing import Any, Final

from app.errors import Problems
from app.fhir import codes
from app.fhir.need import identifier_of

MOVING: Final = ("status", "businessStatus", "owner", "statusReason")
"""Service-owned elements that an actor may set to ask for a move."""
KEPT: Final = ("id", "meta", "output", "lastModified", "groupIdentifier", "requester", *MOVING)
"""Elements that are kept when an update leaves them out."""
SERVICE_OWNED: Final = ("id", "output", "lastModified")
IMMUTABLE: Final = ("requester", "for", "code", "intent", "groupIdentifier", "basedOn", "focus")
SENDER_MAY_CHANGE: Final = frozenset(
    {
        "text",
        "contained",
        "extension",
        "description",
        "note",
        "reasonCode",
        "reasonReference",
        "priority",
        "restriction",
        "input",
        "meta",
        "authoredOn",
        "executionPeriod",
        "insurance",
        "encounter",
        "relevantHistory",
        "implicitRules",
        "language",
    }
)
HOSPITAL_MAY_CHANGE: Final = frozenset({"note", "priority", "restriction", "meta", "text"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``content`` are names of members that change, ``moving`` those of MOVING that are set to something else."""

    content: frozenset[str]
    moving: frozenset[str]


def difference(now: dict[str, Any], wanted: dict[str, Any], *, sender: bool) -> Difference:
    """Compare a case's Task with what an update wants it to be.

    :raises InvalidContent: all elements that this actor cannot change, and those that nobody can.
    """
    problems = Problems()
    changed = {name for name in now.keys() | wanted.keys() if _differs(name, now, wanted)}
    changed -= {"resourceType", "identifier", "meta"}
    _check_identifiers(now, wanted, problems)
    for name in sorted(changed & set(SERVICE_OWNED)):
        problems.add("service-owned-element", f"Task.{name}", "This element is set by the service alone.")
    for name in sorted(changed & set(IMMUTABLE)):
        problems.add("immutable-element", f"Task.{name}", "This element does not change after submission.")
    content = changed - set(SERVICE_OWNED) - set(IMMUTABLE) - set(MOVING)
    may = SENDER_MAY_CHANGE if sender else HOSPITAL_MAY_CHANGE
    for name in sorted(content - may - {f"_{known}" for known in may}):
        problems.add(
            "element-not-yours",
            f"Task.{name}",
            "This actor does not change this element.",
            tuple(sorted(may)),
        )
    problems.raise_if_any()
    if _without_service_meta(now) != _without_service_meta(wanted):
        content |= {"meta"}
    return Difference(content=frozenset(content), moving=frozenset(changed & set(MOVING)))


def _differs(name: str, now: dict[str, Any], wanted: dict[str, Any]) -> bool:
    if name not in wanted:
        return name not in KEPT
    if name == "owner" and name in now:
        # A display, or a type that we did not write, is no hand-over.
        return identifier_of(now["owner"]) != identifier_of(wanted["owner"])
    return bool(now.get(name) != wanted[name])


def _without_service_meta(content: dict[str, Any]) -> dict[str, Any]:
    meta = content.get("meta", {})
    return {name: value for name, value in meta.items() if name not in ("versionId", "lastUpdated")}


def _check_identifiers(now: dict[str, Any], wanted: dict[str, Any], problems: Problems) -> None:
    """The sender's numbers stay as they are; the case number may be left out, and is put back."""
    own = [entry for entry in now.get("identifier", ()) if entry.get("system") != codes.CASE_NUMBER]
    case = [entry for entry in now.get("identifier", ()) if entry.get("system") == codes.CASE_NUMBER]
    brought = wanted.get("identifier", [])
    if brought not in ([*own, *case], own):
        problems.add("immutable-element", "Task.identifier", "Identifiers do not change after submission.")


def stage_of(task: dict[str, Any]) -> str:
    """The stage that a Task names."""
    return codes.code_in(task.get("businessStatus"), codes.STAGE)


def reason_of(task: dict[str, Any]) -> tuple[str, str]:
    """(code, text) of ``statusReason``."""
    reason = task.get("statusReason") or {}
    first = next(iter(codes.codings(reason)), {})
    return str(first.get("code", "")), str(reason.get("text", ""))
