"""PUT, JSON Patch and operation give the same result, from every reachable situation, for every move.

The walk goes through all situations that differ in what is open in them, with one hand-over, one question and one
appeal allowed. Each move is made three ways, from three copies of one case.
"""

import json
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest

from app.casework.context import Result
from app.coordination.case import Case
from app.coordination.decide import AvailableMove, operation
from app.coordination.states import BY_TASK, OTHER_OUTCOMES, SERVICE_MOVES, Actor, Move, Stage
from app.errors import Refused
from app.fhir import codes, rendering
from app.fhir.document import splice
from app.security.caller import Caller
from app.store.changes import Changes, Party, Write
from tests.casework.chains import patch_of, put_body, target_of, wanted_members
from tests.casework.world import World, arguments_of, consent, need, sender
from tests.store.databases import Live


@dataclass(frozen=True)
class Situation:
    """A case as it stands, to be copied."""

    body: bytes
    case: Case
    parties: frozenset[tuple[str, str, int | None]]

    @property
    def kind(self) -> tuple[Any, ...]:
        """What makes a difference to what is open."""
        case = self.case
        if case.ended:
            return (case.stage,)
        stage = case.asking or case.stage
        given = stage in _CONSENTING and bool(case.consent and case.consent.given)
        hops = case.hops if stage in _HANDING_ON else 0
        return case.stage, case.asking, case.binding, case.placed_outcome, hops, case.questions, case.appeals, given


_CONSENTING = frozenset({Stage.ASSESSING, Stage.AWAITING_CONSENT})
_HANDING_ON = frozenset({Stage.IN_QUEUE, Stage.ASSESSING, Stage.AT_COORDINATING_UNIT})


async def situation(world: World, resource: str) -> Situation:
    """What is stored of a case."""
    parties = await world.parties(resource)
    return Situation((await world.load(resource)).body, await world.case(resource), frozenset(parties))


async def copy(world: World, original: Situation) -> str:
    """Another case, the same but for its id, its number and its patient; version 1."""
    resource, number, patient = (next(world.ids) for _ in range(3))
    case = replace(original.case, number=original.case.number and number, patient=patient)
    old = original.case.number.encode()
    body = original.body.replace(old, number.encode()) if old else original.body
    body = splice(body, rendering.version_members(body, resource, 1, world.now))
    columns = {"status": case.status, "codes": "", "patient": patient, "state": msgspec.json.encode(case)}
    write = Write(type="Task", id=resource, version=1, updated=world.now, body=body, columns=columns)
    until = {True: None, False: 1}
    parties = [Party(who, resource, unit, until[end is None]) for who, unit, end in original.parties]
    await world.store.commit(Changes(writes=[write], parties=parties))
    return resource


async def outcome(world: World, resource: str) -> dict[str, Any]:
    """Everything that a move left behind, without what tells one copy from another."""
    case = await world.case(resource)

    def same(text: str) -> str:
        return text.replace(resource, "ID").replace(case.number or "NUMBER", "NUMBER")

    events = [{k: v for k, v in row.items() if k not in ("id", "case_id")} for row in await world.events(resource)]
    return {
        "body": json.loads(same((await world.load(resource)).body.decode())),
        "case": replace(case, number="NUMBER", patient="PATIENT"),
        "events": events,
        "parties": await world.parties(resource),
    }


def variants(entry: AvailableMove, owner: str) -> list[dict[str, Any]]:
    """Arguments of a move: one for each kind of outcome that they can have."""
    first = arguments_of(entry, owner)
    if entry.move is Move.PLACE:
        return [first, arguments_of(entry, owner, lambda options: options[-1])]
    if entry.move is Move.CONCLUDE:
        return [arguments_of(entry, owner, lambda options: options[-1]) | {"reason": "Et svar"}, first]
    if entry.move is Move.DECLINE:
        return [first | {"reasonCode": code} for code in entry.reasons[:2]]
    return [first]


@pytest.mark.timeout(240)
def test_from_every_situation_every_move_three_ways(live: Live) -> None:
    world = World(live.store)
    world.settings = world.settings.model_copy(update={"hops": 1, "questions": 1})
    seen = live.run(walk(world))
    print(f"{len(seen)} situations")
    assert len(seen) > 60
    assert {kind[0] for kind in seen} >= set(Stage) - {Stage.RECEIVED, *OTHER_OUTCOMES}


async def walk(world: World) -> set[tuple[Any, ...]]:
    """Breadth first through all situations; answers their kinds."""
    begun = [need("1"), need("2", input=[consent(False)]), need("3", status="draft")]
    queue = deque([await situation(world, (await world.post(one)).id) for one in begun])
    seen = {start.kind for start in queue}
    while queue:
        here = queue.popleft()
        for caller in world.callers(here.case):
            if (caller.organisation, caller.unit, None) not in here.parties:
                continue
            await check_refusals(world, here, caller)
            for entry in (one for one in world.moves(here.case, caller) if one.move not in BY_TASK):
                for given in variants(entry, here.case.owner):
                    there = await check_three_ways(world, here, caller, entry, given)
                    if there.kind not in seen:
                        seen.add(there.kind)
                        queue.append(there)
    return seen


async def check_three_ways(
    world: World, here: Situation, caller: Caller, entry: AvailableMove, given: dict[str, Any]
) -> Situation:
    """Make the move on three copies; answers where it leads."""
    by_operation = await copy(world, here)
    await world.act(caller, by_operation, str(entry.move), **given)
    expected = await outcome(world, by_operation)
    wanted = wanted_members(entry.move, here.case, target_of(entry, given), given)
    if wanted is None:
        await check_needs_an_operation(world, here, caller, entry)
    else:
        for way in ("put", "patch"):
            resource = await copy(world, here)
            await say(world, caller, resource, wanted, way, tidy=way == "patch")
            assert await outcome(world, resource) == expected, (here.kind, entry.move, given, way)
    return await situation(world, by_operation)


async def say(
    world: World, caller: Caller, resource: str, wanted: dict[str, Any], way: str, *, tidy: bool = True
) -> Result:
    """Ask for a move by PUT or JSON Patch; who is not tidy leaves an old reason where it stands."""
    stored = await world.load(resource)
    if not tidy:
        wanted = {name: value for name, value in wanted.items() if value is not None}
    if way == "put":
        return await world.put(caller, resource, put_body(stored.body, wanted), stored.version)
    return await world.patch(caller, resource, patch_of(stored.body, wanted), stored.version)


async def check_needs_an_operation(world: World, here: Situation, caller: Caller, entry: AvailableMove) -> None:
    """What a Task cannot say is refused with the operation that can."""
    resource = await copy(world, here)
    wanted = {"status": "completed", "businessStatus": codes.concept(codes.STAGE, entry.targets[0])}
    for way in ("put", "patch"):
        with pytest.raises(Refused) as refused:
            await say(world, caller, resource, wanted, way)
        assert (refused.value.error, refused.value.issues[0].allowed) == ("move-by-operation", ("$appoint",))


async def check_refusals(world: World, here: Situation, caller: Caller) -> None:
    """What is not open is refused all three ways, with what is open instead, and leaves nothing behind."""
    entries = world.moves(here.case, caller)
    allowed = tuple(operation(entry.move) for entry in entries)
    resource = await copy(world, here)
    for shut in set(Move) - SERVICE_MOVES - BY_TASK.keys() - {entry.move for entry in entries}:
        with pytest.raises(Refused) as refused:
            await world.act(caller, resource, str(shut))
        assert refused.value.issues[0].allowed == allowed, (here.kind, shut)
    reachable = {target for entry in entries for target in entry.targets}
    for number, target in enumerate(sorted(set(Stage) - reachable - {here.case.stage})):
        wanted = wanted_members(Move.ACCEPT, here.case, target, {})
        assert wanted is not None
        with pytest.raises(Refused) as refused:
            await say(world, caller, resource, wanted, ("put", "patch")[number % 2])
        assert refused.value.issues[0].allowed == allowed, (here.kind, target)
    assert (await world.load(resource)).version == 1
    assert await world.events(resource) == []


async def test_a_sender_sets_status_only(world: World) -> None:
    created = await world.post()
    body = put_body(created.body, {"status": "cancelled", "statusReason": {"text": "Ikke aktuelt"}})
    after = await world.put(sender(), created.id, body, 1)
    assert (await world.case(after.id)).stage is Stage.WITHDRAWN
    assert (await world.events(after.id))[-1]["reason"] == "Ikke aktuelt"
    assert (await world.events(after.id))[-1]["actor"] == Actor.SENDER
