"""The compiled R4 definitions, made ready for validation when first used.

``definitions/*.json`` (format: ``scripts/compile_definitions.py``) becomes one :class:`Shape` per resource, data type
and nested element: a dictionary from JSON member name to what may stand there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from app.fhir.invariants import IN_VALIDATION, INVARIANTS, Invariant
from app.fhir.primitives import CHECKS, Check, codes

_FOLDER: Final = Path(__file__).parent / "definitions"


class Kind(IntEnum):
    """What a member holds."""

    PRIMITIVE = 0
    OBJECT = 1
    REFERENCE = 2
    RESOURCE = 3
    SIBLING = 4
    """``_name``: id and extensions of a primitive (R4 2.6.2.1)."""
    TYPE_NAME = 5
    """``resourceType``."""


class Member(NamedTuple):
    """One JSON member name of a shape."""

    kind: Kind
    label: str
    """Its name in FHIRPath: ``value`` for ``valueString``."""
    many: bool
    bit: int
    """Of the element, shared by the forms of a choice and their siblings."""
    check: Check
    """Of a primitive."""
    shape: "Shape | None"
    targets: frozenset[str] | None
    """Resource types that a reference may point to; None for any."""


@dataclass(slots=True)
class Shape:
    """One resource, data type or nested element."""

    name: str
    members: dict[str, Member] = field(default_factory=dict, repr=False)
    required: int = 0
    """The bits of elements with min 1."""
    labels: dict[int, str] = field(default_factory=dict)
    """Bit → FHIRPath name."""
    names: tuple[str, ...] = ()
    """JSON names without siblings, in the order of the definition."""
    invariants: tuple[Invariant, ...] = ()


class Definitions(NamedTuple):
    """All tables: shapes by name, names of the resource types of R4, and which of them have tables."""

    shapes: dict[str, Shape]
    resource_types: frozenset[str]
    resources: frozenset[str]


def table(name: str) -> dict[str, Any]:
    """One committed table, e.g. ``Task``: shape name → {invariants, elements}."""
    found: dict[str, Any] = msgspec.json.decode((_FOLDER / f"{name}.json").read_bytes())
    return found


@cache
def definitions() -> Definitions:
    """Read and link the tables once."""
    index = table("index")
    rows = table("datatypes")
    for name in index["resources"]:
        rows |= table(name)
    element = {"invariants": [], "elements": [{"name": "id", "types": ["elementId"]}, _EXTENSIONS]}
    rows["Element"] = element
    linker = _Linker({name: Shape(name) for name in rows}, table("codes"), index["openTypes"])
    for name, row in rows.items():
        linker.fill(linker.shapes[name], row, is_resource=name in index["resources"])
    return Definitions(linker.shapes, frozenset(index["resourceTypes"]), frozenset(index["resources"]))


_EXTENSIONS: Final = {"name": "extension", "max": "*", "types": ["Extension"]}


def _no_check(_: Any) -> None:
    """For members that are no primitives."""


class _Linker:
    """Turns rows into members; shapes refer to each other, so they all exist before the first is filled."""

    def __init__(self, shapes: dict[str, Shape], lists: dict[str, list[str]], open_types: list[str]) -> None:
        self.shapes = shapes
        self._codes = {name: codes(allowed) for name, allowed in lists.items()}
        self._open = open_types

    def fill(self, shape: Shape, row: dict[str, Any], *, is_resource: bool) -> None:
        if is_resource:
            shape.members["resourceType"] = Member(
                Kind.TYPE_NAME, "", many=False, bit=0, check=_no_check, shape=None, targets=None
            )
        for position, element in enumerate(row["elements"]):
            bit = 1 << position
            label = element["name"].removesuffix("[x]")
            shape.labels[bit] = label
            shape.required |= bit if element.get("min") else 0
            for name, member in self._members(element, label, bit):
                shape.members[name] = member
        shape.names = tuple(name for name in shape.members if not name.startswith("_"))
        shape.invariants = tuple(
            INVARIANTS.get(f"{shape.name} {key}") or INVARIANTS[key]
            for key in row["invariants"]
            if key not in IN_VALIDATION
        )

    def _members(self, element: dict[str, Any], label: str, bit: int) -> Iterator[tuple[str, Member]]:
        is_choice = element["name"].endswith("[x]")
        many = element.get("max", "1") not in ("0", "1")  # 0: an invariant of the profile refuses it
        kinds = self._open if element["types"] == ["*"] else element["types"]
        for kind in kinds:
            code, _, rest = kind.partition("(")
            base, _, profile = code.partition(":")
            name = f"{label}{base[0].upper()}{base[1:]}" if is_choice else label
            if check := CHECKS.get(base):
                check = self._codes[element["codes"]] if "codes" in element else check
                yield name, Member(Kind.PRIMITIVE, label, many, bit, check, None, None)
                yield f"_{name}", Member(Kind.SIBLING, label, many, bit, _no_check, self.shapes["Element"], None)
            elif base == "Resource":
                yield name, Member(Kind.RESOURCE, label, many, bit, _no_check, None, None)
            else:
                shape = self.shapes[(profile or base).removeprefix("#")]
                targets = frozenset(rest[:-1].split("|")) if rest else None
                form = Kind.REFERENCE if base == "Reference" else Kind.OBJECT
                yield name, Member(form, label, many, bit, _no_check, shape, targets)
