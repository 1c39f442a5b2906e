"""Constraints of the types that define others: structures, code systems, value sets, operations, search parameters."""

import re
from collections.abc import Iterable
from typing import Any, Final

from app.fhir.invariants.rules import (
    Invariant,
    Rule,
    Value,
    has,
    has_choice,
    invariants,
    needs,
    not_both,
    objects,
    some,
)

_CODED: Final = frozenset(("code", "Coding", "CodeableConcept", "Quantity", "string", "uri"))
_POINTING: Final = ("Reference", "canonical")
_NO_CONTENT: Final = ("type", "example", "maxLength", "binding")
_CHOICES: Final = ("defaultValue", "fixed", "pattern", "minValue", "maxValue")
_HL7: Final = "http://hl7.org/fhir/StructureDefinition"
_PART: Final = r"""[^\s.,:;'"/|?!@#$%&*()\[\]{}]{1,64}"""
_PATH = re.compile(rf"{_PART}(\.{_PART}(\[x\])?(:[^\s.]+)?)*").fullmatch
_SLICE = re.compile(r"[a-zA-Z0-9/\-_\[\]@]+").fullmatch
_COUNT = re.compile(r"\*|[0-9]{1,9}").fullmatch
_FHIR_TYPE = re.compile(r"[a-zA-Z0-9.]+|http://hl7\.org/fhirpath/System\.[A-Z][A-Za-z]+").fullmatch
_URL = re.compile(r"http:|https|urn:").match


def _distinct(values: Iterable[Any]) -> bool:
    listed = [one for one in values if one is not None]
    return len(listed) == len(set(listed))


def _elements(value: Value, *views: str) -> list[Value]:
    """Of snapshot, differential or both."""
    return [one for view in views for one in objects(value.get(view, {}), "element")]


def _in_both(value: Value) -> list[Value]:
    return _elements(value, "snapshot", "differential")


def _is_root(element: Value) -> bool:
    return "." not in str(element.get("path", ""))


def _types(value: Value) -> list[Any]:
    return [one.get("code") for one in objects(value, "type")]


def _min_max(value: Value) -> bool:
    most = str(value.get("max", "*"))
    return not most.isdecimal() or int(value.get("min", 0)) <= int(most)


def _no_content(value: Value) -> bool:
    return not has(value, "contentReference") or not (
        any(has(value, name) for name in _NO_CONTENT) or any(has_choice(value, name) for name in _CHOICES)
    )


def _one_type(choice: str) -> Rule:
    return lambda value: not has_choice(value, choice) or len(objects(value, "type")) <= 1


def _bindable(value: Value) -> bool:
    kinds = _types(value)
    return not has(value, "binding") or not kinds or bool(_CODED & set(kinds))


def _only_where_pointing(name: str, kind: str) -> Rule:
    return lambda value: not has(value, name) or value.get(kind) in _POINTING


def _matching(name: str, form: Any) -> Rule:
    return lambda value: name not in value or form(str(value[name])) is not None


def _codes(value: Value) -> Iterable[Any]:
    waiting = objects(value, "concept")
    while waiting:
        concept = waiting.pop()
        yield concept.get("code")
        waiting += objects(concept, "concept")


def _is_first_untyped(view: str) -> Rule:
    def rule(value: Value) -> bool:
        first = _elements(value, view)[:1]
        is_whole = view == "differential" and first != [] and not _is_root(first[0])
        return value.get("kind") == "logical" or is_whole or not any(has(one, "type") for one in first)

    return rule


def _ids(view: str) -> Rule:
    def rule(value: Value) -> bool:
        found = [one.get("id") for one in _elements(value, view)]
        return None not in found and _distinct(found)

    return rule


def _roots_without(*names: str) -> Rule:
    return lambda value: not any(has(one, name) for one in _in_both(value) if _is_root(one) for name in names)


def _starts_with_type(value: Value) -> bool:
    first = _elements(value, "snapshot")[:1]
    return value.get("kind") == "logical" or not first or first[0].get("path") == value.get("type")


def _fhir_types(value: Value) -> bool:
    kinds = (kind for one in _in_both(value) for kind in _types(one) if kind is not None)
    return not _of_hl7(value) or all(_FHIR_TYPE(str(kind)) for kind in kinds)


def _of_hl7(value: Value) -> bool:
    return str(value.get("url", "")).startswith(_HL7)


def _has_default(elements: list[Value]) -> bool:
    return any(has_choice(one, "defaultValue") for one in elements)


def _all_below(view: str) -> Rule:
    """The first path is the type's (a differential's may lie below it), all others are below the first's."""

    def rule(value: Value) -> bool:
        paths = [str(one.get("path", "")) for one in _elements(value, view)]
        kind = str(value.get("type", ""))
        first = paths[0] if paths else kind
        is_first = first == kind if view == "snapshot" else first.startswith(kind)
        root = first if view == "snapshot" else first.partition(".")[0]
        return (value.get("kind") == "logical" or is_first) and all(one.startswith(f"{root}.") for one in paths[1:])

    return rule


def _every(*names: str) -> Rule:
    return lambda value: all(has(one, name) for one in objects(value, "element") for name in names)


DEFINITIONS: Final[dict[str, Invariant]] = invariants(
    ("eld-1", "a slicing has discriminators or a description", some("discriminator", "description")),
    ("eld-2", "min is at most max", _min_max),
    ("eld-3", "max is a number or *", _matching("max", _COUNT)),
    ("eld-4", "aggregation only of a Reference or canonical", _only_where_pointing("aggregation", "code")),
    ("eld-5", "contentReference without a type and rules of its own", _no_content),
    ("eld-6", "fixed[x] with one type", _one_type("fixed")),
    ("eld-7", "pattern[x] with one type", _one_type("pattern")),
    ("eld-8", "either pattern[x] or fixed[x]", lambda v: not (has_choice(v, "pattern") and has_choice(v, "fixed"))),
    ("eld-11", "a binding only of coded types, string and uri", _bindable),
    ("eld-12", "valueSet starts with http:, https: or urn:", _matching("valueSet", _URL)),
    ("eld-13", "a type occurs once", lambda value: _distinct(_types(value))),
    (
        "eld-14",
        "a constraint's key occurs once",
        lambda v: _distinct(one.get("key") for one in objects(v, "constraint")),
    ),
    (
        "eld-15",
        "either defaultValue[x] or meaningWhenMissing",
        lambda value: not (has_choice(value, "defaultValue") and has(value, "meaningWhenMissing")),
    ),
    ("eld-16", "sliceName of letters, digits and / - _ [ ] @", _matching("sliceName", _SLICE)),
    ("eld-17", "targetProfile only of a Reference or canonical", _only_where_pointing("targetProfile", "code")),
    (
        "eld-18",
        "isModifier needs isModifierReason",
        lambda value: value.get("isModifier") is not True or has(value, "isModifierReason"),
    ),
    ("eld-19", "path without special characters", _matching("path", _PATH)),
    ("eld-22", "sliceIsConstraining only with sliceName", needs("sliceIsConstraining", "sliceName")),
    ("csd-1", "a code occurs once", lambda value: _distinct(_codes(value))),
    ("opd-1", "a parameter has a type or parts", some("type", "part")),
    (
        "opd-2",
        "searchType only of a string",
        lambda value: not has(value, "searchType") or value.get("type") == "string",
    ),
    ("opd-3", "targetProfile only of a Reference or canonical", _only_where_pointing("targetProfile", "type")),
    ("spd-1", "xpath needs xpathUsage", needs("xpath", "xpathUsage")),
    (
        "spd-2",
        "chain only of a reference",
        lambda value: not has(value, "chain") or value.get("type") == "reference",
    ),
    (
        "sdf-1",
        "paths of a snapshot occur once unless it is a constraint",
        lambda v: v.get("derivation") == "constraint" or _distinct(one.get("path") for one in _elements(v, "snapshot")),
    ),
    ("sdf-2", "a mapping has a name or a uri", some("name", "uri")),
    ("sdf-3", "snapshot elements have definition, min and max", _every("definition", "min", "max")),
    (
        "sdf-4",
        "a baseDefinition unless abstract",
        lambda value: value.get("abstract") is True or has(value, "baseDefinition"),
    ),
    (
        "sdf-5",
        "an extension has a context",
        lambda v: v.get("type") != "Extension" or v.get("derivation") == "specialization" or has(v, "context"),
    ),
    ("sdf-6", "a snapshot or a differential", some("snapshot", "differential")),
    ("sdf-8", "snapshot paths are the type and below it", _all_below("snapshot")),
    ("sdf-8a", "differential paths are of the type", _all_below("differential")),
    ("sdf-8b", "snapshot elements have a base", _every("base")),
    ("sdf-9", "no label, code or requirements at the root", _roots_without("label", "code", "requirements")),
    (
        "sdf-10",
        "a binding has a valueSet or a description",
        lambda value: not has(value, "binding") or any(has(value["binding"], x) for x in ("valueSet", "description")),
    ),
    ("sdf-11", "a snapshot starts with the type", _starts_with_type),
    ("sdf-14", "elements have an id", lambda value: all(has(one, "id") for one in _in_both(value))),
    ("sdf-15", "no type at a snapshot's root", _is_first_untyped("snapshot")),
    ("sdf-15a", "no type at a differential's root", _is_first_untyped("differential")),
    ("sdf-16", "snapshot elements have an id, once each", _ids("snapshot")),
    ("sdf-17", "differential elements have an id, once each", _ids("differential")),
    (
        "sdf-18",
        "contextInvariant only of an extension",
        lambda value: not has(value, "contextInvariant") or value.get("type") == "Extension",
    ),
    ("sdf-19", "HL7's own definitions use FHIR types", _fhir_types),
    (
        "sdf-20",
        "no slicing at the root",
        lambda v: not any(has(x, "slicing") for x in objects(v, "element") if _is_root(x)),
    ),
    (
        "sdf-21",
        "default values only in specializations",
        lambda v: not _has_default(_elements(v, "differential")) or v.get("derivation") == "specialization",
    ),
    (
        "sdf-22",
        "HL7's own definitions have no default values",
        lambda v: not (_of_hl7(v) and _has_default(_in_both(v))),
    ),
    ("sdf-23", "no sliceName at the root", _roots_without("sliceName")),
    ("vsd-1", "a valueSet or a system", some("valueSet", "system")),
    (
        "vsd-2",
        "concepts and filters need a system",
        lambda v: has(v, "system") or not (has(v, "concept") or has(v, "filter")),
    ),
    ("vsd-3", "either concepts or filters", not_both("concept", "filter")),
    ("vsd-6", "a code or a display", some("code", "display")),
    ("vsd-9", "a code unless abstract", lambda value: has(value, "code") or value.get("abstract") is True),
    ("vsd-10", "a code needs a system", needs("code", "system")),
)
