"""The opaque cursor of a ``next`` link: the whole query and the place where the page ended, sealed.

A link must not carry what was asked (a ``POST _search`` may ask with a national identity number, and links end up
in logs), so the link holds the cursor only and the cursor is encrypted and authenticated (AES-SIV, RFC 5297). It
cannot be used with other filters, because it holds the filters.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from functools import lru_cache
from hashlib import sha512
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from app.errors import Unreadable
from app.fhir.criteria import Beginning, Exactly, Inside, Missing, PatientKey, Token, Value
from app.fhir.instants import DateRange, Span
from app.fhir.search import Criterion, Include, Position, Query, declared_for

_LONGEST: Final = 65_536


class _Content(msgspec.Struct, array_like=True):
    criteria: list[tuple[str, str, list[list[Any]]]]
    count: int
    descending: bool
    sort: str
    position: tuple[int | str, str, int]
    total: bool
    includes: list[tuple[str, str, str]]
    revincludes: list[tuple[str, str, str]]
    types: list[str]


def encode_cursor(query: Query, key: bytes, at: Position | None = None) -> str:
    """Seal a query whose patients are resolved, with a position, its own where no other is given.

    :raises ValueError: it has no position, or names a patient by other than the internal key.
    """
    position = at or query.position
    if position is None or query.patients:
        raise ValueError("a cursor needs a position and resolved patients")
    content = _Content(
        criteria=[(c.parameter.name, c.modifier, [_packed(value) for value in c.values]) for c in query.criteria],
        count=query.count,
        descending=query.descending,
        sort=query.sort.name if query.sort else "",
        position=(position.place, position.id, position.bound),
        total=query.total,
        includes=[(one.source, one.parameter, one.target) for one in query.includes],
        revincludes=[(one.source, one.parameter, one.target) for one in query.revincludes],
        types=list(query.types),
    )
    sealed = _cipher(key).encrypt(msgspec.json.encode(content), [query.type.encode()])
    return _text(sealed)


def decode_cursor(text: str, key: bytes, type_name: str) -> Query:
    """The query for the next page.

    :raises Unreadable: bad-cursor: not one of ours, changed, made for another type, or by an older release.
    """
    try:
        sealed = _sealed(text)
        content = msgspec.json.decode(_cipher(key).decrypt(sealed, [type_name.encode()]), type=_Content)
        declared = {parameter.name: parameter for parameter in declared_for(type_name)}
        criteria = tuple(
            Criterion(declared[name], modifier, tuple(_unpacked(value) for value in values))
            for name, modifier, values in content.criteria
        )
        sort = declared[content.sort] if content.sort else None
    except (InvalidTag, NotBase64, UnicodeEncodeError, ValueError, KeyError, IndexError, TypeError):
        raise Unreadable(
            "The cursor is not one that this search gave; start again from the first page.", code="bad-cursor"
        ) from None
    return Query(
        type_name,
        criteria,
        content.count,
        content.descending,
        Position(*content.position),
        total=content.total,
        includes=tuple(Include(*one) for one in content.includes),
        revincludes=tuple(Include(*one) for one in content.revincludes),
        types=tuple(content.types),
        sort=sort,
    )


def _sealed(text: str) -> bytes:
    sealed = urlsafe_b64decode(text[:_LONGEST].encode("ascii") + b"==")
    if _text(sealed) != text:  # the decoder passes over what is not base64
        raise ValueError("not as written")
    return sealed


def _text(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESSIV:
    return AESSIV(sha512(b"samband cursor" + key).digest())


_FORMS: Final[dict[str, type[Value]]] = {
    "t": Token,
    "k": PatientKey,
    "s": Span,
    "d": DateRange,
    "b": Beginning,
    "i": Inside,
    "e": Exactly,
    "m": Missing,
}
_LETTERS: Final = {form: letter for letter, form in _FORMS.items()}


def _packed(value: Value) -> list[Any]:
    return [_LETTERS[type(value)], *(getattr(value, name) for name in value.__slots__)]


def _unpacked(packed: list[Any]) -> Value:
    return _FORMS[packed[0]](*packed[1:])
