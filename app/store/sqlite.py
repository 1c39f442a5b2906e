"""SQLite, embedded: writes in one thread, and with them the reads that leave an audit row; other reads on the loop."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from app.fhir.search import Query
from app.store import looks, searching
from app.store.changes import AuditRow, Changes, Look, ParticipantRow, RowScope, Stored, Viewer
from app.store.interface import ANY_SIZE, EVERY_ROW, Intake, Page, Past, Shared, Store
from app.store.proofs import SPEND
from app.store.sqlite_commit import add_rows, apply
from app.store.sqlite_writer import Inside, Writer, settle, unavailable
from app.store.statements import RESOURCE_TABLES

Answer = TypeVar("Answer")
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=5000",
    "wal_autocheckpoint=4000",
    # Codes differ by case (R4 2.24.0.6), and so does LIKE on PostgreSQL.
    "case_sensitive_like=ON",
)


class SqliteStore:
    """One database file; see ``app.store.interface.Store`` for the promises."""

    def __init__(
        self,
        engine: Engine,
        reader: sqlite3.Connection,
        writer: sqlite3.Connection,
        queue: Writer | Inside,
        within: Connection | None = None,
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._writer = writer
        self._queue = queue
        self._within = within
        """The transaction that this store is in, if it is one that ``together`` gives."""

    async def commit(self, changes: Changes) -> None:
        await self._queue.hand_over(lambda: apply(self._writer, changes), grouped=True)

    async def run(self, work: Callable[[Connection], Answer], scope: RowScope = EVERY_ROW) -> Answer:  # noqa: ARG002
        def alone() -> Answer:
            if self._within is not None:
                return work(self._within)
            with self._engine.begin() as connection:
                return work(connection)

        answer: Answer = await self._queue.hand_over(alone, grouped=False)
        return answer

    @asynccontextmanager
    async def together(self) -> AsyncIterator[Store]:
        # The writer's thread opens and ends the transaction and waits meanwhile: no other write comes between.
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[Connection] = loop.create_future()
        left: SimpleQueue[bool] = SimpleQueue()

        def alone() -> None:
            with self._engine.connect() as connection, connection.begin() as transaction:
                loop.call_soon_threadsafe(settle, opened, connection)
                if not left.get():
                    transaction.rollback()

        stays = False
        work = asyncio.ensure_future(self._queue.hand_over(alone, grouped=False))
        try:
            await asyncio.wait((work, opened), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work
            connection = await opened
            raw: Any = connection.connection.driver_connection
            yield SqliteStore(self._engine, raw, raw, Inside(), connection)
            stays = True
        finally:
            left.put(stays)
        await work

    async def record_looks(self, rows: Sequence[AuditRow]) -> None:
        if rows:
            await self.commit(Changes(audits=list(rows)))

    async def record_refusals(self, rows: Sequence[AuditRow]) -> None:
        await self.record_looks(rows)

    async def patient_of(self, type_name: str, resource: str) -> str:
        statement = searching.PATIENT_OF.format(table=RESOURCE_TABLES[type_name].name)
        return next(iter(self._rows(statement, (resource,))), ("",))[0] or ""

    async def read(self, type_name: str, resource: str, viewer: Viewer, look: Look | None = None) -> Stored | None:
        statement = searching.read_statement(type_name)
        return await self._one(type_name, statement, (viewer.organisation, viewer.unit, resource), look)

    async def load(self, type_name: str, resource: str) -> Stored | None:
        return await self._one(type_name, searching.load_statement(type_name), (resource,), None)

    async def vread(
        self, type_name: str, resource: str, version: int, viewer: Viewer, look: Look | None = None
    ) -> Stored | None:
        statement = searching.vread_statement(type_name)
        return await self._one(type_name, statement, (viewer.organisation, viewer.unit, resource, version), look)

    async def _one(self, type_name: str, statement: str, arguments: Sequence[Any], look: Look | None) -> Stored | None:
        if look is None or not looks.about_patients(type_name):
            found = searching.many(type_name, self._rows(statement, arguments))
            return found[0] if found else None

        def looked() -> Stored | None:
            found = searching.many(type_name, _found(self._writer, statement, arguments))
            rows = [looks.row_of(look, type_name, row.id, row.version, row.patient) for row in found if row.patient]
            add_rows(self._writer, Changes(audits=rows))
            return found[0] if found else None

        one: Stored | None = await self._queue.hand_over(looked, grouped=True)
        return one

    def _rows(self, statement: str, arguments: Any, limit: tuple[int, int] | None = None) -> list[Any]:
        try:
            return _found(self._reader, statement, arguments, limit)
        except sqlite3.Error as error:
            raise unavailable(error) from error

    async def read_many(self, type_name: str, resources: Sequence[str], viewer: Viewer, most: int = ANY_SIZE) -> Page:
        asked = searching.read_many_statement(type_name, resources, viewer)
        return searching.page_of_type(type_name, self._rows(*asked, (3, most)))

    async def history(
        self,
        types: str | tuple[str, ...],
        resource: str | None,
        viewer: Viewer,
        count: int,
        *,
        since: int | None = None,
        before: Past | None = None,
        look: Look | None = None,
        most: int = ANY_SIZE,
    ) -> Page:
        wanted = (types,) if isinstance(types, str) else types
        asked = searching.history_statement(wanted, resource, viewer, count, since, before)
        if look is None or not any(map(looks.about_patients, wanted)):
            return searching.history_page(self._rows(*asked, (4, most)), count)

        def looked() -> Page:
            found = searching.history_page(_found(self._writer, *asked, (4, most)), count)
            add_rows(
                self._writer, Changes(audits=looks.rows_of(look, types if isinstance(types, str) else "", found.rows))
            )
            return found

        page: Page = await self._queue.hand_over(looked, grouped=True)
        return page

    async def search(self, query: Query, viewer: Viewer, look: Look | None = None, most: int = ANY_SIZE) -> Page:
        asked, limit = searching.search_statement(query, viewer), (3 if query.type else 4, most)
        types = (query.type,) if query.type else query.types
        if look is None or not any(map(looks.about_patients, types)):
            page = searching.page(query, self._rows(*asked, limit), None)
        else:

            def looked() -> Page:
                found = searching.page(query, _found(self._writer, *asked, limit), None)
                names, named = looks.names_of(query), looks.named_patients(query)
                add_rows(self._writer, Changes(audits=looks.rows_of(look, query.type, found.rows, names, named)))
                return found

            page = await self._queue.hand_over(looked, grouped=True)
        total = await self.count(query, viewer) if searching.wants_total(query) else None
        return replace(page, total=total)

    async def count(self, query: Query, viewer: Viewer) -> int:
        return int(self._rows(*searching.count_statement(query, viewer))[0][0])

    async def shared(self, case_id: str, viewer: Viewer, resources: Sequence[str]) -> tuple[Shared, ...]:
        statement = searching.shared_statement(len(resources))
        return tuple(
            Shared(type=r[0], id=r[1], elsewhere=bool(r[2]))
            for r in self._rows(statement, (case_id, viewer.organisation, viewer.unit, *resources))
        )

    async def intake(
        self,
        organisation: str,
        type_name: str,
        number: tuple[str, str],
        patient: tuple[str, str],
        day: str,
    ) -> Intake:
        statement = searching.INTAKE.format(units="group_concat(DISTINCT unit)")
        row = self._rows(statement, (organisation, type_name, *number, *patient, day))[0]
        return Intake(
            resource=row[0] or "",
            fingerprint=row[1] or "",
            patient=row[2] or "",
            coordinator_units=tuple(row[3].split(",")) if row[3] else (),
        )

    async def conditional_creates(self, organisation: str, type_name: str, condition: str) -> int:
        return int(self._rows(searching.CONDITIONAL_CREATES, (organisation, type_name, condition))[0][0])

    async def patient_key(self, system: str, value: str) -> str:
        return str(next(iter(self._rows(searching.PATIENT_KEY, (system, value))), [""])[0])

    async def patient_identifiers(self, patient: str) -> tuple[tuple[str, str], ...]:
        return tuple((row[0], row[1]) for row in self._rows(searching.PATIENT_IDENTIFIERS, (patient,)))

    async def team_of(self, patient: str, trust: str) -> str:
        return str(next(iter(self._rows(searching.TEAM_OF, (patient, trust))), [""])[0])

    async def participant(self, participant: str) -> ParticipantRow | None:
        rows = self._rows(searching.PARTICIPANT, (participant,))
        return ParticipantRow(*rows[0]) if rows else None

    async def participants(self, care_team: str) -> tuple[ParticipantRow, ...]:
        return tuple(ParticipantRow(*row) for row in self._rows(searching.PARTICIPANTS, (care_team,)))

    async def spend(self, digest: bytes, until: int) -> bool:
        statement = searching.numbered(SPEND)
        return bool(
            await self._queue.hand_over(
                lambda: self._writer.execute(statement, (digest, until)).fetchall(), grouped=True
            )
        )

    async def close(self) -> None:
        await self._queue.close()
        self._writer.close()
        self._reader.close()
        self._engine.dispose()


def sqlite_store(path: Path) -> SqliteStore:
    """The store of a file, which is made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    writer = _connect(path)
    return SqliteStore(engine, _connect(path), writer, Writer(writer))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    _prepare(connection)
    return connection


def _prepare(connection: sqlite3.Connection, _record: Any = None) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _found(
    connection: sqlite3.Connection, statement: str, arguments: Sequence[Any], limit: tuple[int, int] | None = None
) -> list[Any]:
    """The rows; with a ``limit`` (where the body stands, bytes) the first behind them ends it, and has no body."""
    cursor = connection.execute(searching.numbered(statement), tuple(arguments))
    if limit is None:
        return cursor.fetchall()
    (body, most), size, found = limit, 0, []
    for row in cursor:
        if size >= most:
            found.append((*row[:body], None, *row[body + 1 :]))
            break
        found.append(row)
        size += len(row[body])
    cursor.close()
    return found
