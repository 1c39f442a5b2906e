"""A store that keeps what is written to it for one commit: the memory of a transaction Bundle.

Reads see what was staged over what is stored. Searches and histories see what is stored; a Bundle's own reads are
answered after its commit, and leave their audit rows then: a ``look`` leaves none here.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.errors import Unreadable
from app.fhir.search import Query
from app.store.changes import AuditRow, Changes, Look, ParticipantRow, Party, RowScope, Stored, Viewer, Write
from app.store.interface import ANY_SIZE, EVERY_ROW, Intake, Page, Past, Shared, Store

Answer = TypeVar("Answer")


class StagedStore:
    """See ``app.store.interface.Store``; ``commit`` here is the promise, ``changes`` what is to be committed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.changes = Changes()
        self._writes: dict[tuple[str, str], Write] = {}

    async def commit(self, changes: Changes) -> None:
        """Stage everything.

        :raises Unreadable: written-twice: one statement writes no row twice, and R4 forbids it too (3.1.0.11.2).
        """
        for write in changes.writes:
            if (write.type, write.id) in self._writes:
                raise Unreadable(
                    "Two entries of the transaction write the same resource.",
                    code="written-twice",
                )
        for write in changes.writes:
            self._writes[write.type, write.id] = write
        self.changes.add(changes)
        # One statement changes no row twice: of those that replace each other the last one holds.
        self.changes.parties = list({row[:3]: row for row in self.changes.parties}.values())
        self.changes.participants = list({row.id: row for row in self.changes.participants}.values())

    @asynccontextmanager
    async def together(self) -> AsyncIterator[Store]:
        """This one: what is staged is not of one instant with what is stored."""
        yield self

    async def record_looks(self, rows: Sequence[AuditRow]) -> None:
        """Nothing: what is read here is read again after the commit, or never answered."""

    async def record_refusals(self, rows: Sequence[AuditRow]) -> None:
        """At once: a refusal ends the transaction, and is told."""
        await self._store.record_refusals(rows)

    async def patient_of(self, type_name: str, resource: str) -> str:
        """As staged, else as stored."""
        write = self._writes.get((type_name, resource))
        return _staged(write).patient if write else await self._store.patient_of(type_name, resource)

    async def read(
        self,
        type_name: str,
        resource: str,
        viewer: Viewer,
        look: Look | None = None,  # noqa: ARG002
    ) -> Stored | None:
        """As staged, else as stored."""
        write = self._writes.get((type_name, resource))
        stored = await self._store.read(type_name, resource, viewer)
        if write is None:
            return stored
        ends = self._ends(resource, viewer)
        seen = None in ends or (stored is not None and not ends)
        return _staged(write) if seen else None

    def _ends(self, resource: str, viewer: Viewer) -> set[int | None]:
        """The last versions that staged party rows let a viewer see; None: for good."""
        mine = {viewer.organisation}, {"", viewer.unit}
        return {row.until for row in self.changes.parties if _is_for(row, resource, *mine)}

    async def load(self, type_name: str, resource: str) -> Stored | None:
        """As staged, else as stored."""
        write = self._writes.get((type_name, resource))
        return _staged(write) if write else await self._store.load(type_name, resource)

    async def vread(
        self,
        type_name: str,
        resource: str,
        version: int,
        viewer: Viewer,
        look: Look | None = None,  # noqa: ARG002
    ) -> Stored | None:
        """As stored; or the version that is staged."""
        write = self._writes.get((type_name, resource))
        if write and write.version == version:
            return await self.read(type_name, resource, viewer)
        return await self._store.vread(type_name, resource, version, viewer)

    async def read_many(self, type_name: str, resources: Sequence[str], viewer: Viewer, most: int = ANY_SIZE) -> Page:
        """As staged, else as stored."""
        found = [await self.read(type_name, resource, viewer) for resource in sorted(set(resources))]
        return Page(rows=tuple(one for one in found if one is not None), more=False).within(most)

    async def history(
        self,
        types: str | tuple[str, ...],
        resource: str | None,
        viewer: Viewer,
        count: int,
        *,
        since: int | None = None,
        before: Past | None = None,
        look: Look | None = None,  # noqa: ARG002
        most: int = ANY_SIZE,
    ) -> Page:
        """As stored."""
        asked = self._store.history
        return await asked(types, resource, viewer, count, since=since, before=before, most=most)

    async def search(
        self,
        query: Query,
        viewer: Viewer,
        look: Look | None = None,  # noqa: ARG002
        most: int = ANY_SIZE,
    ) -> Page:
        """As stored."""
        return await self._store.search(query, viewer, most=most)

    async def count(self, query: Query, viewer: Viewer) -> int:
        """As stored."""
        return await self._store.count(query, viewer)

    async def intake(
        self,
        organisation: str,
        type_name: str,
        number: tuple[str, str],
        patient: tuple[str, str],
        day: str,
    ) -> Intake:
        """As stored, with the numbers and patients that are staged."""
        found = await self._store.intake(organisation, type_name, number, patient, day)
        staged = [row for row in self.changes.submissions if row[:4] == (organisation, type_name, *number)]
        known = found.patient or self._patient(*patient)
        resource, first = (staged[0].resource, staged[0].fingerprint) if staged else (found.resource, found.fingerprint)
        return Intake(resource=resource, fingerprint=first, patient=known, coordinator_units=found.coordinator_units)

    async def conditional_creates(self, organisation: str, type_name: str, condition: str) -> int:
        """As stored.

        :raises Unreadable: repeated-condition: a search does not see what an entry before this one creates.
        """
        key = (organisation, type_name, condition)
        if any(row[:3] == key for row in self.changes.conditional_creates):
            raise Unreadable("Two entries of the transaction have the same condition.", code="repeated-condition")
        return await self._store.conditional_creates(*key)

    async def shared(self, case_id: str, viewer: Viewer, resources: Sequence[str]) -> tuple[Shared, ...]:
        """As stored."""
        return await self._store.shared(case_id, viewer, resources)

    async def participants(self, care_team: str) -> tuple[ParticipantRow, ...]:
        """As stored, each row as it was staged last."""
        rows = {row.id: row for row in await self._store.participants(care_team)}
        rows |= {row.id: row for row in self.changes.participants if row.care_team == care_team}
        return tuple(sorted(rows.values(), key=lambda row: (row.start_day, row.id)))

    async def participant(self, participant: str) -> ParticipantRow | None:
        """As staged last, else as stored."""
        staged = [row for row in self.changes.participants if row.id == participant]
        return staged[-1] if staged else await self._store.participant(participant)

    async def team_of(self, patient: str, trust: str) -> str:
        """As stored, else as staged."""
        found = await self._store.team_of(patient, trust)
        keys = (patient, trust)
        staged = (
            write.id
            for write in self.changes.writes
            if write.type == "CareTeam" and (write.columns.get("patient"), write.columns.get("trust")) == keys
        )
        return found or next(staged, "")

    async def patient_key(self, system: str, value: str) -> str:
        """As stored, else as staged."""
        return await self._store.patient_key(system, value) or self._patient(system, value)

    def _patient(self, system: str, value: str) -> str:
        return next((row.patient for row in self.changes.patients if row[:2] == (system, value)), "")

    async def patient_identifiers(self, patient: str) -> tuple[tuple[str, str], ...]:
        """As stored and as staged."""
        staged = {(row.system, row.value) for row in self.changes.patients if row.patient == patient}
        return tuple(sorted({*await self._store.patient_identifiers(patient), *staged}))

    async def spend(self, digest: bytes, until: int) -> bool:
        """At once."""
        return await self._store.spend(digest, until)

    async def run(self, work: Callable[[Connection], Answer], scope: RowScope = EVERY_ROW) -> Answer:
        """As stored."""
        return await self._store.run(work, scope)

    async def close(self) -> None:
        """Nothing: the store that is behind stays open."""

    def __getattr__(self, name: str) -> Any:
        """What needs no memory of the transaction is asked of the store."""
        return getattr(self._store, name)


def _is_for(row: Party, resource: str, organisations: set[str], units: set[str]) -> bool:
    return row.resource == resource and row.organisation in organisations and row.unit in units


def _staged(write: Write) -> Stored:
    state = write.columns.get("state")
    return Stored(
        type=write.type,
        id=write.id,
        version=write.version,
        updated=write.updated,
        body=write.body,
        state=state,
        author=str(write.columns.get("author") or ""),
        patient=str(write.columns.get("patient") or ""),
    )
