"""The tables of our profiles (``profile_tables/*.json``; format: ``scripts/ig_profiles.py``) as trees of rules."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from app.fhir.invariants import Invariant, invariants_of
from app.fhir.published import codes_in

_FOLDER: Final = Path(__file__).parent / "profile_tables"
_ROOT: Final = "Profile"
"""Our constraints are written for an element, not for a shape of R4's."""


@dataclass(slots=True)
class ElementRule:
    """What a profile asks of one element, or of those elements that are in one slice of it."""

    name: str
    """Its name in FHIRPath, ``value`` for ``value[x]``."""
    slice: str = ""
    least: int = 0
    most: int | None = None
    types: dict[str, frozenset[str] | None] = field(default_factory=dict)
    """JSON member name → targets of a reference. Empty: as R4 has it."""
    is_choice: bool = False
    pattern: Any = None
    """A value that this one must have in it (R4 ElementDefinition.pattern), or be, where it ``is_fixed``."""
    is_fixed: bool = False
    value_set: str = ""
    """Of a required binding."""
    codes: frozenset[tuple[str, str]] = frozenset()
    constraints: tuple[Invariant, ...] = ()
    by: tuple[tuple[str, ...], ...] = ()
    """Paths below this element that tell its slices apart; an empty path is the element itself."""
    slices: dict[str, "ElementRule"] = field(default_factory=dict)
    children: dict[str, "ElementRule"] = field(default_factory=dict)

    def below(self, path: tuple[str, ...]) -> "ElementRule":
        """The rule at a path of element names. Raises KeyError."""
        return self.children[path[0]].below(path[1:]) if path else self


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile of a resource."""

    id: str
    url: str
    version: str
    type: str
    root: ElementRule


@cache
def profiles() -> MappingProxyType[str, Profile]:
    """All of ours by canonical URL, read when first asked for.

    :raises KeyError: a constraint without a rule in ``invariants``, a value set without a list of codes, or a slice
        that says nothing where its discriminator looks: a release that is not whole does not start
    """
    found = (_profile(msgspec.json.decode(path.read_bytes())) for path in sorted(_FOLDER.glob("*.json")))
    return MappingProxyType({one.url: one for one in found})


def _profile(table: dict[str, Any]) -> Profile:
    root = ElementRule(table["type"])
    for row in table["elements"]:
        _fill(_place(root, row["path"]), row)
    for rule in _with_slices(root):
        for each in rule.slices.values():
            if any(each.below(path).pattern is None for path in rule.by):
                raise KeyError(f"{rule.name}:{each.slice}")
    return Profile(table["id"], table["url"], table["version"], table["type"], root)


def _place(root: ElementRule, path: str) -> ElementRule:
    """The rule of a path; made where it, or one above it, is not there yet."""
    rule = root
    for part in path.split(".") if path else ():
        name, _, slice_name = part.partition(":")
        name = name.removesuffix("[x]")
        rule = rule.children.setdefault(name, ElementRule(name))
        if slice_name:
            rule = rule.slices.setdefault(slice_name, ElementRule(name, slice_name))
    return rule


def _fill(rule: ElementRule, row: dict[str, Any]) -> None:
    rule.least, rule.most = row.get("min", 0), row.get("max")
    rule.is_choice = row["path"].endswith("[x]")
    rule.types = dict(_type(one, rule) for one in row.get("types", ()))
    rule.pattern, rule.is_fixed = row.get("pattern", row.get("fixed")), "fixed" in row
    rule.value_set = row.get("codes", "")
    rule.codes = codes_in(rule.value_set) if rule.value_set else frozenset()
    rule.constraints = invariants_of(_ROOT, [one["key"] for one in row.get("constraints", ())])
    rule.by = tuple(() if path == "$this" else tuple(path.split(".")) for path in row.get("by", ()))


def _type(text: str, rule: ElementRule) -> tuple[str, frozenset[str] | None]:
    """``boolean`` → ``valueBoolean``; ``Reference(A|B)`` with its targets."""
    code, _, rest = text.partition("(")
    member = f"{rule.name}{code[0].upper()}{code[1:]}" if rule.is_choice else rule.name
    return member, frozenset(rest.removesuffix(")").split("|")) if rest else None


def _with_slices(rule: ElementRule) -> Iterator[ElementRule]:
    if rule.slices:
        yield rule
    for each in (*rule.children.values(), *rule.slices.values()):
        yield from _with_slices(each)
