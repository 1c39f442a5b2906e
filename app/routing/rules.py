"""Which unit answers a new need: ordered rules, the first that finds an open unit decides, and says why.

No outcome leaves a case without an owner: the last rule always finds the coordinating unit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.routing.directory import Directory, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingFacts:
    """What a notice and the trust's own records say, as keys of the directory.

    ``trust`` is the one that the notice is addressed to, None when it names none; ``coordinator_units`` are
    those of the patient's active coordinators, ``involved_units`` the units known to treat the patient,
    ``municipality_organisation`` the organisation number of the patient's municipality (empty when unknown).
    """

    trust: str | None = None
    wish_unit: str | None = None
    coordinator_units: tuple[str, ...] = ()
    involved_units: tuple[str, ...] = ()
    municipality_organisation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a new case goes, by which rule, and why in English without anything about the patient."""

    unit: str
    rule: str
    reason: str
    trust: str


Found = tuple[Unit, str] | None
Rule = Callable[[RoutingFacts, Directory], Found]


def _clinical(key: str | None, facts: RoutingFacts, directory: Directory) -> Unit | None:
    """The unit, when it is an open clinical one of the trust that the notice is addressed to."""
    unit = directory.unit(key) if key else None
    if unit is None or not unit.takes_cases or facts.trust not in {None, unit.trust}:
        return None
    return unit


def _wished_unit(facts: RoutingFacts, directory: Directory) -> Found:
    unit = _clinical(facts.wish_unit, facts, directory)
    return (unit, f"The sender asked for {unit.name}.") if unit else None


def _existing_coordinator(facts: RoutingFacts, directory: Directory) -> Found:
    for key in facts.coordinator_units:
        if unit := _clinical(key, facts, directory):
            return unit, f"The patient already has a coordinator at {unit.name}."
    return None


def _only_treating_unit(facts: RoutingFacts, directory: Directory) -> Found:
    # Two units of which one is closed are still two: which of them answers is not ours to guess.
    treating = set(facts.involved_units)
    unit = _clinical(treating.pop(), facts, directory) if len(treating) == 1 else None
    return (unit, f"{unit.name} is the only unit known to treat the patient.") if unit else None


def _catchment(facts: RoutingFacts, directory: Directory) -> Found:
    municipality = directory.municipality_by_organisation_number(facts.municipality_organisation)
    if municipality is None or facts.trust not in {None, municipality.catchment}:
        return None
    unit = directory.coordinating_unit(municipality.catchment)
    return (
        unit,
        f"The notice points to no clinical unit; {municipality.name} belongs to {unit.name}.",
    )


def _fallback(facts: RoutingFacts, directory: Directory) -> Found:
    addressed = facts.trust if facts.trust in directory.trusts else None
    unit = directory.coordinating_unit(addressed or next(iter(directory.trusts)))
    return unit, f"No other rule gives a unit; {unit.name} finds the one that answers."


RULES: Final[tuple[tuple[str, Rule], ...]] = (
    ("wished-unit", _wished_unit),
    ("existing-coordinator", _existing_coordinator),
    ("only-treating-unit", _only_treating_unit),
    ("catchment", _catchment),
    ("fallback", _fallback),
)
"""In order; ``fallback`` always decides."""


def route(facts: RoutingFacts, directory: Directory) -> Placement:
    """Place a new need. Same facts and directory, same placement."""
    for name, rule in RULES:
        if found := rule(facts, directory):
            unit, reason = found
            return Placement(unit=unit.key, rule=name, reason=reason, trust=unit.trust)
    raise AssertionError("the last rule always finds a unit")
