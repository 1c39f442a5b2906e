"""JSON schemas of the types that are not cut by hand, from the tables that validate them."""

from collections.abc import Iterator
from typing import Any, Final

from app.api.schemas import (
    BOOLEAN,
    DATE_TIME,
    PARTIAL_DATE,
    STRING,
    Schema,
    array,
    data_types,
    one_of,
    record,
    ref,
    resources,
)
from app.api.task_schemas import task_schemas
from app.fhir.resources import RESOURCES, Sight
from app.fhir.shapes import table

_PRIMITIVES: Final[dict[str, Schema]] = {
    "boolean": BOOLEAN,
    "integer": {"type": "integer"},
    "positiveInt": {"type": "integer", "minimum": 1},
    "unsignedInt": {"type": "integer", "minimum": 0},
    "decimal": {"type": "number"},
    "date": PARTIAL_DATE,
    "dateTime": DATE_TIME,
    "instant": {"type": "string", "format": "date-time"},
}
_TEXTS: Final = frozenset(
    ("base64Binary", "canonical", "code", "id", "markdown", "oid", "string", "time", "uri", "url", "uuid")
)
_OBJECT: Final[Schema] = {"type": "object"}
_EXTENDED: Final = {"Subscription.channel": ("payload",)}
"""Primitive elements of which an extension says more."""
_LEFT_OUT: Final = frozenset({"implicitRules", "modifierExtension"})


def table_schemas() -> dict[str, Schema]:
    """Every served type that has no schema cut by hand, and its nested elements."""
    found: dict[str, Schema] = {}
    by_hand = resources() | task_schemas()
    for resource in RESOURCES.values():
        if resource.name in by_hand:
            continue
        if resource.sight is Sight.SHIPPED:
            found[resource.name] = _shipped(resource.name)
        else:
            found |= {name: _object(name, row) for name, row in table(resource.name).items()}
    return found


def _shipped(name: str) -> Schema:
    known = {"id": STRING, "url": STRING, "version": STRING, "name": STRING, "title": STRING, "status": STRING}
    return {
        "type": "object",
        "description": f"A {name} as R4 defines it, part of the release.",
        "required": ["resourceType", "id"],
        "properties": {"resourceType": {"type": "string", "const": name}, **known},
    }


def _object(name: str, row: dict[str, Any]) -> Schema:
    properties: dict[str, Schema] = {} if "." in name else {"resourceType": {"type": "string", "const": name}}
    required = ["resourceType"] if properties else []
    for element in row["elements"]:
        if element["name"] in _LEFT_OUT:
            continue
        for member, schema in _members(element):
            properties[member] = schema | {"description": element["short"]} if "$ref" not in schema else schema
            if element.get("min") and not element["name"].endswith("[x]"):
                required.append(member)
    extended = record((), "Backport extensions.", extension=array(ref("Extension")))
    properties |= {f"_{member}": extended for member in _EXTENDED.get(name, ())}
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _members(element: dict[str, Any]) -> Iterator[tuple[str, Schema]]:
    name = element["name"].removesuffix("[x]")
    is_choice = name != element["name"]
    for kind in element["types"]:
        base = kind.partition("(")[0].partition(":")[0]
        member = f"{name}{base[0].upper()}{base[1:]}" if is_choice else name
        one = _type(base, element)
        yield member, array(one) if element.get("max", "1") not in {"0", "1"} else one


def _type(name: str, element: dict[str, Any]) -> Schema:
    if name.startswith("#"):
        return ref(name[1:])
    if name == "code" and "codes" in element:
        return one_of(table("codes")[element["codes"]])
    if name in _TEXTS:
        return STRING
    return _PRIMITIVES.get(name) or (ref(name) if name in data_types() else _OBJECT)
