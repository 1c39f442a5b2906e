"""The compiled R4 definitions, made ready for validation when first used.

``definitions/*.json`` (format: ``scripts/compile_definitions.py``) becomes one :class:`Shape` per resource, data type
and nested element: a dictionary from JSON member name to what may stand there. The data types are linked at once, a
resource type when the first of its kind comes, because most processes meet few of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from app.fhir.invariants import Invariant, invariants_of
from app.fhir.primitives import CHECKS, Check, codes, concepts

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
    CODED = 6
    """An object with a required binding, which ``check`` holds."""


class Member(NamedTuple):
    """One JSON member name of a shape."""

    kind: Kind
    label: str
    """Its name in FHIRPath: ``value`` for ``valueString``."""
    many: bool
    bit: int
    """Of the element, shared by the forms of a choice and their siblings."""
    check: Check
    """Of a primitive, or of an object with a required binding."""
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
    elements: int = 0
    """How many elements there are, with those of the base."""
    invariants: tuple[Invariant, ...] = ()


class Definitions(NamedTuple):
    """All tables: shapes by name, names of the resource types of R4, which of them have tables, which we serve."""

    shapes: dict[str, Shape]
    resource_types: frozenset[str]
    resources: frozenset[str]
    served: frozenset[str]


def table(name: str) -> dict[str, Any]:
    """One committed table, e.g. ``Task``: shape name → {invariants, elements}, those of its base among them."""
    rows = _read(name)
    bases = _read("bases")
    for row in rows.values():
        if type(row) is dict and "base" in row:
            row["elements"] = bases[row["base"]]["elements"] + row["elements"]
    return rows


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((_FOLDER / f"{name}.json").read_bytes())
    return found


@cache
def definitions() -> Definitions:
    """Read and link the tables of the data types; those of a resource follow when its shape is asked for."""
    index = _read("index")
    known = frozenset(index["resources"] + index["contained"])
    return Definitions(
        _Shapes(index["openTypes"], known), frozenset(index["resourceTypes"]), known, frozenset(index["resources"])
    )


def _no_check(_: Any) -> None:
    """For members that are no primitives."""


_TYPE_NAME: Final = Member(Kind.TYPE_NAME, "", many=False, bit=0, check=_no_check, shape=None, targets=None)


class _Shapes(dict[str, Shape]):
    """Shapes by name. Those of a resource type are made when one is missing: ``Task`` or ``Task.input``."""

    def __init__(self, open_types: list[str], resources: frozenset[str]) -> None:
        super().__init__()
        self._resources = resources
        self._linker = _Linker(self, open_types)
        self._linker.add(_read("bases") | _read("datatypes"))

    def __missing__(self, name: str) -> Shape:
        resource = name.partition(".")[0]
        if resource not in self._resources:
            raise KeyError(name)
        self._linker.add(_read(resource))
        return self[name]


class _Linker:
    """Turns rows into members; shapes refer to each other, so they all exist before the first is filled."""

    def __init__(self, shapes: dict[str, Shape], open_types: list[str]) -> None:
        self._shapes = shapes
        self._open = open_types
        self._lists: dict[str, list[str]] = _read("codes")
        self._checks: dict[str, Check] = {}
        self._targets: dict[str, frozenset[str]] = {}

    def add(self, rows: dict[str, Any]) -> None:
        """Make the shapes of one file; they are seen by others when they are whole."""
        made = {name: Shape(name) for name in rows}
        for name, row in rows.items():
            self._fill(made[name], row, made)
        self._shapes.update(made)

    def _fill(self, shape: Shape, row: dict[str, Any], made: dict[str, Shape]) -> None:
        base = (self._shapes.get(row["base"]) or made[row["base"]]) if "base" in row else None
        if base is not None:
            shape.members |= base.members
            shape.labels |= base.labels
            shape.elements = base.elements
        if base is not None and base.name.endswith("Resource"):
            shape.members["resourceType"] = _TYPE_NAME
        for element in row["elements"]:
            bit = 1 << shape.elements
            shape.elements += 1
            label = element["name"].removesuffix("[x]")
            shape.labels[bit] = label
            shape.required |= bit if element.get("min") else 0
            shape.members |= self._members(element, label, bit, made)
        shape.names = tuple(name for name in shape.members if not name.startswith("_"))
        shape.invariants = invariants_of(shape.name, row["invariants"])

    def _members(
        self, element: dict[str, Any], label: str, bit: int, made: dict[str, Shape]
    ) -> Iterator[tuple[str, Member]]:
        is_choice = element["name"].endswith("[x]")
        many = element.get("max", "1") not in ("0", "1")  # 0: an invariant of the profile refuses it
        kinds = self._open if element["types"] == ["*"] else element["types"]
        for kind in kinds:
            code, _, rest = kind.partition("(")
            base, _, profile = code.partition(":")
            name = f"{label}{base[0].upper()}{base[1:]}" if is_choice else label
            if check := CHECKS.get(base):
                yield name, Member(Kind.PRIMITIVE, label, many, bit, self._check(element) or check, None, None)
                sibling = self._shapes.get("Element") or made["Element"]
                yield f"_{name}", Member(Kind.SIBLING, label, many, bit, _no_check, sibling, None)
            elif base == "Resource":
                yield name, Member(Kind.RESOURCE, label, many, bit, _no_check, None, None)
            else:
                shape = self._shape((profile or base).removeprefix("#"), element, made)
                bound = self._check(element)
                form = Kind.REFERENCE if base == "Reference" else Kind.CODED if bound else Kind.OBJECT
                yield name, Member(form, label, many, bit, bound or _no_check, shape, self._allowed(rest))

    def _shape(self, name: str, element: dict[str, Any], made: dict[str, Shape]) -> Shape:
        """A shape of this file or a data type; with rules of its own where an element adds some to its type."""
        shape = made.get(name) or self._shapes[name]
        more = invariants_of(name, element.get("invariants", ()))
        return replace(shape, invariants=shape.invariants + more) if more else shape

    def _allowed(self, rest: str) -> frozenset[str] | None:
        """The targets of ``Patient|Group)``: one set for all elements that have the same."""
        if not rest:
            return None
        return self._targets.setdefault(rest, frozenset(rest.removesuffix(")").split("|")))

    def _check(self, element: dict[str, Any]) -> Check | None:
        """The check of a required binding: one for all elements that have the same."""
        if "format" in element:
            return CHECKS[element["format"]]
        name = element.get("codes") or element.get("concepts")
        if name is not None and name not in self._checks:
            kind = codes if "codes" in element else concepts
            self._checks[name] = kind(self._lists[name])
        return self._checks[name] if name else None
