"""Connections to PostgreSQL: one statement at once, or a transaction of several, as the database lets a viewer see."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import AdaptedConnection, Connection, PoolProxiedConnection, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.errors import Unavailable
from app.store.changes import Conflict, RowScope
from app.store.interface import EVERY_ROW
from app.store.turns import Turns

Answer = TypeVar("Answer")

_CONFLICTS: Final = (
    asyncpg.DivisionByZeroError,
    asyncpg.UniqueViolationError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
)
_OUTAGES: Final = (
    OSError,
    TimeoutError,
    PoolTimeout,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # What asyncpg says of a connection that the server ended while it lay in the pool.
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    # A standby: after a failover the address may still lead there.
    asyncpg.ReadOnlySQLTransactionError,
)


_UNFIT: Final = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InsufficientPrivilegeError)
"""The database answers, but not as it must: no table or no right to it. Without an audit row there is no answer."""
POOL_SECONDS: Final = 2
"""How long a request waits for its turn at the database, or a commit in company, before it is told to come back."""
_COLD_CONNECTIONS: Final = 2
_CONNECT_SECONDS: Final = 2
_STATEMENT_SECONDS: Final = 3
"""No statement of ours takes nearly so long, and a caller waits no longer than for these and the pool."""
_ROWS_HERE: Final = "SELECT " + ", ".join(
    f"set_config('samband.{name}', ${number}, true)" for number, name in enumerate(RowScope._fields, 1)
)
"""Which rows may be seen until the end of the transaction; a connection begins with all, for Samband's own work."""


class Connections:
    """One engine with one pool."""

    def __init__(self, url: str, pool: int) -> None:
        self._engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=max(pool, 2),  # one that hot statements keep, one for ``run``
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            # Hot statements are whole transactions; the others end theirs themselves: a reset would be
            # one more round trip for nothing.
            pool_reset_on_return=None,
            # A server that stands still accepts connections and answers nothing: a caller must not wait for it.
            connect_args={
                "timeout": _CONNECT_SECONDS,
                "command_timeout": _STATEMENT_SECONDS,
                # Eight commits in one statement are 20 kB of text.
                "max_cacheable_statement_size": 65_536,
                "server_settings": {"samband.sees": "all"},
            },
        )
        event.listen(self._engine.sync_engine, "checkout", _check_alive)
        # Taking a connection from the pool and giving it back costs more CPU than a hot statement's round trip,
        # so those that hot statements use stay with us in between. Some are always left to ``run``.
        self._turns = Turns(max(pool - _COLD_CONNECTIONS, 1), POOL_SECONDS)
        self._idle: list[PoolProxiedConnection] = []

    async def ask(self, method: str, statement: str, *arguments: Any) -> Any:
        """One hot statement by asyncpg's ``fetch``, ``fetchrow`` or ``fetchval``: a transaction of its own.

        :raises Conflict: it fails by what somebody else has written
        :raises Unavailable: the database does not answer
        """
        pooled = await self._take()
        healthy = False
        try:
            answer = await getattr(pooled.driver_connection, method)(statement, *arguments)
            healthy = True
        except _CONFLICTS as error:
            healthy = True
            raise Conflict from error
        except _UNFIT as error:
            healthy = True
            raise unavailable(type(error).__name__) from error
        except _OUTAGES as error:
            self._forget_idle()
            raise unavailable() from error
        except asyncpg.PostgresError:
            healthy = True  # it refused the statement, and goes on
            raise
        finally:
            if healthy:
                self._idle.append(pooled)
            else:
                pooled.invalidate()
                pooled.close()
            self._turns.release()
        return answer

    show = ask
    """The same for a statement that tells the database itself whose rows it may see: it ends with its transaction."""

    async def _take(self) -> PoolProxiedConnection:
        if not self._turns.taken():
            await self._turn()
        while self._idle:
            pooled = self._idle.pop()
            driver = pooled.driver_connection
            if driver is not None and not driver.is_closed():
                return pooled
            pooled.invalidate()
            pooled.close()
        try:
            return await self._engine.raw_connection()
        except BaseException as error:
            self._turns.release()
            if isinstance(error, (*_OUTAGES, DBAPIError, asyncpg.PostgresError)):
                raise unavailable() from error
            raise

    async def _turn(self) -> None:
        try:
            await self._turns.wait()
        except TimeoutError as error:
            raise unavailable() from error

    def _forget_idle(self) -> None:
        """Where one connection has died the others have too: the next statements open new ones."""
        while self._idle:
            pooled = self._idle.pop()
            pooled.invalidate()
            pooled.close()

    async def run(self, work: Callable[[Connection], Answer], scope: RowScope) -> Answer:
        """Cold work in a transaction of its own, which sees the rows of ``scope``. Raises Conflict, Unavailable."""
        with _told():
            async with self._engine.connect() as connection:
                return await _alone(connection, work, scope)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Several statements of one instant; it takes the turn and the place of one that is hot."""
        if not self._turns.taken():
            await self._turn()
        try:
            if self._idle:
                self._idle.pop(0).close()
            with _told():
                async with self._engine.connect() as connection:
                    # The driver begins and ends the transaction, for SQLAlchemy's work and ours in it.
                    await connection.execution_options(isolation_level="AUTOCOMMIT")
                    pooled = await connection.get_raw_connection()
                    async with pooled.driver_connection.transaction(isolation="repeatable_read"):  # type: ignore[union-attr]
                        yield Transaction(connection, pooled.driver_connection)
        finally:
            self._turns.release()

    async def close(self) -> None:
        """Give all connections back."""
        while self._idle:
            self._idle.pop().close()
        await self._engine.dispose()


class Transaction:
    """A connection whose transaction is open: what ``Connections`` does, in that one."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self._connection = connection
        self._driver = driver
        self._scope: RowScope | None = EVERY_ROW
        """What may be seen now; None where a statement has said so itself."""

    async def ask(self, method: str, statement: str, *arguments: Any) -> Any:
        """As ``Connections.ask``."""
        with _told():
            await self._see(EVERY_ROW)
            return await getattr(self._driver, method)(statement, *arguments)

    async def show(self, method: str, statement: str, *arguments: Any) -> Any:
        """As ``Connections.show``."""
        with _told():
            self._scope = None
            return await getattr(self._driver, method)(statement, *arguments)

    async def run(self, work: Callable[[Connection], Answer], scope: RowScope) -> Answer:
        """As ``Connections.run``."""
        with _told():
            await self._see(scope)
            return await self._connection.run_sync(work)

    async def _see(self, scope: RowScope) -> None:
        if self._scope != scope:
            await self._driver.fetchrow(_ROWS_HERE, *scope)
            self._scope = scope

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """This one."""
        yield self

    async def close(self) -> None:
        """Nothing: the connection is not ours to close."""


def _check_alive(connection: AdaptedConnection, _record: object, _proxy: object) -> None:
    """Connections that died in the pool, all at once when the server restarted, are replaced before they are used."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


async def _alone(connection: AsyncConnection, work: Callable[[Connection], Answer], scope: RowScope) -> Answer:
    """The work in a transaction; a connection that failed as such does not go back to the pool."""
    try:
        async with connection.begin():
            if scope != EVERY_ROW:
                await connection.exec_driver_sql(_ROWS_HERE, tuple(scope))
            return await connection.run_sync(work)
    except _OUTAGES:
        await connection.invalidate()
        raise


@contextmanager
def _told() -> Iterator[None]:
    """What the driver says, or SQLAlchemy of it, as Conflict or Unavailable."""
    try:
        yield
    except (*_OUTAGES, *_CONFLICTS, DBAPIError, asyncpg.PostgresError) as error:
        # SQLAlchemy wraps what it knows; the driver's own error is the cause of the wrapped one.
        cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else error
        if isinstance(cause, _CONFLICTS):
            raise Conflict from error
        if isinstance(cause, _UNFIT):
            raise unavailable(type(cause).__name__) from error
        if isinstance(cause, _OUTAGES) or (isinstance(error, DBAPIError) and error.connection_invalidated):
            raise unavailable() from error
        raise


def unavailable(why: str = "") -> Unavailable:
    """The database gave no answer, or none that is fit: the request may come again."""
    said = f"The database does not answer ({why})." if why else "The database does not answer."
    return Unavailable(said, headers={"Retry-After": "2"})
