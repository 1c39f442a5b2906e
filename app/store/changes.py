"""What one transaction writes, as plain data: the resource versions and everything that goes with them."""

from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple

import msgspec

AUTHOR: Final = "_author"
"""``Token.param`` of the unit that wrote an exchanged Task (value: the Task's id, system: organisation and unit,
joined by ``|``); no search parameter."""
SHARES: Final = "_shares"
"""``Token.param`` of what a Task opens to the parties of its case (system: type, value: id); no search parameter."""


class Conflict(Exception):
    """Somebody else committed first: load again and decide again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Whose sight a query is limited to: an organisation number and a unit key (empty: no unit)."""

    organisation: str
    unit: str = ""
    owner: str = ""
    """How its own work names it as owner, ``system|value``, where that is known: a search may then be planned once."""


class RowScope(NamedTuple):
    """Which rows PostgreSQL's row-level security lets cold work see (migration 0011).

    ``sees``: ``all``, ``party`` (by organisation and unit), ``auditor`` (by organisation), ``figures`` (by ``units``,
    keys joined by commas, and ``trust``).
    """

    sees: str
    organisation: str = ""
    unit: str = ""
    units: str = ""
    trust: str = ""


def party_rows(viewer: Viewer) -> RowScope:
    """What a viewer is party to."""
    return RowScope("party", viewer.organisation, viewer.unit)


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a resource; ``updated`` in milliseconds UTC, ``state`` the case beside a Task."""

    type: str
    id: str
    version: int
    updated: int
    body: bytes
    state: bytes | None = None
    author: str = ""
    """Organisation number of who made it, where its type keeps that."""
    author_unit: str = ""
    patient: str = ""
    """Internal key of whom it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A new version. Version 1 is inserted; a later one replaces exactly the version before it."""

    type: str
    id: str
    version: int
    updated: int
    body: bytes
    columns: dict[str, Any]
    """Search columns of the type's table, all of them."""


class Token(NamedTuple):
    """A searchable Coding or Identifier of a resource."""

    type: str
    param: str
    value: str
    system: str
    resource: str


class DateRow(NamedTuple):
    """What a date of a resource covers: ``low <= t < high`` in milliseconds."""

    type: str
    param: str
    resource: str
    low: int
    high: int


class Party(NamedTuple):
    """Sight of a resource: ``until`` a last version (None: for good), ``since`` a first one."""

    organisation: str
    resource: str
    unit: str
    until: int | None
    since: int = 1


AUTHOR_ONLY: Final = "(author only)"
"""``Party.organisation`` of a mark: up to ``until`` (None: as yet) the resource is told of to its author alone.

No caller has this organisation, and a row of it is found by the key.
"""


class PatientIdentifier(NamedTuple):
    """A patient's identifier and the internal key that it leads to."""

    system: str
    value: str
    patient: str


class Protection(NamedTuple):
    """What a resource's label says of its patient's address: a level, or nothing any more (empty)."""

    type: str
    resource: str
    patient: str
    level: str


class Submission(NamedTuple):
    """First content under a sender's own number."""

    organisation: str
    type: str
    system: str
    value: str
    resource: str
    fingerprint: str


class ConditionalCreate(NamedTuple):
    """A create because nothing matched the condition (a hash); ``number`` counts those under it, from 1."""

    organisation: str
    type: str
    condition: str
    number: int


class ParticipantRow(NamedTuple):
    """A coordinator's stint as stored; days ``YYYY-MM-DD``."""

    id: str
    care_team: str
    patient: str
    trust: str
    unit: str
    role: str
    hpr: str
    name: str
    phone: str
    start_day: str
    end_day: str | None
    end_reason: str
    ehr_state: str
    case_id: str
    work_item: str
    due_day: str | None = None


class CaseEventRow(NamedTuple):
    """A move of a case; ``number`` counts within the version that it made."""

    case_id: str
    version: int
    number: int
    at: int
    from_stage: str
    to_stage: str
    move: str
    actor: str
    organisation: str
    person: str
    from_unit: str
    unit: str
    rule: str
    reason_code: str
    reason: str
    assessment: str


class Look(NamedTuple):
    """Who reads, and in which request: what all audit rows of one read have in common."""

    at: int
    organisation: str
    unit: str
    person: str
    client: str
    role: str
    interaction: str
    """FHIR's code of it, ``operation`` for a named one."""
    request: str
    purpose: str


class AuditRow(NamedTuple):
    """Who touched what about which patient; one for each patient of an interaction.

    ``type``, ``resource`` and ``version`` are the resource that was asked for, ``others`` what was shown or written
    besides: ``Type/id/version``, separated by spaces. ``status`` is the HTTP status, ``query`` the names of the search
    parameters, joined by ``&``.
    """

    at: int
    organisation: str
    unit: str
    person: str
    client: str
    role: str
    interaction: str
    type: str
    resource: str
    version: int
    patient: str
    status: int = 200
    request: str = ""
    purpose: str = ""
    query: str = ""
    others: str = ""


class Notice(NamedTuple):
    """An event for the subscriptions of an organisation to a topic, whose units see it.

    ``units``: keys with a space before and behind each, `` neurology oncology ``; empty: all of the organisation.
    """

    organisation: str
    units: str
    topic: str
    order_key: str
    focus: str
    created: int
    correlation: str = ""
    """As ``app.correlation`` keeps it."""


class Outgoing(NamedTuple):
    """Work that is not an event.

    For the EHR of a trust ``register`` or ``end`` (topic) a participant (focus); or the handshake of a version of a
    Subscription (order_key ``id/version``).
    """

    kind: str
    receiver: str
    order_key: str
    topic: str
    focus: str
    bundle: str
    state: str
    attempts: int
    next_at: int
    lease_until: int
    created: int
    problem: str
    correlation: str = ""


class Counter(NamedTuple):
    """Of a subscription that was written: a new one has had no event; of every one the heartbeat is counted anew."""

    id: str
    events: int = 0
    beat_at: int = 0


class Settled(NamedTuple):
    """What became of a claimed row; it holds only while ``attempts`` still is the claim's."""

    id: int
    attempts: int
    state: str
    next_at: int
    settled: int | None
    problem: str


class Attempt(NamedTuple):
    """One try to send: HTTP status (0: none), how long it took, what was wrong."""

    outbox_id: int
    number: int
    at: int
    millis: int
    status: int
    problem: str


@dataclass(slots=True)
class Changes:
    """All that one transaction writes. Order inside a list is kept."""

    writes: list[Write] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    untoken: list[Token] = field(default_factory=list)
    """Tokens that a resource has no more."""
    dates: list[DateRow] = field(default_factory=list)
    undate: list[DateRow] = field(default_factory=list)
    """Dates that a resource has no more."""
    parties: list[Party] = field(default_factory=list)
    patients: list[PatientIdentifier] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    conditional_creates: list[ConditionalCreate] = field(default_factory=list)
    protections: list[Protection] = field(default_factory=list)
    participants: list[ParticipantRow] = field(default_factory=list)
    events: list[CaseEventRow] = field(default_factory=list)
    audits: list[AuditRow] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    counters: list[Counter] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def add(self, more: "Changes") -> None:
        """Write that too."""
        for name in _LISTS:
            if rows := getattr(more, name):
                getattr(self, name).extend(rows)


_LISTS: Final = tuple(part.name for part in fields(Changes))
