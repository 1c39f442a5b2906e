"""What a derived type is made by: asked like a store, for one caller."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from app.casework.context import Context
from app.clock import instant
from app.fhir.search import Query
from app.routing.directory import Directory
from app.security.caller import Caller
from app.store.changes import RowScope, Stored
from app.store.interface import Page


class View(NamedTuple):
    """Both see for the caller what its own rule lets it see, and nothing of the rest."""

    read: Callable[[Context, Caller, str], Awaitable[Stored | None]]
    """By logical id."""
    search: Callable[[Context, Caller, Query], Awaitable[Page]]
    """A page; its total is there when ``query.total`` or ``count`` is 0."""
    patient_of: Callable[[Context, str], Awaitable[str]] | None = None
    """Internal key of whom a resource with this id is about, whoever may see it; empty when nobody.

    None: the type is about no patient.
    """


def figures_rows(directory: Directory, organisation: str) -> RowScope:
    """The rows of which a hospital's figures are made: those of its own units."""
    trust = directory.trust_by_organisation_number(organisation)
    own = [unit.key for unit in directory.units.values() if trust and unit.trust == trust.key]
    return RowScope("figures", units=",".join(sorted(own)), trust=trust.key if trust else "")


def made(type_name: str, resource: str, updated: int, content: dict[str, Any], patient: str = "") -> Stored:
    """The resource with its ``id`` and ``meta.lastUpdated`` (ms UTC), as if it were stored; ``patient``: its key.

    Its version is made from the content: the ETag changes when a reader would see something else.
    """
    version = 1 + crc32(msgspec.json.encode(content)) % 999_999_999
    head = {"resourceType": type_name, "id": resource, "meta": {"lastUpdated": instant(updated)}}
    return Stored(
        type=type_name,
        id=resource,
        version=version,
        updated=updated,
        body=msgspec.json.encode(head | content),
        patient=patient,
    )
