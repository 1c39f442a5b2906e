"""The narrow interface of a store: what the rest of Samband may ask of a database."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from app.fhir.search import Query
from app.fhir.sorts import Place
from app.store.changes import AuditRow, Changes, Look, ParticipantRow, RowScope, Stored, Viewer

Answer = TypeVar("Answer")
EVERY_ROW: Final = RowScope("all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a search: rows newest first unless asked otherwise, and whether more follow.

    ``place`` is what the last row is sorted by, None where that is its ``updated``.
    """

    rows: tuple[Stored, ...]
    more: bool
    total: int | None = None
    place: Place | None = None


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

    async def read_many(self, type_name: str, resources: Sequence[str], viewer: Viewer) -> tuple[Stored, ...]:
        """The current versions of those ids that the viewer may see, in the order of their ids: for ``_include``."""

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
        """Versions that the viewer may see, newest first: of one resource, of a type, or of ``types`` (no type).

        ``since``: written at that millisecond or later. ``before``: the last row of the page before; ask for one
        row more than is shown to learn whether another page follows: with a ``look`` the last of ``count`` is that one.
        """

    async def search(self, query: Query, viewer: Viewer, look: Look | None = None) -> Page:
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

    async def shared(self, case_id: str, unit: str, resources: Sequence[str]) -> tuple[Shared, ...]:
        """Those of the resources that a case's Task has opened to the parties of the case."""

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
