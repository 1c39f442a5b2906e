"""DPoP proofs that were used: one statement asks and remembers, so that two workers never both take one."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, delete

from app.clock import Clock
from app.store.interface import Store
from app.store.tables import proof

FORGET_SECONDS: Final = 60.0
"""Between two sweeps of a process that serves without a worker; a worker's sweeps are its own."""

SPEND: Final = f"INSERT INTO {proof.name} (digest, until) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1"


def sweep(connection: Connection, now: int) -> int:
    """Forget those that count no more; answers how many."""
    return connection.execute(delete(proof).where(proof.c.until < now)).rowcount


async def forget(store: Store, clock: Clock, stop: asyncio.Event) -> None:
    """Sweep until ``stop`` is set. So the table holds a minute's proofs, whether or not there is a worker."""
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), FORGET_SECONDS)
            return
        try:
            await store.run(lambda connection: sweep(connection, clock()))
        except Exception as error:  # noqa: BLE001 - the database may be away: this outlives it
            logging.getLogger("samband.store").warning("proofs are not swept: %s", type(error).__name__)
