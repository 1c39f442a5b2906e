"""Commits that wait at the same moment share one statement of PostgreSQL, and so one flush to the disk.

A lone commit goes at once: none waits in order to be in company. While it is under way the next ones gather; the first
of them takes along those of the same kind. Where they cannot be written together, each is written alone and has its own
answer.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

from app.errors import Unavailable
from app.store.changes import Changes
from app.store.commit import alike
from app.store.postgres_connections import unavailable

_MOST: Final = 8
"""Commits of one statement."""
_PATIENCE: Final = 0.05
"""Seconds after which the next statement goes though the one before has not ended: somebody keeps a row locked."""


class GroupCommit:
    """``write`` commits; ``seconds`` is how long a commit waits for its turn."""

    def __init__(self, write: Callable[[Changes], Awaitable[None]], seconds: float) -> None:
        self._write = write
        self._seconds = seconds
        self._is_free = True
        self._waiting: deque[_Waiting] = deque()

    async def commit(self, changes: Changes) -> None:
        """Raises what ``write`` raises for these alone, or Unavailable."""
        company: Company | None = ()
        if self._is_free:
            self._is_free = False
        else:
            company = await self._turn(_Waiting(changes, self._seconds))
            if company is None:
                return
        turn = _Turn(self._pass_on)
        try:
            if company:
                await self._together(changes, company)
            else:
                await self._write(changes)
        finally:
            turn.end()

    async def _turn(self, mine: "_Waiting") -> "Company | None":
        """Whom to write along, once it has the turn; None when it has been written along itself."""
        self._waiting.append(mine)
        try:
            return await mine.answer
        except asyncio.CancelledError:
            if (company := mine.given()) is not None:
                # The turn came in the moment in which nobody wanted it any more.
                self._waiting.extendleft(reversed(company))
                self._pass_on()
            raise
        finally:
            mine.late.cancel()

    def _pass_on(self) -> None:
        """Give the turn to the one that has waited longest, if any, with those of its kind."""
        while self._waiting:
            one = self._waiting.popleft()
            if not one.answer.done():
                one.answer.set_result(self._like(one))
                return
        self._is_free = True

    def _like(self, first: "_Waiting") -> "Company":
        """Those of the same kind that wait, as many as fit: out of the queue, and late no more."""
        found = [one for one in self._waiting if one.kind == first.kind and not one.answer.done()][: _MOST - 1]
        # One, two, four or eight: every number is a text that each connection has to prepare.
        del found[(1 << (len(found) + 1).bit_length() - 1) - 1 :]
        for one in found:
            self._waiting.remove(one)
            one.late.cancel()
        return found

    async def _together(self, changes: Changes, company: "Company") -> None:
        try:
            outcomes = await self._outcomes([changes, *(one.changes for one in company)])
        except BaseException:
            # This request was ended in the middle: nobody can say what became of the others.
            for one in company:
                one.settle(unavailable())
            raise
        for one, outcome in zip(company, outcomes[1:], strict=True):
            one.settle(outcome)
        if outcomes[0] is not None:
            raise outcomes[0]

    async def _outcomes(self, group: Sequence[Changes]) -> list[Exception | None]:
        """What became of each: None, or why it was not written."""
        whole = Changes()
        for changes in group:
            whole.add(changes)
        outcome = await self._attempt(whole)
        if outcome is None or isinstance(outcome, Unavailable):
            return [outcome] * len(group)
        return [await self._attempt(changes) for changes in group]

    async def _attempt(self, changes: Changes) -> Exception | None:
        try:
            await self._write(changes)
        except Exception as error:  # noqa: BLE001 - carried to the request whose it is
            return error
        return None


class _Turn:
    """Ends once: with the statement, or when it has taken so long that others go past it."""

    def __init__(self, pass_on: Callable[[], None]) -> None:
        self._pass_on = pass_on
        self._late = asyncio.get_running_loop().call_later(_PATIENCE, self.end)
        self._has_ended = False

    def end(self) -> None:
        """Give it to the next."""
        if not self._has_ended:
            self._has_ended = True
            self._late.cancel()
            self._pass_on()


class _Waiting:
    """A commit in the queue. ``answer``: whom to write along, to the one that shall write; None: it was written."""

    def __init__(self, changes: Changes, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self.changes = changes
        self.kind: Any = alike(changes)
        self.answer: asyncio.Future[Company | None] = loop.create_future()
        self.late = loop.call_later(seconds, self._give_up)

    def given(self) -> "Company | None":
        """Whom to write along, if the turn has come."""
        if not self.answer.done() or self.answer.cancelled() or self.answer.exception():
            return None
        return self.answer.result()

    def settle(self, failure: Exception | None) -> None:
        """It was written along, or was not; nobody may wait for it any more."""
        if self.answer.done():
            return
        if failure is None:
            self.answer.set_result(None)
        else:
            self.answer.set_exception(failure)

    def _give_up(self) -> None:
        self.settle(unavailable())


Company: TypeAlias = Sequence[_Waiting]
