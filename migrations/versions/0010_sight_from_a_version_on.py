"""Sight of a resource begins at a version: what a need was as a draft stays its author's.

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-22 04:40:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

DIRECTORY = ("Organization", "HealthcareService", "Practitioner", "PractitionerRole", "Endpoint")
_PARTY = (
    "EXISTS (SELECT 1 FROM party p WHERE p.organisation = current_setting('samband.organisation', true)"
    " AND p.resource = history.id AND p.unit IN ('', current_setting('samband.unit', true))"
    " AND (p.until IS NULL OR p.until >= history.version){since})"
)


def upgrade() -> None:
    # The release before this one does not name the column: what it makes is seen from the first version on.
    op.add_column("party", sa.Column("since", sa.Integer(), nullable=False, server_default=sa.text("1")))
    # A current version is never older than anybody's sight of it: only past ones need to know.
    _history_is_seen(" AND p.since <= history.version")


def _history_is_seen(since: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    everybody = ", ".join(f"'{name}'" for name in DIRECTORY)
    op.execute(f"ALTER POLICY party_sees ON history USING ({_PARTY.format(since=since)} OR type IN ({everybody}))")


def downgrade() -> None:
    _history_is_seen("")
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_column("since")
