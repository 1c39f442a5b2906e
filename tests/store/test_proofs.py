"""DPoP proofs that were used: refused again by every process and after a restart, forgotten when they count no more."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from app.store import proofs
from app.store.interface import Store
from app.store.opening import open_store
from app.store.staged import StagedStore
from app.store.tables import proof

DIGEST = b"\x00" * 32


async def test_one_of_many_at_once_spends_a_proof(store: Store) -> None:
    answers = await asyncio.gather(*(store.spend(DIGEST, 1000) for _ in range(20)))
    assert answers.count(True) == 1
    assert await store.spend(DIGEST[:-1] + b"\x01", 1000)


async def test_another_process_and_a_restart_remember_it(store: Store, database_url: str) -> None:
    assert await store.spend(DIGEST, 1000)
    for _ in range(2):
        other = open_store(database_url, pool=2)
        try:
            assert not await other.spend(DIGEST, 1000)
        finally:
            await other.close()


async def test_what_counts_no_more_is_forgotten(store: Store) -> None:
    later = b"\x01" * 32
    await store.spend(DIGEST, 1000)
    await store.spend(later, 2000)
    assert await store.run(lambda c: proofs.sweep(c, 1001)) == 1
    assert not await store.spend(later, 2000)
    assert await store.spend(DIGEST, 1000)


async def test_a_transaction_bundle_spends_at_once(store: Store) -> None:
    staged = StagedStore(store)
    assert await staged.spend(DIGEST, 1000)
    assert not await store.spend(DIGEST, 1000)


async def test_a_process_without_a_worker_forgets_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "FORGET_SECONDS", 0.01)
    monkeypatch.setattr(proofs, "sweep", _first_away(proofs.sweep))
    later = b"\x01" * 32
    await store.spend(DIGEST, 1000)
    await store.spend(later, 2000)
    stop = asyncio.Event()
    forgetting = asyncio.create_task(proofs.forget(store, lambda: 1001, stop))
    for _ in range(2000):
        if await store.run(_count) == 1:
            break
        await asyncio.sleep(0.01)
    stop.set()
    await forgetting
    assert await store.run(_count) == 1
    assert not await store.spend(later, 2000)


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(proof)).scalar_one()


def _first_away(sweep: Any) -> Any:
    """The database is away once; that ends nothing."""
    away = iter([OSError])

    def swept(*given: Any) -> Any:
        for failure in away:
            raise failure
        return sweep(*given)

    return swept
