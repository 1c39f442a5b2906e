"""Finds the byte at which a JSON body must be refused. Slow and exact; only bodies with a fault come here."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from app.errors import Unreadable

_INTEGER_RANGE: Final = range(-(2**63), 2**64)
"""What every JSON reader and database on the way can hold; R4 integers have 32 bits anyway (R4 2.24.0.1)."""
_NUMBER_LIMIT: Final = 40
_EXPONENT_LIMIT: Final = 99

TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]|-?[0-9][0-9.eE+-]*+', re.DOTALL)
"""A string, a bracket, a comma, a colon or a number of a body that is JSON."""
_DIGITS = b"-0123456789"
_SAME_DIGIT = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER: Final = b"0" * 19
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+(\\u0000)")
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
_BYTE = re.compile(r"\(byte (\d+)\)")


def why_broken(body: bytes, reason: str) -> Unreadable:
    """What a body that the JSON parser refused suffers from.

    :param reason: the parser's text, of which only the position is used.
    """
    if not body.strip():
        return Unreadable("The body is empty.", code="empty-body")
    if body.startswith(b"\xef\xbb\xbf"):
        return Unreadable("The body starts with a byte order mark; JSON has none.", code="byte-order-mark")
    try:
        body.decode()
    except UnicodeDecodeError as bad:
        return Unreadable(f"The body is not UTF-8 at byte {bad.start}.", code="bad-utf8")
    surrogate = next((found.start() for found in _ESCAPE.finditer(body) if found.group(1)), None)
    if surrogate is not None:
        return Unreadable(f"An escape is half a surrogate pair at byte {surrogate}.", code="lone-surrogate")
    number = next(_numbers_out_of_range(body), None)
    if number is not None:
        return _out_of_range(number)
    found = _BYTE.search(reason)
    position = found.group(1) if found else len(body)
    return Unreadable(f"The body is not JSON: broken at byte {position}.", code="broken-json")


def too_deep(body: bytes, limit: int) -> Unreadable:
    """Names the byte of the first bracket beyond the limit."""
    depth = 0
    for token in TOKEN.finditer(body):
        mark = token.group()
        depth += (mark in (b"{", b"[")) - (mark in (b"}", b"]"))
        if depth > limit:
            return Unreadable(f"Nested deeper than {limit} levels at byte {token.start()}.", code="too-deep")
    return Unreadable(f"Nested deeper than {limit} levels.", code="too-deep")


def refuse_nul(body: bytes) -> None:
    """PostgreSQL cannot hold it and C libraries end a text at it."""
    if b"\\u0000" in body and (found := _ESCAPED_NUL.search(body)):
        raise Unreadable(f"A text holds the NUL character at byte {found.start(1)}.", code="nul-character")


def refuse_long_numbers(body: bytes) -> None:
    """A long run of digits inside a text is no number."""
    if _LONG_NUMBER in body.translate(_SAME_DIGIT):
        for position in _numbers_out_of_range(body):
            raise _out_of_range(position)


def is_out_of_range(text: str) -> bool:
    """A JSON number that some reader on the way would change or choke on."""
    if len(text) > _NUMBER_LIMIT:
        return True
    if text.lstrip("-").isdigit():
        return int(text) not in _INTEGER_RANGE
    return abs(Decimal(text).adjusted()) > _EXPONENT_LIMIT


def refuse_duplicate_names(body: bytes) -> None:
    """Two members of one object with the same name, also where one of them is written with escapes."""
    for position in _duplicate_names(body):
        raise Unreadable(f"A name occurs twice in one object at byte {position}.", code="duplicate-key")


def _out_of_range(position: int) -> Unreadable:
    return Unreadable(
        f"A number at byte {position} is too large: integers fit into 64 bits, decimals have at most "
        f"{_NUMBER_LIMIT} characters and an exponent up to {_EXPONENT_LIMIT}.",
        code="number-out-of-range",
    )


def _numbers_out_of_range(body: bytes) -> Iterator[int]:
    for token in TOKEN.finditer(body):
        mark = token.group()
        if mark[0] in _DIGITS and _is_number_out_of_range(mark.decode()):
            yield token.start()


def _is_number_out_of_range(text: str) -> bool:
    try:
        return is_out_of_range(text)
    except ArithmeticError:
        return False


def _duplicate_names(body: bytes) -> Iterator[int]:
    stack: list[set[str]] = []
    last: re.Match[bytes] | None = None
    for token in TOKEN.finditer(body):
        mark = token.group()
        if mark in (b"{", b"["):
            stack.append(set())
        elif mark in (b"}", b"]"):
            stack.pop()
        elif mark == b":" and last is not None:
            name = msgspec.json.decode(last.group(), type=str)
            if name in stack[-1]:
                yield last.start()
            stack[-1].add(name)
        last = token
