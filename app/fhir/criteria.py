"""The values of a search (R4 3.1.1.4): what stands behind a parameter → what the store compares with."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from unicodedata import combining, normalize

from app.errors import Unreadable
from app.fhir.declared import Kind, SearchParameter
from app.fhir.instants import DateRange, Span, date_range, span
from app.fhir.references import literal

LONGEST: Final = 200
"""Characters of a name or code that are compared one by one: an index has no room for endless ones."""
_R4: Final = "http://hl7.org/fhir/"
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}").fullmatch
_PIECE = re.compile(r"\\.|,|[^\\,]+|\\", re.DOTALL)
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]").search
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BAR = re.compile(r"(?:[^\\|]|\\.)*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """``system|code``. System None: any, "": none. Code "": any of the system.

    Of a reference the system is the type and the code the id (of a versioned one ``id/_history/n``); a foreign URL
    has the system "".
    """

    system: str | None
    code: str


@dataclass(frozen=True, slots=True)
class PatientId:
    """A patient by the id of its resource."""

    id: str


@dataclass(frozen=True, slots=True)
class PatientKey:
    """A patient by the internal key; "" is nobody's."""

    key: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning of a name, as ``folded``."""

    text: str


@dataclass(frozen=True, slots=True)
class Inside:
    """``:contains``: a part of a name, as ``folded``."""

    text: str


@dataclass(frozen=True, slots=True)
class Exactly:
    """``:exact``: a whole name with its case and accents, as ``indexed``."""

    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """``:missing``: whether the element is to be absent."""

    absent: bool


Value = Token | PatientId | PatientKey | Span | DateRange | Beginning | Inside | Exactly | Missing


def folded(text: str) -> str:
    """A name without case and accents, its white space made one (R4 3.1.1.4.8)."""
    plain = "".join(sign for sign in normalize("NFKD", text) if not combining(sign))
    return " ".join(plain.casefold().split())[:LONGEST]


def indexed(text: str) -> str:
    """A code as it stands in an index: a very long one by its beginning and its hash."""
    return text if len(text) <= LONGEST else f"{text[:100]}…{sha256(text.encode()).hexdigest()}"


def read_values(parameter: SearchParameter, modifier: str, text: str) -> tuple[Value, ...]:
    """The values of one parameter: a comma list is OR.

    :raises Unreadable: empty-value, bad-value, bad-date, bad-prefix.
    """
    name = parameter.name
    if _UNSTORABLE(text):
        raise _bad(name, "text without NUL and lone surrogates")
    if modifier == "missing":
        if text not in ("true", "false"):
            raise _bad(f"{name}:missing", "true or false")
        return (Missing(text == "true"),)
    parts = _split(text)
    if not all(part.strip() for part in parts):
        raise Unreadable(f"{name} has an empty value.", code="empty-value")
    if modifier in parameter.targets and parameter.kind is Kind.REFERENCE:
        return tuple(_of_type(parameter, modifier, part) for part in parts)
    if parameter.kind is Kind.REFERENCE and modifier != "identifier":
        return tuple(_reference(parameter, part) for part in parts)
    read = _FORMS.get(modifier) or _READERS[Kind.TOKENS if modifier == "identifier" else parameter.kind]
    return tuple(read(name, part) for part in parts)


def _split(text: str) -> list[str]:
    """At commas that are not escaped."""
    if "\\" not in text:
        return text.split(",")
    parts = [""]
    for found in _PIECE.finditer(text):
        if found.group() == ",":
            parts.append("")
        else:
            parts[-1] += found.group()
    return parts


def _token(name: str, text: str) -> Token:
    first = _BAR.match(text)
    system = first.group() if first else ""
    if len(system) == len(text):
        return Token(None, _plain(text))
    code = text[len(system) + 1 :]
    if not system and not code:
        raise _bad(name, "system|value, value, |value or system|")
    return Token(_plain(system), _plain(code))


def _code(name: str, text: str) -> Token:
    found = _token(name, text)
    if (found.system and not found.system.startswith(_R4)) or not found.code:
        raise _bad(name, "a code, without a system or with R4's own")
    return Token(None, found.code)


def _id(name: str, text: str) -> Token:
    if not _ID(text):
        raise _bad(name, "an id")
    return Token(None, text)


def _uri(_name: str, text: str) -> Token:
    return Token(None, _plain(text))


def _beginning(_name: str, text: str) -> Beginning:
    return Beginning(folded(_plain(text)))


def _inside(_name: str, text: str) -> Inside:
    return Inside(folded(_plain(text)))


def _exactly(_name: str, text: str) -> Exactly:
    return Exactly(indexed(_plain(text)))


def _patient(name: str, text: str) -> PatientId:
    text = _plain(text)
    found = literal(text)
    if found is None and _ID(text):
        return PatientId(text)
    if found is None or found.type != "Patient":
        raise _bad(name, "Patient/id, an id or the URL of a Patient")
    return PatientId(found.id)


def _of_type(parameter: SearchParameter, type_name: str, text: str) -> Token:
    found = _reference(parameter, text)
    if found.system is not None and found.system != type_name:
        raise _bad(parameter.name, f"an id of {type_name}")
    return Token(type_name, found.code)


def _reference(parameter: SearchParameter, text: str) -> Token:
    text = _plain(text)
    if _ID(text):
        return Token(None, text)
    if ":" in text:
        return Token("", without_version(text))
    found = literal(text)
    if found is None or found.type not in parameter.targets:
        raise Unreadable(
            f"{parameter.name} must be Type/id, an id or a URL.", code="bad-value", allowed=parameter.targets
        )
    if parameter.versioned:
        return Token(found.type, text.removeprefix(f"{found.type}/"))
    return Token(found.type, found.id)


def without_version(url: str) -> str:
    """A literal reference without ``/_history/…``."""
    return url.partition("/_history/")[0]


_READERS: Final[dict[Kind, Callable[[str, str], Value]]] = {
    Kind.ID: _id,
    Kind.CODE: _code,
    Kind.TOKEN: _token,
    Kind.TOKENS: _token,
    Kind.CODES: _token,
    Kind.URI: _uri,
    Kind.STRING: _beginning,
    Kind.DATE: date_range,
    Kind.PATIENT: _patient,
    Kind.LAST_UPDATED: span,
}

_FORMS: Final[dict[str, Callable[[str, str], Value]]] = {"contains": _inside, "exact": _exactly}


def _plain(text: str) -> str:
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


def _bad(name: str, form: str) -> Unreadable:
    return Unreadable(f"{name} must be {form}.", code="bad-value")
