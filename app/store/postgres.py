"""PostgreSQL: hot statements by hand on the driver connection of SQLAlchemy's pool, one statement = one transaction.

A commit is one CTE. Where a row was not at the version that the decision was made on, the statement divides by
zero on purpose: everything in it is undone, and the caller decides again.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import AdaptedConnection, Connection, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.errors import Unavailable
from app.fhir.search import Query
from app.store import searching
from app.store.changes import Changes, Conflict, ParticipantRow, Stored, Viewer
from app.store.commit import commit_statement
from app.store.interface import Intake, Page

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


_CONNECT_SECONDS: Final = 2
_STATEMENT_SECONDS: Final = 3
"""No statement of ours takes nearly so long, and a caller waits no longer than for these and the pool."""


class PostgresStore:
    """One engine with one pool; see ``app.store.interface.Store`` for the promises."""

    def __init__(self, url: str, pool: int) -> None:
        self._engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=pool,
            max_overflow=0,
            pool_timeout=2,
            # Hot statements are whole transactions; the others end theirs themselves: a reset would be
            # one more round trip for nothing.
            pool_reset_on_return=None,
            # A server that stands still accepts connections and answers nothing: a caller must not wait for it.
            connect_args={"timeout": _CONNECT_SECONDS, "command_timeout": _STATEMENT_SECONDS},
        )
        event.listen(self._engine.sync_engine, "checkout", _check_alive)

    @asynccontextmanager
    async def _driver(self) -> AsyncIterator[Any]:
        try:
            pooled = await self._engine.raw_connection()
        except (*_OUTAGES, DBAPIError, asyncpg.PostgresError) as error:
            raise _unavailable() from error
        try:
            yield pooled.driver_connection
        except _CONFLICTS as error:
            raise Conflict from error
        except _OUTAGES as error:
            pooled.invalidate()
            raise _unavailable() from error
        finally:
            pooled.close()

    async def commit(self, changes: Changes) -> None:
        statement, arguments = commit_statement(changes)
        async with self._driver() as driver:
            await driver.fetchval(statement, *arguments)

    async def read(self, type_name: str, resource: str, viewer: Viewer) -> Stored | None:
        return await self._one(
            type_name, searching.read_statement(type_name), resource, viewer.organisation, viewer.unit
        )

    async def load(self, type_name: str, resource: str) -> Stored | None:
        return await self._one(type_name, searching.load_statement(type_name), resource)

    async def vread(self, type_name: str, resource: str, version: int, viewer: Viewer) -> Stored | None:
        return await self._one(
            type_name,
            searching.vread_statement(type_name),
            resource,
            viewer.organisation,
            viewer.unit,
            version,
        )

    async def _one(self, type_name: str, statement: str, *arguments: Any) -> Stored | None:
        async with self._driver() as driver:
            row = await driver.fetchrow(statement, *arguments)
        return None if row is None else searching.stored(type_name, row)

    async def history(self, type_name: str, resource: str | None, viewer: Viewer, count: int) -> tuple[Stored, ...]:
        statement = searching.history_statement(type_name, one=resource is not None)
        which = () if resource is None else (resource,)
        async with self._driver() as driver:
            rows = await driver.fetch(statement, viewer.organisation, viewer.unit, count, *which)
        return tuple(searching.stored(type_name, row) for row in rows)

    async def search(self, query: Query, viewer: Viewer) -> Page:
        statement, arguments = searching.search_statement(query, viewer)
        async with self._driver() as driver:
            rows = await driver.fetch(statement, *arguments)
            total = None
            if searching.wants_total(query):
                counting, counted = searching.count_statement(query, viewer)
                total = await driver.fetchval(counting, *counted)
        return searching.page(query, rows, total)

    async def intake(
        self,
        organisation: str,
        type_name: str,
        number: tuple[str, str],
        patient: tuple[str, str],
        day: str,
    ) -> Intake:
        async with self._driver() as driver:
            row = await driver.fetchrow(
                searching.INTAKE.format(units="array_agg(DISTINCT unit)"),
                organisation,
                type_name,
                *number,
                *patient,
                day,
            )
        return Intake(
            resource=row[0] or "",
            fingerprint=row[1] or "",
            patient=row[2] or "",
            coordinator_units=tuple(row[3] or ()),
        )

    async def patient_key(self, system: str, value: str) -> str:
        return str(next(iter(await self._rows(searching.PATIENT_KEY, system, value)), [""])[0])

    async def patient_identifiers(self, patient: str) -> tuple[tuple[str, str], ...]:
        return tuple((row[0], row[1]) for row in await self._rows(searching.PATIENT_IDENTIFIERS, patient))

    async def team_of(self, patient: str, trust: str) -> str:
        return str(next(iter(await self._rows(searching.TEAM_OF, patient, trust)), [""])[0])

    async def participant(self, participant: str) -> ParticipantRow | None:
        rows = await self._rows(searching.PARTICIPANT, participant)
        return ParticipantRow(*rows[0]) if rows else None

    async def _rows(self, statement: str, *arguments: Any) -> list[Any]:
        async with self._driver() as driver:
            return list(await driver.fetch(statement, *arguments))

    async def participants(self, care_team: str) -> tuple[ParticipantRow, ...]:
        return tuple(ParticipantRow(*row) for row in await self._rows(searching.PARTICIPANTS, care_team))

    async def run(self, work: Callable[[Connection], Answer]) -> Answer:
        try:
            async with self._engine.connect() as connection:
                return await _alone(connection, work)
        except (*_OUTAGES, *_CONFLICTS, DBAPIError, asyncpg.PostgresError) as error:
            # SQLAlchemy wraps what it knows; the driver's own error is the cause of the wrapped one.
            cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else error
            if isinstance(cause, _CONFLICTS):
                raise Conflict from error
            if isinstance(cause, _OUTAGES) or (isinstance(error, DBAPIError) and error.connection_invalidated):
                raise _unavailable() from error
            raise

    async def close(self) -> None:
        await self._engine.dispose()


def _check_alive(connection: AdaptedConnection, _record: object, _proxy: object) -> None:
    """Connections that died in the pool, all at once when the server restarted, are replaced before they are used."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


async def _alone(connection: AsyncConnection, work: Callable[[Connection], Answer]) -> Answer:
    """The work in a transaction; a connection that failed as such does not go back to the pool."""
    try:
        async with connection.begin():
            return await connection.run_sync(work)
    except _OUTAGES:
        await connection.invalidate()
        raise


def _unavailable() -> Unavailable:
    return Unavailable("The database does not answer.", headers={"Retry-After": "2"})
