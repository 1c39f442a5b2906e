"""JSON at the edge: read once and strictly, change a few members, leave every other byte alone.

What a partner sent is stored as received (R4 2.6.2). Most JSON readers, Python's too, take the last of two equal
names, pass NUL characters on and change long numbers; here these are refused, so that we, the database and the
partner never read one document in two ways.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import msgspec

from app.errors import Unreadable
from app.fhir import scan

DEPTH_LIMIT: Final = 64
"""Deepest nesting of objects and lists. R4 content that we know stays below 20."""
ITEMS_LIMIT: Final = 10_000
"""Most items of one list."""
_NOT_CONTENT: Final = ("id", "meta", "text", "authoredOn", "lastModified")


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON object as received, and as plain values (numbers with a fraction as ``Decimal``)."""

    raw: bytes
    value: dict[str, Any]


def read(body: bytes, limit_depth: int = DEPTH_LIMIT) -> Document:
    """Parse a body that must be one object.

    :raises Unreadable: empty-body, byte-order-mark, bad-utf8, broken-json, lone-surrogate, nul-character,
        number-out-of-range, too-deep, too-many-items, duplicate-key, not-an-object; with the byte where it is,
        never the input.
    """
    value = _parse(body, limit_depth)
    if type(value) is not dict:
        raise Unreadable("The body must be one JSON object.", code="not-an-object")
    return Document(body, value)


def read_list(body: bytes, limit_depth: int = DEPTH_LIMIT) -> list[Any]:
    """Parse a body that must be one list: a JSON Patch.

    :raises Unreadable: as ``read``, with not-an-array in place of not-an-object.
    """
    value = _parse(body, limit_depth)
    if type(value) is not list:
        raise Unreadable("The body must be one JSON array.", code="not-an-array")
    return value


def _parse(body: bytes, limit_depth: int) -> Any:
    try:
        value = _DECODER.decode(body)
    except RecursionError:
        raise scan.too_deep(body, limit_depth) from None
    except ValueError as broken:
        raise scan.why_broken(body, str(broken)) from None
    if body.count(b"{") + body.count(b"[") > limit_depth and _is_deeper(value, limit_depth):
        raise scan.too_deep(body, limit_depth)
    if body.count(b",") >= ITEMS_LIMIT and _is_wider(value, ITEMS_LIMIT):
        raise Unreadable(f"A list has more than {ITEMS_LIMIT} items.", code="too-many-items")
    scan.refuse_nul(body)
    scan.refuse_long_numbers(body)
    # A lost name is a lost colon, so equal counts prove that there is none; only an escaped colon hides one.
    if b"\\u003" in body or body.count(b":") != msgspec.json.encode(value).count(b":"):
        scan.refuse_duplicate_names(body)
    return value


Opened = Mapping[str, msgspec.Raw]
"""The members of an object, each as the bytes that it was written in."""


def members_in(raw: bytes | Opened) -> Opened:
    """The members of an object, for reading; one that is open already, to be looked through several times, as it is."""
    return _MEMBERS.decode(raw) if isinstance(raw, bytes) else raw


def splice(raw: bytes | Opened, members: Mapping[str, bytes | None]) -> bytes:
    """Set (bytes of a JSON value) or remove (None) members of the root object.

    All other members keep their bytes and their order; new ones are appended. White space between members is
    not kept.
    """
    content = dict(members_in(raw))
    for name, value in members.items():
        if value is None:
            content.pop(name, None)
        else:
            content[name] = msgspec.Raw(value)
    return msgspec.json.encode(content)


def fingerprint(document: Document) -> str:
    """SHA-256 of the content that makes a repeated create the same one.

    Names sorted, numbers as received, without id, meta, text, authoredOn and lastModified: clients stamp those
    anew on every attempt.
    """
    content = {name: item for name, item in document.value.items() if name not in _NOT_CONTENT}
    return sha256(_SORTED.encode(content)).hexdigest()


def _decimal(text: str) -> Decimal:
    if scan.is_out_of_range(text):
        raise ValueError("number")
    return Decimal(text)


_DECODER = msgspec.json.Decoder(float_hook=_decimal)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_SORTED = msgspec.json.Encoder(order="sorted", decimal_format="number")


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for item in level
            for child in (item.values() if type(item) is dict else item)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _is_wider(value: Any, limit: int) -> bool:
    rest = [value]
    while rest:
        item = rest.pop()
        if type(item) is list and len(item) > limit:
            return True
        children = item.values() if type(item) is dict else item
        rest += [child for child in children if type(child) in (dict, list)]
    return False
