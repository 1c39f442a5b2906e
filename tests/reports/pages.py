"""Searches of views as a client follows them."""

import json
from typing import Any

from app.fhir.search import Query
from app.reports.view import View
from app.security.caller import Caller
from tests.casework.world import World


async def all_pages(view: View, world: World, caller: Caller, asked: Query) -> list[dict[str, Any]]:
    """All matches, page after page; time goes by between the pages."""
    rows: list[dict[str, Any]] = []
    while True:
        page = await view.search(world.context, caller, asked)
        rows += [json.loads(row.body) for row in page.rows]
        if not page.more:
            return rows
        asked = asked.after(page.rows[-1].updated, page.rows[-1].id, world.now)
