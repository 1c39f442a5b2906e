"""The tables, as SQLAlchemy Core metadata: Alembic compares it, hot statements are checked against it.

Instants are milliseconds UTC (BIGINT), days ``YYYY-MM-DD`` in Europe/Oslo, ids and codes of binary collation.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.types import TypeEngine

from app.fhir.resources import STORED

metadata: Final = MetaData()

# PostgreSQL would compare ids by the database's locale: slower, and not the order of the bytes.
Code: TypeEngine[str] = Text(collation="C").with_variant(Text(), "sqlite")
# SQLite numbers rows by itself only for a column whose type is INTEGER.
Serial: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")


def _code(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, Code, primary_key=key, nullable=null)


def _millis(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _resource(name: str, *columns: Column[str] | Column[int] | Column[bytes] | Index) -> Table:
    """A current version: the row of its type's table. Superseded ones move to ``history``."""
    return Table(
        name,
        metadata,
        _code("id", key=True),
        Column("version", Integer, nullable=False),
        _millis("updated"),
        Column("body", LargeBinary, nullable=False),
        *columns,
    )


task: Final = _resource(
    "task",
    _code("status"),
    _code("business_status", null=True),
    _code("owner", null=True),
    _code("requester", null=True),
    _code("codes"),
    _code("patient", null=True),
    _millis("due", null=True),
    Column("state", LargeBinary),
    _code("intent", null=True),
    _code("priority", null=True),
    _code("group_identifier", null=True),
    _millis("authored_low", null=True),
    _millis("authored_high", null=True),
    _millis("modified_low", null=True),
    _millis("modified_high", null=True),
    Index("task_updated", "updated", "id"),
    Index("task_owner", "owner", "status", "updated", "id"),
    Index("task_patient", "patient", "updated", "id"),
    Index("task_due", "due", postgresql_where=text("due IS NOT NULL"), sqlite_where=text("due IS NOT NULL")),
)

care_team: Final = _resource(
    "care_team",
    _code("status"),
    _code("patient", null=True),
    _code("trust", null=True),
    Index("care_team_updated", "updated", "id"),
    # One coordination CareTeam for a patient in a trust; other teams have no trust.
    Index("care_team_patient", "patient", "trust", unique=True),
)


def _exchanged(name: str, *more: Column[str] | Column[int] | Index) -> Table:
    """A type that is searched by rows of ``token`` and ``date_range``; ``more``: columns that its work needs."""
    return _resource(
        name,
        _code("status", null=True),
        _code("patient", null=True),
        _code("author"),
        _code("author_unit"),
        Index(f"{name}_updated", "updated", "id"),
        Index(f"{name}_patient", "patient", "updated", "id"),
        *more,
    )


subscription: Final = _exchanged(
    "subscription",
    _code("topic"),
    _code("endpoint"),
    _code("header"),
    _code("content"),
    Column("heartbeat", Integer),
    Column("timeout", Integer),
    _millis("end_at", null=True),
    _millis("proven", null=True),
    Index("subscription_topic", "author", "topic"),
)
"""Who is told, and how: delivery reads the columns. ``header`` (lines ``Name: value``) is in no version's body.
``proven``: when this endpoint answered the handshake."""

_OWN: Final = {"Task": task, "CareTeam": care_team, "Subscription": subscription}
RESOURCE_TABLES: Final = _OWN | {one.name: _exchanged(one.table) for one in STORED if one.name not in _OWN}
"""The table of each stored type. ``author`` and ``author_unit``: organisation number and unit key of who made it."""

history: Final = Table(
    "history",
    metadata,
    _code("type", key=True),
    _code("id", key=True),
    Column("version", Integer, primary_key=True),
    _millis("updated"),
    Column("body", LargeBinary, nullable=False),
    _code("patient", null=True),
)
"""Superseded versions. ``patient`` None: written before it was kept; the current version's then."""

token: Final = Table(
    "token",
    metadata,
    _code("type", key=True),
    _code("param", key=True),
    _code("value", key=True),
    _code("system", key=True),
    _code("resource", key=True),
)

date_range: Final = Table(
    "date_range",
    metadata,
    _code("type", key=True),
    _code("param", key=True),
    _code("resource", key=True),
    Column("low", BigInteger, primary_key=True, autoincrement=False),
    Column("high", BigInteger, primary_key=True, autoincrement=False),
    Index("date_range_low", "type", "param", "low", "high"),
)
"""What a date of a resource covers: ``low <= t < high`` in milliseconds."""

party: Final = Table(
    "party",
    metadata,
    _code("organisation", key=True),
    _code("resource", key=True),
    _code("unit", key=True),
    Column("until", Integer),
    Column("since", Integer, nullable=False, server_default=text("1")),
)
"""Who may see a resource: an organisation, or one unit of it (unit '' = all of it), from a version on, up to a version
or for good."""

patient_identifier: Final = Table(
    "patient_identifier",
    metadata,
    _code("system", key=True),
    _code("value", key=True),
    _code("patient"),
    Index("patient_identifier_patient", "patient"),
)

address_protection: Final = Table(
    "address_protection",
    metadata,
    _code("type", key=True),
    _code("resource", key=True),
    _code("patient"),
    _code("level"),
    Index("address_protection_patient", "patient"),
)
"""Whose address is protected, by internal key, and the resource whose label says so; level empty: not any more."""

submission: Final = Table(
    "submission",
    metadata,
    _code("organisation", key=True),
    _code("type", key=True),
    _code("system", key=True),
    _code("value", key=True),
    _code("resource"),
    _code("fingerprint"),
)
"""The first content under a sender's own number: the memory behind an idempotent create."""

conditional_create: Final = Table(
    "conditional_create",
    metadata,
    _code("organisation", key=True),
    _code("type", key=True),
    _code("condition", key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
)
"""What was created because nothing matched: a row each, so that of two at once only one is. ``condition`` is a hash."""

participant: Final = Table(
    "participant",
    metadata,
    _code("id", key=True),
    _code("care_team"),
    _code("patient"),
    _code("trust"),
    _code("unit"),
    _code("role"),
    _code("hpr"),
    _code("name"),
    _code("phone"),
    _code("start_day"),
    _code("end_day", null=True),
    _code("end_reason"),
    _code("ehr_state"),
    _code("case_id"),
    _code("work_item"),
    _code("due_day", null=True),
    Index("participant_patient", "patient", "trust"),
    Index("participant_care_team", "care_team"),
    Index(
        "participant_due",
        "due_day",
        postgresql_where=text("due_day IS NOT NULL"),
        sqlite_where=text("due_day IS NOT NULL"),
    ),
)
"""Coordinators: one row a stint; the CareTeam shows the same. ``due_day`` is the next day on which a start or an
end falls due, None where none lies ahead."""

case_event: Final = Table(
    "case_event",
    metadata,
    _code("case_id", key=True),
    Column("version", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    _millis("at"),
    _code("from_stage"),
    _code("to_stage"),
    _code("move"),
    _code("actor"),
    _code("organisation"),
    _code("person"),
    _code("from_unit"),
    _code("unit"),
    _code("rule"),
    _code("reason_code"),
    _code("reason"),
    _code("assessment"),
)
"""What happened to a case: ``number`` counts within the version that it made."""

audit_event: Final = Table(
    "audit_event",
    metadata,
    Column("id", Serial, primary_key=True),
    _millis("at"),
    _code("organisation"),
    _code("unit"),
    _code("person"),
    _code("client"),
    _code("role"),
    _code("interaction"),
    _code("type"),
    _code("resource"),
    Column("version", Integer, nullable=False),
    _code("patient"),
    Column("status", Integer, nullable=False, server_default=text("200")),
    *(
        Column(name, Code, nullable=False, server_default=text("''"))
        for name in ("request", "purpose", "query", "others")
    ),
    Index("audit_event_patient", "patient", "at"),
    Index("audit_event_organisation", "organisation", "at"),
)
"""Who touched whom: rows are added and never changed. ``AuditEvent`` is made from them."""

subscription_count: Final = Table(
    "subscription_count",
    metadata,
    _code("id", key=True),
    Column("events", BigInteger, nullable=False),
    _millis("beat_at"),
)
"""Of each subscription the last event number, and when to look again whether a heartbeat is due (0: at once)."""

proof: Final = Table(
    "proof",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    _millis("until"),
    Index("proof_until", "until"),
)
"""DPoP proofs that were used, until they count no more. Unlogged on PostgreSQL: an insert waits for no disk."""

outbox: Final = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    _code("kind"),
    _code("receiver"),
    _code("order_key"),
    _code("topic"),
    _code("focus"),
    _code("bundle"),
    Column("number", BigInteger),
    _code("state"),
    Column("attempts", Integer, nullable=False),
    _millis("next_at"),
    _millis("lease_until"),
    _millis("created"),
    _millis("settled", null=True),
    _code("problem"),
    Column("correlation", Code, nullable=False, server_default=text("''")),
    _millis("resent", null=True),
    Index(
        "outbox_number",
        "receiver",
        "number",
        postgresql_where=text("number IS NOT NULL"),
        sqlite_where=text("number IS NOT NULL"),
    ),
    Index(
        "outbox_waiting",
        "next_at",
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
    Index(
        "outbox_order",
        "receiver",
        "order_key",
        "id",
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
)
"""Outgoing work: ``notification``, ``handshake``, ``heartbeat`` (receiver = subscription), ``ehr`` (receiver = trust).

``resent``: when somebody asked for it once more."""

attempt: Final = Table(
    "attempt",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("outbox_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    _millis("at"),
    Column("millis", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    _code("problem"),
    Index("attempt_outbox", "outbox_id"),
)
