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
from app.addresses import BadAddress, origin_of
from app.casework import falling_due, overdue
from app.casework.context import Context
from app.ehr.orders import carry_out
from app.errors import Unavailable
from app.outbound.notification import notification
from app.outbound.retry import Breaker, Verdict, settle, verdict_of
from app.security.outgoing import AddressRefused, outgoing_client
from app.store import outbox, proofs
from app.store.changes import Attempt, Changes, Conflict, Viewer
from app.store.outbox import Claimed

logger = logging.getLogger("samband.delivery")

POLL: Final = 0.2
"""Seconds between looks at the outbox."""
SWEEP: Final = 60.0
"""Seconds between looks for what time alone brings: starts and ends that fall due, overdue cases."""
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
        self._breakers: dict[str, Breaker] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._swept = 0.0

    async def look(self) -> None:
        """Start a task for each receiver that has due work and is ready for it."""
        now = self._context.clock()
        if monotonic() - self._swept > SWEEP:
            self._swept = monotonic()
            await falling_due.sweep(self._context)
            await overdue.sweep(self._context)
            await self._context.store.run(lambda c: proofs.sweep(c, now))
        for kind, receiver in await self._context.store.run(lambda c: outbox.due_receivers(c, now)):
            breaker = self._breakers.setdefault(receiver, Breaker())
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
                return await self._record(row, Verdict.AGAIN, 0, type(error).__name__, started)
        logger.info("delivery of %s %d: %s", row.kind, row.id, verdict, extra=ids)
        return verdict

    async def _deliver(self, row: Claimed, started: float) -> Verdict:
        if row.kind == "ehr":
            return await self._order(row)
        status, problem = await self._notify(row)
        return await self._record(row, verdict_of(status), status, problem, started)

    async def _record(self, row: Claimed, verdict: Verdict, status: int, problem: str, started: float) -> Verdict:
        """What became of one attempt, in one commit."""
        now = self._context.clock()
        await self._context.store.commit(
            Changes(
                settled=[settle(row, verdict, problem, now, self._context.settings)],
                attempts=[Attempt(row.id, row.attempts, now, _millis(started), status, problem)],
            )
        )
        return verdict

    async def _notify(self, row: Claimed) -> tuple[int, str]:
        """HTTP status (0: no answer) and what was wrong, without anything of the receiver's body."""
        context = self._context
        found = await context.store.run(lambda c: outbox.find_subscription(c, row.receiver))
        if found is None or found["status"] != "active":
            return 410, "subscription-ended"
        type_name, _, resource = row.focus.partition("/")
        seen = await context.store.read(type_name, resource, Viewer(organisation=found["organisation"]))
        base = f"{context.settings.base_url.rstrip('/')}/fhir/v1"
        body = notification(row, visible=seen is not None, base=base)
        headers = {"content-type": "application/fhir+json", **correlation.headers(row.correlation)}
        name, _, value = str(found["header"]).partition(":")
        if value:
            headers[name] = value.strip()
        return await self._post(found["endpoint"], body, headers)

    async def _post(self, endpoint: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        try:
            origin_of(endpoint)  # as it was written: httpx would put it right
            async with self._subscribers.stream("POST", endpoint, content=body, headers=headers) as answer:
                # The status is the answer; the body is read only to use the connection again.
                with suppress(httpx.HTTPError):
                    await answer.aread()
        except (BadAddress, AddressRefused) as refused:
            return 400, str(refused)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return 0, type(error).__name__
        return answer.status_code, "" if answer.is_success else f"HTTP {answer.status_code}"

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


def _millis(started: float) -> int:
    return int((monotonic() - started) * 1000)
