"""Constraints (severity error) by hand, each named by its key: R4's own of the types that we take, and our profiles'.

A key of the tables that has no rule here stops the start: nothing is left out silently.
"""

from collections.abc import Iterable
from typing import Final

from app.fhir.invariants.care import CARE
from app.fhir.invariants.data_types import DATA_TYPES
from app.fhir.invariants.definitions import DEFINITIONS
from app.fhir.invariants.exchange import EXCHANGE
from app.fhir.invariants.forms import FORMS
from app.fhir.invariants.ours import OURS
from app.fhir.invariants.rules import Invariant

__all__ = ["INVARIANTS", "IN_VALIDATION", "NOT_CHECKED", "Invariant", "invariants_of"]

IN_VALIDATION: Final = frozenset({"dom-2", "dom-3", "dom-4", "dom-5", "ref-1"})
"""These need the whole resource."""
NOT_CHECKED: Final[dict[str, str]] = {
    "con-3": "a warning in R4: a problem-list item should have a clinicalStatus",
    "dom-6": "a warning in R4, and contrary to thin messages: a resource should have a narrative",
    "mea-0": "a warning in R4: a name should suit program code",
    "que-0": "a warning in R4: a name should suit program code",
    "csd-0": "a warning in R4: a name should suit program code",
    "opd-0": "a warning in R4: a name should suit program code",
    "sdf-0": "a warning in R4: a name should suit program code",
    "spd-0": "a warning in R4: a name should suit program code",
    "vsd-0": "a warning in R4: a name should suit program code",
}
INVARIANTS: Final[dict[str, Invariant]] = DATA_TYPES | CARE | FORMS | EXCHANGE | DEFINITIONS | OURS
"""Key, after the shape's name where R4 uses a key twice → the rule."""
_MOVED: Final = {
    "MeasureReport.group.stratifier.stratum": ("mrp-2",),
    "Measure.group.stratifier": ("mea-1",),
    "StructureDefinition": ("sdf-8", "sdf-8a"),
    "ElementDefinition": ("eld-3",),
}
"""R4 hangs the first two on the resource and says «all»: held at each, the error names the one. The others ask about
what is above them, or stand at a text."""


def invariants_of(shape: str, keys: Iterable[str]) -> tuple[Invariant, ...]:
    """The rules of a shape by the keys of its table.

    :raises KeyError: where a key has no rule.
    """
    elsewhere = {key for name, moved in _MOVED.items() if _is_above(name, shape) for key in moved}
    own = [key for key in keys if key not in IN_VALIDATION and key not in elsewhere]
    return tuple(INVARIANTS.get(f"{shape} {key}") or INVARIANTS[key] for key in (*own, *_MOVED.get(shape, ())))


def _is_above(name: str, other: str) -> bool:
    """Either way: one of the two shapes is inside the other."""
    return name.startswith(f"{other}.") or other.startswith(f"{name}.")
