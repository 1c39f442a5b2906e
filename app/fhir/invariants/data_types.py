"""Constraints of R4's data types (R4 2.24, 2.25)."""

from typing import Final

from app.fhir.invariants.rules import (
    Invariant,
    Rule,
    Value,
    exactly_one,
    has,
    has_choice,
    invariants,
    needs,
    not_both,
    ordered,
    some,
)

_UCUM: Final = "http://unitsofmeasure.org"
_MEALS: Final = {"C", "CM", "CD", "CV"}


def _at_least_zero(name: str) -> Rule:
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


DATA_TYPES: Final[dict[str, Invariant]] = invariants(
    ("ext-1", "an extension has either a value or extensions, not both", _extension),
    ("att-1", "data needs a contentType", needs("data", "contentType")),
    ("cpt-2", "a value needs a system", needs("value", "system")),
    ("per-1", "start must not be after end", ordered("start", "end")),
    ("qty-3", "a unit code needs its system", needs("code", "system")),
    ("sqty-1", "no comparator here", lambda value: not has(value, "comparator")),
    ("age-1", "a positive value with a UCUM code", _age),
    ("cnt-3", "a whole number with UCUM code 1", _count),
    ("dis-1", "a value with a UCUM code", _is_ucum),
    ("drt-1", "a code is a UCUM code and has a value", _duration),
    ("mqty-1", "a value with an ISO 4217 code", _money),
    ("rng-2", "low must not be greater than high", _range),
    ("rat-1", "numerator and denominator, both or none", _ratio),
    ("exp-1", "an expression or a reference", some("expression", "reference")),
    ("drq-1", "either path or searchParam", exactly_one("path", "searchParam")),
    ("drq-2", "either path or searchParam", exactly_one("path", "searchParam")),
    ("trd-1", "either timing or data", lambda value: not (has(value, "data") and has_choice(value, "timing"))),
    ("trd-2", "a condition needs data", needs("condition", "data")),
    ("trd-3", "named-event needs name, periodic timing, data events data", _trigger),
    ("tim-1", "a duration needs its unit", needs("duration", "durationUnit")),
    ("tim-2", "a period needs its unit", needs("period", "periodUnit")),
    ("tim-4", "duration must not be negative", _at_least_zero("duration")),
    ("tim-5", "period must not be negative", _at_least_zero("period")),
    ("tim-6", "periodMax needs period", needs("periodMax", "period")),
    ("tim-7", "durationMax needs duration", needs("durationMax", "duration")),
    ("tim-8", "countMax needs count", needs("countMax", "count")),
    ("tim-9", "offset needs a when that is no meal in general", _offset),
    ("tim-10", "either timeOfDay or when", not_both("timeOfDay", "when")),
)
