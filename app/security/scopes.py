"""SMART on FHIR scopes (2.2, and version 1): which letters a token grants on which type."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from app.errors import Forbidden
from app.security.caller import Caller

_VERSION_2 = re.compile(r"system/([A-Za-z]+|\*)\.(?=.)(c?r?u?d?s?)")
_VERSION_1 = re.compile(r"system/([A-Za-z]+|\*)\.(read|write|\*)")
_LETTERS: Final = {"read": "rs", "write": "cud", "*": "cruds"}


def is_understood(scope: str) -> bool:
    """Whether a scope grants anything here."""
    return bool(_match(scope))


def is_granular(scope: str) -> bool:
    """Whether a scope is of SMART's finer kind, with a query part (2.2, «Finer-grained resource constraints»)."""
    return _match(scope.partition("?")[0]) is not None and "?" in scope


def _match(scope: str) -> re.Match[str] | None:
    return _VERSION_2.fullmatch(scope) or _VERSION_1.fullmatch(scope)


def translated(scopes: frozenset[str], names: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The SMART scopes that a token's scopes are or, by their names, mean."""
    return frozenset().union(*(names.get(scope, (scope,)) for scope in scopes))


@lru_cache(maxsize=1024)
def grants(scopes: frozenset[str]) -> frozenset[str]:
    """What scopes allow, as ``Task.c``, ``*.r``.

    A scope that we do not understand wholly (letters out of order, a query part) grants nothing: read as less
    than it says it would surprise, read as more it would leak.
    """
    found = set()
    for scope in scopes:
        if match := _match(scope):
            letters = _LETTERS.get(match.group(2), match.group(2))
            found |= {f"{match.group(1)}.{letter}" for letter in letters}
    return frozenset(found)


def is_granted(caller: Caller, type_name: str, letter: str) -> bool:
    """Whether a letter (of ``cruds``) is granted on the type."""
    granted = grants(caller.scopes)
    return f"{type_name}.{letter}" in granted or f"*.{letter}" in granted


def require(caller: Caller, type_name: str, letters: str) -> None:
    """Pass when every letter (of ``cruds``) is granted on the type.

    :raises Forbidden: insufficient-scope, with the scope that would do (RFC 6750 3.1)
    """
    granted = grants(caller.scopes)
    for letter in letters:
        if f"{type_name}.{letter}" not in granted and f"*.{letter}" not in granted:
            raise _insufficient(caller, f"system/{type_name}.{letters}")


def require_any(caller: Caller, type_name: str) -> None:
    """Pass when any letter is granted on the type.

    :raises Forbidden: insufficient-scope, with the one that shows least
    """
    if not {one.partition(".")[0] for one in grants(caller.scopes)} & {type_name, "*"}:
        raise _insufficient(caller, f"system/{type_name}.r")


def _insufficient(caller: Caller, wanted: str) -> Forbidden:
    told = f"The token's scopes do not include {wanted}."
    if any(map(is_granular, caller.scopes)):
        told += " A scope with a query part, system/Type.rs?…, grants nothing here."
    challenge = f'{caller.scheme} error="insufficient_scope", scope="{wanted}"'
    return Forbidden(told, code="insufficient-scope", headers={"WWW-Authenticate": challenge})
