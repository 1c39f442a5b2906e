"""The search grammar (R4 3.1.1): parameters of a request → a typed query. No SQL here.

Repeated parameters are AND, comma lists are OR, a backslash makes comma, bar, $ and itself literal. Only declared
parameters are taken: an ignored filter shows a partner more than it asked for. Values are never repeated in an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from app.errors import Unreadable
from app.fhir.criteria import Beginning, Missing, PatientId, PatientKey, Token, Value, read_values
from app.fhir.identifiers import holds_national_number
from app.fhir.resources import COMMON, RESOURCES, STORED, Kind, SearchParameter, pairs_leading_to
from app.fhir.sorts import Place, read_sort, start

__all__ = [
    "DEFAULT_COUNT",
    "LARGEST_COUNT",
    "Beginning",
    "Criterion",
    "Include",
    "Missing",
    "PatientId",
    "PatientKey",
    "Position",
    "Query",
    "Token",
    "Value",
    "declared_for",
    "parse",
    "sorts_of",
]

DEFAULT_COUNT: Final = 50
LARGEST_COUNT: Final = 200
NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""The key of an unknown patient, as long as any other: the sealed cursor must not tell whether somebody is known."""
LARGEST_LIST: Final = 50
"""Values of all parameters of one search."""
LONGEST_TEXT: Final = 16_384
TOTALS: Final = ("none", "estimate", "accurate")
_ONCE: Final = ("_count", "_sort", "_total", "_type")
_INCLUDES: Final = ("_include", "_revinclude")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One parameter of a query: a resource matches when one of the values does; with modifier ``not``, when none.

    Values by ``parameter.kind``: ID and CODE a ``Token`` without system; TOKEN, TOKENS, CODES, REFERENCE and URI a
    ``Token``; STRING a ``Beginning``, with a modifier an ``Inside`` or ``Exactly``; DATE a ``DateRange``; LAST_UPDATED
    a ``Span``; PATIENT a ``PatientKey`` once resolved, before that a ``PatientId`` or, with modifier ``identifier``, a
    ``Token``. Modifier ``missing``: one ``Missing``.
    """

    parameter: SearchParameter
    modifier: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Include:
    """``source:parameter[:target]`` of ``_include`` and ``_revinclude``; ``target`` empty for any type."""

    source: str
    parameter: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the next one starts behind it. ``bound``: nothing newer than the first page is shown."""

    place: Place
    id: str
    bound: int


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: all criteria hold, ``count`` at most, newest first where nothing else is said."""

    type: str
    """Empty for a search over ``types``."""
    criteria: tuple[Criterion, ...] = ()
    count: int = DEFAULT_COUNT
    descending: bool = True
    position: Position | None = None
    ignored: tuple[str, ...] = ()
    """Parameters left out, by their places, under ``Prefer: handling=lenient``."""
    total: bool = False
    """Whether the number of matches is asked for."""
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    types: tuple[str, ...] = ()
    sort: SearchParameter | None = None
    """What the rows are sorted by; None: ``meta.lastUpdated``."""

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

    def after(self, place: Place, id: str, bound: int) -> "Query":  # noqa: A002 (FHIR's own word)
        """The query for the page behind this row; ``place`` is what it is sorted by."""
        return replace(self, position=Position(place, id, bound))

    def start(self, bound: int) -> Position:
        """Where the first page begins: before the first row that can be in it."""
        first = bound + 1 if self.descending else -1
        return Position(start(self.sort, descending=self.descending) if self.sort else first, "", bound)


def declared_for(type_name: str) -> tuple[SearchParameter, ...]:
    """The search parameters of a type, or ("") those of all types. Raises KeyError."""
    return RESOURCES[type_name].search if type_name else COMMON


@cache
def _by_name(type_name: str) -> Mapping[str, SearchParameter]:
    return {one.name: one for one in declared_for(type_name)}


@cache
def sorts_of(type_name: str) -> tuple[SearchParameter, ...]:
    """What a search is sorted by beside ``_lastUpdated``: of a type, or ("") of all types. Raises KeyError."""
    return RESOURCES[type_name].sorts if type_name else COMMON[:1]


def parse(
    type_name: str,
    pairs: Sequence[tuple[str, str]],
    parameters: Sequence[SearchParameter] | None = None,
    *,
    in_url: bool = False,
    lenient: bool = False,
    base: str = "",
) -> Query:
    """Read decoded name and value pairs.

    :param type_name: "" for a search over the types that ``_type`` names.
    :param parameters: what is declared; without it, those of the resource table.
    :param in_url: the pairs come from a URL, where no national identity number may stand.
    :param lenient: leave unknown parameters out and tell their places in ``ignored``.
    :param base: our own base URL: a reference that begins with it is one to us.
    :raises Unreadable: national-number-in-url, unknown-parameter, bad-modifier, repeated-parameter, empty-value,
        bad-value, bad-date, bad-prefix, bad-count, bad-sort, too-many-values.
    """
    if in_url and any(holds_national_number(text) for pair in pairs for text in pair):
        raise Unreadable(
            "A URL must not hold a national identity number; use POST _search with it in the body.",
            code="national-number-in-url",
        )
    declared = _by_name(type_name) if parameters is None else {one.name: one for one in parameters}
    controls: dict[str, str] = {}
    included: dict[str, list[Include]] = {name: [] for name in _INCLUDES}
    criteria: list[Criterion] = []
    ignored: list[str] = []
    for number, (name, text) in enumerate(pairs, 1):
        if name in _ONCE and (name != "_type" or not type_name):
            if name in controls:
                raise Unreadable(f"{name} must be given once.", code="repeated-parameter")
            controls[name] = text
            continue
        base_name, modifier = _name(name)
        if base_name in declared:
            criteria.append(_criterion(declared[base_name], modifier, text, base))
        elif base_name in _INCLUDES and type_name and not modifier and (found := _include(type_name, name, text)):
            included[name].append(found)
        elif lenient:
            ignored.append(f"parameter {number}")
        elif base_name in _INCLUDES and type_name:
            raise _bad_include(type_name, base_name, modifier)
        else:
            raise _unknown(number, declared)
    if sum(len(criterion.values) for criterion in criteria) > LARGEST_LIST:
        raise Unreadable(f"A search takes at most {LARGEST_LIST} values in all.", code="too-many-values")
    sort, descending = read_sort(controls.get("_sort", "-_lastUpdated"), sorts_of(type_name))
    return Query(
        type=type_name,
        criteria=tuple(criteria),
        count=_count(controls.get("_count", str(DEFAULT_COUNT))),
        descending=descending,
        sort=sort,
        ignored=tuple(ignored),
        total=_wants_total(controls.get("_total", "none")),
        includes=tuple(dict.fromkeys(included["_include"])),
        revincludes=tuple(dict.fromkeys(included["_revinclude"])),
        types=() if type_name else _types(controls.get("_type", "")),
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
        allowed=(*allowed, "_count", "_sort", "_total"),
    )


def _forms(parameter: SearchParameter) -> list[str]:
    forms = [f"{parameter.name}:{modifier}" for modifier in parameter.modifiers]
    return forms if parameter.only_by_identifier else [parameter.name, *forms]


def _criterion(parameter: SearchParameter, modifier: str, text: str, base: str) -> Criterion:
    name = parameter.name
    if parameter.kind is Kind.PATIENT and modifier == "Patient":
        modifier = ""
    by_type = parameter.kind is Kind.REFERENCE and modifier in parameter.targets
    offered = not modifier or by_type or modifier in parameter.modifiers
    if not offered or (not modifier and parameter.only_by_identifier):
        raise Unreadable(f"{name} is not searched in this form.", code="bad-modifier", allowed=tuple(_forms(parameter)))
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"{name} takes at most {LONGEST_TEXT} characters.", code="too-many-values")
    if base and parameter.kind is Kind.REFERENCE and modifier != "identifier":
        text = text.replace(f"{base}/", "")
    values = read_values(parameter, modifier, text)
    return Criterion(parameter, "" if by_type else modifier, values)


def _include(type_name: str, name: str, text: str) -> Include | None:
    source, _, rest = text.partition(":")
    parameter, _, target = rest.partition(":")
    found = Include(source, parameter, target)
    if name == "_revinclude":
        known = (source, parameter) in pairs_leading_to(type_name) and target in ("", type_name)
    else:
        known = source == type_name and parameter in RESOURCES[type_name].includes
        known = known and target in ("", *RESOURCES[type_name].parameter(parameter).targets)
    return found if known else None


def _bad_include(type_name: str, name: str, modifier: str) -> Unreadable:
    if modifier:
        return Unreadable(f"{name} has no modifiers here.", code="bad-modifier", allowed=(name,))
    pairs = pairs_leading_to(type_name) if name == "_revinclude" else _pairs_from(type_name)
    return Unreadable(
        f"{name} must be one of the pairs that are offered.",
        code="bad-value",
        allowed=tuple(f"{source}:{parameter}" for source, parameter in pairs),
    )


def _pairs_from(type_name: str) -> Iterator[tuple[str, str]]:
    return ((type_name, name) for name in RESOURCES[type_name].includes)


def _types(text: str) -> tuple[str, ...]:
    allowed = tuple(one.name for one in STORED)
    wanted = tuple(dict.fromkeys(text.split(",")))
    if not set(wanted) <= set(allowed):
        raise Unreadable("_type must name the types that are searched.", code="bad-value", allowed=allowed)
    return wanted


def _wants_total(text: str) -> bool:
    if text not in TOTALS:
        raise Unreadable("_total has another value than those offered.", code="bad-value", allowed=TOTALS)
    return text != "none"


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Unreadable("_count must be a number, 0 or more.", code="bad-count")
    return min(int(text[:9]), LARGEST_COUNT) if len(text) < 10 else LARGEST_COUNT


def _resolved(criterion: Criterion, keys: Mapping[PatientId | Token, str]) -> Criterion:
    if criterion.parameter.kind is not Kind.PATIENT:
        return criterion
    values = tuple(
        PatientKey(keys.get(value) or NOBODY) if isinstance(value, PatientId | Token) else value
        for value in criterion.values
    )
    return replace(criterion, values=values)
