"""Norwegian identifiers: format and control digits. The number itself is never part of an error.

National identity numbers have eleven digits: ddmmyy, three individual digits, two control digits. D numbers have 40
added to the day; help numbers (felles hjelpenummer) start with 8 or 9 and hold no date; synthetic test numbers have
65 (Norsk helsenett) or 80 (Tenor) added to the month, local ones 40. From 2032 the first control digit may leave a
remainder of 0, 1, 2 or 3 (Skatteetaten: accept both now), and neither sex nor century can be read from a number:
so nothing is derived from it here.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from operator import mul
from typing import Any, Final
from urllib.parse import unquote

from app.errors import Problems
from app.fhir import codes

HER: Final = "urn:oid:2.16.578.1.12.4.1.2"
ORGANISATION_OLD: Final = "urn:oid:2.16.578.1.12.4.1.2.101"
"""The enhetsregister under the number that DIPS' documentation cites; read, never written."""

STATIC_TEST_PERSONS: Final = frozenset({"13116900216"})
"""Norsk helsenett's published test persons whose numbers are not marked as synthetic."""

_FIRST_WEIGHTS: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_ORGANISATION_WEIGHTS: Final = (3, 2, 7, 6, 5, 4, 3, 2, 1)
_FIRST_REMAINDERS: Final = (0, 1, 2, 3)
_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ADDED_TO_MONTH: Final = (0, 40, 65, 80)
_SYNTHETIC: Final = (65, 80)

_ELEVEN = re.compile(r"(?<![0-9])[0-9]{6}[ +.\-]?[0-9]{5}(?![0-9])")
_IN_SYSTEM = re.compile(r"2\.16\.578\.1\.12\.4\.1\.4\.[123]\|[^&,]*[0-9]{6}")
_UUID = re.compile(r"(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32})(?![0-9A-Za-z])")
_NUMBER = re.compile(r"[0-9]{11}").fullmatch
_NINE = re.compile(r"[0-9]{9}").fullmatch
_UNQUOTES: Final = 4


class Mode(StrEnum):
    """Which national identity numbers are taken."""

    PRODUCTION = "production"
    """Real ones: synthetic and local numbers are refused."""
    TEST = "test"
    """Synthetic ones and the published test persons, so that no real person gets into a test."""
    LENIENT = "lenient"
    """The format only."""


def check_identifier(system: str, value: str, mode: Mode) -> str | None:
    """The rule that an identifier breaks, in English, or None. Systems that are not Norwegian are not checked."""
    rule = _RULES.get(system)
    return rule(value, mode) if rule else None


def validate_identifiers(value: dict[str, Any], mode: Mode) -> None:
    """Check all identifiers of a resource, contained and nested ones too.

    :raises InvalidContent: ``wrong-identifier``, one issue for each, at ``….value``.
    """
    if not _has_fault(value, mode):
        return
    problems = Problems()
    for path, system, number in _identifiers(value, str(value.get("resourceType", "Resource"))):
        if rule := check_identifier(system, number, mode):
            problems.add("wrong-identifier", f"{path}.value", f"{path}.value {rule}.")
    problems.raise_if_any()


def holds_national_number(text: str, *, in_uuids: bool = False) -> bool:
    """Whether a URL or a part of it holds something that is a national identity number, whatever its encoding.

    True for eleven digits with right control digits (also written 109155 96784), and for any six digits after the
    system of such numbers.

    :param in_uuids: also where they are a part of a UUID, with hyphens or without: of the latter one in three thousand
        has eleven such digits by chance.
    """
    for _ in range(_UNQUOTES):
        if _IN_SYSTEM.search(text) or (_shows_number(text) and (in_uuids or _shows_number(_UUID.sub("~", text)))):
            return True
        plain = unquote(text) if "%" in text else text
        if plain == text:
            return False
        text = plain
    return True  # wrapped that often it is meant to be hidden


def _shows_number(text: str) -> bool:
    return any(_is_number(found) for found in _ELEVEN.findall(text))


def _is_number(text: str) -> bool:
    digits = "".join(character for character in text if character.isdigit())
    return _has_control_digits(digits) and (digits[0] in "89" or _date_parts(digits) is not None)


def _has_control_digits(digits: str) -> bool:
    numbers = tuple(map(int, digits))
    first = sum(map(mul, _FIRST_WEIGHTS, numbers)) % 11
    second = sum(map(mul, _SECOND_WEIGHTS, numbers)) % 11
    return first in _FIRST_REMAINDERS and second == 0


def _date_parts(digits: str) -> tuple[bool, int] | None:
    """Whether 40 is added to the day, and what is added to the month; None where that is no date.

    29 February passes in every year: the century is not in the number.
    """
    day, month = int(digits[:2]), int(digits[2:4])
    is_d = day > 40
    for added in _ADDED_TO_MONTH:
        if 1 <= month - added <= 12 and 1 <= day - 40 * is_d <= _MONTH_DAYS[month - added - 1]:
            return is_d, added
    return None


def _person(value: str, mode: Mode, *, is_d: bool) -> str | None:
    if not _NUMBER(value):
        return "must have eleven digits"
    if mode is Mode.LENIENT:
        return None
    parts = _date_parts(value)
    if parts is None or not _has_control_digits(value):
        return "must be a valid number: its date or control digits are wrong"
    if parts[0] != is_d:
        system = codes.D_NUMBER if parts[0] else codes.NATIONAL_NUMBER
        return f"is of another kind: its system is {system}"
    return _wrong_mode(value, parts[1], mode)


def _wrong_mode(value: str, added: int, mode: Mode) -> str | None:
    if mode is Mode.PRODUCTION:
        return "must not be a synthetic or local number" if added else None
    is_test = added in _SYNTHETIC or value in STATIC_TEST_PERSONS
    return None if is_test else "must be a synthetic number: 65 or 80 added to the month"


def _national(value: str, mode: Mode) -> str | None:
    return _person(value, mode, is_d=False)


def _d_number(value: str, mode: Mode) -> str | None:
    return _person(value, mode, is_d=True)


def _help_number(value: str, mode: Mode) -> str | None:
    if not _NUMBER(value):
        return "must have eleven digits"
    if mode is not Mode.LENIENT and (value[0] not in "89" or not _has_control_digits(value)):
        return "must start with 8 or 9 and have valid control digits"
    return None


def _organisation(value: str, mode: Mode) -> str | None:
    if not _NINE(value):
        return "must have nine digits"
    total = sum(map(mul, _ORGANISATION_WEIGHTS, map(int, value)))
    is_wrong = total % 11 or value[0] not in "23456789"
    return "must have a valid control digit (modulus 11)" if is_wrong and mode is not Mode.LENIENT else None


def _digits(high: int) -> Callable[[str, Mode], str | None]:
    matches = re.compile(rf"0*[1-9][0-9]{{0,{high - 1}}}").fullmatch

    def check(value: str, _: Mode) -> str | None:
        return None if matches(value) and len(value) <= high else f"must be a number of 1 to {high} digits"

    return check


_RULES: Final[dict[str, Callable[[str, Mode], str | None]]] = {
    codes.NATIONAL_NUMBER: _national,
    codes.D_NUMBER: _d_number,
    codes.HELP_NUMBER: _help_number,
    codes.HPR: _digits(9),
    codes.ORGANISATION: _organisation,
    ORGANISATION_OLD: _organisation,
    codes.RESH: _digits(10),
    HER: _digits(10),
}


def _has_fault(value: dict[str, Any], mode: Mode) -> bool:
    """The quick look without paths, which nearly always says no."""
    level: list[Any] = [value]
    while level:
        for here in level:
            if type(here) is dict and type(system := here.get("system")) is str and (rule := _RULES.get(system)):
                number = here.get("value")
                if type(number) is str and rule(number, mode):
                    return True
        level = [
            item
            for here in level
            for item in (here.values() if type(here) is dict else here)
            if type(item) is dict or type(item) is list
        ]
    return False


def _identifiers(value: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Path, system and value of everything that has a system of ours and a text as value."""
    if type(value) is dict:
        system, number = value.get("system"), value.get("value")
        if type(system) is str and type(number) is str and system in _RULES:
            yield path, system, number
        for name, item in value.items():
            if type(item) is dict or type(item) is list:
                yield from _identifiers(item, f"{path}.{name}")
    elif type(value) is list:
        for index, item in enumerate(value):
            if type(item) is dict:
                yield from _identifiers(item, f"{path}[{index}]")
