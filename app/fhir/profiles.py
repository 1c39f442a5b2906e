"""A resource against one of our own profiles, by what its StructureDefinition changes (R4 5.3).

Cardinalities, fixed patterns and required bindings to our value sets, of elements and of slices that a pattern picks
out. Rules written in FHIRPath are not run: those of a new coordinator need are in ``app.fhir.need``.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec

from app.errors import Problems
from app.fhir.published import by_url, codes_in, published

R4: Final = "http://hl7.org/fhir/StructureDefinition/"
NEED: Final = "coordinator-need-task"
"""Id of the profile whose rules for new content are in ``app.fhir.need``."""

Rule = dict[str, Any]
Place = tuple[str, Any]
"""FHIRPath and value."""


def profiles_of(type_name: str) -> tuple[str, ...]:
    """The profiles of a type that ``$validate`` knows: R4's own and ours."""
    return (f"{R4}{type_name}", *(url for url, kind, _ in _ours() if kind == type_name))


def check_profile(value: dict[str, Any], canonical: str, problems: Problems) -> str:
    """Add what a profile finds in a valid resource; its id, empty for R4's own or an unknown one.

    An unknown profile, or one of another type, is a problem itself: nobody is told «valid» for what was not looked at.
    """
    type_name = value["resourceType"]
    if canonical.partition("|")[0] == f"{R4}{type_name}":
        return ""
    found = by_url("StructureDefinition", canonical)
    kind = next((kind for url, kind, _ in _ours() if found and url == found.url), "")
    if found is None or kind != type_name:
        allowed = profiles_of(type_name)
        problems.add("unknown-profile", f"{type_name}.meta.profile", "No profile of this type has this URL.", allowed)
        return ""
    for rule in next(rules for url, _, rules in _ours() if url == found.url):
        _check(rule, value, problems)
    return found.id


@cache
def _ours() -> tuple[tuple[str, str, tuple[Rule, ...]], ...]:
    """(URL, type, rules) of each of our profiles of a resource."""
    decoded = [msgspec.json.decode(one.body) for one in published("StructureDefinition").values()]
    return tuple(
        (one["url"], one["type"], tuple(one["differential"]["element"]))
        for one in decoded
        if one["type"] != "Extension"
    )


def _check(rule: Rule, value: dict[str, Any], problems: Problems) -> None:
    path = rule["id"].split(".")[1:]
    if not path or "[x]" in rule["path"] or any(":" in part for part in path[:-1]):
        return
    name, _, slice_name = path[-1].partition(":")
    pattern = next((item for key, item in rule.items() if key.startswith(("pattern", "fixed"))), None)
    if slice_name and pattern is None:
        return
    for where, parent in _places((value["resourceType"], value), path[:-1]):
        items = _listed(parent.get(name))
        matching = [item for item in items if pattern is None or _has(item, pattern)]
        at = f"{where}.{name}"
        if len(matching) < rule.get("min", 0):
            problems.add("missing-element", at, f"{at} is required by the profile.", _shown(pattern))
        if rule.get("max", "*") != "*" and len(matching) > int(rule["max"]):
            problems.add("too-many", at, f"{at} occurs more often than the profile allows.")
        if pattern is not None and not slice_name and len(matching) < len(items):
            problems.add("wrong-value", at, f"{at} has a fixed value in the profile.", _shown(pattern))
        if rule.get("binding", {}).get("strength") == "required":
            _check_codes(rule["binding"]["valueSet"], items, at, problems)


def _check_codes(value_set: str, items: list[Any], at: str, problems: Problems) -> None:
    try:
        known = codes_in(value_set.partition("|")[0])
    except KeyError:
        return
    allowed = tuple(sorted({code for _, code in known}))
    for item in items:
        codings = item.get("coding", [item]) if isinstance(item, dict) else [{"code": item}]
        given = {(one.get("system"), one.get("code")) for one in codings}
        # A code element has no system of its own.
        if given.isdisjoint(known) and not (isinstance(item, str) and item in allowed):
            problems.add("unknown-code", at, f"{at} needs a code of {value_set}.", allowed)


def _places(start: Place, path: list[str]) -> Iterator[Place]:
    """Every object at a path of element names."""
    if not path:
        yield start
        return
    where, value = start
    item = value.get(path[0])
    for index, each in enumerate(_listed(item)):
        if isinstance(each, dict):
            at = f"{where}.{path[0]}" + (f"[{index}]" if isinstance(item, list) else "")
            yield from _places((at, each), path[1:])


def _listed(item: Any) -> list[Any]:
    if item is None:
        return []
    return item if isinstance(item, list) else [item]


def _has(item: Any, pattern: Any) -> bool:
    """Whether a value has all that a pattern has (R4 ElementDefinition.pattern)."""
    if isinstance(pattern, dict):
        return isinstance(item, dict) and all(name in item and _has(item[name], one) for name, one in pattern.items())
    if isinstance(pattern, list):
        return isinstance(item, list) and all(any(_has(each, one) for each in item) for one in pattern)
    return bool(item == pattern)


def _shown(pattern: Any) -> tuple[str, ...]:
    return () if pattern is None else (msgspec.json.encode(pattern).decode(),)
