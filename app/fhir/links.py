"""Links in a resource, found by the type of the element and replaced in place: every other byte stays.

What counts as a link in a transaction is said by R4 3.1.0.11.2: references, uri and url, ``<a href`` and ``<img src``
of a narrative; never a canonical. It names oid and uuid as well: there a replaced value would not be valid R4 any
more, so these stay too.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from app.fhir.primitives import CHECKS
from app.fhir.scan import TOKEN
from app.fhir.shapes import Kind, Shape, definitions

Path = tuple[str | int, ...]
"""Names and indexes from the root of a resource."""


class Form(StrEnum):
    """Where a link stands."""

    REFERENCE = "reference"
    URI = "uri"
    NARRATIVE = "narrative"


class Link(NamedTuple):
    """``text`` from ``start`` to ``end`` (characters) of the string at ``path``."""

    path: Path
    start: int
    end: int
    text: str
    form: Form


_URIS: Final = (CHECKS["uri"], CHECKS["url"])
_NAMES: Final = {"reference": Form.REFERENCE} | dict.fromkeys(("uri", "url", "valueUri", "valueUrl"), Form.URI)
_ATTRIBUTE: Final = r"""\s++[\w:.-]++\s*+=\s*+(?:"[^"]*+"|'[^']*+')"""
_IN_NARRATIVE = re.compile(
    rf"""<(?:a(?:{_ATTRIBUTE})*?\s++href|img(?:{_ATTRIBUTE})*?\s++src)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')"""
)
# Each is one character, however it is spelled.
_SPELLED = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL)


def links_of(resource: Any) -> tuple[Link, ...]:
    """All links of a parsed resource, contained ones too; none where its type is unknown. It need not be valid."""
    return tuple(_of_resource(resource, ()))


def expression_of(type_name: str, path: Path) -> str:
    """FHIRPath of an element: ``Task.input[0].value.reference``."""
    shape: Shape | None = definitions().shapes[type_name]
    text = type_name
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
            continue
        member = shape.members.get(step) if shape else None
        text += f".{member.label if member else step}"
        shape = member.shape if member else None
    return text


def with_texts(raw: bytes, texts: Mapping[Link, str]) -> bytes:
    """The resource with other texts in the place of some links."""
    if not texts:
        return raw
    wanted: dict[Path, list[tuple[Link, str]]] = {}
    for link, text in texts.items():
        wanted.setdefault(link.path, []).append((link, text))
    parts, end = [], 0
    for path, found in _strings(raw):
        if path in wanted:
            parts += [raw[end : found.start()], _respelled(found.group(), wanted[path])]
            end = found.end()
    return b"".join([*parts, raw[end:]])


def _of_resource(value: Any, path: Path) -> Iterator[Link]:
    name = value.get("resourceType") if type(value) is dict else None
    if type(name) is not str:
        return
    if name in definitions().resources:
        yield from _of_object(value, definitions().shapes[name], path)
    elif name in definitions().resource_types:
        yield from _by_name(value, path)


def _by_name(value: dict[str, Any], path: Path) -> Iterator[Link]:
    """In a contained resource of a type that has no tables here, which is taken as it is."""
    for name, item in value.items():
        for here, one in _each(item, (*path, name)):
            if type(one) is dict:
                yield from _by_name(one, here)
            elif type(one) is str and name in _NAMES:
                yield Link(here, 0, len(one), one, _NAMES[name])


def _of_object(value: dict[str, Any], shape: Shape, path: Path) -> Iterator[Link]:
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None:
            continue
        for here, one in _each(item, (*path, name)):
            if type(one) is dict and member.kind is Kind.RESOURCE:
                yield from _of_resource(one, here)
            elif type(one) is dict and member.shape is not None:
                yield from _of_object(one, member.shape, here)
            elif type(one) is str and member.kind is Kind.PRIMITIVE:
                if shape.name == "Reference" and name == "reference":
                    yield Link(here, 0, len(one), one, Form.REFERENCE)
                elif member.check in _URIS:
                    yield Link(here, 0, len(one), one, Form.URI)
                elif member.check is CHECKS["xhtml"]:
                    yield from _of_narrative(one, here)


def _each(item: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if type(item) is list:
        for index, one in enumerate(item):
            yield (*path, index), one
    else:
        yield path, item


def _of_narrative(text: str, path: Path) -> Iterator[Link]:
    for found in _IN_NARRATIVE.finditer(text):
        group = 1 if found.group(1) is not None else 2
        yield Link(path, found.start(group), found.end(group), found.group(group), Form.NARRATIVE)


def _strings(raw: bytes) -> Iterator[tuple[Path, re.Match[bytes]]]:
    """Every string that is a value, with its path. An open object stands in ``path`` by its current name."""
    path: list[str | int | None] = []
    for found in TOKEN.finditer(raw):
        mark = found.group()
        if mark == b"{":
            path.append(None)
        elif mark == b"[":
            path.append(0)
        elif mark in (b"}", b"]"):
            path.pop()
        elif mark == b",":
            last = path[-1]
            path[-1] = last + 1 if isinstance(last, int) else None
        elif mark.startswith(b'"') and path[-1] is None:
            path[-1] = msgspec.json.decode(mark, type=str)
        elif mark.startswith(b'"'):
            yield tuple(step for step in path if step is not None), found


def _respelled(string: bytes, changes: list[tuple[Link, str]]) -> bytes:
    """A JSON string with parts of it replaced; the others keep their spelling."""
    characters = _SPELLED.findall(string[1:-1].decode())
    for link, text in sorted(changes, reverse=True):
        spelled = msgspec.json.encode(text)[1:-1].decode()
        characters[link.start : link.end] = [spelled]
    return f'"{"".join(characters)}"'.encode()
