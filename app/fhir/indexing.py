"""What a resource is found by: the rows of the side tables, from the paths of the resource table."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from app.fhir.criteria import folded, indexed, without_version
from app.fhir.declared import Kind, SearchParameter
from app.fhir.instants import EARLIEST, LATEST, covered
from app.fhir.references import literal
from app.fhir.resources import RESOURCES

NAME_PARTS: Final = ("text", "family", "given", "prefix", "suffix")


class Entry(NamedTuple):
    """A searchable code, identifier, reference, URL or name; ``param`` may end in ``:identifier`` or ``:exact``."""

    param: str
    value: str
    system: str


class DateEntry(NamedTuple):
    """What a date parameter covers, ``low <= t < high`` in milliseconds."""

    param: str
    low: int
    high: int


def entries_of(type_name: str, content: dict[str, Any], base: str = "") -> list[Entry]:
    """Rows of the token table, sorted, each once. ``base`` is our own base URL."""
    found: set[Entry] = set()
    for parameter, steps in _sided(type_name):
        values = list(_follow(content, steps))
        rows = [entry for value in values for entry in _READERS[parameter.kind](parameter.name, value, base)]
        # An element that says nothing searchable is there all the same, and no search for a value can find this.
        found.update(rows or ([Entry(parameter.name, "", "")] if values else []))
    return sorted(found)


def dates_of(type_name: str, content: dict[str, Any]) -> list[DateEntry]:
    """Rows of the date table, sorted, each once."""
    return sorted(
        {
            DateEntry(parameter.name, *(covered(value) or (EARLIEST, LATEST)))
            for parameter, steps in _dated(type_name)
            for value in _follow(content, steps)
        }
    )


def own_reference(value: object, base: str = "") -> tuple[str, str] | None:
    """(type, id) of a Reference that is relative or begins with our base; None for all others."""
    reference = value.get("reference") if isinstance(value, dict) else None
    if not isinstance(reference, str):
        return None
    if base and reference.startswith(f"{base}/"):
        reference = reference[len(base) + 1 :]
    found = literal(reference) if ":" not in reference else None
    return (found.type, found.id) if found else None


def _paths(path: str) -> list[tuple[str, ...]]:
    return [tuple(part.split(".")[1:]) for part in path.split(" | ")]


@cache
def _sided(type_name: str) -> tuple[tuple[SearchParameter, tuple[str, ...]], ...]:
    return tuple(
        (parameter, steps)
        for parameter in RESOURCES[type_name].search
        if not parameter.column and parameter.kind is not Kind.DATE
        for steps in _paths(parameter.path)
    )


@cache
def _dated(type_name: str) -> tuple[tuple[SearchParameter, tuple[str, ...]], ...]:
    return tuple(
        (parameter, steps)
        for parameter in RESOURCES[type_name].search
        if not parameter.column and parameter.kind is Kind.DATE
        for steps in _paths(parameter.path)
    )


def _follow(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    """The values at a path, through lists."""
    if isinstance(value, list):
        for item in value:
            yield from _follow(item, steps)
    elif not steps:
        if value is not None:
            yield value
    elif isinstance(value, dict) and steps[0] in value:
        yield from _follow(value[steps[0]], steps[1:])


def _coded(name: str, value: Any, _base: str) -> Iterator[Entry]:
    """A CodeableConcept, Coding, Identifier, code or boolean."""
    if isinstance(value, bool):
        yield Entry(name, "true" if value else "false", "")
    elif isinstance(value, str):
        yield Entry(name, indexed(value), "")
    elif isinstance(value, dict):
        for one in value.get("coding", (value,)):
            code = one.get("code") or one.get("value")
            if code:
                yield Entry(name, indexed(str(code)), indexed(str(one.get("system", ""))))


def _referenced(name: str, value: Any, base: str) -> Iterator[Entry]:
    own = own_reference(value, base)
    reference = value.get("reference", "")
    if own:
        yield Entry(name, own[1], own[0])
    elif reference and not reference.startswith("#"):
        yield Entry(name, indexed(without_version(reference)), "")
    for entry in _coded(name, value.get("identifier") or {}, base):
        yield entry._replace(param=f"{name}:identifier")


def _url(name: str, value: str, _base: str) -> Iterator[Entry]:
    yield Entry(name, indexed(value), "")
    yield Entry(name, indexed(value.partition("|")[0]), "")


def _named(name: str, value: Any, _base: str) -> Iterator[Entry]:
    """A string or the parts of a HumanName."""
    parts = [value] if isinstance(value, str) else [one for part in NAME_PARTS for one in _follow(value, (part,))]
    for part in parts:
        if text := folded(str(part)):
            yield Entry(name, text, "")
            yield Entry(f"{name}:exact", indexed(str(part)), "")


_READERS: Final = {
    Kind.CODE: _coded,
    Kind.TOKEN: _coded,
    Kind.TOKENS: _coded,
    Kind.CODES: _coded,
    Kind.REFERENCE: _referenced,
    Kind.URI: _url,
    Kind.STRING: _named,
}
