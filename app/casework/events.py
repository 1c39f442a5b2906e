"""Events as a subscriber may know them at this moment: what it has lost sight of keeps its number only."""

from collections.abc import Sequence
from dataclasses import replace

from app.casework.address_protection import shown_rows
from app.casework.context import Context, viewer_of
from app.errors import InvalidContent
from app.fhir.notifications import Told
from app.fhir.subscriptions import EMPTY, FULL
from app.security.caller import Caller
from app.store.changes import Look, Stored
from app.store.interface import ANY_SIZE
from app.store.looks import rows_of
from app.store.subscriptions import Event


async def told(
    context: Context, caller: Caller, events: Sequence[Event], content: str, look: Look, most: int = ANY_SIZE
) -> list[Told]:
    """The events in the caller's sight, with as much of each as ``content`` says.

    Whose resources go along is in the audit before they do; raises Unavailable where that cannot be written.

    :raises InvalidContent: too-many-events, the resources are more than ``most`` bytes
    """
    if content == EMPTY:
        return [Told(one.number, one.at) for one in events]
    if content == FULL:
        bodies = await _bodies(context, caller, events, look, most)
        return [
            Told(one.number, one.at, one.focus if one.focus in bodies else "", bodies.get(one.focus)) for one in events
        ]
    seen = {f"{row.type}/{row.id}" for row in await _seen(context, caller, events)}
    return [Told(one.number, one.at, one.focus if one.focus in seen else "") for one in events]


async def _bodies(context: Context, caller: Caller, events: Sequence[Event], look: Look, most: int) -> dict[str, bytes]:
    """Focus → the resource as the caller may see it; in one transaction with the audit of it."""
    async with context.store.together() as store:
        inside = replace(context, store=store)
        rows = await shown_rows(inside, caller, await _seen(inside, caller, events, most))
        await store.record_looks([row for one in rows for row in rows_of(look, one.type, [one])])
    return {f"{row.type}/{row.id}": row.body for row in rows}


async def _seen(context: Context, caller: Caller, events: Sequence[Event], most: int = ANY_SIZE) -> list[Stored]:
    wanted: dict[str, dict[str, None]] = {}
    for one in events:
        type_name, _, resource = one.focus.partition("/")
        wanted.setdefault(type_name, {})[resource] = None
    found: list[Stored] = []
    for type_name, resources in wanted.items():
        page = await context.store.read_many(type_name, list(resources), viewer_of(caller), most)
        if page.more:
            raise InvalidContent(
                "Their resources are more than one answer holds: ask for fewer.", code="too-many-events"
            )
        most -= page.size
        found += page.rows
    return found
