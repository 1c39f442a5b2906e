"""Turns at the database: in order, none lost, none waited for without end."""

import asyncio

import pytest

from app.store.turns import Turns


async def test_turns_come_in_order() -> None:
    turns, came = Turns(1, 20), []
    assert turns.taken()

    async def one(number: int) -> None:
        assert not turns.taken()
        await turns.wait()
        came.append(number)
        turns.release()

    waiting = [asyncio.create_task(one(number)) for number in range(5)]
    await asyncio.sleep(0)
    turns.release()
    await asyncio.gather(*waiting)
    assert came == [0, 1, 2, 3, 4]
    assert turns.taken()
    assert not turns.taken()


async def test_a_turn_that_does_not_come_is_given_up() -> None:
    turns = Turns(1, 0.01)
    assert turns.taken()
    with pytest.raises(TimeoutError):
        await turns.wait()
    turns.release()
    assert turns.taken()


@pytest.mark.parametrize("came", [False, True])
async def test_who_goes_away_takes_no_turn_along(*, came: bool) -> None:
    turns = Turns(1, 20)
    assert turns.taken()
    gone, next_one = asyncio.create_task(turns.wait()), asyncio.create_task(turns.wait())
    await asyncio.sleep(0)
    if came:
        turns.release()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    if not came:
        turns.release()
    await asyncio.wait_for(next_one, 20)
