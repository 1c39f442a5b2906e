"""Row-level security of what views are made from: case events, audit events, coordinators' stints.

Two more ways for a connection to see rows, beside ``all`` and ``party`` in ``samband.sees``: ``auditor`` (audit events
of ``samband.organisation``'s callers, and of patients of cases that it is party to) and ``figures`` (events of the
units in ``samband.units``, joined by commas, and stints of ``samband.trust``). Settings are asked for in a
subquery, so that a statement asks once and not at each row.

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-22 05:10:00
"""

from collections.abc import Callable

from alembic import op

revision = "0011"
down_revision = "0010"
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
_AT_EACH_ROW = "current_setting('samband.{}', true)"
_ONCE = f"(SELECT {_AT_EACH_ROW})"
Setting = Callable[[str], str]


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _write(_ONCE.format, views=True)
    sees, organisation = map(_ONCE.format, ("sees", "organisation"))
    for table in ("participant", "audit_event"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY service_does_all ON {table} USING ({sees} = 'all') WITH CHECK ({sees} = 'all')")
    # The row of a read is written by the statement that reads, as the party that reads.
    op.execute("CREATE POLICY all_add ON audit_event FOR INSERT WITH CHECK (true)")
    theirs = (
        "EXISTS (SELECT 1 FROM task t JOIN party p ON p.resource = t.id"  # noqa: S608 - settings of our own
        f" WHERE t.patient = audit_event.patient AND t.state IS NOT NULL AND p.organisation = {organisation})"
    )
    op.execute(
        "CREATE POLICY auditor_sees ON audit_event FOR SELECT"
        f" USING ({sees} = 'auditor' AND (organisation = {organisation} OR (patient <> '' AND {theirs})))"
    )
    units = f"ANY (string_to_array({_ONCE.format('units')}, ','))"
    op.execute(
        "CREATE POLICY figures_see ON case_event FOR SELECT"
        f" USING ({sees} = 'figures' AND (unit = {units} OR from_unit = {units}))"
    )
    op.execute(
        "CREATE POLICY figures_see ON participant FOR SELECT"
        f" USING ({sees} = 'figures' AND trust = {_ONCE.format('trust')})"
    )


def _write(setting: Setting, *, views: bool) -> None:
    """The policies of migrations 0003 and 0010 with the settings asked for in another way."""
    for table in (*PARTY_ONLY, "history", "case_event"):
        everything = f"{setting('sees')} = 'all'"
        op.execute(f"ALTER POLICY service_does_all ON {table} USING ({everything}) WITH CHECK ({everything})")
        op.execute(f"ALTER POLICY party_sees ON {table} USING ({_party(table, setting, views=views)})")


def _party(table: str, setting: Setting, *, views: bool) -> str:
    key = "case_id" if table == "case_event" else "id"
    seen = f"p.unit IN ('', {setting('unit')}) AND (p.until IS NULL OR p.until >= {table}.version)"
    if table == "history" or (views and table == "case_event"):
        seen += f" AND p.since <= {table}.version"
    if views and table == "task":
        # Whether a patient has a case with an auditor's organisation is asked of all its units.
        seen = f"(({seen}) OR {setting('sees')} = 'auditor')"
    party = (
        f"EXISTS (SELECT 1 FROM party p WHERE p.organisation = {setting('organisation')}"  # noqa: S608 - as above
        f" AND p.resource = {table}.{key} AND {seen})"
    )
    if table == "history":
        return f"{party} OR type IN ({', '.join(repr(name) for name in DIRECTORY)})"
    if views and table == "case_event":
        # That a hospital has assessed is for that hospital.
        return f"{party} AND (move <> 'assess' OR organisation = {setting('organisation')})"
    return party


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP POLICY figures_see ON case_event")
    for table, policies in {
        "participant": ("figures_see", "service_does_all"),
        "audit_event": ("auditor_sees", "all_add", "service_does_all"),
    }.items():
        for policy in policies:
            op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    _write(_AT_EACH_ROW.format, views=False)
