"""The insert-only parts of a commit, one line each: which field of Changes goes to which table, and how."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table

from app.store import tables


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one kind: ``conflict`` is the ON CONFLICT clause, empty where a double is a Conflict."""

    field: str
    table: Table
    columns: tuple[str, ...]
    conflict: str = ""

    @property
    def is_numbered(self) -> bool:
        """Whether the database numbers the rows: then there are no doubles."""
        return self.table.primary_key.columns.keys() == ["id"] and self.table.c.id.type is tables.Serial

    @property
    def insert(self) -> str:
        """``INSERT INTO table (columns)``."""
        return f"INSERT INTO {self.table.name} ({', '.join(self.columns)})"


def _part(name: str, table: Table, conflict: str = "") -> Part:
    numbered = table.primary_key.columns.keys() == ["id"] and table.c.id.type is tables.Serial
    columns = tuple(column.name for column in table.columns if not (numbered and column.name == "id"))
    return Part(name, table, columns, conflict)


_OUTGOING_COLUMNS: Final = (
    "kind",
    "receiver",
    "order_key",
    "topic",
    "focus",
    "bundle",
    "state",
    "attempts",
    "next_at",
    "lease_until",
    "created",
    "problem",
    "correlation",
)

PARTS: Final = (
    _part("tokens", tables.token, "ON CONFLICT DO NOTHING"),
    _part("dates", tables.date_range, "ON CONFLICT DO NOTHING"),
    _part(
        "parties",
        tables.party,
        # An end that is there is not put off by a later one; only sight anew takes it away. A beginning stays.
        "ON CONFLICT (organisation, resource, unit) DO UPDATE SET until ="
        " CASE WHEN party.until < excluded.until THEN party.until ELSE excluded.until END",
    ),
    _part("patients", tables.patient_identifier),
    _part("submissions", tables.submission),
    _part("conditional_creates", tables.conditional_create),
    _part(
        "protections",
        tables.address_protection,
        "ON CONFLICT (type, resource) DO UPDATE SET patient = excluded.patient, level = excluded.level",
    ),
    _part(
        "participants",
        tables.participant,
        "ON CONFLICT (id) DO UPDATE SET end_day = excluded.end_day, end_reason = excluded.end_reason,"
        " ehr_state = excluded.ehr_state, work_item = excluded.work_item, due_day = excluded.due_day",
    ),
    _part("events", tables.case_event),
    _part("audits", tables.audit_event),
    Part("outgoing", tables.outbox, _OUTGOING_COLUMNS),
    _part("counters", tables.subscription_count, "ON CONFLICT (id) DO UPDATE SET beat_at = 0"),
    _part("attempts", tables.attempt),
)

NOTICE: Final = (
    "INSERT INTO outbox (kind, receiver, order_key, topic, focus, bundle, state, attempts, next_at,"
    " lease_until, created, problem, correlation)"
    " SELECT 'notification', s.id, {order_key}, {topic}, {focus}, '', 'waiting', 0, {created}, 0, {created}, '',"
    " {correlation}"
    " FROM {source} s.author = {organisation} AND s.topic = {topic} AND s.status <> 'off' AND ({units} = ''"
    " OR (s.author_unit <> '' AND replace({units}, ' ' || s.author_unit || ' ', '') <> {units}))"
)
"""A row for each subscription that is not off of those who see it, chosen in the same statement; events wait
for the handshake."""

RESOURCE_TABLES: Final = tables.RESOURCE_TABLES
