"""PostgreSQL analyzes tables that only grow when they have grown by half, not by a tenth: their rows stay alike.

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-22 09:45:00
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

GROWING = (
    "attempt",
    "audit_event",
    "case_event",
    "history",
    "outbox",
    "party",
    "patient_identifier",
    "submission",
    "token",
)


def upgrade() -> None:
    _set("SET (autovacuum_analyze_scale_factor = 0.5)")


def downgrade() -> None:
    _set("RESET (autovacuum_analyze_scale_factor)")


def _set(change: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in GROWING:
        op.execute(f"ALTER TABLE {table} {change}")
