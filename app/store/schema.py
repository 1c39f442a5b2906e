"""The schema's own life: migrate to head, and say whether a database is there."""

import asyncio
from pathlib import Path
from typing import Final

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

_GRANTS: Final = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE UPDATE, DELETE ON audit_event FROM {role}",
    "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
)
MIGRATIONS: Final = Path(__file__).resolve().parents[2] / "migrations"


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database (``sqlite:///…`` or ``postgresql://…``) to the newest schema, or up to a revision."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(_config(url), revision)


def grant(url: str, role: str) -> None:
    """Give an existing PostgreSQL role what the service needs, and no more.

    It must own nothing: then row-level security binds it, and it can neither change nor delete an audit event.
    """
    asyncio.run(_grant(url, role))


async def _grant(url: str, role: str) -> None:
    name = f'"{role.replace(chr(34), chr(34) * 2)}"'
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for statement in _GRANTS:
                await connection.execute(statement.format(role=name))
    finally:
        await connection.close()


def is_at_head(connection: Connection) -> bool:
    """Whether the database has exactly the schema that this code was written for."""
    current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def is_all_powerful(connection: Connection) -> bool:
    """Whether PostgreSQL's row-level security does not bind this role: a superuser, or one that may bypass it."""
    if connection.dialect.name != "postgresql":
        return False
    asked = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    return bool(connection.execute(asked).scalar_one())
