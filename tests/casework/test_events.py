"""Events with their resources: no more of them than one answer may hold."""

import pytest

from app.casework.events import told
from app.errors import InvalidContent
from app.fhir.subscriptions import FULL
from app.store.looks import look_of
from app.store.subscriptions import Event
from tests.casework.world import World, need, sender


async def test_events_whose_resources_are_too_large_together(world: World) -> None:
    tasks = [(await world.post(need(str(number)))).id for number in range(3)]
    events = [Event(number, 1_000, "case-changed", f"Task/{task}") for number, task in enumerate(tasks, 1)]
    look = look_of(sender(), world.now, "operation")
    size = len((await world.load(tasks[0])).body)
    assert len([one for one in await told(world.context, sender(), events, FULL, look) if one.body]) == 3
    assert len(await told(world.context, sender(), events[:2], FULL, look, most=2 * size)) == 2
    with pytest.raises(InvalidContent) as refused:
        await told(world.context, sender(), events, FULL, look, most=size)
    assert refused.value.error == "too-many-events"
