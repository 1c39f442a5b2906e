"""SMART on FHIR scopes (2.2, and version 1): which letters a token grants on which type."""

import re
from functools import lru_cache
from typing import Final

from app.errors import Forbidden

_VERSION_2 = re.compile(r"system/([A-Za-z]+|\*)\.(c?r?u?d?s?)")
_VERSION_1 = re.compile(r"system/([A-Za-z]+|\*)\.(read|write|\*)")
_LETTERS: Final = {"read": "rs", "write": "cud", "*": "cruds"}


@lru_cache(maxsize=1024)
def grants(scopes: frozenset[str]) -> frozenset[str]:
    """What scopes allow, as ``Task.c``, ``*.r``.

    A scope that we do not understand wholly (letters out of order, a query part) grants nothing: read as less
    than it says it would surprise, read as more it would leak.
    """
    found = set()
    for scope in scopes:
        match = _VERSION_2.fullmatch(scope) or _VERSION_1.fullmatch(scope)
        if match:
            letters = _LETTERS.get(match.group(2), match.group(2))
            found |= {f"{match.group(1)}.{letter}" for letter in letters}
    return frozenset(found)


def require(scopes: frozenset[str], type_name: str, letters: str) -> None:
    """Pass when every letter (of ``cruds``) is granted on the type.

    :raises Forbidden: insufficient-scope, with the scope that would do.
    """
    granted = grants(scopes)
    for letter in letters:
        if f"{type_name}.{letter}" not in granted and f"*.{letter}" not in granted:
            raise Forbidden(
                f"The token's scopes do not include system/{type_name}.{letters}.",
                code="insufficient-scope",
                headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
            )
