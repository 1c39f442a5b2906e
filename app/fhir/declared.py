"""The words of the resource table: interactions, kinds of search parameters, operations, types."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Interaction(StrEnum):
    """FHIR RESTful interactions (R4 3.1.0), by their CapabilityStatement codes."""

    READ = "read"
    VREAD = "vread"
    CREATE = "create"
    UPDATE = "update"
    PATCH = "patch"
    SEARCH = "search-type"
    HISTORY = "history-instance"
    HISTORY_TYPE = "history-type"


class Kind(StrEnum):
    """How a search parameter is stored and compared. Without a column it has rows of a side table."""

    ID = "id"
    """The logical id."""
    CODE = "code"
    """A ``code`` or ``boolean`` element: a column of its own, else rows of the token table."""
    TOKEN = "token"
    """A Coding or Identifier that does not repeat: a column ``system|code``."""
    TOKENS = "tokens"
    """Codings and Identifiers: rows of the token table."""
    CODES = "codes"
    """Codings that repeat and lead to many resources: a column of lines ``system|code``."""
    REFERENCE = "reference"
    """Literal references and identifiers of logical ones: rows of the token table."""
    URI = "uri"
    """A canonical URL, with its version and without: rows of the token table."""
    STRING = "string"
    """Names, compared by their beginning without case and accents: rows of the token table."""
    DATE = "date"
    """date, dateTime, instant or Period as a range of milliseconds: two columns, else rows of the date table."""
    PATIENT = "patient"
    """The patient's internal key, by reference or by identifier."""
    LAST_UPDATED = "last-updated"
    """meta.lastUpdated, milliseconds."""


_FHIR_TYPES: Final = {
    Kind.LAST_UPDATED: "date",
    Kind.DATE: "date",
    Kind.STRING: "string",
    Kind.URI: "uri",
    Kind.REFERENCE: "reference",
    Kind.PATIENT: "reference",
}
_SORTING: Final = frozenset({Kind.ID, Kind.LAST_UPDATED, Kind.CODE, Kind.DATE, Kind.STRING})


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One declared parameter.

    ``column`` is where it is stored (DATE: the stem of ``<column>_low`` and ``<column>_high``), empty for rows of a
    side table. ``targets`` are the types that a reference may be searched by. A TOKEN with the modifier
    ``identifier`` alone is a reference of which only that form is offered.
    """

    name: str
    kind: Kind
    path: str
    column: str = ""
    modifiers: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    versioned: bool = False
    """Whether a reference may name one version (``Task/1/_history/2``); else the version is passed over."""
    personal: bool = False
    """Whether it tells of a person: then no page is sorted by it, for the links would hold the last row's value."""

    @property
    def sorts(self) -> bool:
        """Whether ``_sort`` takes it."""
        return self.kind in _SORTING and not self.personal

    @property
    def fhir_type(self) -> str:
        """The search parameter type of R4 3.1.1.4."""
        return "reference" if self.only_by_identifier else _FHIR_TYPES.get(self.kind, "token")

    @property
    def only_by_identifier(self) -> bool:
        """Whether only the ``:identifier`` form is offered."""
        return self.kind is Kind.TOKEN and self.modifiers == ("identifier",)


COMMON: Final = (
    SearchParameter("_id", Kind.ID, "Resource.id", "id"),
    SearchParameter("_lastUpdated", Kind.LAST_UPDATED, "Resource.meta.lastUpdated", "updated"),
)
"""What every type that is stored or derived is searched by."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A named operation; ``level`` is ``instance`` or ``type``.

    ``reads`` means that it changes nothing; where a parameter must not stand in a URL it is
    asked for by POST all the same.
    """

    name: str
    level: str
    summary: str
    parameters: tuple[str, ...] = ()
    method: str = "POST"
    reads: bool = False
    also_post: bool = False
    """Whether it is asked for by GET or, with its parameters in the body, by POST."""

    @property
    def methods(self) -> tuple[str, ...]:
        """HTTP methods that it is documented with."""
        return (self.method, "POST") if self.also_post else (self.method,)


class Sight(StrEnum):
    """Who sees a resource of a type."""

    PARTIES = "parties"
    """Those whom its party rows name."""
    EVERYBODY = "everybody"
    """Every caller: the directory."""
    SHIPPED = "shipped"
    """Every caller; it is part of the release (``app.fhir.published``) and not in the store."""
    DERIVED = "derived"
    """As its own rule says; it has no table and is made from other rows when it is asked for (``app.reports``)."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One served type."""

    name: str
    table: str
    interactions: frozenset[Interaction]
    search: tuple[SearchParameter, ...]
    operations: tuple[Operation, ...] = ()
    writers: frozenset[str] = frozenset()
    """Roles that may create and update it."""
    sight: Sight = Sight.PARTIES
    versioned_update: bool = False
    """Whether an update must name the version that it was made on (``versioned-update``)."""
    includes: tuple[str, ...] = ()
    """Names of the reference parameters that ``_include`` follows from here, and ``_revinclude`` to here."""

    @property
    def sorts(self) -> tuple[SearchParameter, ...]:
        """What ``_sort`` takes beside ``_lastUpdated``; a derived type has the order of its events only."""
        if self.sight is Sight.DERIVED:
            return ()
        return tuple(one for one in self.search if one.sorts and one.kind is not Kind.LAST_UPDATED)

    def parameter(self, name: str) -> SearchParameter:
        """A declared parameter. Raises KeyError."""
        for one in self.search:
            if one.name == name:
                return one
        raise KeyError(name)
