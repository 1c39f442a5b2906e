"""Conditional references of a transaction (R4 3.1.0.11.3): ``Patient?identifier=…`` in the place of ``Patient/id``.

They are looked up once, among what is stored before the transaction and what its caller may see. What the same
Bundle makes is named by its fullUrl.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from app.api.call import Service
from app.api.entries import Entry
from app.api.entry_answers import failed
from app.api.negotiate import pairs
from app.casework.context import viewer_of
from app.casework.patients import resolve_patients
from app.errors import SambandError, Stale, Unreadable
from app.fhir.links import Form, Link, expression_of
from app.fhir.resources import RESOURCES, STORED, Interaction
from app.fhir.search import Query, parse
from app.security.caller import Caller
from app.security.scopes import require
from app.store.looks import look_of

_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.*)", re.DOTALL).fullmatch
_READABLE: Final = "/?:@!$&'()*+,;=%-._~|"
MOST: Final = 100
"""Different conditions in a Bundle: each is a search."""
_OURS: Final = frozenset(one.name for one in STORED)


async def resolved(service: Service, caller: Caller, entries: Sequence[Entry]) -> dict[str, str]:
    """Each conditional reference as it is written → ``Type/id`` of the one resource that it finds.

    :raises Stale: 412 no-match or several-matches, of what this caller sees
    :raises Forbidden: the token has no scope to search that type
    :raises Unreadable: it is no search, or too-many-values
    """
    found: dict[str, str] = {}
    for entry, link in _conditional(entries):
        if link.text in found:
            continue
        try:
            _check_number(len(found))
            found[link.text] = await _match(service, caller, link.text)
        except SambandError as error:
            where = expression_of(_type_of(entry), link.path)
            issues = tuple(replace(issue, expression=where) for issue in error.issues)
            raise failed(type(error)(code=error.error, headers=error.headers, issues=issues), entry) from error
    return found


def _check_number(known: int) -> None:
    if known >= MOST:
        raise Unreadable(f"A Bundle has at most {MOST} different conditional references.", code="too-many-values")


def _conditional(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Link]]:
    for entry in entries:
        for link in entry.links:
            if link.form is Form.REFERENCE and _CONDITIONAL(link.text):
                yield entry, link


def _type_of(entry: Entry) -> str:
    return entry.type_name if entry.type_name in RESOURCES else "Resource"


async def _match(service: Service, caller: Caller, reference: str) -> str:
    name, _, condition = reference.partition("?")
    if name not in _OURS:
        raise Unreadable(
            "A conditional reference leads to a type that is stored here.",
            code="unknown-type",
            allowed=tuple(sorted(_OURS)),
        )
    require(caller, name, "s")
    store, viewer = service.context.store, viewer_of(caller)
    query = await resolve_patients(store, viewer, _query(service, name, condition))
    look = look_of(caller, service.context.clock(), Interaction.SEARCH.value)
    rows = (await store.search(replace(query, count=2), viewer, look)).rows
    if not rows:
        raise Stale("No resource that you see matches.", code="no-match")
    if len(rows) > 1:
        raise Stale("Several resources match.", code="several-matches")
    return f"{name}/{rows[0].id}"


def _query(service: Service, name: str, condition: str) -> Query:
    given = pairs(quote(condition, safe=_READABLE).encode("ascii"), "reference")
    query = parse(name, given, base=service.base)
    if not query.criteria:
        raise Unreadable("A condition needs at least one search parameter.", code="empty-condition")
    return query
