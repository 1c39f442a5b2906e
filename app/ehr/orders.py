"""An order from the outbox → the EHR → casework: the same functions that a route would call, actor ``ehr``."""

import asyncio
from collections.abc import Callable
from time import monotonic

import httpx

from app.casework.context import Context
from app.casework.registration import record_ehr_answer
from app.clock import oslo_day
from app.coordination.coordinators import EhrState
from app.correlation import headers
from app.ehr.fhir_care_team import FhirCareTeamEhr
from app.ehr.port import Ehr, EhrAnswer, Outcome, Stint
from app.store.changes import Attempt, Changes, Settled
from app.store.outbox import Claimed

Settle = Callable[[str, str, int], Settled]
"""(verdict done|again|never, problem, now) → what becomes of the row."""


async def carry_out(context: Context, client: httpx.AsyncClient, row: Claimed, settle: Settle) -> str:
    """Send one order and record the answer; answers the verdict."""
    started = monotonic()
    answer = await _ask(context, client, row)
    now = context.clock()
    millis = int((monotonic() - started) * 1000)
    attempt = Attempt(row.id, row.attempts, now, millis, answer.status, answer.reason)
    if answer.outcome is Outcome.UNAVAILABLE:
        settled = settle("again", answer.reason, now)
        await context.store.commit(Changes(settled=[settled], attempts=[attempt]))
        return "again"
    confirmed = answer.outcome is Outcome.CONFIRMED
    state = EhrState.CONFIRMED if confirmed else EhrState.REJECTED
    verdict = "done" if confirmed else "never"
    settled = settle(verdict, answer.reason, now)
    await record_ehr_answer(context, row.focus, row.topic, state, answer.reason, settled, attempt)
    return verdict


async def _ask(context: Context, client: httpx.AsyncClient, row: Claimed) -> EhrAnswer:
    settings = context.settings
    ehr: Ehr = FhirCareTeamEhr(
        client, settings.ehr_url, settings.ehr_token.get_secret_value(), headers(row.correlation)
    )
    try:
        stint = await _stint(context, row.focus)
        async with asyncio.timeout(settings.send_timeout):
            return await (ehr.end(stint) if row.topic == "end" else ehr.register(stint))
    except (httpx.HTTPError, TimeoutError, ValueError) as error:
        return EhrAnswer(outcome=Outcome.UNAVAILABLE, status=0, reason=type(error).__name__)


async def _stint(context: Context, participant: str) -> Stint:
    row = await context.store.participant(participant)
    if row is None:
        raise LookupError("no such participant")
    unit = context.directory.units[row.unit]
    trust = context.directory.trusts[row.trust]
    return Stint(
        row=row,
        today=oslo_day(context.clock()).isoformat(),
        patient=await context.store.patient_identifiers(row.patient),
        unit_resh=unit.resh,
        unit_name=unit.name,
        trust_organisation=trust.organisation_number,
        trust_name=trust.name,
    )
