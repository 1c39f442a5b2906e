"""Commits of one kind that wait at the same moment share one statement of PostgreSQL, and so one flush to the disk.

A lone commit goes at once: none waits in order to be in company. While one is under way the next ones of its kind
gather, and go together. Where they cannot be written together, each is written alone and has its own answer.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from app.errors import Unavailable
from app.store.changes import Changes
from app.store.commit import KindOfCommit, kind_of
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
        self._queues: dict[KindOfCommit, deque[_Waiting]] = {}
        """Of each kind of which one is under way, those that wait."""

    async def commit(self, changes: Changes) -> None:
        """Raises what ``write`` raises for these alone, or Unavailable."""
        kind = kind_of(changes)
        if kind is None:
            await self._write(changes)
            return
        company: Company | None = ()
        if kind in self._queues:
            company = await self._wait(kind, _Waiting(changes, self._seconds))
            if company is None:
                return
        else:
            self._queues[kind] = deque()
        turn = _Turn(lambda: self._pass_on(kind))
        try:
            if company:
                await self._together(changes, company)
            else:
                await self._write(changes)
        finally:
            turn.end()

    async def _wait(self, kind: KindOfCommit, mine: "_Waiting") -> "Company | None":
        """Whom to write along, once it has the turn; None when it has been written along itself."""
        self._queues[kind].append(mine)
        try:
            return await mine.answer
        except asyncio.CancelledError:
            if (company := mine.given()) is not None:
                # The turn came in the moment in which nobody wanted it any more.
                self._queues[kind].extendleft(reversed(company))
                self._pass_on(kind)
            raise
        finally:
            mine.late.cancel()

    def _pass_on(self, kind: KindOfCommit) -> None:
        """Give the turn to the one that has waited longest, if any, with others that wait."""
        queue = self._queues[kind]
        while queue:
            first = queue.popleft()
            if not first.answer.done():
                first.answer.set_result(_company(first, queue))
                return
        del self._queues[kind]

    async def _together(self, changes: Changes, company: "Company") -> None:
        whole = Changes()
        for part in (changes, *(one.changes for one in company)):
            whole.add(part)
        try:
            outcome = await self._attempt(whole)
            if outcome is None:
                for one in company:
                    one.settle(None)
            elif not isinstance(outcome, Unavailable):
                outcome = await self._each(company) or await self._attempt(changes)
        finally:
            # An outage, or this request was ended in the middle: nobody can say what became of the others.
            for one in company:
                one.settle(unavailable())
        if outcome is not None:
            raise outcome

    async def _each(self, company: "Company") -> Unavailable | None:
        """Each alone, until the database does not answer any more."""
        for one in company:
            if not one.answer.done():
                outcome = await self._attempt(one.changes)
                one.settle(outcome)
                if isinstance(outcome, Unavailable):
                    return outcome
        return None

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
        self.changed = {(one.type, one.id) for one in changes.writes if one.version > 1}
        self.answer: asyncio.Future[Company | None] = loop.create_future()
        self.late = loop.call_later(seconds, self._give_up)

    def given(self) -> "Company | None":
        """Whom to write along, if the turn has come."""
        if not self.answer.done() or self.answer.cancelled() or self.answer.exception():
            return None
        return self.answer.result()

    def settle(self, failure: Exception | None) -> None:
        """It was written along, or was not; of several outcomes the first holds, for who still waits."""
        if self.answer.done():
            return
        if failure is None:
            self.answer.set_result(None)
        else:
            self.answer.set_exception(failure)

    def _give_up(self) -> None:
        self.settle(unavailable())


Company: TypeAlias = Sequence[_Waiting]


def _company(first: _Waiting, queue: deque[_Waiting]) -> Company:
    """Those of the queue that go along: taken out of it, and late no more."""
    found: list[_Waiting] = []
    changed = set(first.changed)
    for one in queue:
        # Two versions of one resource are a conflict for certain, and would be one for the whole company.
        if not one.answer.done() and changed.isdisjoint(one.changed):
            found.append(one)
            changed |= one.changed
    # Two, four or eight in all: every number is a text that each connection has to prepare.
    in_all = min(1 << ((len(found) + 1).bit_length() - 1), _MOST)
    company = found[: in_all - 1]
    for one in company:
        queue.remove(one)
        one.late.cancel()
    return company
