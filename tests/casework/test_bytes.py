"""A partner's bytes come back unchanged but for the elements that the service owns, after any chain of moves."""

from collections.abc import Set as AbstractSet
from typing import Any

import msgspec
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from app.store.changes import Viewer
from tests.casework.chains import step
from tests.casework.partner_needs import partner_needs
from tests.casework.world import FJORDVIK, World, sender
from tests.store.databases import Live

SERVICE_OWNED = {
    "id", "meta", "identifier", "status", "businessStatus", "statusReason", "owner", "output", "lastModified",
}  # fmt: skip
SERVICE_META = {"versionId", "lastUpdated"}


def members(raw: bytes | msgspec.Raw) -> dict[str, bytes]:
    """Members of an object as they are written."""
    return {name: bytes(value) for name, value in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items()}


def entries(raw: bytes) -> list[bytes]:
    """Entries of a list as they are written."""
    return [bytes(value) for value in msgspec.json.decode(raw, type=list[msgspec.Raw])]


def check_same(sent: bytes, version: bytes, but: AbstractSet[str] = frozenset()) -> None:
    """All that the sender owns is in the version, byte for byte, and only the service's own is added."""
    before, after = members(sent), members(version)
    added = set(after) - set(before) - SERVICE_OWNED - but
    assert added <= {"groupIdentifier", "requester"}
    for name in set(before) - SERVICE_OWNED - but:
        assert after[name] == before[name], name
    own = entries(before["identifier"])
    assert entries(after["identifier"])[:-1] == own
    meta_before, meta_after = members(before.get("meta", b"{}")), members(after["meta"])
    for name in set(meta_before) - SERVICE_META:
        assert meta_after[name] == meta_before[name], name
    assert set(meta_after) == set(meta_before) | SERVICE_META


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_after_any_chain_of_moves(live: Live, data: st.DataObject) -> None:
    live.empty()
    live.run(check_a_chain(World(live.store), data))


async def check_a_chain(world: World, data: st.DataObject) -> None:
    """Any need, any chain."""
    sent = data.draw(partner_needs())
    resource = (await world.post(sent)).id
    for _ in range(data.draw(st.integers(4, 12))):
        if not await step(world, resource, data):
            break
    history = (await world.store.history("Task", resource, Viewer(organisation=FJORDVIK), 200)).rows
    assert [row.version for row in history] == list(range(len(history), 0, -1))
    event(f"{min(len(history), 6)} versions, {(await world.case(resource)).stage}")
    for row in history:
        check_same(sent, row.body)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_after_a_change_of_content_the_rest_is_as_it_was(live: Live, data: st.DataObject) -> None:
    """A patch of one element rewrites that element alone."""
    live.empty()
    live.run(check_a_patch(World(live.store), data))


async def check_a_patch(world: World, data: st.DataObject) -> None:
    """Any need, one patch."""
    sent = data.draw(partner_needs())
    created = await world.post(sent)
    changed: list[dict[str, Any]] = [{"op": "add", "path": "/description", "value": "Ny tekst"}]
    after = await world.patch(sender(), created.id, changed, 1)
    assert members(after.body)["description"] == b'"Ny tekst"'
    check_same(sent, after.body, but={"description"})
