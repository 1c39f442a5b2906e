"""PostgreSQL: hot statements by hand on the driver connection of SQLAlchemy's pool, one statement = one transaction.

A commit is one CTE. Where a row was not at the version that the decision was made on, the statement divides by
zero on purpose: everything in it is undone, and the caller decides again.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from app.fhir.search import Query
from app.store import looks, searching
from app.store.bounded import is_bounded
from app.store.changes import AuditRow, Changes, Look, ParticipantRow, RowScope, Stored, Viewer
from app.store.commit import commit_statement
from app.store.group_commit import GroupCommit
from app.store.interface import ANY_SIZE, EVERY_ROW, Intake, Page, Past, Shared, Store
from app.store.postgres_connections import POOL_SECONDS, Connections, Transaction
from app.store.proofs import SPEND
from app.store.scoping import seen, seen_alike, shown
from app.store.statements import RESOURCE_TABLES

Answer = TypeVar("Answer")
_INTAKE: Final = searching.INTAKE.format(units="array_agg(DISTINCT unit)")


class PostgresStore:
    """On all connections, or on that of one transaction; see ``app.store.interface.Store`` for the promises."""

    def __init__(self, at: Connections | Transaction) -> None:
        self._at = at
        is_alone = isinstance(at, Transaction)
        self._commit = self._write if is_alone else GroupCommit(self._write, POOL_SECONDS).commit

    @asynccontextmanager
    async def together(self) -> AsyncIterator[Store]:
        async with self._at.transaction() as transaction:
            yield PostgresStore(transaction)

    async def _ask(self, method: str, statement: str, *arguments: Any) -> Any:
        """One hot statement of the service itself."""
        return await self._at.ask(method, statement, *arguments)

    async def _show(self, method: str, found: str, arguments: Sequence[Any]) -> Any:
        """One hot statement of a viewer: ``found`` is made by ``scoping``."""
        return await self._at.show(method, found, *arguments)

    async def commit(self, changes: Changes) -> None:
        await self._commit(changes)

    async def _write(self, changes: Changes) -> None:
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
        arguments = (viewer.organisation, viewer.unit, resource)
        return await self._one(type_name, searching.read_statement(type_name), arguments, look)

    async def load(self, type_name: str, resource: str) -> Stored | None:
        row = await self._ask("fetchrow", searching.load_statement(type_name), resource)
        return None if row is None else searching.stored(type_name, row)

    async def vread(
        self, type_name: str, resource: str, version: int, viewer: Viewer, look: Look | None = None
    ) -> Stored | None:
        arguments = (viewer.organisation, viewer.unit, resource, version)
        return await self._one(type_name, searching.vread_statement(type_name), arguments, look)

    async def _one(
        self, type_name: str, statement: str, arguments: tuple[Any, ...], look: Look | None
    ) -> Stored | None:
        found = seen(statement)
        if look is not None and looks.about_patients(type_name):
            statement = looks.of_one(found, type_name, len(arguments))
            arguments = (*arguments, *look)
        else:
            statement = shown(found)
        row = await self._show("fetchrow", statement, arguments)
        return None if row is None else searching.stored(type_name, row)

    async def read_many(self, type_name: str, resources: Sequence[str], viewer: Viewer, most: int = ANY_SIZE) -> Page:
        asked = searching.read_many_statement(type_name, resources, viewer)
        statement, arguments = searching.cut(asked, searching.OF_TYPE, "id", most)
        rows = await self._show("fetch", shown(seen(statement), "id"), arguments)
        return searching.page_of_type(type_name, rows)

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
        asked, order = (
            searching.history_statement(wanted, resource, viewer, count, since, before),
            searching.HISTORY_ORDER,
        )
        statement, arguments = searching.cut(asked, searching.OF_TYPES, order, most)
        found = seen(statement)
        if look is not None and any(map(looks.about_patients, wanted)):
            statement = looks.of_many(found, types if isinstance(types, str) else "", order, len(arguments), 0)
            arguments += [*look, "", count]
        else:
            statement = shown(found, order)
        return searching.history_page(await self._show("fetch", statement, arguments), count)

    async def search(self, query: Query, viewer: Viewer, look: Look | None = None, most: int = ANY_SIZE) -> Page:
        bounded, order = is_bounded(query, viewer), searching.search_order(query)
        asked = searching.search_statement(query, viewer, each=bounded)
        statement, arguments = searching.cut(asked, searching.page_columns(query), order, most)
        found = seen_alike(statement, arguments) if bounded else seen(statement)
        if look is not None and any(map(looks.about_patients, (query.type,) if query.type else query.types)):
            named = looks.named_patients(query)
            statement = looks.of_many(found, query.type, order, len(arguments), len(named))
            arguments += [*look, looks.names_of(query), query.count, *named]
        else:
            statement = shown(found, order)
        rows = await self._show("fetch", statement, arguments)
        total = await self.count(query, viewer) if searching.wants_total(query) else None
        return searching.page(query, rows, total)

    async def count(self, query: Query, viewer: Viewer) -> int:
        statement, arguments = searching.count_statement(query, viewer)
        return int(await self._show("fetchval", shown(seen(statement)), arguments))

    async def shared(self, case_id: str, viewer: Viewer, resources: Sequence[str]) -> tuple[Shared, ...]:
        statement = searching.shared_statement(len(resources))
        rows = await self._rows(statement, case_id, viewer.organisation, viewer.unit, *resources)
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
            _INTAKE,
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

    async def _rows(self, statement: str, *arguments: Any) -> list[Any]:
        return list(await self._ask("fetch", statement, *arguments))

    async def participants(self, care_team: str) -> tuple[ParticipantRow, ...]:
        return tuple(ParticipantRow(*row) for row in await self._rows(searching.PARTICIPANTS, care_team))

    async def spend(self, digest: bytes, until: int) -> bool:
        return await self._ask("fetchval", SPEND, digest, until) is not None

    async def run(self, work: Callable[[Connection], Answer], scope: RowScope = EVERY_ROW) -> Answer:
        return await self._at.run(work, scope)

    async def close(self) -> None:
        await self._at.close()
