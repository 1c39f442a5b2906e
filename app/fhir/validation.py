"""Validation of received content against R4 4.0.1, all problems at once (R4 2.1.0.9).

Checked by the tables of ``shapes``: cardinality, types, formats, required bindings, reference targets, choices,
invariants, narrative. A problem is named by the FHIRPath of its element; what was sent is never repeated, not even
an unknown member's name where that could be a person's number.
"""

import re
from typing import Any, Final

from app.errors import Problems
from app.fhir.contained import faults_of_contained, types_of_contained, wrong_members
from app.fhir.invariants import INVARIANTS, Invariant
from app.fhir.primitives import ALLOWED_LIMIT, Fault, check_xhtml
from app.fhir.references import Local, check_reference
from app.fhir.shapes import Definitions, Kind, Member, Shape, definitions
from app.fhir.summary import SUBSETTED

Path = tuple[Any, str, int]
"""Parent path, element name, index or -1. Joined to a text only where something is wrong."""

_PRIMITIVE, _TYPE_NAME, _REFERENCE = Kind.PRIMITIVE, Kind.TYPE_NAME, Kind.REFERENCE
_RESOURCE, _SIBLING, _CODED = Kind.RESOURCE, Kind.SIBLING, Kind.CODED
"""Names of their own: looking a member up in an Enum costs a call in Python 3.11."""
_PLAIN_NAME = re.compile(r"(?!.*[0-9]{5})_?[A-Za-z][A-Za-z0-9]{0,63}")
_CONTAINED_LIMIT: Final = 100
_EMPTY: Final = Fault("empty-value", "must not be empty; leave it out")
_BLANK: Final = Fault("empty-value", "must not be empty or blank")
_NULL: Final = Fault("empty-value", "must not be null")
_NO_OBJECT: Final = Fault("wrong-type", "must be a JSON object")
_NO_LIST: Final = Fault("not-a-list", "may repeat, so it must be a JSON list")
_TOO_MANY: Final = Fault("too-many", "occurs at most once, so it must not be a JSON list")
_PART: Final = Fault("part-only", "says that this is a part only; read and send the whole")
_SIBLING_LENGTH: Final = Fault("wrong-format", "must be as long as its list of values, with null as filler")


def validate(value: dict[str, Any], type_name: str) -> None:
    """Check a resource of one of the compiled types.

    :raises InvalidContent: with all issues, 50 at most, each with its FHIRPath.
    """
    problems = Problems()
    run = _Run(problems, definitions())
    root: Path = (None, type_name, -1)
    if value.get("resourceType") != type_name:
        run.fault(Fault("wrong-type", f"must be {type_name}", (type_name,)), (root, "resourceType", -1))
    else:
        run.resource(value, run.shapes[type_name], root)
        if "meta" in value:
            run.whole(value["meta"], (root, "meta", -1))
    problems.raise_if_any()


def expression(path: Path) -> str:
    """``Task.input[0].value``."""
    parts: list[str] = []
    here: Path | None = path
    while here is not None:
        parent, name, index = here
        parts.append(name if index < 0 else f"{name}[{index}]")
        here = parent
    return ".".join(reversed(parts))


class _Run:
    """One validation: the tables, the problems found, and the local references of the resource at hand."""

    def __init__(self, problems: Problems, tables: Definitions) -> None:
        self._problems = problems
        self._tables = tables
        self.shapes = tables.shapes
        self._locals: list[tuple[Path, Local]] = []
        self._faults = 0

    def fault(self, fault: Fault, path: Path) -> None:
        self._faults += 1
        if len(self._problems.found) < self._problems.limit:
            where = expression(path)
            self._problems.add(fault.code, where, f"{where} {fault.rule}.", fault.allowed)

    def resource(self, value: dict[str, Any], shape: Shape, path: Path) -> None:
        """A resource with its own contained ones: the scope of ``#`` references."""
        outer, self._locals = self._locals, []
        self._object(value, shape, path)
        contained = value.get("contained")
        known = types_of_contained(contained)
        for where, local in self._locals:
            if local.id not in known:
                self.fault(Fault("invariant", "points to no contained resource (ref-1)"), where)
            elif local.targets is not None and known[local.id] not in local.targets:
                self._wrong_target(local.targets, where)
        if type(contained) is list:
            self._contained(value, contained, path)
        self._locals = outer

    def whole(self, meta: Any, path: Path) -> None:
        """What an answer to ``_summary`` or ``_elements`` has left out would be lost if it were kept as the whole."""
        tags = meta.get("tag") if type(meta) is dict else None
        for index, tag in enumerate(tags if type(tags) is list else ()):
            if type(tag) is dict and (tag.get("system"), tag.get("code")) == SUBSETTED:
                self.fault(_PART, (path, "tag", index))

    def _object(self, value: Any, shape: Shape, path: Path) -> None:
        if type(value) is not dict:
            self.fault(_NULL if value is None else _NO_OBJECT, path)
            return
        before = self._faults
        members = shape.members
        present = 0
        for name, item in value.items():
            member = members.get(name)
            if member is None:
                self._unknown(name, shape, path)
                continue
            kind, label, many, bit, check, _, _ = member
            if present & bit:
                self._several(value, name, shape, path)
            present |= bit
            if many or kind:
                self._many_or_complex(value, name, item, member, path)
            elif fault := check(item):
                self._not_one(item, fault, (path, label, -1))
        self._whole(value, shape, path, present)
        if self._faults == before:
            for invariant in shape.invariants:
                if not invariant.holds(value):
                    self._broken(invariant, value, path)

    def _broken(self, invariant: Invariant, value: dict[str, Any], path: Path) -> None:
        """At its element, or at the rows to blame where the rule can tell."""
        fault = Fault("invariant", f"breaks {invariant.key}: {invariant.text}")
        rows = invariant.blame(value) if invariant.blame else []
        for label, index in rows:
            self.fault(fault, (path, label, index))
        if not rows:
            self.fault(fault, path)

    def _whole(self, value: dict[str, Any], shape: Shape, path: Path, present: int) -> None:
        """Required elements are there, and something besides the id (ele-1; siblings: see ``_sibling``)."""
        if not value or (len(value) == 1 and "id" in value and shape.name != "Element"):
            self.fault(_EMPTY, path)
        missing = shape.required & ~present
        if missing:
            self._missing(missing, shape, path)

    def _many_or_complex(self, value: dict[str, Any], name: str, item: Any, member: Member, path: Path) -> None:
        if member.many:
            self._list(value, name, item, member, path)
        elif member.kind is _SIBLING:
            self._sibling(item, member, (path, member.label, -1), has_value=name[1:] in value)
        else:
            self._one(item, member, (path, member.label, -1))

    def _one(self, item: Any, member: Member, path: Path) -> None:
        """A value that is not a primitive."""
        kind, shape = member.kind, member.shape
        if kind is _TYPE_NAME:
            return
        if type(item) is list:
            self.fault(_TOO_MANY, path)
        elif kind is _RESOURCE:
            self._inner_resource(item, path)
        elif shape is not None:
            self._object(item, shape, path)
            if kind is _REFERENCE and type(item) is dict:
                self._reference(item, member.targets, path)
            elif kind is _CODED and (fault := member.check(item)):
                self.fault(fault, path)

    def _not_one(self, item: Any, fault: Fault, path: Path) -> None:
        self.fault(_NULL if item is None else _TOO_MANY if type(item) is list else fault, path)

    def _list(self, value: dict[str, Any], name: str, item: Any, member: Member, path: Path) -> None:
        label = member.label
        if type(item) is not list or not item:
            self.fault(_EMPTY if item == [] else _NULL if item is None else _NO_LIST, (path, label, -1))
        elif member.kind is _PRIMITIVE:
            siblings = value.get(f"_{name}")
            for index, one in enumerate(item):
                if one is None and _is_filled(siblings, index):
                    continue
                fault = member.check(one)
                if fault is not None:
                    self.fault(_NULL if one is None else fault, (path, label, index))
        elif member.kind is _SIBLING:
            self._siblings(item, value.get(name[1:]), member, (path, label, -1))
        else:
            for index, one in enumerate(item):
                self._one(one, member, (path, label, index))

    def _siblings(self, item: list[Any], values: Any, member: Member, path: Path) -> None:
        if type(values) is list and len(values) != len(item):
            self.fault(_SIBLING_LENGTH, path)
        if all(one is None for one in item):
            self.fault(_EMPTY, path)
            return
        for index, one in enumerate(item):
            if one is not None:
                has_value = type(values) is list and index < len(values) and values[index] is not None
                self._sibling(one, member, (path[0], path[1], index), has_value=has_value)
            elif type(values) is not list:
                self.fault(_NULL, (path[0], path[1], index))

    def _sibling(self, item: Any, member: Member, path: Path, *, has_value: bool) -> None:
        """``_name``; without a value it needs an extension (ele-1)."""
        self._one(item, member, path)
        if not has_value and type(item) is dict and item and "extension" not in item:
            self.fault(_EMPTY, path)

    def _several(self, value: dict[str, Any], name: str, shape: Shape, path: Path) -> None:
        """A bit twice: two forms of a choice, told once, or a value and its sibling, which is right."""
        member = shape.members[name]
        same = [other for other in value if _bit(shape, other) == member.bit]
        forms = {other.removeprefix("_") for other in same}
        if len(forms) > 1 and name == same[-1]:
            self.fault(Fault("several-choices", f"has {len(forms)} forms; give one"), (path, member.label, -1))

    def _unknown(self, name: str, shape: Shape, path: Path) -> None:
        allowed = shape.names if len(shape.names) <= ALLOWED_LIMIT else ()
        if _PLAIN_NAME.fullmatch(name):
            self.fault(Fault("unknown-element", "is not an element of R4 here", allowed), (path, name, -1))
        else:
            self.fault(Fault("unknown-element", "has a member that is no element of R4", allowed), path)

    def _missing(self, missing: int, shape: Shape, path: Path) -> None:
        for bit, label in shape.labels.items():
            if missing & bit:
                self.fault(Fault("missing-element", "is required"), (path, label, -1))

    def _reference(self, value: dict[str, Any], targets: frozenset[str] | None, path: Path) -> None:
        found = check_reference(value, targets, self._tables.resource_types)
        if isinstance(found, Local):
            self._locals.append(((path, "reference", -1), found))
        elif found is not None:
            name, fault = found
            self.fault(fault, (path, name, -1))

    def _wrong_target(self, targets: frozenset[str], path: Path) -> None:
        fault = Fault("wrong-reference-target", "must point to another type", tuple(sorted(targets)))
        self.fault(fault, path)

    def _inner_resource(self, value: Any, path: Path) -> None:
        """A resource inside: contained (its ids are checked with its container) or a parameter."""
        if type(value) is not dict:
            self.fault(_NULL if value is None else _NO_OBJECT, path)
            return
        name = value.get("resourceType")
        if type(name) is not str or name not in self._tables.resource_types:
            self.fault(Fault("unknown-code", "must be a resource type of R4"), (path, "resourceType", -1))
        elif name not in self._tables.resources:
            self._any(value, path)
        elif path[1] == "contained":
            self._object(value, self.shapes[name], path)
        else:
            self.resource(value, self.shapes[name], path)

    def _any(self, value: Any, path: Path) -> None:
        """Content of a type without tables: nothing empty, no null but as a filler in a list, safe narrative."""
        if type(value) is dict:
            self._any_object(value, path)
        elif type(value) is list:
            if all(item is None for item in value):
                self.fault(_EMPTY, path)
            for index, item in enumerate(value):
                self._any(item, (path[0], path[1], index))
        elif type(value) is str:
            if not value or value.isspace():
                self.fault(_BLANK, path)
            elif path[1] == "div" and (fault := check_xhtml(value)):
                self.fault(fault, path)

    def _any_object(self, value: dict[str, Any], path: Path) -> None:
        if not value:
            self.fault(_EMPTY, path)
        for name, item in value.items():
            where = (path, name if _PLAIN_NAME.fullmatch(name) else "element", -1)
            if item is None:
                self.fault(_NULL, where)
            else:
                self._any(item, where)
        if type(value.get("reference")) is str:
            self._reference(value, None, path)

    def _contained(self, value: dict[str, Any], contained: list[Any], path: Path) -> None:
        """What R4 asks of contained resources together; each by itself was checked before."""
        if len(contained) > _CONTAINED_LIMIT:
            self.fault(Fault("too-many", f"has more than {_CONTAINED_LIMIT} resources"), (path, "contained", -1))
            return
        for index, name, fault in faults_of_contained(value, contained):
            where = (path, "contained", index)
            self.fault(fault, (where, name, -1) if name else where)
        ctm = INVARIANTS["ctm-1"]
        for index, row in wrong_members(value, contained):
            team = path if index < 0 else (path, "contained", index)
            self.fault(Fault("invariant", f"breaks {ctm.key}: {ctm.text}"), (team, "participant", row))


def _is_filled(siblings: Any, index: int) -> bool:
    return type(siblings) is list and index < len(siblings) and type(siblings[index]) is dict


def _bit(shape: Shape, name: str) -> int:
    member = shape.members.get(name)
    return member.bit if member else 0
