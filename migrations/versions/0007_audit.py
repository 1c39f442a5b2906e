"""Audit: every look at a patient, refusals too; found by patient and by organisation; rows that nobody changes.

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-22 02:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = {
    "Task": "task",
    "CareTeam": "care_team",
    "CarePlan": "care_plan",
    "ServiceRequest": "service_request",
    "QuestionnaireResponse": "questionnaire_response",
    "Consent": "consent",
    "Communication": "communication",
    "Encounter": "encounter",
    "Patient": "patient",
    "RelatedPerson": "related_person",
}
_TEXTS = ("request", "purpose", "query", "others")
_INDEXES = (("audit_event_patient", ["patient", "at"]), ("audit_event_organisation", ["organisation", "at"]))


def _code() -> sa.Text:
    return sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    # What the release before this one writes goes on being right: it names neither of the new columns.
    op.add_column("history", sa.Column("patient", _code(), nullable=True))
    for name, table in _TABLES.items():
        op.execute(
            f"UPDATE history SET patient = (SELECT t.patient FROM {table} t WHERE t.id = history.id)"  # noqa: S608
            f" WHERE type = '{name}'"
        )
    op.add_column("audit_event", sa.Column("status", sa.Integer(), nullable=False, server_default=sa.text("200")))
    for name in _TEXTS:
        op.add_column("audit_event", sa.Column(name, _code(), nullable=False, server_default=sa.text("''")))
    for name, columns in _INDEXES:
        op.create_index(name, "audit_event", columns)
    if op.get_bind().dialect.name == "sqlite":
        # PostgreSQL refuses by the rights of the role (docs/operations.md); SQLite knows no roles.
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_event_no_{verb.lower()} BEFORE {verb} ON audit_event"
                " BEGIN SELECT RAISE(ABORT, 'audit rows are added, never changed'); END"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_event_no_{verb}")
    for name, _ in reversed(_INDEXES):
        op.drop_index(name, table_name="audit_event")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        for name in reversed(("status", *_TEXTS)):
            batch_op.drop_column(name)
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_column("patient")
