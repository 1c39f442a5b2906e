"""What was created under a condition, so that two at the same moment make one.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-22 01:40:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _code(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "conditional_create",
        _code("organisation"),
        _code("type"),
        _code("condition"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("organisation", "type", "condition", "number"),
    )


def downgrade() -> None:
    op.drop_table("conditional_create")
