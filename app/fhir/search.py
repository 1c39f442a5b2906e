"""The search grammar (R4 3.1.1): parameters of a request → a typed query. No SQL here.

Repeated parameters are AND, comma lists are OR, a backslash makes comma, bar, $ and itself literal. Only declared
parameters are taken: an ignored filter shows a partner more than it asked for. Values are never repeated in an error.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.errors import Unreadable
from app.fhir.identifiers import holds_national_number
from app.fhir.instants import Span, span
from app.fhir.references import literal
from app.fhir.resources import RESOURCES, Kind, SearchParameter

DEFAULT_COUNT: Final = 50
LARGEST_COUNT: Final = 200
NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""The key of an unknown patient, as long as any other: the sealed cursor must not tell whether somebody is known."""
LARGEST_LIST: Final = 50
"""Values of all parameters of one search."""
LONGEST_TEXT: Final = 8192
SORTS: Final = ("_lastUpdated", "-_lastUpdated")

_CODE_SYSTEMS: Final = frozenset(f"http://hl7.org/fhir/{name}" for name in ("task-status", "care-team-status"))
"""Systems that a client may put before a status; a code element has no system of its own."""

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}").fullmatch
_PIECE = re.compile(r"\\.|,|[^\\,]+|\\", re.DOTALL)
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]").search
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BAR = re.compile(r"(?:[^\\|]|\\.)*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """``system|code``. System None: any, "": none. Code "": any of the system."""

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


Value = Token | PatientId | PatientKey | Span


@dataclass(frozen=True, slots=True)
class Criterion:
    """One parameter of a query: a resource matches when one of the values does.

    Values by ``parameter.kind``: ID and CODE a ``Token`` without system; TOKEN and TOKENS a ``Token``;
    LAST_UPDATED a ``Span``; PATIENT a ``PatientKey`` once resolved, before that a ``PatientId`` or, with modifier
    ``identifier``, a ``Token``.
    """

    parameter: SearchParameter
    modifier: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the next one starts behind it. ``bound``: nothing newer than the first page is shown."""

    updated: int
    id: str
    bound: int


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: all criteria hold, ``count`` at most, newest first unless ``descending`` is off."""

    type: str
    criteria: tuple[Criterion, ...] = ()
    count: int = DEFAULT_COUNT
    descending: bool = True
    position: Position | None = None
    ignored: tuple[str, ...] = ()
    """Parameters left out, by their places, under ``Prefer: handling=lenient``."""

    @property
    def patients(self) -> tuple[PatientId | Token, ...]:
        """Patients that must be looked up before the store can search."""
        return tuple(
            value
            for criterion in self.criteria
            if criterion.parameter.kind is Kind.PATIENT
            for value in criterion.values
            if isinstance(value, PatientId | Token)
        )

    def resolve_patients(self, keys: Mapping[PatientId | Token, str]) -> "Query":
        """The query by internal patient keys; one that is not in ``keys`` is nobody."""
        return replace(self, criteria=tuple(_resolved(criterion, keys) for criterion in self.criteria))

    def resolve_patient(self, key: str) -> "Query":
        """The query with the same internal key for every patient that it names."""
        return self.resolve_patients(dict.fromkeys(self.patients, key))

    def after(self, updated: int, id: str, bound: int) -> "Query":  # noqa: A002 (FHIR's own word)
        """The query for the page behind this row."""
        return replace(self, position=Position(updated, id, bound))


def parse(
    type_name: str,
    pairs: Sequence[tuple[str, str]],
    parameters: Sequence[SearchParameter] | None = None,
    *,
    in_url: bool = False,
    lenient: bool = False,
) -> Query:
    """Read decoded name and value pairs.

    :param parameters: what is declared; without it, those of the resource table.
    :param in_url: the pairs come from a URL, where no national identity number may stand.
    :param lenient: leave unknown parameters out and tell their places in ``ignored``.
    :raises Unreadable: national-number-in-url, unknown-parameter, bad-modifier, repeated-parameter, empty-value,
        bad-value, bad-date, bad-prefix, bad-count, bad-sort, too-many-values.
    """
    if in_url and any(holds_national_number(text) for pair in pairs for text in pair):
        raise Unreadable(
            "A URL must not hold a national identity number; use POST _search with it in the body.",
            code="national-number-in-url",
        )
    declared = {p.name: p for p in (RESOURCES[type_name].search if parameters is None else parameters)}
    controls: dict[str, str] = {}
    criteria: list[Criterion] = []
    ignored: list[str] = []
    for number, (name, text) in enumerate(pairs, 1):
        if name in ("_count", "_sort"):
            if name in controls:
                raise Unreadable(f"{name} must be given once.", code="repeated-parameter")
            controls[name] = text
            continue
        base, modifier = _name(name)
        if base in declared:
            criteria.append(_criterion(declared[base], modifier, text))
        elif lenient:
            ignored.append(f"parameter {number}")
        else:
            raise _unknown(number, declared)
    if sum(len(criterion.values) for criterion in criteria) > LARGEST_LIST:
        raise Unreadable(f"A search takes at most {LARGEST_LIST} values in all.", code="too-many-values")
    return Query(
        type=type_name,
        criteria=tuple(criteria),
        count=_count(controls.get("_count", str(DEFAULT_COUNT))),
        descending=_is_descending(controls.get("_sort", "-_lastUpdated")),
        ignored=tuple(ignored),
    )


def _name(name: str) -> tuple[str, str]:
    """``patient:identifier`` and ``patient.identifier`` are the same question here."""
    base, _, modifier = name.partition(":")
    if not modifier and name.endswith(".identifier"):
        base, modifier = name.removesuffix(".identifier"), "identifier"
    return base, modifier if ":" not in name or modifier else ":"


def _unknown(number: int, declared: Mapping[str, SearchParameter]) -> Unreadable:
    allowed = sorted({form for parameter in declared.values() for form in _forms(parameter)})
    return Unreadable(
        f"Parameter {number} is not a search parameter here.",
        code="unknown-parameter",
        allowed=(*allowed, "_count", "_sort"),
    )


def _forms(parameter: SearchParameter) -> list[str]:
    forms = [f"{parameter.name}:{modifier}" for modifier in parameter.modifiers]
    return forms if _needs_modifier(parameter) else [parameter.name, *forms]


def _needs_modifier(parameter: SearchParameter) -> bool:
    return parameter.kind is not Kind.PATIENT and parameter.modifiers == ("identifier",)


def _criterion(parameter: SearchParameter, modifier: str, text: str) -> Criterion:
    name = parameter.name
    if parameter.kind is Kind.PATIENT and modifier == "Patient":
        modifier = ""
    if (modifier and modifier not in parameter.modifiers) or (not modifier and _needs_modifier(parameter)):
        raise Unreadable(f"{name} is not searched in this form.", code="bad-modifier", allowed=tuple(_forms(parameter)))
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"{name} takes at most {LONGEST_TEXT} characters.", code="too-many-values")
    if _UNSTORABLE(text):
        raise _bad(name, "text without NUL and lone surrogates")
    read = _READERS[Kind.TOKENS if modifier == "identifier" else parameter.kind]
    parts = _split(text)
    if not all(part.strip() for part in parts):
        raise Unreadable(f"{name} has an empty value.", code="empty-value")
    return Criterion(parameter, modifier, tuple(read(name, part) for part in parts))


def _split(text: str) -> list[str]:
    """At commas that are not escaped."""
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
    if (found.system and found.system not in _CODE_SYSTEMS) or not found.code:
        raise _bad(name, "a code, without a system or with R4's own")
    return Token(None, found.code)


def _id(name: str, text: str) -> Token:
    if not _ID(text):
        raise _bad(name, "an id")
    return Token(None, text)


def _patient(name: str, text: str) -> PatientId:
    text = _plain(text)
    found = literal(text)
    if found is None and _ID(text):
        return PatientId(text)
    if found is None or found.type != "Patient":
        raise _bad(name, "Patient/id, an id or the URL of a Patient")
    return PatientId(found.id)


_READERS: Final[dict[Kind, Callable[[str, str], Value]]] = {
    Kind.ID: _id,
    Kind.CODE: _code,
    Kind.TOKEN: _token,
    Kind.TOKENS: _token,
    Kind.CODES: _token,
    Kind.PATIENT: _patient,
    Kind.LAST_UPDATED: span,
}


def _plain(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


def _bad(name: str, form: str) -> Unreadable:
    return Unreadable(f"{name} must be {form}.", code="bad-value")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Unreadable("_count must be a number, 0 or more.", code="bad-count")
    return min(int(text[:9]), LARGEST_COUNT) if len(text) < 10 else LARGEST_COUNT


def _is_descending(text: str) -> bool:
    if text not in SORTS:
        raise Unreadable("_sort has another value than those offered.", code="bad-sort", allowed=SORTS)
    return text.startswith("-")


def _resolved(criterion: Criterion, keys: Mapping[PatientId | Token, str]) -> Criterion:
    if criterion.parameter.kind is not Kind.PATIENT:
        return criterion
    values = tuple(
        PatientKey(keys.get(value) or NOBODY) if isinstance(value, PatientId | Token) else value
        for value in criterion.values
    )
    return replace(criterion, values=values)
