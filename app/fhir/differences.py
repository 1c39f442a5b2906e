"""What an update of a case changes, by owner of the element (DESIGN 4.2): the service, nobody, or this actor."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from app.coordination.states import Actor, Stage
from app.errors import Issue, Problems, Refused
from app.fhir import codes
from app.fhir.changeable import Phase, changeable, changed_elements, check_elements, phase_of
from app.fhir.document import splice
from app.fhir.need import identifier_of
from app.fhir.rendering import Members, dump, exact, raw_members

MOVING: Final = ("status", "businessStatus", "owner", "statusReason")
"""Service-owned elements that an actor may set to ask for a move."""
KEPT: Final = ("id", "meta", "output", "lastModified", "groupIdentifier", "requester", *MOVING)
"""Elements that are kept when an update leaves them out."""
SERVICE_OWNED: Final = ("id", "output", "lastModified")
IMMUTABLE: Final = ("requester", "for", "code", "intent", "groupIdentifier", "basedOn", "focus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How the elements of a need stand at a stage."""

    moving: tuple[str, ...] = MOVING
    kept: tuple[str, ...] = KEPT
    immutable: tuple[str, ...] = IMMUTABLE
    since: str = "after submission"
    """Since when the immutable ones are."""


SUBMITTED: Final = Rules()
_DRAFT: Final = Rules(
    moving=tuple(name for name in MOVING if name != "owner"),
    # The wish for an owner and the sender's own group are content like any other: left out is taken away.
    kept=tuple(name for name in KEPT if name not in {"owner", "groupIdentifier"}),
    immutable=("code", "intent"),
    since="after the create",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``content`` are names of members that change, those of meta as ``meta.…``; ``moving`` those of MOVING."""

    content: frozenset[str]
    moving: frozenset[str]


def difference(now: dict[str, Any], wanted: dict[str, Any], *, actors: Collection[Actor], stage: Stage) -> Difference:
    """Compare a case's Task with what an update wants it to be.

    :raises InvalidContent: all elements that this caller cannot change, and those that nobody can.
    :raises Refused: 409 ``case-ended``, content is changed after the end.
    """
    problems = Problems()
    rules = _DRAFT if stage is Stage.DRAFT else SUBMITTED
    changed = {name for name in changed_elements(now, wanted) if differs(name, now, wanted, rules)}
    changed -= {"resourceType", "identifier"}
    _check_identifiers(now, wanted, rules, problems)
    for name in sorted(changed & set(SERVICE_OWNED)):
        problems.add("service-owned-element", f"Task.{name}", "This element is set by the service alone.")
    for name in sorted(changed & set(rules.immutable)):
        problems.add("immutable-element", f"Task.{name}", f"This element does not change {rules.since}.")
    content = changed - set(SERVICE_OWNED) - set(rules.immutable) - set(rules.moving)
    if phase_of(stage) is not Phase.ENDED:
        check_elements("Task", content, changeable(actors, stage), now, wanted, problems)
    problems.raise_if_any()
    if content and phase_of(stage) is Phase.ENDED:
        raise Refused(issues=tuple(_after_the_end(name) for name in sorted(content)))
    return Difference(content=frozenset(content), moving=frozenset(changed & set(rules.moving)))


def _after_the_end(name: str) -> Issue:
    return Issue(
        code="case-ended",
        type=Refused.type,
        diagnostics="The content of a case does not change after its end.",
        expression=f"Task.{name}",
        allowed=("a new Task with basedOn this one",),
    )


def differs(name: str, now: dict[str, Any], wanted: dict[str, Any], rules: Rules = SUBMITTED) -> bool:
    """Whether a member that is not the same is a change: not what is left out and kept, nor another display."""
    if name not in wanted and not name.startswith("meta."):
        return name.removeprefix("_") not in rules.kept
    if name == "owner" and name in now and name in rules.moving:
        # A display, or a type that we did not write, is no hand-over.
        return identifier_of(now["owner"]) != identifier_of(wanted["owner"])
    return True


def _check_identifiers(now: dict[str, Any], wanted: dict[str, Any], rules: Rules, problems: Problems) -> None:
    """The sender's numbers stay as they are; the case number may be left out, and is put back."""
    own = [entry for entry in now.get("identifier", ()) if entry.get("system") != codes.CASE_NUMBER]
    case = [entry for entry in now.get("identifier", ()) if entry.get("system") == codes.CASE_NUMBER]
    brought = wanted.get("identifier", [])
    if brought not in ([*own, *case], own):
        problems.add("immutable-element", "Task.identifier", f"Identifiers do not change {rules.since}.")


def stage_of(task: dict[str, Any]) -> str:
    """The stage that a Task names."""
    return codes.code_in(task.get("businessStatus"), codes.STAGE)


def reason_of(task: dict[str, Any]) -> tuple[str, str]:
    """(code, text) of ``statusReason``."""
    reason = task.get("statusReason") or {}
    first = next(iter(codes.codings(reason)), {})
    return str(first.get("code", "")), str(reason.get("text", ""))


def merged(current: bytes, wanted: bytes, content: Collection[str]) -> bytes:
    """The current version with these members as ``wanted`` has them; all that does not change keeps its bytes.

    Entries that stand in a list where ``wanted`` only adds some keep theirs too.
    """
    before, after = raw_members(current), raw_members(wanted)
    members: Members = {name: _merged(before.get(name), after.get(name)) for name in content if "." not in name}
    in_meta = [name.removeprefix("meta.") for name in content if name.startswith("meta.")]
    if in_meta:
        meta, brought = before["meta"], raw_members(after["meta"])
        known = raw_members(meta)
        members["meta"] = splice(meta, {name: _merged(known.get(name), brought.get(name)) for name in in_meta})
    return splice(current, members)


def _merged(before: bytes | None, after: bytes | None) -> bytes | None:
    if before is None or after is None or not (before.startswith(b"[") and after.startswith(b"[")):
        return after
    stands, brought = (msgspec.json.decode(one, type=list[msgspec.Raw]) for one in (before, after))
    same = [old if exact(old) == exact(new) else new for old, new in zip(stands, brought, strict=False)]
    return dump(same + brought[len(same) :])
