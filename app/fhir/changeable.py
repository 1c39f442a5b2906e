"""Which elements an update may change, by actor and stage: one table, which decides, documents and is tested.

What is not listed is the service's, fixed, or another party's. Where an update brings it with another value, or leaves
it out, it is refused; elements of ``meta`` and those that the service sets may be left out, and are kept.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from app.coordination.states import TERMINAL, Actor, Stage
from app.errors import Problems
from app.fhir import codes


class How(StrEnum):
    """What may be done with an element."""

    SET = "set"
    ADD = "add"
    """Entries behind those that stand; what stands is neither changed nor taken away."""


class Phase(StrEnum):
    """Stages between which the lists of a case differ."""

    DRAFT = "draft"
    OPEN = "open"
    WAITING = "awaiting-information"
    ENDED = "ended"


Elements = Mapping[str, How]
NOTHING: Final[Elements] = MappingProxyType({})


def _elements(setting: str, adding: str = "") -> Elements:
    return MappingProxyType(dict.fromkeys(setting.split(), How.SET) | dict.fromkeys(adding.split(), How.ADD))


_SENDER: Final = _elements(
    "description reasonCode priority restriction text meta.profile meta.tag", "note input contained meta.security"
)
_HOSPITAL: Final = _elements("", "note")

_AUTHOR: Final = _elements(
    "instantiatesCanonical instantiatesUri basedOn groupIdentifier partOf priority description focus for encounter"
    " executionPeriod authoredOn requester performerType owner location reasonCode reasonReference insurance note"
    " relevantHistory restriction input text contained extension language"
    " meta.profile meta.security meta.tag meta.source meta.extension"
)
"""Of a draft: all but ``code``, ``intent``, the sender's own numbers and what the service sets."""

NEED: Final[Mapping[Actor, Mapping[Phase, Elements]]] = {
    actor: MappingProxyType({Phase.DRAFT: draft, Phase.OPEN: mine, Phase.WAITING: mine, Phase.ENDED: NOTHING})
    for actor, draft, mine in (
        (Actor.SENDER, _AUTHOR, _SENDER),
        (Actor.OWNER, NOTHING, _HOSPITAL),
        (Actor.COORDINATING_UNIT, NOTHING, _HOSPITAL),
        (Actor.DECISION_GROUP, NOTHING, _HOSPITAL),
        (Actor.SERVICE, NOTHING, NOTHING),
    )
}
"""The content of a case, besides what asks for a move. New facts after its end are a new Task, ``basedOn`` this one.

A caller that is several actors may do what each may. The EHR is none, and sees no case.
"""

REPLACED_INPUTS: Final = frozenset({"consent", "consent-date"})
"""Inputs of a need that the sender may replace: on the consent its newer word counts."""

TASK_OWNER: Final = _elements(
    "status statusReason businessStatus owner executionPeriod lastModified output text", "note contained"
)
"""A Task of another code, for the owner that it names. Who made it changes the rest; notes are only added."""

ABORT: Final[Mapping[Actor, Elements]] = MappingProxyType(
    {
        Actor.SENDER: _elements(
            "status statusReason description reasonCode priority restriction text meta.profile meta.tag",
            "note contained",
        ),
        Actor.OWNER: _elements("status statusReason", "note"),
    }
)
"""An open ``abort`` Task, by what its reader is to the case; after its end nothing."""

PLAN_MEMBER: Final = _elements(
    "status title description period addresses supportingInfo goal activity text", "note contained"
)
"""An individual plan, for members of its CareTeam and the municipalities that it names.

Its author changes the rest, also who else sees it; but not whose plan it is.
"""

PLAN_FIXED: Final = frozenset({"subject"})

WORK_ITEM: Final = _elements("status statusReason businessStatus")
"""The ``ehr-registration`` Task, for the unit that owns it, where there is no EHR."""


def phase_of(stage: Stage) -> Phase:
    """The lists that hold at a stage."""
    if stage is Stage.DRAFT:
        return Phase.DRAFT
    if stage in TERMINAL:
        return Phase.ENDED
    return Phase.WAITING if stage is Stage.AWAITING_INFORMATION else Phase.OPEN


def changeable(actors: Iterable[Actor], stage: Stage) -> Elements:
    """What these actors may change in the content of a need."""
    return _together(NEED[actor][phase_of(stage)] for actor in sorted(actors))


def changeable_in_abort(actors: Iterable[Actor]) -> Elements:
    """What these actors may change in an open ``abort`` Task."""
    return _together(ABORT.get(actor, NOTHING) for actor in sorted(actors))


def _together(lists: Iterable[Elements]) -> Elements:
    found: dict[str, How] = {}
    for one in lists:
        for name, how in one.items():
            found[name] = how if found.get(name, how) is how else How.SET
    return found


def changed_elements(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> frozenset[str]:
    """Members that differ, those of ``meta`` as ``meta.…``; values as ``document.read`` gives them.

    What an update leaves out of ``meta`` is no difference.
    """
    names = {name for name in now.keys() | wanted.keys() if name != "meta" and now.get(name) != wanted.get(name)}
    meta, wanted_meta = now.get("meta") or {}, wanted.get("meta") or {}
    brought = wanted_meta.keys() - {"versionId", "lastUpdated"}
    return frozenset(names | {f"meta.{name}" for name in brought if meta.get(name) != wanted_meta[name]})


def check_elements(
    type_name: str,
    changed: Iterable[str],
    may: Elements,
    now: Mapping[str, Any],
    wanted: Mapping[str, Any],
    problems: Problems,
) -> None:
    """Add to ``problems`` each changed element that is not in ``may``, or of which more is done than ``may`` says."""
    for name in sorted(changed):
        how = may.get(name.removeprefix("_"))
        if how is None:
            text = "This caller does not change this element."
            problems.add("element-not-yours", f"{type_name}.{name}", text, tuple(sorted(may)))
        elif how is How.ADD:
            check_added(type_name, name, now, wanted, problems)


def check_added(
    type_name: str, name: str, now: Mapping[str, Any], wanted: Mapping[str, Any], problems: Problems
) -> None:
    """Add to ``problems`` the first entry that stands in ``now`` and not in the same place of ``wanted``."""
    stands, brought = _entries(now, name), _entries(wanted, name)
    for index, entry in enumerate(stands):
        new = brought[index] if index < len(brought) else None
        if new != entry and not (name == "input" and _is_replaced(entry, new)):
            text = "What stands here is not changed or taken away; new entries go behind it."
            problems.add("append-only-element", f"{type_name}.{name}[{index}]", text)
            return


def _entries(content: Mapping[str, Any], name: str) -> list[Any]:
    holder, _, member = name.rpartition(".")
    found = (content.get(holder) or {}).get(member) if holder else content.get(member)
    return found if isinstance(found, list) else []


def _is_replaced(entry: dict[str, Any], new: dict[str, Any] | None) -> bool:
    kind = codes.code_in(entry.get("type"), codes.TASK_INPUT)
    return new is not None and kind in REPLACED_INPUTS and codes.code_in(new.get("type"), codes.TASK_INPUT) == kind
