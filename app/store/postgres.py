"""PostgreSQL: hot statements by hand on the driver connection of SQLAlchemy's pool, one statement = one transaction.

A commit is one CTE. Where a row was not at the version that the decision was made on, the statement divides by
zero on purpose: everything in it is undone, and the caller decides again.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import AdaptedConnection, Connection, PoolProxiedConnection, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.errors import Unavailable
from app.fhir.search import Query
from app.store import looks, searching
from app.store.changes import AuditRow, Changes, Conflict, Look, ParticipantRow, Stored, Viewer
from app.store.commit import commit_statement
from app.store.interface import Intake, Page, Past, Shared
from app.store.proofs import SPEND
from app.store.statements import RESOURCE_TABLES

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
_POOL_SECONDS: Final = 2
"""How long a request waits for its turn at the database before it is told to come back."""
_COLD_CONNECTIONS: Final = 2
_CONNECT_SECONDS: Final = 2
_STATEMENT_SECONDS: Final = 3
"""No statement of ours takes nearly so long, and a caller waits no longer than for these and the pool."""
_SCOPE: Final = (
    "SELECT set_config('samband.sees', $1, false), set_config('samband.organisation', $2, false),"
    " set_config('samband.unit', $3, false)"
)
_SERVICE: Final = ("all", "", "")
"""Samband's own work: decisions load what they need, whoever asked."""


class PostgresStore:
    """One engine with one pool; see ``app.store.interface.Store`` for the promises."""

    def __init__(self, url: str, pool: int) -> None:
        self._engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=max(pool, 2),  # one that hot statements keep, one for ``run``
            max_overflow=0,
            pool_timeout=_POOL_SECONDS,
            # Hot statements are whole transactions; the others end theirs themselves: a reset would be
            # one more round trip for nothing.
            pool_reset_on_return=None,
            # A server that stands still accepts connections and answers nothing: a caller must not wait for it.
            connect_args={
                "timeout": _CONNECT_SECONDS,
                "command_timeout": _STATEMENT_SECONDS,
                "server_settings": {"samband.sees": "all"},
            },
        )
        event.listen(self._engine.sync_engine, "checkout", _check_alive)
        # Taking a connection from the pool and giving it back costs more CPU than a hot statement's round trip,
        # so those that hot statements use stay with us in between. Some are always left to ``run``.
        self._turns = asyncio.Semaphore(max(pool - _COLD_CONNECTIONS, 1))
        self._idle: list[PoolProxiedConnection] = []

    async def _ask(self, method: str, statement: str, *arguments: Any, viewer: Viewer | None = None) -> Any:
        """One hot statement by asyncpg's ``fetch``, ``fetchrow`` or ``fetchval``: a transaction of its own.

        With a ``viewer`` the database's row-level security lets the connection see that viewer's rows alone.
        """
        scope = _SERVICE if viewer is None else ("party", viewer.organisation, viewer.unit)
        pooled = await self._take(scope)
        healthy = False
        try:
            await _see_as(pooled, scope)
            answer = await getattr(pooled.driver_connection, method)(statement, *arguments)
            healthy = True
        except _CONFLICTS as error:
            healthy = True
            raise Conflict from error
        except _UNFIT as error:
            healthy = True
            raise _unavailable(type(error).__name__) from error
        except _OUTAGES as error:
            self._forget_idle()
            raise _unavailable() from error
        finally:
            if healthy:
                self._idle.append(pooled)
            else:
                pooled.invalidate()
                pooled.close()
            self._turns.release()
        return answer

    async def _take(self, scope: tuple[str, str, str]) -> PoolProxiedConnection:
        try:
            async with asyncio.timeout(_POOL_SECONDS if self._turns.locked() else None):
                await self._turns.acquire()
        except TimeoutError as error:
            raise _unavailable() from error
        while self._idle:
            pooled = self._idle.pop(_last_with(scope, self._idle))
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
                raise _unavailable() from error
            raise

    def _forget_idle(self) -> None:
        """Where one connection has died the others have too: the next statements open new ones."""
        while self._idle:
            pooled = self._idle.pop()
            pooled.invalidate()
            pooled.close()

    async def commit(self, changes: Changes) -> None:
        statement, arguments = commit_statement(changes)
        await self._ask("fetchval", statement, *arguments)

    async def record_looks(self, rows: Sequence[AuditRow]) -> None:
        if rows:
            await self.commit(Changes(audits=list(rows)))

    async def record_refusals(self, rows: Sequence[AuditRow]) -> None:
        await self.record_looks(rows)

    async def patient_of(self, type_name: str, resource: str) -> str:
        statement = searching.PATIENT_OF.format(table=RESOURCE_TABLES[type_name].name)
        return await self._ask("fetchval", statement, resource) or ""

    async def read(self, type_name: str, resource: str, viewer: Viewer, look: Look | None = None) -> Stored | None:
        statement = searching.read_statement(type_name)
        return await self._one(type_name, statement, (resource, viewer.organisation, viewer.unit), viewer, look)

    async def load(self, type_name: str, resource: str) -> Stored | None:
        return await self._one(type_name, searching.load_statement(type_name), (resource,), None, None)

    async def vread(
        self, type_name: str, resource: str, version: int, viewer: Viewer, look: Look | None = None
    ) -> Stored | None:
        statement = searching.vread_statement(type_name)
        arguments = (resource, viewer.organisation, viewer.unit, version)
        return await self._one(type_name, statement, arguments, viewer, look)

    async def _one(
        self, type_name: str, statement: str, arguments: tuple[Any, ...], viewer: Viewer | None, look: Look | None
    ) -> Stored | None:
        if look is not None and looks.about_patients(type_name):
            statement = looks.of_one(statement, type_name, len(arguments))
            arguments = (*arguments, *look)
        row = await self._ask("fetchrow", statement, *arguments, viewer=viewer)
        return None if row is None else searching.stored(type_name, row)

    async def read_many(self, type_name: str, resources: Sequence[str], viewer: Viewer) -> tuple[Stored, ...]:
        statement = searching.read_many_statement(type_name, len(resources))
        rows = await self._rows(statement, viewer.organisation, viewer.unit, *resources, viewer=viewer)
        return searching.many(type_name, rows)

    async def history(
        self,
        type_name: str | None,
        resource: str | None,
        viewer: Viewer,
        count: int,
        *,
        since: int | None = None,
        before: Past | None = None,
        types: Sequence[str] = (),
        look: Look | None = None,
    ) -> tuple[Stored, ...]:
        wanted = tuple(types) if type_name is None else (type_name,)
        statement, arguments = searching.history_statement(wanted, resource, viewer, count, since, before)
        if look is not None and any(map(looks.about_patients, wanted)):
            order, number = searching.HISTORY_ORDER, len(arguments)
            arguments += [*look, "", count - 1]
            statement = looks.of_many(statement, type_name or "", order, number, 0)
        return searching.mixed(await self._rows(statement, *arguments, viewer=viewer))

    async def search(self, query: Query, viewer: Viewer, look: Look | None = None) -> Page:
        statement, arguments = searching.search_statement(query, viewer)
        if look is not None and any(map(looks.about_patients, (query.type,) if query.type else query.types)):
            named, number = looks.named_patients(query), len(arguments)
            arguments += [*look, looks.names_of(query), query.count, *named]
            statement = looks.of_many(statement, query.type, searching.search_order(query), number, len(named))
        rows = await self._ask("fetch", statement, *arguments, viewer=viewer)
        total = await self.count(query, viewer) if searching.wants_total(query) else None
        return searching.page(query, rows, total)

    async def count(self, query: Query, viewer: Viewer) -> int:
        statement, arguments = searching.count_statement(query, viewer)
        return int(await self._ask("fetchval", statement, *arguments, viewer=viewer))

    async def shared(self, case_id: str, unit: str, resources: Sequence[str]) -> tuple[Shared, ...]:
        rows = await self._rows(searching.shared_statement(len(resources)), case_id, unit, *resources)
        return tuple(Shared(type=row[0], id=row[1], elsewhere=row[2]) for row in rows)

    async def intake(
        self,
        organisation: str,
        type_name: str,
        number: tuple[str, str],
        patient: tuple[str, str],
        day: str,
    ) -> Intake:
        row = await self._ask(
            "fetchrow",
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

    async def conditional_creates(self, organisation: str, type_name: str, condition: str) -> int:
        return int(await self._ask("fetchval", searching.CONDITIONAL_CREATES, organisation, type_name, condition))

    async def patient_key(self, system: str, value: str) -> str:
        return str(next(iter(await self._rows(searching.PATIENT_KEY, system, value)), [""])[0])

    async def patient_identifiers(self, patient: str) -> tuple[tuple[str, str], ...]:
        return tuple((row[0], row[1]) for row in await self._rows(searching.PATIENT_IDENTIFIERS, patient))

    async def team_of(self, patient: str, trust: str) -> str:
        return str(next(iter(await self._rows(searching.TEAM_OF, patient, trust)), [""])[0])

    async def participant(self, participant: str) -> ParticipantRow | None:
        rows = await self._rows(searching.PARTICIPANT, participant)
        return ParticipantRow(*rows[0]) if rows else None

    async def _rows(self, statement: str, *arguments: Any, viewer: Viewer | None = None) -> list[Any]:
        return list(await self._ask("fetch", statement, *arguments, viewer=viewer))

    async def participants(self, care_team: str) -> tuple[ParticipantRow, ...]:
        return tuple(ParticipantRow(*row) for row in await self._rows(searching.PARTICIPANTS, care_team))

    async def spend(self, digest: bytes, until: int) -> bool:
        return await self._ask("fetchval", SPEND, digest, until) is not None

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
        while self._idle:
            self._idle.pop().close()
        await self._engine.dispose()


def _last_with(scope: tuple[str, str, str], idle: Sequence[PoolProxiedConnection]) -> int:
    """Which connection to take: one that sees the same already saves a round trip."""
    for index in range(len(idle) - 1, -1, -1):
        if idle[index].info.get("scope", _SERVICE) == scope:
            return index
    return -1


async def _see_as(pooled: PoolProxiedConnection, scope: tuple[str, str, str]) -> None:
    """Tell the database whose rows this connection may see from now on (migration 0003, row-level security)."""
    driver = pooled.driver_connection
    if driver is not None and pooled.info.get("scope", _SERVICE) != scope:
        await driver.fetchrow(_SCOPE, *scope)
        pooled.info["scope"] = scope


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


def _unavailable(why: str = "") -> Unavailable:
    said = f"The database does not answer ({why})." if why else "The database does not answer."
    return Unavailable(said, headers={"Retry-After": "2"})
