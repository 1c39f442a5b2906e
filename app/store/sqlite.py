"""SQLite, embedded: reads on the event loop on a connection of their own, writes in one thread.

Writes that wait at the same moment share a transaction and one flush to the disk; each has a savepoint, so that
one that fails does not take the others with it.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.errors import Unavailable
from app.fhir.search import Query
from app.store import searching
from app.store.changes import Changes, Conflict, ParticipantRow, Stored, Viewer
from app.store.interface import Intake, Page, Past, Shared
from app.store.proofs import SPEND
from app.store.statements import NOTICE, PARTS, RESOURCE_TABLES

Answer = TypeVar("Answer")
Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]", bool]
_GROUP: Final = 64
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=5000",
    "wal_autocheckpoint=4000",
    # Codes differ by case (R4 2.24.0.6), and so does LIKE on PostgreSQL.
    "case_sensitive_like=ON",
)
_RETRY_LATER: Final = {"Retry-After": "2"}


class SqliteStore:
    """One database file; see ``app.store.interface.Store`` for the promises."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = _connect(path)
        self._reader = _connect(path)
        self._engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = Thread(target=self._write, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def commit(self, changes: Changes) -> None:
        await self._hand_over(lambda: _apply(self._writer, changes), grouped=True)

    async def run(self, work: Callable[[Connection], Answer]) -> Answer:
        def alone() -> Answer:
            with self._engine.begin() as connection:
                return work(connection)

        answer: Answer = await self._hand_over(alone, grouped=False)
        return answer

    async def _hand_over(self, work: Callable[[], Any], *, grouped: bool) -> Any:
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
                loop.call_soon_threadsafe(_settle, done, outcome)

    def _grouped(self, group: list[Job]) -> list[Any]:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            outcomes = [self._in_savepoint(work) for work, _, _, _ in group]
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            return [_unavailable(error)] * len(group)
        return outcomes

    def _in_savepoint(self, work: Callable[[], Any]) -> Any:
        self._writer.execute("SAVEPOINT one")
        outcome = _attempt(work)
        if isinstance(outcome, Exception):
            self._writer.execute("ROLLBACK TO one")
        self._writer.execute("RELEASE one")
        return outcome

    async def read(self, type_name: str, resource: str, viewer: Viewer) -> Stored | None:
        statement = searching.read_statement(type_name)
        return self._one(type_name, statement, resource, viewer.organisation, viewer.unit)

    async def load(self, type_name: str, resource: str) -> Stored | None:
        return self._one(type_name, searching.load_statement(type_name), resource)

    async def vread(self, type_name: str, resource: str, version: int, viewer: Viewer) -> Stored | None:
        statement = searching.vread_statement(type_name)
        return self._one(type_name, statement, resource, viewer.organisation, viewer.unit, version)

    def _one(self, type_name: str, statement: str, *arguments: Any) -> Stored | None:
        rows = self._rows(statement, arguments)
        return searching.stored(type_name, rows[0]) if rows else None

    def _rows(self, statement: str, arguments: Any) -> list[Any]:
        try:
            return self._reader.execute(searching.numbered(statement), tuple(arguments)).fetchall()
        except sqlite3.Error as error:
            raise _unavailable(error) from error

    async def read_many(self, type_name: str, resources: Sequence[str], viewer: Viewer) -> tuple[Stored, ...]:
        statement = searching.read_many_statement(type_name, len(resources))
        return searching.many(type_name, self._rows(statement, (viewer.organisation, viewer.unit, *resources)))

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
    ) -> tuple[Stored, ...]:
        wanted = tuple(types) if type_name is None else (type_name,)
        statement, arguments = searching.history_statement(wanted, resource, viewer, count, since, before)
        return searching.mixed(self._rows(statement, arguments))

    async def search(self, query: Query, viewer: Viewer) -> Page:
        statement, arguments = searching.search_statement(query, viewer)
        rows = self._rows(statement, arguments)
        total = await self.count(query, viewer) if searching.wants_total(query) else None
        return searching.page(query, rows, total)

    async def count(self, query: Query, viewer: Viewer) -> int:
        return int(self._rows(*searching.count_statement(query, viewer))[0][0])

    async def shared(self, case_id: str, unit: str, resources: Sequence[str]) -> tuple[Shared, ...]:
        statement = searching.shared_statement(len(resources))
        return tuple(
            Shared(type=r[0], id=r[1], elsewhere=bool(r[2])) for r in self._rows(statement, (case_id, unit, *resources))
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
            await self._hand_over(lambda: self._writer.execute(statement, (digest, until)).fetchall(), grouped=True)
        )

    async def close(self) -> None:
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._writer.close()
        self._reader.close()
        self._engine.dispose()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    _prepare(connection)
    return connection


def _prepare(connection: sqlite3.Connection, _record: Any = None) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()


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
    return error if ours else _unavailable(error)


def _unavailable(error: sqlite3.Error) -> Unavailable:
    # A connection that was closed is told by Python, not by SQLite: it has no name.
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return Unavailable(f"The database does not answer ({name}).", headers=_RETRY_LATER)


def _settle(done: "asyncio.Future[Any]", outcome: Any) -> None:
    if done.cancelled():
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)


def _apply(connection: sqlite3.Connection, changes: Changes) -> None:
    for write in changes.writes:
        table = RESOURCE_TABLES[write.type]
        names = [column.name for column in table.columns]
        if write.version > 1:
            connection.execute(
                "INSERT INTO history (type, id, version, updated, body)"
                f" SELECT ?, id, version, updated, body FROM {table.name} WHERE id = ? AND version = ?",
                (write.type, write.id, write.version - 1),
            )
            cells = ", ".join(f"{name} = ?" for name in names)
            statement = f"UPDATE {table.name} SET {cells} WHERE id = ? AND version = ?"
        else:
            statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        cells_of = [write.columns.get(name) for name in names[4:]]
        arguments = [write.id, write.version, write.updated, write.body, *cells_of]
        expected = [write.id, write.version - 1] if write.version > 1 else []
        if connection.execute(statement, arguments + expected).rowcount != 1:
            raise Conflict
    connection.executemany(
        "DELETE FROM token WHERE type = ? AND param = ? AND value = ? AND system = ? AND resource = ?",
        changes.untoken,
    )
    connection.executemany(
        "DELETE FROM date_range WHERE type = ? AND param = ? AND resource = ? AND low = ? AND high = ?",
        changes.undate,
    )
    for part in PARTS:
        if rows := getattr(changes, part.field):
            marks = ", ".join("?" * len(part.columns))
            connection.executemany(f"{part.insert} VALUES ({marks}) {part.conflict}", rows)
    columns = ("organisation", "topic", "order_key", "focus", "created")
    for notice in changes.notices:
        marks_of = {name: f":{name}" for name in columns}
        connection.execute(NOTICE.format(source="subscription s WHERE", **marks_of), notice._asdict())
    for settled in changes.settled:
        _settle_row(connection, settled._asdict())


def _settle_row(connection: sqlite3.Connection, row: dict[str, Any]) -> None:
    cursor = connection.execute(
        "UPDATE outbox SET state = :state, next_at = :next_at, lease_until = 0, settled = :settled,"
        " problem = :problem WHERE id = :id AND attempts = :attempts AND state = 'waiting'",
        row,
    )
    if cursor.rowcount != 1:
        raise Conflict
