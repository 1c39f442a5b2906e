"""An outgoing row keeps the ids of the request that caused it.

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-22 03:10:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The release before this one does not name the column: its rows have no ids.
    kind = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
    op.add_column("outbox", sa.Column("correlation", kind, nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("correlation")
