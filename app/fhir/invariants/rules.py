"""What R4's constraints are made of, in Python: existence, choices, order in time.

A rule gets an object whose members are valid by themselves and says whether it holds.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

Value = dict[str, Any]
Rule = Callable[[Value], bool]
Blame = Callable[[Value], list[tuple[str, int]]]


class Invariant(NamedTuple):
    """A constraint: its R4 key, what it asks for, the rule."""

    key: str
    text: str
    holds: Rule
    blame: Blame | None = None
    """Which rows break it: element name and index."""


def invariants(*rows: tuple[str, str, Rule] | tuple[str, str, Rule, Blame]) -> dict[str, Invariant]:
    """By key; the invariant's own key is without the shape that tells two of R4's apart."""
    return {row[0]: Invariant(row[0].rpartition(" ")[2], *row[1:]) for row in rows}


def has(value: Value, name: str) -> bool:
    """An element exists, be it only by an extension (``_name``)."""
    return name in value or f"_{name}" in value


def has_choice(value: Value, name: str) -> bool:
    """One of ``name[x]`` exists."""
    return any(member.removeprefix("_").startswith(name) for member in value)


def objects(value: Value, name: str) -> list[Value]:
    """The objects of a list; what is none has been told before."""
    rows = value.get(name, [])
    return [row for row in rows if type(row) is dict] if type(rows) is list else []


def has_coding(value: Value, name: str, system: str, codes: tuple[str, ...]) -> bool:
    """A CodeableConcept has one of these codes of a system."""
    codings = objects(value.get(name, {}), "coding")
    return any(one.get("system") == system and one.get("code") in codes for one in codings)


def is_after(first: str, second: str) -> bool:
    """Whether a dateTime is surely after another; what their precision leaves open is no."""
    if "T" in first and "T" in second:
        try:
            return datetime.fromisoformat(first) > datetime.fromisoformat(second)
        except ValueError:  # a leap second, which Python has not
            return False
    length = min(len(first), len(second), 10)
    return first[:length] > second[:length]


def ordered(first: str, second: str) -> Rule:
    """The first is not after the second, where both are given."""
    return lambda value: first not in value or second not in value or not is_after(value[first], value[second])


def needs(name: str, *others: str) -> Rule:
    """An element is there only with one of the others."""
    return lambda value: not has(value, name) or any(has(value, other) for other in others)


def some(*names: str) -> Rule:
    """At least one of them."""
    return lambda value: any(has(value, name) for name in names)


def not_both(name: str, other: str) -> Rule:
    """One of two, or none."""
    return lambda value: not (has(value, name) and has(value, other))


def exactly_one(name: str, other: str) -> Rule:
    """One of two."""
    return lambda value: has(value, name) != has(value, other)
