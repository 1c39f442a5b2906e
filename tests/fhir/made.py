"""Valid resources of any served type, made from the tables by hypothesis, and all the places in one."""

from collections.abc import Iterable
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from app.fhir.invariants import invariants_of
from app.fhir.shapes import definitions, table

PLAIN = st.text("abcæøå ÅZ-1", min_size=1, max_size=12).filter(lambda text: not text.isspace())
PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "base64Binary": st.sampled_from(["aGVp", "aA=="]),
    "boolean": st.booleans(),
    "canonical": st.just("https://a.example/x|1"),
    "code": st.sampled_from(["a", "a b"]),
    "date": st.dates().map(str),
    "dateTime": st.sampled_from(["2024", "2024-02", "2024-02-29", "2024-02-29T23:59:59+01:00"]),
    "decimal": st.integers(0, 9) | st.decimals(0, 9, places=2),
    "elementId": st.just("e1"),
    "id": st.just("a-1.B"),
    "instant": st.just("2024-02-29T23:59:59.1Z"),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "markdown": PLAIN,
    "mimeType": st.sampled_from(["application/fhir+json", "text/plain; charset=utf-8"]),
    "oid": st.just("urn:oid:1.2"),
    "positiveInt": st.integers(1, 2**31 - 1),
    "string": PLAIN,
    "time": st.just("23:59:59"),
    "unsignedInt": st.integers(0, 2**31 - 1),
    "uri": st.just("https://a.example/x"),
    "url": st.just("https://a.example/x"),
    "uuid": st.just("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"),
    "xhtml": st.just('<div xmlns="http://www.w3.org/1999/xhtml">x</div>'),
}
INDEX, CODES = table("index"), table("codes")
TRIES = 4
SERVED = tuple(INDEX["resources"])
ROWS: dict[str, Any] = table("datatypes")
for _name in SERVED:
    ROWS |= table(_name)
CHOICES = {
    f"{element['name'].removesuffix('[x]')}{kind[0].upper()}{kind[1:].partition('(')[0].partition(':')[0]}"
    for row in ROWS.values()
    for element in row["elements"]
    if element["name"].endswith("[x]")
    for kind in (INDEX["openTypes"] if element["types"] == ["*"] else element["types"])
}
SHORT = {
    name: next(
        e["name"].removesuffix("[x]")
        for row in ROWS.values()
        for e in row["elements"]
        if e["name"].endswith("[x]") and name.startswith(e["name"].removesuffix("[x]"))
    )
    for name in CHOICES
}
"""JSON name of a form of a choice → its name in FHIRPath."""
LABELS = {
    name: short
    for name, short in SHORT.items()
    if not any(element["name"] == name for row in ROWS.values() for element in row["elements"])
}
"""Those that are the name of a form alone: ``contentReference`` is an element of ElementDefinition too."""


def _element(draw: st.DrawFn, element: dict[str, Any], depth: int) -> tuple[str, Any] | None:
    """JSON name and value of one element, None where the types would go too deep."""
    is_choice = element["name"].endswith("[x]")
    kinds = INDEX["openTypes"] if element["types"] == ["*"] else element["types"]
    simple = [kind for kind in kinds if kind in PRIMITIVES] if depth <= 0 else []
    kind = draw(st.sampled_from(simple or kinds))
    base = kind.partition("(")[0].partition(":")[0]
    name = element["name"].removesuffix("[x]") + (base[0].upper() + base[1:] if is_choice else "")
    count = draw(st.integers(1, 2)) if element.get("max") == "*" else 1
    values = [_value(draw, element, kind, depth) for _ in range(count)]
    if None in values or not all(_obeys(element.get("invariants", ()), base, value) for value in values):
        return None
    return name, values if element.get("max") == "*" else values[0]


def _obeys(keys: Iterable[str], shape: str, value: Any) -> bool:
    return all(rule.holds(value) for rule in invariants_of(shape, keys))


def _value(draw: st.DrawFn, element: dict[str, Any], kind: str, depth: int) -> Any:
    base, _, rest = kind.partition("(")
    if "codes" in element:
        return draw(st.sampled_from(CODES[element["codes"]]))
    if "concepts" in element:
        system, _, code = draw(st.sampled_from(CODES[element["concepts"]])).rpartition("|")
        return {"coding": [{"system": "https://a.example"}, {"system": system, "code": code}]}
    if "format" in element:
        return draw(PRIMITIVES[element["format"]])
    if base in PRIMITIVES:
        return draw(PRIMITIVES[base])
    if base == "Reference":
        target = draw(st.sampled_from(rest.removesuffix(")").split("|") if rest else INDEX["resourceTypes"]))
        return {"reference": draw(st.sampled_from(["", "https://a.example/fhir/"])) + f"{target}/1"}
    name = base.partition(":")[2] or base
    return _object(draw, name.removeprefix("#"), depth - 1) if name.removeprefix("#") in ROWS else None


def _object(draw: st.DrawFn, name: str, depth: int) -> dict[str, Any] | None:
    """Members by the rows; None where nothing comes together that keeps R4's rules. Too deep: only what is required."""
    for _ in range(TRIES):
        value = _members(draw, name, depth)
        if value and all(one.holds(value) for one in definitions().shapes[name].invariants):
            return value
    return None


def _members(draw: st.DrawFn, name: str, depth: int) -> dict[str, Any] | None:
    value: dict[str, Any] = {}
    for element in ROWS[name]["elements"]:
        if element["name"] == "id" or element.get("max") == "0":
            continue
        if element.get("min") or (depth > 0 and draw(st.integers(0, 3)) == 0):
            found = _element(draw, element, depth)
            if found is None and element.get("min"):
                return None
            value |= dict([found]) if found else {}
    return value


@st.composite
def resources(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A valid one of this type."""
    value = _object(draw, name, 2)
    assume(value)
    return {"resourceType": name, **(value or {})}


def places(value: Any, path: str) -> list[tuple[Any, Any, str]]:
    """Holder, key and FHIRPath of everything in a resource."""
    found: list[tuple[Any, Any, str]] = []
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in members:
        if key != "resourceType":
            where = f"{path}[{key}]" if isinstance(value, list) else f"{path}.{LABELS.get(str(key), key)}"
            found.append((value, key, where))
            if isinstance(item, dict | list):
                found += places(item, where)
    return found
