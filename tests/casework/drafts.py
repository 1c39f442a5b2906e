"""Needs that their sender has not submitted, and the ways to submit them."""

from typing import Any

from tests.casework.chains import patch_of, put_body
from tests.casework.world import DALHEIM, GROUP, KE, World, at, need, sender

UNIT = "neurology-outpatient"
STRANGERS = (*(at(unit) for unit in (UNIT, KE, GROUP, "oncology", "ehr")), sender(DALHEIM))
"""Everybody else: the hospital, and another municipality."""


def draft(number: str = "1", **members: Any) -> dict[str, Any]:
    """A need that is not submitted."""
    return need(number, status="draft", **members)


async def submit(world: World, resource: str, way: str = "operation", **content: Any) -> None:
    """Submit, with content in the same update where the way has one."""
    stored = await world.load(resource)
    wanted = {"status": "requested", **content}
    if way == "put":
        await world.put(sender(), resource, put_body(stored.body, wanted), stored.version)
    elif way == "patch":
        await world.patch(sender(), resource, patch_of(stored.body, wanted), stored.version)
    else:
        await world.act(sender(), resource, "submit")
