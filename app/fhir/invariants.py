"""R4's own constraints (severity error) of the types that we take, by hand; each is named by its R4 key.

A rule gets an object whose members are valid by themselves and says whether it holds. Those that need the whole
resource (dom-2 to dom-5, ref-1) are in ``validation``. A key of the tables without a rule stops the start.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

Value = dict[str, Any]
_UCUM: Final = "http://unitsofmeasure.org"
_MEALS: Final = {"C", "CM", "CD", "CV"}

IN_VALIDATION: Final = frozenset({"dom-2", "dom-3", "dom-4", "dom-5", "ref-1"})


class Invariant(NamedTuple):
    """A constraint: its R4 key, what it asks for, the rule."""

    key: str
    text: str
    holds: Callable[[Value], bool]


def has(value: Value, name: str) -> bool:
    """An element exists, be it only by an extension (``_name``)."""
    return name in value or f"_{name}" in value


def has_choice(value: Value, name: str) -> bool:
    """One of ``name[x]`` exists."""
    return any(member.removeprefix("_").startswith(name) for member in value)


def is_after(first: str, second: str) -> bool:
    """Whether a dateTime is surely after another; what their precision leaves open is no."""
    if "T" in first and "T" in second:
        try:
            return datetime.fromisoformat(first) > datetime.fromisoformat(second)
        except ValueError:  # a leap second, which Python has not
            return False
    length = min(len(first), len(second), 10)
    return first[:length] > second[:length]


def _ordered(value: Value, first: str, second: str) -> bool:
    return first not in value or second not in value or not is_after(value[first], value[second])


def _needs(name: str, other: str) -> Callable[[Value], bool]:
    return lambda value: not has(value, name) or has(value, other)


def _exactly_one(name: str, other: str) -> Callable[[Value], bool]:
    return lambda value: has(value, name) != has(value, other)


def _at_least_zero(name: str) -> Callable[[Value], bool]:
    return lambda value: value.get(name, 0) >= 0


def _extension(value: Value) -> bool:
    return ("extension" in value) != has_choice(value, "value")


def _is_ucum(value: Value) -> bool:
    return (has(value, "code") or not has(value, "value")) and value.get("system", _UCUM) == _UCUM


def _age(value: Value) -> bool:
    return _is_ucum(value) and value.get("value", 1) > 0


def _count(value: Value) -> bool:
    return _is_ucum(value) and value.get("code", "1") == "1" and "." not in str(value.get("value", ""))


def _duration(value: Value) -> bool:
    return not has(value, "code") or (value.get("system") == _UCUM and has(value, "value"))


def _money(value: Value) -> bool:
    system = "urn:iso:std:iso:4217"
    return (has(value, "code") or not has(value, "value")) and value.get("system", system) == system


def _range(value: Value) -> bool:
    low, high = value.get("low", {}), value.get("high", {})
    is_same_unit = all(low.get(name) == high.get(name) for name in ("system", "code", "unit"))
    return not is_same_unit or "value" not in low or "value" not in high or low["value"] <= high["value"]


def _ratio(value: Value) -> bool:
    is_whole = has(value, "numerator") == has(value, "denominator")
    return is_whole and (has(value, "numerator") or has(value, "extension"))


def _offset(value: Value) -> bool:
    return not has(value, "offset") or (has(value, "when") and not _MEALS & set(value.get("when", ())))


def _trigger(value: Value) -> bool:
    kind = value.get("type", "")
    if kind == "named-event":
        return has(value, "name")
    return has_choice(value, "timing") if kind == "periodic" else not kind.startswith("data-") or has(value, "data")


def _on_behalf_of(value: Value) -> bool:
    member = value.get("member", {})
    path = str(member.get("reference", "")).split("/_history/")[0].split("/")
    kind = path[-2] if len(path) > 1 else str(member.get("type", ""))
    return not has(value, "onBehalfOf") or kind in ("", "Practitioner")


def _parameter(value: Value) -> bool:
    given = has_choice(value, "value") + has(value, "resource") + has(value, "part")
    return given == 1


INVARIANTS: Final[dict[str, Invariant]] = {
    key: Invariant(key.rpartition(" ")[2], text, holds)
    for key, text, holds in (
        ("ext-1", "an extension has either a value or extensions, not both", _extension),
        ("att-1", "data needs a contentType", _needs("data", "contentType")),
        ("cpt-2", "a value needs a system", _needs("value", "system")),
        ("per-1", "start must not be after end", lambda value: _ordered(value, "start", "end")),
        ("qty-3", "a unit code needs its system", _needs("code", "system")),
        ("sqty-1", "no comparator here", lambda value: not has(value, "comparator")),
        ("age-1", "a positive value with a UCUM code", _age),
        ("cnt-3", "a whole number with UCUM code 1", _count),
        ("dis-1", "a value with a UCUM code", _is_ucum),
        ("drt-1", "a code is a UCUM code and has a value", _duration),
        ("mqty-1", "a value with an ISO 4217 code", _money),
        ("rng-2", "low must not be greater than high", _range),
        ("rat-1", "numerator and denominator, both or none", _ratio),
        ("exp-1", "an expression or a reference", lambda v: has(v, "expression") or has(v, "reference")),
        ("drq-1", "either path or searchParam", _exactly_one("path", "searchParam")),
        ("drq-2", "either path or searchParam", _exactly_one("path", "searchParam")),
        ("trd-1", "either timing or data", lambda v: not (has(v, "data") and has_choice(v, "timing"))),
        ("trd-2", "a condition needs data", _needs("condition", "data")),
        ("trd-3", "named-event needs name, periodic timing, data events data", _trigger),
        ("tim-1", "a duration needs its unit", _needs("duration", "durationUnit")),
        ("tim-2", "a period needs its unit", _needs("period", "periodUnit")),
        ("tim-4", "duration must not be negative", _at_least_zero("duration")),
        ("tim-5", "period must not be negative", _at_least_zero("period")),
        ("tim-6", "periodMax needs period", _needs("periodMax", "period")),
        ("tim-7", "durationMax needs duration", _needs("durationMax", "duration")),
        ("tim-8", "countMax needs count", _needs("countMax", "count")),
        ("tim-9", "offset needs a when that is no meal in general", _offset),
        ("tim-10", "either timeOfDay or when", lambda v: not (has(v, "timeOfDay") and has(v, "when"))),
        ("ctm-1", "onBehalfOf only where the member is a Practitioner", _on_behalf_of),
        (
            "Task inv-1",
            "lastModified must not be before authoredOn",
            lambda value: _ordered(value, "authoredOn", "lastModified"),
        ),
        ("Parameters.parameter inv-1", "exactly one of value, resource and part", _parameter),
    )
}
"""R4 key, after the shape's name where R4 uses a key twice → the rule."""
