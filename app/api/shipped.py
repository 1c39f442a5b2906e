"""What is part of the release and not in the store: profiles, code systems, value sets and so on."""

from typing import Final

from app.fhir.criteria import Beginning, Exactly, Inside, folded
from app.fhir.published import Published, published
from app.fhir.search import Criterion, Query, Token
from app.store.changes import Stored
from app.store.interface import Page

RELEASED: Final = 1_795_219_200_000
"""Milliseconds UTC of the day of the release: 2026-11-21."""


def shipped(type_name: str, resource_id: str) -> Stored | None:
    """One of them by its id."""
    found = published(type_name).get(resource_id)
    return _stored(found) if found else None


def search_shipped(query: Query) -> Page:
    """All that match, by id, a page at a time."""
    found = [one for one in published(query.type).values() if all(_matches(one, each) for each in query.criteria)]
    if query.sort is not None:
        key = query.sort.name
        found.sort(key=lambda one: (_place(one, key), one.id), reverse=query.descending)
    elif not query.descending:
        found.reverse()
    ids = [one.id for one in found]
    start = 0
    if query.position and query.position.id in ids:
        start = ids.index(query.position.id) + 1
    shown = found[start : start + query.count]
    more = query.count > 0 and start + len(shown) < len(found)
    return Page(
        rows=tuple(map(_stored, shown)), more=more, total=len(found) if query.total or query.count == 0 else None
    )


def _place(one: Published, key: str) -> str:
    return {"_id": one.id, "name": folded(one.name), "status": one.status}[key]


def _stored(one: Published) -> Stored:
    return Stored(type=one.type, id=one.id, version=1, updated=RELEASED, body=one.body)


def _matches(one: Published, criterion: Criterion) -> bool:
    return any(_holds(one, criterion.parameter.name, value) for value in criterion.values)


def _holds(one: Published, name: str, value: object) -> bool:
    if isinstance(value, Beginning):
        return folded(one.name).startswith(value.text)
    if isinstance(value, Inside):
        return value.text in folded(one.name)
    if isinstance(value, Exactly):
        return one.name == value.text
    wanted = value.code if isinstance(value, Token) else ""
    if name == "url":
        url, _, version = wanted.partition("|")
        return one.url == url and version in {"", one.version}
    return wanted == (one.id if name == "_id" else one.status)
