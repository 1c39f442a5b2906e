"""Patients with a protected address, and the resources whose labels say so.

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-22 02:50:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _code(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "address_protection",
        _code("type"),
        _code("resource"),
        _code("patient"),
        _code("level"),
        sa.PrimaryKeyConstraint("type", "resource"),
    )
    op.create_index("address_protection_patient", "address_protection", ["patient"])


def downgrade() -> None:
    op.drop_table("address_protection")
