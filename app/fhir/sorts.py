"""What a search is sorted by (R4 3.1.1.5.1): one key, and where a row stands in that order.

Codes stand in the order of their letters, dates by their beginning, names without case and accents; of several values
the first in the order counts, as R4 says. What has no value comes last, up and down.
"""

from collections.abc import Sequence
from typing import Final

from app.errors import Unreadable
from app.fhir.declared import Kind, SearchParameter

Place = int | str
"""What a row is sorted by: milliseconds for instants and dates, else text."""

LAST_UPDATED: Final = "_lastUpdated"
"""The key of every type, and the one that the store keeps an order for."""
_LAST_TEXT: Final = "\U0010ffff"
_BEYOND: Final = 2**60
"""Further than any instant."""


def sort_keys(sorts: Sequence[SearchParameter]) -> tuple[str, ...]:
    """All that ``_sort`` takes, each with a minus too; ``sorts`` are those of a type beside ``_lastUpdated``."""
    return tuple(sign + name for name in (LAST_UPDATED, *(one.name for one in sorts)) for sign in ("", "-"))


def read_sort(text: str, sorts: Sequence[SearchParameter]) -> tuple[SearchParameter | None, bool]:
    """The key, None for ``_lastUpdated``, and whether the order is descending.

    :raises Unreadable: bad-sort, with all that is allowed.
    """
    name, descending = text.removeprefix("-"), text.startswith("-")
    if name == LAST_UPDATED:
        return None, descending
    for one in sorts:
        if one.name == name:
            return one, descending
    raise Unreadable("_sort takes one key, and one of these.", code="bad-sort", allowed=sort_keys(sorts))


def place_of_none(key: SearchParameter, *, descending: bool) -> Place:
    """Where a row without a value stands: last."""
    if key.kind is Kind.DATE:
        return -_BEYOND if descending else _BEYOND
    return "" if descending else _LAST_TEXT


def start(key: SearchParameter, *, descending: bool) -> Place:
    """Before every row, with the empty id beside it."""
    if key.kind is Kind.DATE:
        return 2 * _BEYOND if descending else -2 * _BEYOND
    return 2 * _LAST_TEXT if descending else ""
