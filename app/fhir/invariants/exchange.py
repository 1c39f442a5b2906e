"""Constraints of Bundle, Parameters, AuditEvent and the measures."""

from collections.abc import Callable
from typing import Any, Final

from app.fhir.invariants.rules import (
    Blame,
    Invariant,
    Rule,
    Value,
    exactly_one,
    has,
    has_choice,
    invariants,
    not_both,
    objects,
)

_REQUESTS: Final = ("batch", "transaction", "history")
_RESPONSES: Final = ("batch-response", "transaction-response", "history")


def _parameter(value: Value) -> bool:
    return has_choice(value, "value") + has(value, "resource") + has(value, "part") == 1


def _criteria(value: Value) -> bool:
    return (has(value, "code") or has(value, "description") or has(value, "criteria")) != has(value, "component")


def _in_types(name: str, kinds: tuple[str, ...]) -> tuple[Rule, Blame]:
    """Each entry has it in these types of Bundle, and none in others."""

    def blame(value: Value) -> list[tuple[str, int]]:
        wanted = value.get("type") in kinds
        return _rows(value, lambda entry: has(entry, name) != wanted)

    return lambda value: not blame(value), blame


def _rows(value: Value, is_wrong: Callable[[Value], bool]) -> list[tuple[str, int]]:
    return [("entry", index) for index, entry in enumerate(value.get("entry", ())) if is_wrong(entry)]


def _strange_search(value: Value) -> list[tuple[str, int]]:
    return [] if value.get("type") == "searchset" else _rows(value, lambda entry: has(entry, "search"))


def _repeated(value: Value) -> list[tuple[str, int]]:
    seen: set[tuple[Any, Any]] = set()

    def is_repeated(entry: Value) -> bool:
        meta = entry.get("resource", {}).get("meta", {})
        key = (entry.get("fullUrl"), str(meta.get("versionId")) if type(meta) is dict else None)
        is_known = key[0] is not None and key in seen
        seen.add(key)
        return is_known

    return [] if value.get("type") == "history" else _rows(value, is_repeated)


def _begins_with(kind: str, resource: str) -> Rule:
    """A Bundle of this type has such a resource as its first."""

    def holds(value: Value) -> bool:
        first = next(iter(objects(value, "entry")), {})
        return value.get("type") != kind or first.get("resource", {}).get("resourceType") == resource

    return holds


def _document_number(value: Value) -> bool:
    number = value.get("identifier", {})
    return value.get("type") != "document" or (has(number, "system") and has(number, "value"))


EXCHANGE: Final[dict[str, Invariant]] = invariants(
    ("Parameters.parameter inv-1", "exactly one of value, resource and part", _parameter),
    (
        "bdl-1",
        "total only in a searchset or history",
        lambda value: not has(value, "total") or value.get("type") in ("searchset", "history"),
    ),
    ("bdl-2", "search only in a searchset", lambda value: not _strange_search(value), _strange_search),
    ("bdl-3", "request in a batch, transaction or history, not elsewhere", *_in_types("request", _REQUESTS)),
    ("bdl-4", "response in an answer or history, not elsewhere", *_in_types("response", _RESPONSES)),
    (
        "bdl-5",
        "an entry has a resource, a request or a response",
        lambda value: has(value, "resource") or has(value, "request") or has(value, "response"),
    ),
    ("bdl-7", "a fullUrl occurs once, or with another version", lambda value: not _repeated(value), _repeated),
    ("bdl-8", "fullUrl names no version", lambda value: "/_history/" not in value.get("fullUrl", "")),
    ("bdl-9", "a document has an identifier with system and value", _document_number),
    ("bdl-10", "a document has a timestamp", lambda value: value.get("type") != "document" or "timestamp" in value),
    ("bdl-11", "a document begins with a Composition", _begins_with("document", "Composition")),
    ("bdl-12", "a message begins with a MessageHeader", _begins_with("message", "MessageHeader")),
    ("sev-1", "a name or a query, not both", not_both("name", "query")),
    (
        "mrp-1",
        "no group in a report of type data-collection",
        lambda value: value.get("type") != "data-collection" or not has(value, "group"),
    ),
    ("mrp-2", "either a value or components", exactly_one("value", "component")),
    ("mea-1", "either one criterion or components", _criteria),
)
