"""How much of a resource is answered: ``_summary`` and ``_elements`` (R4 3.1.1.5.8, 3.1.1.5.9)."""

from dataclasses import dataclass
from typing import Final

from app.api.negotiate import Pairs
from app.errors import Unreadable
from app.fhir.summary import SUMMARIES, names_of_elements, names_of_summary, subset

NAMES: Final = ("_summary", "_elements")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request wants to see of each resource."""

    summary: str = ""
    elements: str = ""

    def body(self, type_name: str, raw: bytes) -> bytes:
        """A stored body, whole or in part.

        :raises Unreadable: unknown-element
        """
        if self.elements:
            return subset(raw, names_of_elements(type_name, self.elements))
        names = names_of_summary(type_name, self.summary)
        return raw if names is None else subset(raw, names)

    @property
    def counts_only(self) -> bool:
        """Whether nothing but the number of matches is wanted."""
        return self.summary == "count"

    def pairs(self) -> Pairs:
        """The same again, for a link."""
        if not (self.summary or self.elements):
            return []
        return [(name, value) for name, value in zip(NAMES, (self.summary, self.elements), strict=True) if value]


def taken(given: Pairs, type_name: str, *, one: bool = False) -> tuple[Shown, Pairs]:
    """What is wanted, and the parameters that are left; ``one``: a resource, of which there is nothing to count.

    :raises Unreadable: bad-summary, unknown-element, repeated-parameter
    """
    found = {name: [value for key, value in given if key == name] for name in NAMES}
    if sum(map(len, found.values())) > 1:
        raise Unreadable("One of _summary and _elements, once.", code="repeated-parameter", allowed=NAMES)
    shown = Shown("".join(found["_summary"]), "".join(found["_elements"]))
    allowed = tuple(name for name in SUMMARIES if not (one and name == "count"))
    if found["_summary"] and shown.summary not in allowed:
        raise Unreadable("_summary has another value than those offered.", code="bad-summary", allowed=allowed)
    if found["_elements"]:
        names_of_elements(type_name, shown.elements)
    return shown, [pair for pair in given if pair[0] not in NAMES]
