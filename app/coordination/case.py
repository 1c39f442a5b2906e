"""A case: the state of one need, as plain values. It is immutable; a decision makes a new one."""

from dataclasses import dataclass
from typing import Final

from app.coordination.consent import Consent
from app.coordination.criteria import Assessment
from app.coordination.states import STATUS, TERMINAL, Actor, Move, Stage
from app.routing.directory import Directory

_OFFICES: Final = frozenset({"unit", "coordinating-unit", "decision-group"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often a case may be handed over by transfer, asked about and appealed, in its whole life."""

    hops: int = 3
    questions: int = 3
    appeals: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. Encodes to and decodes from JSON with msgspec as it is.

    ``number`` is the case number, ``trust`` and ``owner`` are keys of the directory, ``sender`` and
    ``municipality`` organisation numbers, ``patient`` the internal key: random, never a national number.
    ``visited`` are the clinical units that have had the case, in order, each once.
    """

    number: str
    trust: str
    sender: str
    stage: Stage
    owner: str
    patient: str = ""
    municipality: str = ""
    hops: int = 0
    questions: int = 0
    appeals: int = 0
    binding: bool = False
    placed_outcome: Stage | None = None
    asking: Stage | None = None
    visited: tuple[str, ...] = ()
    consent: Consent | None = None
    assessment: Assessment | None = None
    sender_unit: str = ""
    """The unit of the trust that sent the need itself; empty for another organisation."""
    abort: str = ""
    """Id of the open request to cancel the case, an ``abort`` Task; there is one at most."""
    since: int = 0
    """When the stage was entered, in milliseconds UTC: deadlines are counted from here."""
    submitted: int = 1
    """The version of the Task that the hospital got first; 0 for a draft and for what became of one without that."""

    @property
    def status(self) -> str:
        """``Task.status``; while information is awaited, that of the stage that asked."""
        return STATUS[self.asking or self.stage]

    @property
    def ended(self) -> bool:
        """Nobody owes an answer any more."""
        return self.stage in TERMINAL


def draft_case(*, sender: str, sender_unit: str, patient: str) -> Case:
    """What is not a case yet: without number, trust and owner."""
    return Case(
        number="",
        trust="",
        sender=sender,
        sender_unit=sender_unit,
        municipality=sender,
        patient=patient,
        stage=Stage.DRAFT,
        owner="",
        submitted=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """One thing that happened to a case; figures are counted from these.

    ``unit`` is the owner afterwards, ``from_unit`` the one before (empty for a new case); ``reason`` is what
    the actor wrote or, for a routing, why the rule ``rule`` chose the unit.
    """

    from_stage: Stage | None
    to_stage: Stage
    move: Move
    actor: Actor
    unit: str
    from_unit: str
    reason: str = ""
    reason_code: str = ""
    rule: str = ""


def actors_of(case: Case, role: str, unit: str, organisation: str, directory: Directory) -> frozenset[Actor]:
    """What a caller is to a case: empty for a stranger, several when the owner is the coordinating unit.

    ``role`` is a caller's role (sender, unit, coordinating-unit, decision-group, ehr, ...), ``unit`` its unit
    key, ``organisation`` its organisation number.
    """
    if role == "sender":
        return frozenset({Actor.SENDER}) if organisation == case.sender else frozenset()
    if role not in _OFFICES or not unit:
        return frozenset()
    found = {Actor.OWNER} if unit == case.owner else set()
    if organisation == case.sender and unit == case.sender_unit:
        found.add(Actor.SENDER)
    if not case.submitted:
        return frozenset(found)
    if role == "coordinating-unit" and unit == directory.coordinating_unit(case.trust).key:
        found.add(Actor.COORDINATING_UNIT)
    if role == "decision-group" and unit == directory.decision_group(case.trust).key:
        found.add(Actor.DECISION_GROUP)
    return frozenset(found)
