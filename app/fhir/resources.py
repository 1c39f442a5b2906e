"""The resource table: what is served, by which interactions, searched by what.

Routes, CapabilityStatement, OpenAPI and search columns are made from it.
"""

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
    """How a search parameter is stored and compared."""

    ID = "id"
    """The logical id."""
    CODE = "code"
    """A ``code`` element, a column of its own."""
    TOKEN = "token"
    """A Coding or Identifier that does not repeat: a column ``system|code``."""
    TOKENS = "tokens"
    """Identifiers, that lead to few resources: rows of the token table."""
    CODES = "codes"
    """Codings that repeat and lead to many resources: a column of lines ``system|code``."""
    PATIENT = "patient"
    """The patient's internal key, by reference or by identifier."""
    LAST_UPDATED = "last-updated"
    """meta.lastUpdated, milliseconds."""


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One declared parameter; ``identifier`` means that only the ``:identifier`` form is offered."""

    name: str
    kind: Kind
    path: str
    column: str = ""
    modifiers: tuple[str, ...] = ()

    @property
    def fhir_type(self) -> str:
        """The search parameter type of R4 3.1.1.4."""
        if self.kind is Kind.LAST_UPDATED:
            return "date"
        reference = self.kind is Kind.PATIENT or self.modifiers == ("identifier",)
        return "reference" if reference else "token"


@dataclass(frozen=True, slots=True)
class Operation:
    """A named operation; ``level`` is ``instance`` or ``type``; ``method`` GET means that it changes nothing."""

    name: str
    level: str
    summary: str
    parameters: tuple[str, ...] = ()
    method: str = "POST"


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


_ALL: Final = frozenset(Interaction)
_COMMON: Final = (
    SearchParameter("_id", Kind.ID, "Resource.id", "id"),
    SearchParameter("_lastUpdated", Kind.LAST_UPDATED, "Resource.meta.lastUpdated", "updated"),
)
_HOSPITAL: Final = frozenset({"unit", "coordinating-unit", "decision-group"})

TASK: Final = ResourceType(
    name="Task",
    table="task",
    interactions=_ALL,
    writers=_HOSPITAL | {"sender", "ehr"},
    search=(
        *_COMMON,
        SearchParameter("identifier", Kind.TOKENS, "Task.identifier"),
        SearchParameter("patient", Kind.PATIENT, "Task.for", "patient", ("identifier",)),
        SearchParameter("status", Kind.CODE, "Task.status", "status"),
        SearchParameter("business-status", Kind.TOKEN, "Task.businessStatus", "business_status"),
        SearchParameter("owner", Kind.TOKEN, "Task.owner", "owner", ("identifier",)),
        SearchParameter("requester", Kind.TOKEN, "Task.requester", "requester", ("identifier",)),
        SearchParameter("code", Kind.CODES, "Task.code", "codes"),
    ),
    operations=(
        Operation("accept", "instance", "The owning unit takes the case to assess it."),
        Operation("request-information", "instance", "Ask the sender; the case waits for $answer.", ("question",)),
        Operation("answer", "instance", "The sender answers the question.", ("answer",)),
        Operation("resume", "instance", "The asker goes on without an answer."),
        Operation("transfer", "instance", "Hand the case over to another unit.", ("unit", "reason")),
        Operation("escalate", "instance", "To the coordinating unit; from there to the decision group.", ("reason",)),
        Operation("place", "instance", "Place the case, binding, in a unit.", ("unit", "outcome", "reason")),
        Operation("appeal", "instance", "The placed unit objects, once, before accepting.", ("reason",)),
        Operation("await-consent", "instance", "Wait for the patient's consent."),
        Operation(
            "appoint",
            "instance",
            "Appoint a coordinator; the EHR is told at once.",
            ("practitioner", "role", "telecom", "start", "consent", "assessment", "reason"),
        ),
        Operation("conclude", "instance", "End with another outcome.", ("outcome", "reason", "assessment")),
        Operation("decline", "instance", "Decline with a reason.", ("reasonCode", "reason", "assessment")),
        Operation("withdraw", "instance", "The sender takes the need back.", ("reason",)),
        Operation("enter-in-error", "instance", "Wrong patient: ends all that the case made.", ("reason",)),
        Operation("assess", "instance", "Record the answers to the criteria A–D.", ("assessment",)),
        Operation("available-actions", "instance", "What may I do with this case now?", (), "GET"),
    ),
)

CARE_TEAM: Final = ResourceType(
    name="CareTeam",
    table="care_team",
    interactions=_ALL,
    writers=_HOSPITAL | {"ehr"},
    search=(
        *_COMMON,
        SearchParameter("identifier", Kind.TOKENS, "CareTeam.identifier"),
        SearchParameter("patient", Kind.PATIENT, "CareTeam.subject", "patient", ("identifier",)),
        SearchParameter("status", Kind.CODE, "CareTeam.status", "status"),
    ),
    operations=(
        Operation(
            "register-coordinator",
            "type",
            "Register a coordinator for a patient.",
            ("patient", "practitioner", "role", "telecom", "start", "consent"),
        ),
        Operation(
            "deregister-coordinator",
            "instance",
            "End a coordinator's stint; the EHR is told at once.",
            ("participant", "practitioner", "end", "reasonCode"),
        ),
    ),
)

RESOURCES: Final[dict[str, ResourceType]] = {"Task": TASK, "CareTeam": CARE_TEAM}
