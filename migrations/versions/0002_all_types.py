"""All types: a table each, ranges of dates, and more columns to search Tasks by.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-21 23:50:00
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TYPES = (
    "care_plan",
    "service_request",
    "questionnaire_response",
    "consent",
    "communication",
    "encounter",
    "patient",
    "related_person",
    "organization",
    "healthcare_service",
    "practitioner",
    "practitioner_role",
    "endpoint",
)
_TASK_CODES = ("intent", "priority", "group_identifier")
_TASK_INSTANTS = ("authored_low", "authored_high", "modified_low", "modified_high")


def _code(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=null)


def upgrade() -> None:
    for name in TYPES:
        op.create_table(
            name,
            _code("id"),
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("updated", sa.BigInteger(), nullable=False),
            sa.Column("body", sa.LargeBinary(), nullable=False),
            _code("status", null=True),
            _code("patient", null=True),
            _code("author"),
            _code("author_unit"),
            sa.PrimaryKeyConstraint("id"),
        )
        op.create_index(f"{name}_updated", name, ["updated", "id"])
        op.create_index(f"{name}_patient", name, ["patient", "updated", "id"])
    op.create_table(
        "date_range",
        _code("type"),
        _code("param"),
        _code("resource"),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("type", "param", "resource", "low", "high"),
    )
    op.create_index("date_range_low", "date_range", ["type", "param", "low", "high"])
    for name in _TASK_CODES:
        op.add_column("task", _code(name, null=True))
    for name in _TASK_INSTANTS:
        op.add_column("task", sa.Column(name, sa.BigInteger(), nullable=True))
    _fill_tasks(op.get_bind())
    _fill_tokens(op.get_bind())
    if op.get_bind().dialect.name == "postgresql":
        for name in TYPES:
            op.execute(f"ALTER TABLE {name} SET (toast_tuple_target = 8160)")


def _fill_tasks(connection: sa.Connection) -> None:
    """The new columns of the Tasks that are there, in portions."""
    names = (*_TASK_CODES, *_TASK_INSTANTS)
    update = sa.text(f"UPDATE task SET {', '.join(f'{name} = :{name}' for name in names)} WHERE id = :id")  # noqa: S608
    last = ""
    page = sa.text("SELECT id, body FROM task WHERE id > :last ORDER BY id LIMIT 500")
    while rows := connection.execute(page, {"last": last}).all():
        connection.execute(update, [_columns(row.id, json.loads(row.body)) for row in rows])
        last = rows[-1].id


def _fill_tokens(connection: sa.Connection) -> None:
    """What the Tasks and CareTeams that are there are now searched by besides their columns."""
    insert = sa.text(
        "INSERT INTO token (type, param, value, system, resource) VALUES (:type, :param, :value, :system, :resource)"
        " ON CONFLICT DO NOTHING"
    )
    for type_name, table in (("Task", "task"), ("CareTeam", "care_team")):
        last = ""
        page = sa.text(f"SELECT id, body FROM {table} WHERE id > :last ORDER BY id LIMIT 500")  # noqa: S608
        while rows := connection.execute(page, {"last": last}).all():
            found = [
                {"type": type_name, "param": param, "value": value, "system": system, "resource": row.id}
                for row in rows
                for param, value, system in _tokens(json.loads(row.body))
            ]
            if found:
                connection.execute(insert, found)
            last = rows[-1].id


def _tokens(content: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    references = [("focus", content.get("focus"))]
    references += [("based-on", entry) for entry in content.get("basedOn", ())]
    references += [("participant", entry.get("member")) for entry in content.get("participant", ())]
    for param, reference in references:
        identifier = (reference or {}).get("identifier", {})
        target = (reference or {}).get("reference", "").partition("/_history/")[0].split("/")
        if len(target) == 2 and ":" not in target[0]:
            yield param, target[1], target[0]
        elif len(target) > 2:
            yield param, "/".join(target)[:200], ""
        if identifier.get("value"):
            yield f"{param}:identifier", identifier["value"][:200], identifier.get("system", "")[:200]
    for concept in content.get("category", ()):
        for coding in concept.get("coding", ()):
            if coding.get("code"):
                yield "category", coding["code"][:200], coding.get("system", "")[:200]


def _columns(resource: str, task: dict[str, Any]) -> dict[str, Any]:
    group = task.get("groupIdentifier") or {}
    authored, modified = _covered(task.get("authoredOn")), _covered(task.get("lastModified"))
    return {
        "id": resource,
        "intent": task.get("intent"),
        "priority": task.get("priority"),
        "group_identifier": f"{group.get('system', '')}|{group['value']}" if group.get("value") else None,
        "authored_low": authored[0],
        "authored_high": authored[1],
        "modified_low": modified[0],
        "modified_high": modified[1],
    }


def _covered(text: str | None) -> tuple[int | None, int | None]:
    """First millisecond of a FHIR dateTime and the first one after it; Europe/Oslo without a zone."""
    if text is None:
        return None, None
    if "T" not in text:
        parts = [int(part) for part in text.split("-")]
        first = date(*parts, *[1] * (3 - len(parts)))
        after = {
            1: lambda: date(first.year + 1, 1, 1),
            2: lambda: date(first.year + first.month // 12, first.month % 12 + 1, 1),
        }.get(len(parts), lambda: first + timedelta(days=1))()
        return _millis(_midnight(first)), _millis(_midnight(after))
    low = _millis(datetime.fromisoformat(text))
    digits = min(len(text.partition(".")[2].rstrip("Z").partition("+")[0].partition("-")[0]), 3)
    return low, low + 10 ** (3 - digits)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo("Europe/Oslo"))


def _millis(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def downgrade() -> None:
    with op.batch_alter_table("task", schema=None) as batch_op:
        for name in reversed((*_TASK_CODES, *_TASK_INSTANTS)):
            batch_op.drop_column(name)
    op.drop_index("date_range_low", table_name="date_range")
    op.drop_table("date_range")
    for name in reversed(TYPES):
        op.drop_index(f"{name}_patient", table_name=name)
        op.drop_index(f"{name}_updated", table_name=name)
        op.drop_table(name)
