"""``_include`` and ``_revinclude`` (R4 3.1.1.5.3) for the pairs of the resource table, in the sight of the caller."""

from collections.abc import AsyncIterator, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from app.api.call import Call
from app.api.sources import page_of
from app.casework.context import viewer_of
from app.errors import Unreadable
from app.fhir.references import Literal, literal
from app.fhir.resources import RESOURCES, Sight
from app.fhir.search import Include, Query, parse
from app.security.caller import Caller
from app.security.scopes import require
from app.store.changes import Stored
from app.store.interface import Page

MOST: Final = 500
"""Resources that a page may bring along; a page that would bring more is refused."""
_AT_ONCE: Final = 50
"""Rows of a page that one search looks back from: its statement has a value for each."""

Key = tuple[str, str]


async def with_brought(call: Call, query: Query, page: Page) -> tuple[Page, list[Stored]]:
    """As much of a page as has room beside what it brings along, and that: each once and none that is on the page.

    :raises Unreadable: too-many-includes
    """
    most = call.context.settings.max_page
    while True:
        alone = len(page.rows) < 2
        found = await _brought(call, query, page.rows, most if alone else most - page.size)
        if found is not None:
            return page, found
        if alone:
            raise Unreadable(
                f"One entry would bring more than {most} bytes along; search for what it would bring.",
                code="too-many-includes",
            )
        page = page.first(len(page.rows) // 2)


async def _brought(call: Call, query: Query, rows: Sequence[Stored], room: int) -> list[Stored] | None:
    """What some rows bring along; None where it is larger than there is room."""
    on_page = {(row.type, row.id) for row in rows}
    found: dict[Key, Stored] = {}
    asked = [(_pointed_to, one) for one in query.includes] + [(_pointing, one) for one in query.revincludes]
    for ask, include in asked:
        left = room - _size(found.values())
        async for page in ask(call, include, rows, on_page | found.keys(), left):
            call.attempt.touched.update(row.patient for row in page.rows if row.patient)
            found |= {(row.type, row.id): row for row in page.rows if (row.type, row.id) not in on_page}
            if len(found) > MOST:
                raise _too_many()
            if page.more:
                return None
    return [*found.values()] if _size(found.values()) <= max(room, 0) else None


def _size(rows: Iterable[Stored]) -> int:
    return sum(len(row.body) for row in rows)


def require_included(caller: Caller, query: Query) -> None:
    """Pass when the token's scopes cover every type that a search may bring along. Raises Forbidden."""
    for include in query.includes:
        for target in _targets(include):
            require(caller, target, "rs")
    for include in query.revincludes:
        require(caller, include.source, "rs")


def _targets(include: Include) -> tuple[str, ...]:
    """The types that we serve and the parameter may lead to."""
    all_targets = (
        (include.target,) if include.target else RESOURCES[include.source].parameter(include.parameter).targets
    )
    return tuple(one for one in all_targets if one in RESOURCES)


async def _pointed_to(
    call: Call, include: Include, rows: Sequence[Stored], known: Container[Key], most: int
) -> AsyncIterator[Page]:
    """The resources that the rows refer to, but those that are known."""
    wanted: dict[str, list[str]] = {}
    for key in _named(call, include, rows):
        if key not in known and RESOURCES[key[0]].sight not in {Sight.SHIPPED, Sight.DERIVED}:
            wanted.setdefault(key[0], []).append(key[1])
    if sum(map(len, wanted.values())) > MOST:
        raise _too_many()
    for name, ids in wanted.items():
        yield await call.context.store.read_many(name, ids, viewer_of(call.caller), most)


def _named(call: Call, include: Include, rows: Sequence[Stored]) -> Iterable[Key]:
    """Each type and id that the rows refer to, once."""
    path = RESOURCES[include.source].parameter(include.parameter).path.split(".")[1:]
    targets, found = _targets(include), dict[Key, None]()
    for row in rows:
        owned = (_own(call, reference) for reference in _references(msgspec.json.decode(row.body), path))
        found |= {(own.type, own.id): None for own in owned if own is not None and own.type in targets}
    return found


async def _pointing(
    call: Call,
    include: Include,
    rows: Sequence[Stored],
    known: Container[Key],  # noqa: ARG001 - a search cannot leave them out
    most: int,
) -> AsyncIterator[Page]:
    """The resources that refer to the rows."""
    for start in range(0, len(rows), _AT_ONCE):
        names = ",".join(f"{row.type}/{row.id}" for row in rows[start : start + _AT_ONCE])
        query = replace(parse(include.source, [(include.parameter, names)]), count=MOST + 1)
        yield await page_of(call, query, most=most)


def _too_many() -> Unreadable:
    return Unreadable(
        f"The page would bring more than {MOST} resources along; ask for a smaller _count.", code="too-many-includes"
    )


def _own(call: Call, reference: str) -> Literal | None:
    """Type and id of a reference to a resource of ours; another server's is not looked up."""
    if "://" in reference and not reference.startswith(f"{call.service.base}/"):
        return None
    return literal(reference)


def _references(value: Any, path: list[str]) -> Iterator[str]:
    """Literal references at a path of element names."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item, path)
    elif isinstance(value, dict):
        if path:
            yield from _references(value.get(path[0]), path[1:])
        elif isinstance(value.get("reference"), str):
            yield value["reference"]
