"""Chains of moves as partners and units make them: by operation, PUT or JSON Patch, of what is open to each."""

import json
from typing import Any

import msgspec
from hypothesis import strategies as st

from app.casework.overdue import sweep
from app.coordination.case import Case
from app.coordination.decide import AvailableMove
from app.coordination.states import BY_TASK, STATUS, Move, Stage
from app.fhir import codes
from app.fhir.document import splice
from app.security.caller import Caller
from tests.casework.world import DAY, World, arguments_of, at, resh

WAYS = ("operation", "put", "patch")


def wanted_members(move: Move, case: Case, target: Stage, given: dict[str, Any]) -> dict[str, Any] | None:
    """What a Task must say to ask for a move; None for a move that says more than a Task can.

    A member given as None is to be taken away.
    """
    if move is Move.APPOINT:
        return None
    if move is Move.SUBMIT:
        return {"status": "requested"}
    status = STATUS[case.asking or case.stage] if target is Stage.AWAITING_INFORMATION else STATUS[target]
    status = case.status if target is Stage.AWAITING_INFORMATION else status
    text = given.get("reason") or given.get("question") or given.get("answer")
    coded = codes.REASON_SYSTEM.get(move, codes.STAGE if move is Move.PLACE else "")
    code = given.get("reasonCode") or (given.get("outcome") if move is Move.PLACE else None)
    reason = (codes.concept(coded, code) if coded and code else {}) | ({"text": text} if text else {})
    members: dict[str, Any] = {"status": status, "businessStatus": codes.concept(codes.STAGE, target)}
    members["statusReason"] = reason or None
    if "unit" in given:
        members["owner"] = resh(given["unit"])
    return members


def target_of(entry: AvailableMove, given: dict[str, Any]) -> Stage:
    """Where a move leads with these arguments."""
    return Stage(given["outcome"]) if entry.move is Move.CONCLUDE else entry.targets[0]


async def make(
    world: World, caller: Caller, resource: str, entry: AvailableMove, given: dict[str, Any], way: str
) -> None:
    """Make a move one of the three ways; by operation where a Task cannot say it."""
    stored = await world.load(resource)
    case = await world.case(resource)
    wanted = wanted_members(entry.move, case, target_of(entry, given), given)
    if way == "operation" or wanted is None:
        await world.act(caller, resource, str(entry.move), **given)
    elif way == "put":
        await world.put(caller, resource, put_body(stored.body, wanted), stored.version)
    else:
        await world.patch(caller, resource, patch_of(stored.body, wanted), stored.version)


def put_body(body: bytes, wanted: dict[str, Any]) -> bytes:
    """The version that was read, with what is wanted set in it."""
    return splice(body, {name: None if value is None else json.dumps(value).encode() for name, value in wanted.items()})


def patch_of(body: bytes, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The same as a JSON Patch."""
    present = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    gone = [{"op": "remove", "path": f"/{name}"} for name, value in wanted.items() if value is None and name in present]
    put = [{"op": "add", "path": f"/{name}", "value": value} for name, value in wanted.items() if value is not None]
    return gone + put


async def step(world: World, resource: str, data: st.DataObject) -> bool:
    """One step of a case: a move of somebody, an assessment, or time goes by; False when nothing is open."""
    case = await world.case(resource)
    open_moves = [
        (caller, entry)
        for caller in world.callers(case)
        if await world.sees(caller, resource)
        for entry in world.moves(case, caller)
        if entry.move not in BY_TASK
    ]
    kind = data.draw(st.sampled_from(["move", "move", "move", "move", "assess", "time"]))
    if kind == "assess" and not case.ended:
        answers = data.draw(st.dictionaries(st.sampled_from("abcd"), st.booleans(), min_size=1))
        await world.act(at(case.owner), resource, "assess", assessment=answers)
    elif kind == "time":
        world.now += data.draw(st.sampled_from([1, 1_000, 31 * DAY]))
        await sweep(world.context)
    elif open_moves:
        # What ends a case is nearly always open: rarely chosen, so that chains grow long.
        ends = {Move.ENTER_IN_ERROR, Move.WITHDRAW, Move.LAPSE, Move.DECLINE, Move.CONCLUDE}
        likely = [found for found in open_moves if found[1].move not in ends] or open_moves
        rare = data.draw(st.integers(0, 9)) == 7
        caller, entry = data.draw(st.sampled_from(open_moves if rare else likely))
        given = arguments_of(entry, case.owner, lambda options: data.draw(st.sampled_from(options)))
        await make(world, caller, resource, entry, given, data.draw(st.sampled_from(WAYS)))
    return bool(open_moves)
