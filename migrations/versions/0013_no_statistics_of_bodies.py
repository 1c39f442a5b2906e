"""PostgreSQL gathers no statistics of bodies: nothing is searched by them, and sorting them is half of an ANALYZE.

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-22 06:30:00
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BODIES = (
    "care_plan",
    "care_team",
    "communication",
    "consent",
    "encounter",
    "endpoint",
    "healthcare_service",
    "history",
    "organization",
    "patient",
    "practitioner",
    "practitioner_role",
    "questionnaire_response",
    "related_person",
    "service_request",
    "subscription",
    "task",
)


def upgrade() -> None:
    _gather(0)


def downgrade() -> None:
    _gather(-1)


def _gather(target: int) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in BODIES:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN body SET STATISTICS {target}")
    op.execute(f"ALTER TABLE task ALTER COLUMN state SET STATISTICS {target}")
