"""SQLite's one writer: a thread that takes work in turn.

Writes that wait at the same moment share a transaction and one flush to the disk; each has a savepoint, so that
one that fails does not take the others with it.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from app.errors import Unavailable
from app.store.changes import Conflict

Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]", bool]
_GROUP: Final = 64
_RETRY_LATER: Final = {"Retry-After": "2"}


class Writer:
    """The thread that writes by one connection; work that is not ``grouped`` has its transaction to itself."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = Thread(target=self._write, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def hand_over(self, work: Callable[[], Any], *, grouped: bool) -> Any:
        """What the work answers, after the end of its transaction. Raises Conflict, Unavailable."""
        if not self._thread.is_alive():
            raise Unavailable("The database is closed.", headers=_RETRY_LATER)
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._jobs.put((work, loop, done, grouped))
        return await done

    def _write(self) -> None:
        carried: Job | None = None
        while job := carried or self._jobs.get():
            carried = None
            group = [job]
            while job[3] and len(group) < _GROUP:
                try:
                    carried = self._jobs.get_nowait()
                except Empty:
                    break
                if carried is None:
                    self._jobs.put(None)
                    break
                if not carried[3]:
                    break
                group.append(carried)
                carried = None
            outcomes = self._grouped(group) if job[3] else [_attempt(job[0])]
            for (_, loop, done, _), outcome in zip(group, outcomes, strict=True):
                loop.call_soon_threadsafe(settle, done, outcome)

    def _grouped(self, group: list[Job]) -> list[Any]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._in_savepoint(work) for work, _, _, _ in group]
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return [unavailable(error)] * len(group)
        return outcomes

    def _in_savepoint(self, work: Callable[[], Any]) -> Any:
        self._connection.execute("SAVEPOINT one")
        outcome = _attempt(work)
        if isinstance(outcome, Exception):
            self._connection.execute("ROLLBACK TO one")
        self._connection.execute("RELEASE one")
        return outcome

    async def close(self) -> None:
        """After what is waiting."""
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)


class Inside:
    """The same in a transaction that is open already: at once."""

    async def hand_over(self, work: Callable[[], Any], *, grouped: bool) -> Any:  # noqa: ARG002
        """What the work answers. Raises Conflict, Unavailable."""
        outcome = _attempt(work)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Nothing: the transaction is not ours to end."""


def _attempt(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except sqlite3.Error as error:
        return _failure(error)
    except DBAPIError as error:
        return _failure(error.orig) if isinstance(error.orig, sqlite3.Error) else error
    except Exception as error:  # noqa: BLE001 - carried to the caller, who waits on another thread
        return error


def _failure(error: sqlite3.Error) -> Exception:
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict(error.sqlite_errorname)
    ours = isinstance(error, sqlite3.DataError | sqlite3.ProgrammingError | sqlite3.InterfaceError)
    return error if ours else unavailable(error)


def unavailable(error: sqlite3.Error) -> Unavailable:
    """What SQLite says is told by its name alone."""
    # A connection that was closed is told by Python, not by SQLite: it has no name.
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return Unavailable(f"The database does not answer ({name}).", headers=_RETRY_LATER)


def settle(done: "asyncio.Future[Any]", outcome: Any) -> None:
    """Give a waiting coroutine its answer, on its own loop."""
    if done.cancelled():
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
