"""Names are searched by the whole of them too (``name:exact``): rows for those that are there.

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-22 02:00:00
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TYPES = {
    "Organization": ("organization", ("name", "alias")),
    "HealthcareService": ("healthcare_service", ("name",)),
    "Practitioner": ("practitioner", ("name",)),
}
_PARTS = ("text", "family", "given", "prefix", "suffix")
_LONGEST = 200


def upgrade() -> None:
    connection = op.get_bind()
    insert = sa.text(
        "INSERT INTO token (type, param, value, system, resource) VALUES (:type, 'name:exact', :value, '', :resource)"
        " ON CONFLICT DO NOTHING"
    )
    for type_name, (table, members) in _TYPES.items():
        last = ""
        page = sa.text(f"SELECT id, body FROM {table} WHERE id > :last ORDER BY id LIMIT 500")  # noqa: S608
        while rows := connection.execute(page, {"last": last}).all():
            found = [
                {"type": type_name, "value": _indexed(name), "resource": row.id}
                for row in rows
                for name in _names(json.loads(row.body), members)
            ]
            if found:
                connection.execute(insert, found)
            last = rows[-1].id


def downgrade() -> None:
    op.execute("DELETE FROM token WHERE param = 'name:exact'")


def _names(content: dict[str, Any], members: tuple[str, ...]) -> Iterator[str]:
    for member in members:
        value = content.get(member, [])
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, str):
                yield entry
                continue
            for part in _PARTS:
                text = entry.get(part, [])
                yield from [text] if isinstance(text, str) else [one for one in text if one]


def _indexed(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:100]}…{sha256(text.encode()).hexdigest()}"
