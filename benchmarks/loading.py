"""Fills the database before a run, through the same casework that a request calls, so that all rows are real."""

import asyncio
import itertools
import time
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection

from app.casework.context import Context
from app.casework.create import create
from app.casework.operate import operate
from app.clock import system_clock
from app.config import IdentityMode, Settings
from app.fhir.document import read
from app.fhir.subscriptions import subscription_of
from app.main import load_directory
from app.routing.directory import Municipality, Unit, UnitKind
from app.security.caller import Caller, Role
from app.store.opening import open_store
from app.store.tables import outbox, subscription, subscription_count
from benchmarks.needs import need, patients

_TOGETHER = 8
_ACCEPTED_PER_UNIT = 10
"""Cases that a unit is assessing: what a search by owner and status finds."""
_CHANGED = 7
"""Of the others, one in so many is declined, and one in twice as many withdrawn."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One case to load: who sends it, which unit treats the patient, and the move that follows, if any."""

    index: int
    sender: Municipality
    unit: Unit | None
    move: str


def load(database: str, tasks: int) -> float:
    """Create ``tasks`` cases in a migrated database; answers the seconds that it took."""
    started = time.monotonic()
    asyncio.run(_load(database, tasks))
    return time.monotonic() - started


async def _load(database: str, tasks: int) -> None:
    settings = Settings(database_url=database, sandbox=True, identity_numbers=IdentityMode.TEST)
    context = Context(
        store=open_store(database, _TOGETHER),
        directory=load_directory(settings),
        clock=system_clock,
        new_id=lambda: str(uuid4()),
        settings=settings,
    )
    people = patients(seed=1)
    waiting = iter([(planned, next(people)) for planned in _plan(context, tasks)])

    async def work() -> None:
        for planned, patient in waiting:
            await _case(context, planned, patient)

    try:
        await context.store.run(lambda connection: _subscribe(connection, context))
        await asyncio.gather(*(work() for _ in range(_TOGETHER)))
        await context.store.run(_delivered)
    finally:
        await context.store.close()


def _plan(context: Context, tasks: int) -> list[Planned]:
    """Senders and units in turn; every eighth need names no unit and goes to the coordinating unit."""
    units = [unit for unit in context.directory.units.values() if unit.kind is UnitKind.WARD]
    senders = itertools.cycle(context.directory.municipalities.values())
    plan = []
    for index in range(tasks):
        turn, place = divmod(index, len(units) + 1)
        unit = units[place] if place < len(units) else None
        plan.append(Planned(index, next(senders), unit, _move(turn) if unit else ""))
    return plan


def _move(turn: int) -> str:
    if turn < _ACCEPTED_PER_UNIT:
        return "accept"
    if turn % _CHANGED == 0:
        return "withdraw" if turn % (2 * _CHANGED) else "decline"
    return ""


async def _case(context: Context, planned: Planned, patient: str) -> None:
    sender = Caller(
        organisation=planned.sender.organisation_number, role=Role.SENDER, client=f"{planned.sender.key}-system"
    )
    body = need(f"LOAD-{planned.index:06}", patient, planned.sender, planned.unit)
    made = await create(context, sender, "Task", read(body))
    if planned.move and planned.unit:
        trust = context.directory.trusts[planned.unit.trust].organisation_number
        owner = Caller(organisation=trust, role=Role.UNIT, unit=planned.unit.key, client="hospital-system")
        caller = sender if planned.move == "withdraw" else owner
        await operate(context, caller, "Task", made.id, planned.move, _arguments(planned.move), made.version)


def _arguments(move: str) -> dict[str, object]:
    if move == "accept":
        return {"resourceType": "Parameters"}
    parameters = [{"name": "reason", "valueString": "The need is met by the municipality."}]
    if move == "decline":
        parameters.append({"name": "reasonCode", "valueCode": "coordinator-in-municipality-suffices"})
    return {"resourceType": "Parameters", "parameter": parameters}


def _subscribe(connection: Connection, context: Context) -> None:
    """Each municipality hears of its cases, so that each write has its outgoing row."""
    for sender in context.directory.municipalities.values():
        key, now = f"benchmark-{sender.key}", system_clock()
        body = subscription_of("case-changed", "http://127.0.0.1:9/none", "", "To be measured.")
        row = {
            "id": key,
            "version": 1,
            "updated": now,
            "body": body,
            "status": "active",
            "author": sender.organisation_number,
            "author_unit": "",
            "topic": "case-changed",
            "endpoint": "http://127.0.0.1:9/none",
            "header": "",
            "content": "id-only",
            "proven": now,
        }
        connection.execute(subscription.insert().values(row))
        connection.execute(subscription_count.insert().values(id=key, events=0, beat_at=0))


def _delivered(connection: Connection) -> None:
    connection.execute(outbox.update().values(state="delivered", settled=system_clock(), attempts=1))
