"""The narrow interface of a store: what the rest of Samband may ask of a database."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from app.fhir.search import Query
from app.fhir.sorts import Place
from app.store.changes import AuditRow, Changes, Look, ParticipantRow, RowScope, Stored, Viewer

Answer = TypeVar("Answer")
EVERY_ROW: Final = RowScope("all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a search or history: rows newest first unless asked otherwise, and whether more follow.

    ``places`` is what each row is sorted by; empty where that is its ``updated``.
    """

    rows: tuple[Stored, ...]
    more: bool
    total: int | None = None
    places: tuple[Place, ...] = ()

    @property
    def place(self) -> Place:
        """What the last row is sorted by."""
        return self.places[len(self.rows) - 1] if self.places else self.rows[-1].updated

    @property
    def size(self) -> int:
        """Bytes of the rows."""
        return sum(len(row.body) for row in self.rows)

    def first(self, number: int) -> "Page":
        """The page with no more rows than that."""
        return self if number >= len(self.rows) else replace(self, rows=self.rows[:number], more=True)

    def within(self, most: int) -> "Page":
        """The page cut as the store cuts it."""
        sizes = accumulate((len(row.body) for row in self.rows), initial=0)
        return self.first(sum(before < most for before in islice(sizes, len(self.rows))))


ANY_SIZE: Final = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The last row of a page of a history: the next page is what comes before it."""

    updated: int
    type: str
    id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a create must know before it decides, of one instant."""

    resource: str = ""
    """Id that the sender's number already leads to, else empty."""
    fingerprint: str = ""
    patient: str = ""
    """Internal key, empty when the patient is new."""
    coordinator_units: tuple[str, ...] = ()
    """Units of the patient's coordinators who are active today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A resource that a case has opened to its parties; ``elsewhere``: the unit sees it by another case too."""

    type: str
    id: str
    elsewhere: bool


class Store(Protocol):
    """SQLite or PostgreSQL. Every call is one transaction; ``Conflict`` means load and decide again.

    With a ``look`` the audit rows of a read are written in its own transaction; without one nothing of what is read is
    for a caller. A database that does not answer, or takes no audit row, raises ``app.errors.Unavailable``.
    A page ends before the row that ``most`` bytes or more stand before, and has one at least; the rows behind its end
    are not read.
    """

    async def commit(self, changes: Changes) -> None:
        """Write everything or nothing. Raises Conflict."""

    def together(self) -> "AbstractAsyncContextManager[Store]":
        """A store whose calls are one transaction and see one instant; an exception in it undoes what it has written.

        For reads that take several statements, and their audit rows; nothing outside is called meanwhile.
        """

    async def record_looks(self, rows: Sequence[AuditRow]) -> None:
        """Audit rows of what several calls have read, before any of it is answered."""

    async def record_refusals(self, rows: Sequence[AuditRow]) -> None:
        """Audit rows of what was refused, whatever becomes of the transaction that it was part of."""

    async def patient_of(self, type_name: str, resource: str) -> str:
        """Internal key of whom a resource is about, whoever may see it; empty when there is none."""

    async def read(self, type_name: str, resource: str, viewer: Viewer, look: Look | None = None) -> Stored | None:
        """The current version, if the viewer may see it now."""

    async def load(self, type_name: str, resource: str) -> Stored | None:
        """The current version, for the service's own moves; never answered to a caller as it is."""

    async def vread(
        self, type_name: str, resource: str, version: int, viewer: Viewer, look: Look | None = None
    ) -> Stored | None:
        """One version, if the viewer may see that one."""

    async def read_many(self, type_name: str, resources: Sequence[str], viewer: Viewer, most: int = ANY_SIZE) -> Page:
        """The current versions of those ids that the viewer may see, in the order of their ids: for ``_include``."""

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
        """Versions that the viewer may see, newest first: of one resource, of a type, or of several types.

        ``since``: written at that millisecond or later. ``before``: the last row of the page before.
        """

    async def search(self, query: Query, viewer: Viewer, look: Look | None = None, most: int = ANY_SIZE) -> Page:
        """A page of what the viewer may see now. ``Page.total`` is there when ``query.total`` or ``count`` is 0.

        With ``query.types`` it goes over all of these types; its criteria are then ``_id`` and ``_lastUpdated``.
        ``query.includes`` and ``query.revincludes`` are for the caller to follow, by ``app.fhir.indexing``.
        """

    async def count(self, query: Query, viewer: Viewer) -> int:
        """How many resources match, for the viewer."""

    async def intake(
        self,
        organisation: str,
        type_name: str,
        number: tuple[str, str],
        patient: tuple[str, str],
        day: str,
    ) -> Intake:
        """Facts for a create: the sender's number and the patient's identifier as (system, value)."""

    async def conditional_creates(self, organisation: str, type_name: str, condition: str) -> int:
        """How often something was created under a condition (its hash); organisation empty: by anybody."""

    async def shared(self, case_id: str, viewer: Viewer, resources: Sequence[str]) -> tuple[Shared, ...]:
        """Those of the resources that a case's Task has opened, and whether the viewer sees each by another case."""

    async def participants(self, care_team: str) -> tuple[ParticipantRow, ...]:
        """All stints of a CareTeam, ended ones too, in the order of their start."""

    async def participant(self, participant: str) -> ParticipantRow | None:
        """One stint by its id."""

    async def team_of(self, patient: str, trust: str) -> str:
        """Id of the patient's coordination CareTeam at a trust, empty when there is none."""

    async def patient_key(self, system: str, value: str) -> str:
        """The internal key behind a patient's identifier, empty when unknown."""

    async def patient_identifiers(self, patient: str) -> tuple[tuple[str, str], ...]:
        """(system, value) of everything that leads to an internal key."""

    async def spend(self, digest: bytes, until: int) -> bool:
        """Remember a DPoP proof until an instant (ms); False when it is remembered already, by whatever process."""

    async def run(self, work: Callable[[Connection], Answer], scope: RowScope = EVERY_ROW) -> Answer:
        """Cold work as a function of a SQLAlchemy connection, in a transaction of its own.

        On PostgreSQL it sees the rows of ``scope`` and no other, whatever its statements ask for.
        """

    async def close(self) -> None:
        """Give all connections back."""
