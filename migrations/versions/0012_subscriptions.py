"""Subscriptions are resources: a version each, whose columns delivery reads; their counters stand beside them.

Those that operators have made stay active, as Subscriptions of their organisation.

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-22 04:40:00
"""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_CODES = ("author", "author_unit", "topic", "endpoint", "header", "content")
_TOPICS = "https://samband.example/fhir/SubscriptionTopic"
_CONTENT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content"
_ALL = "(SELECT current_setting('samband.sees', true)) = 'all'"
_PARTY = (
    "EXISTS (SELECT 1 FROM party p WHERE p.organisation = (SELECT current_setting('samband.organisation', true))"
    " AND p.resource = subscription.id AND p.unit IN ('', (SELECT current_setting('samband.unit', true)))"
    " AND (p.until IS NULL OR p.until >= subscription.version))"
)


def _code(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=null)


def upgrade() -> None:
    connection = op.get_bind()
    earlier = [dict(row) for row in connection.execute(sa.text("SELECT * FROM subscription")).mappings()]
    op.drop_index("subscription_organisation", table_name="subscription")
    op.drop_table("subscription")
    _create()
    for row in earlier:
        _keep(connection, row)
    op.add_column("outbox", sa.Column("resent", sa.BigInteger(), nullable=True))
    numbered = sa.text("number IS NOT NULL")
    op.create_index("outbox_number", "outbox", ["receiver", "number"], postgresql_where=numbered, sqlite_where=numbered)
    if connection.dialect.name == "postgresql":
        op.execute("ALTER TABLE subscription SET (toast_tuple_target = 8160)")
        for table in ("subscription", "subscription_count"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY service_does_all ON {table} USING ({_ALL}) WITH CHECK ({_ALL})")
        op.execute(f"CREATE POLICY party_sees ON subscription FOR SELECT USING ({_PARTY})")


def _create() -> None:
    op.create_table(
        "subscription",
        _code("id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _code("status", null=True),
        _code("patient", null=True),
        *(_code(name) for name in _CODES),
        sa.Column("heartbeat", sa.Integer(), nullable=True),
        sa.Column("timeout", sa.Integer(), nullable=True),
        sa.Column("end_at", sa.BigInteger(), nullable=True),
        sa.Column("proven", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("subscription_updated", "subscription", ["updated", "id"])
    op.create_index("subscription_patient", "subscription", ["patient", "updated", "id"])
    op.create_index("subscription_topic", "subscription", ["author", "topic"])
    op.create_table(
        "subscription_count",
        _code("id"),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _keep(connection: sa.Connection, row: dict[str, Any]) -> None:
    """An operator's subscription as a first version, seen by its organisation, found as any other."""
    given = {name: row[name] for name in ("id", "topic", "endpoint", "header", "status", "created", "organisation")}
    names = "id, version, updated, body, status, author, author_unit, topic, endpoint, header, content, proven"
    values = ":id, 1, :created, :body, :status, :organisation, '', :topic, :endpoint, :header, 'id-only', :created"
    insert = f"INSERT INTO subscription ({names}) VALUES ({values})"  # noqa: S608
    connection.execute(sa.text(insert), given | {"body": json.dumps(_body(row)).encode()})
    counter = "INSERT INTO subscription_count (id, events, beat_at) VALUES (:id, :events, 0)"
    connection.execute(sa.text(counter), {"id": row["id"], "events": row["events"]})
    seen = "INSERT INTO party (organisation, resource, unit) VALUES (:organisation, :id, '') ON CONFLICT DO NOTHING"
    connection.execute(sa.text(seen), {"organisation": row["organisation"], "id": row["id"]})
    found_by = (
        "INSERT INTO token (type, param, value, system, resource) VALUES ('Subscription', :param, :value, '', :id)"
        " ON CONFLICT DO NOTHING"
    )
    topic = f"{_TOPICS}/{row['topic']}"
    found = {"url": row["endpoint"], "payload": "application/fhir+json", "type": "rest-hook"}
    for param, value in (found | {"criteria": topic.casefold(), "criteria:exact": topic}).items():
        connection.execute(sa.text(found_by), {"param": param, "value": value[:200], "id": row["id"]})


def _body(row: dict[str, Any]) -> dict[str, Any]:
    moment = datetime.fromtimestamp(row["created"] / 1000, UTC)
    return {
        "resourceType": "Subscription",
        "status": row["status"],
        "reason": "Made by the operator.",
        "criteria": f"{_TOPICS}/{row['topic']}",
        "channel": {
            "type": "rest-hook",
            "endpoint": row["endpoint"],
            "payload": "application/fhir+json",
            "_payload": {"extension": [{"url": _CONTENT, "valueCode": "id-only"}]},
        },
        "id": row["id"],
        "meta": {
            "versionId": "1",
            "lastUpdated": f"{moment:%Y-%m-%dT%H:%M:%S}.{row['created'] % 1000:03d}Z",
        },
    }


def downgrade() -> None:
    connection = op.get_bind()
    names = "s.id, s.author AS organisation, s.topic, s.endpoint, s.header, s.status, c.events, s.updated AS created"
    current = f"SELECT {names} FROM subscription s JOIN subscription_count c ON c.id = s.id WHERE s.author_unit = ''"  # noqa: S608
    kept = [dict(row) for row in connection.execute(sa.text(current)).mappings()]
    op.drop_index("outbox_number", table_name="outbox")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("resent")
    op.drop_table("subscription_count")
    for index in ("updated", "patient", "topic"):
        op.drop_index(f"subscription_{index}", table_name="subscription")
    op.drop_table("subscription")
    for table in ("history", "party", "token"):
        column = {"history": "id"}.get(table, "resource")
        ids = sa.text(f"DELETE FROM {table} WHERE {column} = :id")  # noqa: S608
        for row in kept:
            connection.execute(ids, {"id": row["id"]})
    columns = ("id", "organisation", "topic", "endpoint", "header", "status")
    op.create_table(
        "subscription",
        *(_code(name) for name in columns),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("subscription_organisation", "subscription", ["organisation", "topic"])
    insert = (
        "INSERT INTO subscription (id, organisation, topic, endpoint, header, status, events, created)"
        " VALUES (:id, :organisation, :topic, :endpoint, :header, :status, :events, :created)"
    )
    for row in kept:
        connection.execute(sa.text(insert), row)
