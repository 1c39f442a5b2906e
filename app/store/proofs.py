"""DPoP proofs that were used: one statement asks and remembers, so that two workers never both take one."""

from typing import Final

from sqlalchemy import Connection, delete

from app.store.tables import proof

SPEND: Final = f"INSERT INTO {proof.name} (digest, until) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1"


def sweep(connection: Connection, now: int) -> int:
    """Forget those that count no more; answers how many."""
    return connection.execute(delete(proof).where(proof.c.until < now)).rowcount
