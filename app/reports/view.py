"""What a derived type is made by: asked like a store, for one caller."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from app.casework.context import Context
from app.fhir.search import Query
from app.security.caller import Caller
from app.store.changes import Stored
from app.store.interface import Page


class View(NamedTuple):
    """Both see for the caller what its own rule lets it see, and nothing of the rest."""

    read: Callable[[Context, Caller, str], Awaitable[Stored | None]]
    """By logical id."""
    search: Callable[[Context, Caller, Query], Awaitable[Page]]
    """A page; its total is there when ``query.total`` or ``count`` is 0."""
