"""The delivery worker: claims rows (commit), sends, and records what happened in a new transaction.

One task for each receiver at a time: a slow one keeps nobody waiting. No transaction is open while we wait for
somebody else. A process that dies between a receiver's answer and our record sends the same number once more.
"""

import asyncio
import logging
from contextlib import suppress
from time import monotonic
from typing import Final

import httpx

from app import correlation
from app.casework import falling_due, overdue
from app.casework.context import Context
from app.ehr.orders import carry_out
from app.errors import Unavailable
from app.outbound.retry import Breaker, Verdict, settle
from app.outbound.subscribers import keep_subscriptions, record, tell
from app.security.outgoing import outgoing_client
from app.store import outbox, proofs
from app.store.changes import Attempt, Changes, Conflict
from app.store.outbox import HANDSHAKE, NOTIFICATION, TO_SUBSCRIBERS, Claimed

logger = logging.getLogger("samband.delivery")

POLL: Final = 0.2
"""Seconds between looks at the outbox."""
SWEEP: Final = 60.0
"""Seconds between looks for what time alone brings: starts and ends that fall due, overdue cases."""
KEEP: Final = 5.0
"""Seconds between looks for subscriptions that end, or that need a heartbeat."""
BATCH: Final = 8
GRACE: Final = 20.0
"""Seconds that a stop waits for what is being sent."""


async def run(context: Context, stop: asyncio.Event) -> None:
    """Deliver until ``stop`` is set; then finish what is being sent."""
    settings = context.settings
    async with (
        outgoing_client(settings, settings.endpoint_origins) as subscribers,
        outgoing_client(settings, {settings.ehr_url} - {""}) as ehr,
    ):
        worker = Worker(context, subscribers, ehr)
        while not stop.is_set():
            try:
                await worker.look()
            except Exception as error:  # noqa: BLE001 - the database may be away: the worker must outlive that
                logger.warning("delivery waits: %s", type(error).__name__)
                await _pause(stop, 2.0)
            await _pause(stop, POLL)
        await worker.finish()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


class Worker:
    """What this process knows of its receivers: who is being sent to, and who has failed."""

    def __init__(self, context: Context, subscribers: httpx.AsyncClient, ehr: httpx.AsyncClient) -> None:
        self._context = context
        self._subscribers = subscribers
        self._ehr = ehr
        self._breakers: dict[tuple[str, str], Breaker] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._swept = 0.0
        self._kept = 0.0

    async def look(self) -> None:
        """Start a task for each receiver that has due work and is ready for it."""
        now = self._context.clock()
        if monotonic() - self._swept > SWEEP:
            self._swept = monotonic()
            await falling_due.sweep(self._context)
            await overdue.sweep(self._context)
            await self._context.store.run(lambda c: proofs.sweep(c, now))
        if monotonic() - self._kept > KEEP:
            self._kept = monotonic()
            await keep_subscriptions(self._context)
        for kind, receiver in await self._context.store.run(lambda c: outbox.due_receivers(c, now)):
            breaker = self._breakers.setdefault((kind, receiver), Breaker())
            if breaker.ready(now):
                breaker.sending = True
                task = asyncio.create_task(self._serve(kind, receiver, breaker))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for what is being sent, for a while."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)

    async def _serve(self, kind: str, receiver: str, breaker: Breaker) -> None:
        context = self._context
        lease = context.settings.lease_seconds * 1000
        try:
            now = context.clock()
            rows = await context.store.run(lambda c: outbox.claim(c, kind, receiver, now, lease, BATCH, context.new_id))
            for row in rows:
                if context.clock() > now + lease // 2:
                    # The rest would outlive its lease; another look takes it up.
                    break
                verdict = await self._try(row)
                breaker.note(verdict, context.clock(), context.settings.breaker_seconds)
                if breaker.open_until > context.clock():
                    break
        except Conflict:
            logger.info("delivery was settled by somebody else")
        except Exception as error:  # noqa: BLE001 - the lease ends and the rows come back
            logger.warning("delivery to %s stopped: %s", kind, type(error).__name__)
        finally:
            breaker.sending = False

    async def _try(self, row: Claimed) -> Verdict:
        """Deliver once; what nobody expected is an attempt that failed too, or the row would come back for ever."""
        started = monotonic()
        ids = {"fields": correlation.headers(row.correlation)}
        with correlation.following(row.correlation):
            try:
                verdict = await self._deliver(row, started)
            except (Conflict, Unavailable):
                raise
            except Exception as error:  # noqa: BLE001 - a neighbour may answer anything
                logger.warning("delivery of %s %d failed: %s", row.kind, row.id, type(error).__name__, extra=ids)
                return await self._record(row, Verdict.AGAIN, type(error).__name__, started)
        logger.info("delivery of %s %d: %s", row.kind, row.id, verdict, extra=ids)
        return verdict

    async def _deliver(self, row: Claimed, started: float) -> Verdict:
        if row.kind not in TO_SUBSCRIBERS:
            return await self._order(row)
        verdict, status, problem = await tell(self._context, self._subscribers, row)
        await record(self._context, row, verdict, status, problem, started)
        if row.kind == HANDSHAKE and verdict is Verdict.DONE:
            # It is there again: what waits for it goes out at once.
            self._breakers.pop((NOTIFICATION, row.receiver), None)
        return verdict

    async def _record(self, row: Claimed, verdict: Verdict, problem: str, started: float) -> Verdict:
        """An attempt that nobody expected to fail."""
        if row.kind in TO_SUBSCRIBERS:
            await record(self._context, row, verdict, 0, problem, started)
            return verdict
        now = self._context.clock()
        settled = settle(row, verdict, problem, now, self._context.settings)
        millis = int((monotonic() - started) * 1000)
        attempt = Attempt(row.id, row.attempts, now, millis, 0, problem)
        await self._context.store.commit(Changes(settled=[settled], attempts=[attempt]))
        return verdict

    async def _order(self, row: Claimed) -> Verdict:
        """An order for the EHR: its answer and the attempt are one commit."""
        settings = self._context.settings
        verdict = await carry_out(
            self._context,
            self._ehr,
            row,
            lambda verdict, problem, now: settle(row, Verdict(verdict), problem, now, settings),
        )
        return Verdict(verdict)
