"""DPoP proofs that were used.

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-22 01:40:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proof",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE proof SET UNLOGGED")
    op.create_index("proof_until", "proof", ["until"])


def downgrade() -> None:
    op.drop_index("proof_until", table_name="proof")
    op.drop_table("proof")
