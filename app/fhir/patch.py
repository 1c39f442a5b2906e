"""JSON Patch (RFC 6902) on a stored document: only what an operation reaches is written anew.

Each level that a path goes through is opened to its members, which stay raw bytes; so siblings at every depth keep
their bytes. What an operation names is never repeated in an error: it may hold a patient.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from app.errors import InvalidContent, Refused, Unreadable
from app.fhir.document import read_list

OPERATION_LIMIT: Final = 100
_DEPTH_LIMIT: Final = 32
_COPY_LIMIT: Final = 1_048_576
"""Bytes that copies may add in all: copies of copies double."""

Node = msgspec.Raw | dict[str, Any] | list[Any]
"""A value not opened, or opened: its members are nodes."""

_INDEX = re.compile(r"0|[1-9][0-9]{0,5}").fullmatch
_BAD_ESCAPE = re.compile(r"~(?![01])")
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_NEEDS: Final = {
    "add": "value",
    "remove": "",
    "replace": "value",
    "move": "from",
    "copy": "from",
    "test": "value",
}


class Operation(NamedTuple):
    """One operation; ``number`` is its place in the patch, from 0."""

    number: int
    op: str
    path: tuple[str, ...]
    source: tuple[str, ...] = ()
    value: Any = None
    written: msgspec.Raw | None = None
    """The value as the sender wrote it: so it is stored."""


def read_operations(body: bytes) -> tuple[Operation, ...]:
    """A patch from a request's body.

    :raises Unreadable: as ``document.read_list``, or bad-patch.
    """
    operations = operations_of(read_list(body))
    raw = msgspec.json.decode(body, type=list[dict[str, msgspec.Raw]])
    return tuple(
        one._replace(written=msgspec.Raw(bytes(members["value"]))) if "value" in members else one
        for one, members in zip(operations, raw, strict=True)
    )


def operations_of(items: Sequence[Any]) -> tuple[Operation, ...]:
    """Read the operations of a patch.

    :raises Unreadable: bad-patch, with the number of the operation.
    """
    if len(items) > OPERATION_LIMIT:
        raise Unreadable(f"A patch has at most {OPERATION_LIMIT} operations.", code="bad-patch")
    return tuple(item if isinstance(item, Operation) else _operation(number, item) for number, item in enumerate(items))


def apply(raw: bytes, operations: Sequence[Any]) -> bytes:
    """The document after all operations, or an error and nothing.

    :param operations: from ``read_operations``, or the decoded JSON.
    :raises Unreadable: bad-patch.
    :raises InvalidContent: patch-path: the path does not lead to anything, or not to a place where this can be.
    :raises Refused: patch-test-failed.
    """
    change = _Change(raw)
    for operation in operations_of(operations):
        try:
            change.make(operation)
        except RecursionError:  # copies into copies
            raise _malformed(operation.number, "meets a value that is nested too deep") from None
    return _ENCODER.encode(change.root)


def touched(operations: Sequence[Any]) -> set[str]:
    """Top-level members that a patch may change."""
    changing = [operation for operation in operations_of(operations) if operation.op != "test"]
    moved = {operation.source[0] for operation in changing if operation.op == "move"}
    return moved | {operation.path[0] for operation in changing}


def _operation(number: int, item: Any) -> Operation:
    if type(item) is not dict:
        raise _malformed(number, "must be an object")
    op = item.get("op")
    if type(op) is not str or op not in _NEEDS:
        raise _malformed(number, "needs an op", tuple(_NEEDS))
    if _NEEDS[op] and _NEEDS[op] not in item:
        raise _malformed(number, f"needs {_NEEDS[op]}")
    path = _pointer(number, item.get("path"))
    source = _pointer(number, item["from"]) if _NEEDS[op] == "from" else ()
    if op == "move" and path[: len(source)] == source and path != source:
        raise _malformed(number, "moves a value into itself")
    return Operation(number, op, path, source, item.get("value"))


def _pointer(number: int, text: Any) -> tuple[str, ...]:
    if type(text) is not str or not text.startswith("/") or _BAD_ESCAPE.search(text):
        raise _malformed(number, "needs JSON Pointers that start with / (replace a whole resource with PUT)")
    parts = text[1:].split("/")
    if len(parts) > _DEPTH_LIMIT:
        raise _malformed(number, f"goes deeper than {_DEPTH_LIMIT} levels")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def _malformed(number: int, rule: str, allowed: tuple[str, ...] = ()) -> Unreadable:
    return Unreadable(f"Operation {number} of the patch {rule}.", code="bad-patch", allowed=allowed)


class _Change:
    """The opened document while the operations are made."""

    def __init__(self, raw: bytes) -> None:
        self.root: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        self._copied = 0
        self._make: Final[dict[str, Callable[[Operation], None]]] = {
            "add": lambda one: self._add(one, one.path, _raw(one)),
            "remove": self._drop,
            "replace": self._replace,
            "move": lambda one: self._add(one, one.path, self._remove(one, one.source)),
            "copy": self._copy,
            "test": self._test,
        }

    def make(self, operation: Operation) -> None:
        self._make[operation.op](operation)

    def _add(self, one: Operation, path: tuple[str, ...], node: Node) -> None:
        holder, name = self._open(one, path[:-1]), path[-1]
        if isinstance(holder, dict):
            holder[name] = node
        elif name == "-":
            holder.append(node)
        else:
            holder.insert(_index(one, name, len(holder)), node)

    def _remove(self, one: Operation, path: tuple[str, ...]) -> Node:
        holder, key = self._find(one, path)
        removed: Node = holder.pop(key)
        return removed

    def _drop(self, one: Operation) -> None:
        self._remove(one, one.path)

    def _replace(self, one: Operation) -> None:
        holder, key = self._find(one, one.path)
        holder[key] = _raw(one)

    def _copy(self, one: Operation) -> None:
        holder, key = self._find(one, one.source)
        encoded = _ENCODER.encode(holder[key])
        self._copied += len(encoded)
        if self._copied > _COPY_LIMIT:
            raise _malformed(one.number, f"copies: all copies add more than {_COPY_LIMIT} bytes")
        self._add(one, one.path, msgspec.Raw(encoded))

    def _test(self, one: Operation) -> None:
        holder, key = self._find(one, one.path)
        if not _is_equal(_value(holder[key]), one.value):
            raise Refused(f"Operation {one.number} of the patch: the test failed.", code="patch-test-failed")

    def _find(self, one: Operation, path: tuple[str, ...]) -> tuple[Any, Any]:
        """The opened parent of an existing value, and its name or index there."""
        holder, name = self._open(one, path[:-1]), path[-1]
        if isinstance(holder, list):
            return holder, _index(one, name, len(holder) - 1)
        if name not in holder:
            raise _no_path(one)
        return holder, name

    def _open(self, one: Operation, path: tuple[str, ...]) -> dict[str, Any] | list[Any]:
        """Open every level on the way."""
        here: dict[str, Any] | list[Any] = self.root
        for part in path:
            key: Any = part
            if isinstance(here, list):
                key = _index(one, part, len(here) - 1)
            elif part not in here:
                raise _no_path(one)
            opened = _opened(one, here[key])
            here[key] = opened
            here = opened
        return here


def _opened(one: Operation, node: Node) -> dict[str, Any] | list[Any]:
    if not isinstance(node, msgspec.Raw):
        return node
    first = bytes(node).lstrip()[:1]
    if first == b"{":
        return msgspec.json.decode(node, type=dict[str, msgspec.Raw])
    if first == b"[":
        return msgspec.json.decode(node, type=list[msgspec.Raw])
    raise _no_path(one)


def _index(one: Operation, text: str, last: int) -> int:
    if not _INDEX(text) or int(text) > last:
        raise _no_path(one)
    return int(text)


def _no_path(one: Operation) -> InvalidContent:
    return InvalidContent(
        f"Operation {one.number} of the patch ({one.op}): a path does not lead to anything.",
        code="patch-path",
    )


def _raw(one: Operation) -> msgspec.Raw:
    return msgspec.Raw(_ENCODER.encode(one.value)) if one.written is None else one.written


def _value(node: Node) -> Any:
    return msgspec.json.Decoder(float_hook=Decimal).decode(_ENCODER.encode(node))


def _is_equal(first: Any, second: Any) -> bool:
    """Equal by RFC 6902 4.6: numbers by value, but true is not 1."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_is_equal(first[name], second[name]) for name in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_is_equal, first, second))
    return bool(first == second)
