"""Constraints of questionnaires and their answers."""

from collections.abc import Iterator
from typing import Any, Final

from app.fhir.invariants.rules import Invariant, Rule, Value, has, has_choice, invariants, not_both, objects

_WITH_OPTIONS: Final = frozenset(
    ["choice", "open-choice", "decimal", "integer", "date", "dateTime", "time", "string", "quantity"]
)
_WITH_LENGTH: Final = frozenset(["boolean", "decimal", "integer", "string", "text", "url", "open-choice"])


def _link_ids(value: Value) -> Iterator[Any]:
    waiting = objects(value, "item")
    while waiting:
        item = waiting.pop()
        yield item.get("linkId")
        waiting += objects(item, "item")


def _distinct(value: Value) -> bool:
    found = [one for one in _link_ids(value) if one is not None]
    return len(found) == len(set(found))


def _nested(value: Value) -> bool:
    kind = value.get("type")
    return has(value, "item") if kind == "group" else not (kind == "display" and has(value, "item"))


def _none_in(kinds: tuple[str, ...], *names: str) -> Rule:
    return lambda value: value.get("type") not in kinds or not any(has(value, name) for name in names)


def _only_in(kinds: frozenset[str], *names: str) -> Rule:
    return lambda value: value.get("type") in kinds or not any(has(value, name) for name in names)


def _exists_is_boolean(value: Value) -> bool:
    return value.get("operator") != "exists" or "answerBoolean" in value or not has_choice(value, "answer")


FORMS: Final[dict[str, Invariant]] = invariants(
    ("qrs-1", "items either below the item or below its answers", not_both("answer", "item")),
    ("que-1", "a group has items, a display has none", _nested),
    ("que-2", "a linkId occurs once", _distinct),
    ("que-3", "a display has no code", _none_in(("display",), "code")),
    ("que-4", "either answerOption or answerValueSet", not_both("answerOption", "answerValueSet")),
    ("que-5", "answers to choose from only in such types", _only_in(_WITH_OPTIONS, "answerValueSet", "answerOption")),
    ("que-6", "a display is neither required nor repeated", _none_in(("display",), "required", "repeats")),
    ("que-7", "exists is compared with a boolean", _exists_is_boolean),
    ("que-8", "no initial value in a group or display", _none_in(("group", "display"), "initial")),
    ("que-9", "a display is not readOnly", _none_in(("display",), "readOnly")),
    ("que-10", "maxLength only in simple types", _only_in(_WITH_LENGTH, "maxLength")),
    ("que-11", "either answerOption or initial", not_both("answerOption", "initial")),
    (
        "que-12",
        "more than two enableWhen need enableBehavior",
        lambda value: len(value.get("enableWhen", ())) <= 2 or has(value, "enableBehavior"),
    ),
    (
        "que-13",
        "several initial values only where the item repeats",
        lambda value: value.get("repeats") is True or len(value.get("initial", ())) <= 1,
    ),
)
