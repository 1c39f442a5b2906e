"""Conditional create and update: whether something matches, asked and written so that two at once make one.

The search and the commit are two transactions. So each create under a condition writes a row, numbered from those
that stood there before its search: of two that saw the same, one commits, and the other searches again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from hashlib import sha256

from app.casework.context import Context, viewer_of
from app.casework.patients import resolve_patients
from app.casework.persist import Decided
from app.errors import Stale
from app.fhir.resources import RESOURCES, Sight
from app.fhir.search import Query
from app.security.caller import Caller
from app.store.changes import ConditionalCreate, Stored


async def by_condition(
    context: Context,
    caller: Caller,
    query: Query,
    found: Callable[[Stored], Awaitable[Decided]],
    missing: Callable[[], Awaitable[Decided]],
    where: str = "",
) -> Decided:
    """What follows from the one resource that matches, else from there being none.

    :param where: what an error names.
    :raises Stale: 412, several resources match.
    """
    row = await _next(context, caller, query)
    viewer = viewer_of(caller)
    resolved = await resolve_patients(context.store, viewer, replace(query, count=2))
    rows = (await context.store.search(resolved, viewer)).rows
    if len(rows) > 1:
        raise Stale("Several resources match.", code="several-matches", expression=where)
    if rows:
        return await found(rows[0])
    decided = await missing()
    if decided[0].writes:
        decided[0].conditional_creates.append(row)
    return decided


async def _next(context: Context, caller: Caller, query: Query) -> ConditionalCreate:
    """The row that comes next, as it stands before the search."""
    everybody = RESOURCES[query.type].sight is Sight.EVERYBODY
    key = ("" if everybody else caller.organisation, query.type, digest(query))
    return ConditionalCreate(*key, await context.store.conditional_creates(*key) + 1)


def digest(query: Query) -> str:
    """A hash, as it may name a patient; the same whatever the order of parameters and values."""
    parts = sorted(f"{one.parameter.name}:{one.modifier}={sorted(map(repr, one.values))}" for one in query.criteria)
    return sha256("\n".join(parts).encode()).hexdigest()
