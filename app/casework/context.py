"""What casework needs from outside, as one argument."""

from collections.abc import Callable
from dataclasses import dataclass

from app.clock import Clock
from app.config import Settings
from app.coordination.case import Limits
from app.fhir import codes
from app.routing.directory import Directory
from app.security.caller import Caller
from app.store.changes import Stored, Viewer, Write
from app.store.interface import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The store, the directory's snapshot, the clock, the source of ids, and the settings."""

    store: Store
    directory: Directory
    clock: Clock
    new_id: Callable[[], str]
    settings: Settings

    @property
    def base(self) -> str:
        """Our own FHIR base URL, without a slash at its end: a reference that begins with it is one to us."""
        return f"{self.settings.base_url.rstrip('/')}/fhir/v1"

    @property
    def limits(self) -> Limits:
        """Counters' limits as the settings say."""
        return Limits(hops=self.settings.hops, questions=self.settings.questions, appeals=self.settings.appeals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a write answers: HTTP status 200 or 201 and the current version (``updated`` ms UTC)."""

    status: int
    type: str
    id: str
    version: int
    updated: int
    body: bytes


def written(write: Write) -> Result:
    """Of a version that is being written: 201 where it is the first."""
    return _result(201 if write.version == 1 else 200, write)


def unchanged(stored: Stored) -> Result:
    """Of a version that was there."""
    return _result(200, stored)


def _result(status: int, version: Stored | Write) -> Result:
    return Result(
        status=status,
        type=version.type,
        id=version.id,
        version=version.version,
        updated=version.updated,
        body=version.body,
    )


def viewer_of(caller: Caller) -> Viewer:
    """The caller's sight, as the store's queries take it."""
    return Viewer(organisation=caller.organisation, unit=caller.unit)


def searcher_of(caller: Caller, directory: Directory) -> Viewer:
    """The same for a search, which may be for the caller's own work."""
    unit = directory.unit(caller.unit)
    owner = f"{codes.RESH}|{unit.resh}" if unit else f"{codes.ORGANISATION}|{caller.organisation}"
    return Viewer(organisation=caller.organisation, unit=caller.unit, owner=owner)
