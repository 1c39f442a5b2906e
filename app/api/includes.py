"""``_include`` and ``_revinclude`` (R4 3.1.1.5.3) for the pairs of the resource table, in the sight of the caller."""

from collections.abc import Iterator, Sequence
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

MOST: Final = 500
"""Resources that a page may bring along; a page that would bring more is refused."""
_AT_ONCE: Final = 50
"""Rows of a page that one search looks back from: its statement has a value for each."""

Key = tuple[str, str]


async def brought(call: Call, query: Query, rows: Sequence[Stored]) -> list[Stored]:
    """The resources beside a page that the caller may see, each once and none that is on the page.

    :raises Unreadable: too-many-includes
    """
    found: dict[Key, Stored] = {}
    for include in query.includes:
        _add(call, found, await _read(call, _pointed_to(call, include, rows)))
    for include in query.revincludes:
        _add(call, found, await _pointing(call, include, rows))
    on_page = {(row.type, row.id) for row in rows}
    return [row for key, row in found.items() if key not in on_page]


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


def _pointed_to(call: Call, include: Include, rows: Sequence[Stored]) -> dict[str, list[str]]:
    """Type → ids of what the rows refer to."""
    path = RESOURCES[include.source].parameter(include.parameter).path.split(".")[1:]
    targets = _targets(include)
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        for reference in _references(msgspec.json.decode(row.body), path):
            own = _own(call, reference)
            if own is not None and own.type in targets:
                found.setdefault(own.type, {})[own.id] = None
    return {name: list(ids) for name, ids in found.items()}


async def _read(call: Call, wanted: dict[str, list[str]]) -> list[Stored]:
    if sum(map(len, wanted.values())) > MOST:
        raise _too_many()
    found: list[Stored] = []
    for name, ids in wanted.items():
        if RESOURCES[name].sight not in {Sight.SHIPPED, Sight.DERIVED}:
            found += await call.context.store.read_many(name, ids, viewer_of(call.caller))
    return found


async def _pointing(call: Call, include: Include, rows: Sequence[Stored]) -> list[Stored]:
    found: list[Stored] = []
    for start in range(0, len(rows), _AT_ONCE):
        names = ",".join(f"{row.type}/{row.id}" for row in rows[start : start + _AT_ONCE])
        query = replace(parse(include.source, [(include.parameter, names)]), count=MOST + 1)
        found += (await page_of(call, query)).rows
    return found


def _add(call: Call, found: dict[Key, Stored], rows: Sequence[Stored]) -> None:
    call.attempt.touched.update(row.patient for row in rows if row.patient)
    for row in rows:
        found.setdefault((row.type, row.id), row)
    if len(found) > MOST:
        raise _too_many()


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
