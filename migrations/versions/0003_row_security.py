"""Row-level security on PostgreSQL: a second line behind the predicate that every query carries.

It binds roles that neither own the tables nor bypass it: run the service as such a role (docs/operations.md). A
connection says whose rows it may see in ``samband.sees`` (``all`` or ``party``), ``samband.organisation`` and
``samband.unit``; one that says nothing sees none.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-22 01:30:00
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PARTY_ONLY = (
    "task",
    "care_team",
    "care_plan",
    "service_request",
    "questionnaire_response",
    "consent",
    "communication",
    "encounter",
    "patient",
    "related_person",
)
DIRECTORY = ("Organization", "HealthcareService", "Practitioner", "PractitionerRole", "Endpoint")

_ALL = "current_setting('samband.sees', true) = 'all'"
_PARTY = (
    "EXISTS (SELECT 1 FROM party p WHERE p.organisation = current_setting('samband.organisation', true)"
    " AND p.resource = {table}.{key} AND p.unit IN ('', current_setting('samband.unit', true))"
    " AND (p.until IS NULL OR p.until >= {table}.version))"
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in PARTY_ONLY:
        _protect(table, "id")
    everybody = ", ".join(f"'{name}'" for name in DIRECTORY)
    _protect("history", "id", f" OR type IN ({everybody})")
    _protect("case_event", "case_id")


def _protect(table: str, key: str, more: str = "") -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    # PostgreSQL joins policies by OR, the last of the alphabet first: the cheap question comes before the look-up.
    op.execute(f"CREATE POLICY service_does_all ON {table} USING ({_ALL}) WITH CHECK ({_ALL})")
    party = _PARTY.format(table=table, key=key)
    op.execute(f"CREATE POLICY party_sees ON {table} FOR SELECT USING ({party}{more})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in (*PARTY_ONLY, "history", "case_event"):
        op.execute(f"DROP POLICY party_sees ON {table}")
        op.execute(f"DROP POLICY service_does_all ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
