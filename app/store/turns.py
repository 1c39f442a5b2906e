"""Turns at the database: so many at once, the others wait in order, and none for longer than a time.

An ``asyncio.Semaphore`` in an ``asyncio.timeout`` costs a statement as much as what the driver does for it.
"""

import asyncio
from collections import deque


class Turns:
    """``count`` turns; ``seconds`` is how long one is waited for."""

    def __init__(self, count: int, seconds: float) -> None:
        self._free = count
        self._seconds = seconds
        self._waiting: deque[asyncio.Future[bool]] = deque()

    def taken(self) -> bool:
        """Take a turn that is free; whoever finds none has to ``wait``."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def wait(self) -> None:
        """Until it is one's turn. Raises TimeoutError."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(turn)
        late = loop.call_later(self._seconds, _give_up, turn)
        try:
            if not await turn:
                raise TimeoutError
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.release()  # it came in the moment in which nobody wanted it any more
            raise
        finally:
            late.cancel()

    def release(self) -> None:
        """Give a turn back: to who has waited longest, if anybody."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(True)
                return
        self._free += 1


def _give_up(turn: asyncio.Future[bool]) -> None:
    if not turn.done():
        turn.set_result(False)
