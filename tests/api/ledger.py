"""The service on one of the databases, and its audit rows as they stand there."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
from sqlalchemy import Connection, select, text

from app.store.interface import Store
from app.store.opening import open_store
from app.store.tables import RESOURCE_TABLES, audit_event, patient_identifier
from tests.api.running import FHIR, Running

BASE = "/fhir/v1"
A, B, NEVER_SEEN = "10915596784", "15848010070", "15720255178"
"""National numbers: of two patients with cases, and of one whom nobody ever named."""
NATIONAL = "urn:oid:2.16.578.1.12.4.1.4.1"
Row = dict[str, Any]


@dataclass(slots=True)
class Ledger:
    """A running service whose audit rows can be looked at, each by the request that it was written for."""

    service: Running
    store: Store
    loop: asyncio.AbstractEventLoop
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)

    def run(self, work: Any) -> Any:
        """A function of a connection, in a transaction."""
        return self.loop.run_until_complete(self.store.run(work))

    def execute(self, statement: str) -> None:
        """Something that only whoever owns the database does."""
        self.run(lambda c: c.execute(text(statement)))

    def token(self, persona: str) -> dict[str, str]:
        """The header of a persona, ``name`` or ``name:place``."""
        if persona not in self.tokens:
            name, _, place = persona.partition(":")
            more = {"organisation" if name == "municipality" else "unit": place} if place else {}
            self.tokens[persona] = self.service.token(name, **more)
        return self.tokens[persona]

    def ask(self, persona: str, method: str, path: str, **more: Any) -> tuple[httpx.Response, str]:
        """An answer, and the id of the request."""
        request = f"r-{next(self.numbers)}"
        headers = self.token(persona) | {"X-Request-Id": request} | more.pop("headers", {})
        if "json" in more:
            headers = FHIR | headers
        where = path if path.startswith("/reports") else f"{BASE}{path}"
        return self.service.client.request(method, where, headers=headers, **more), request

    def rows(self, request: str) -> list[Row]:
        """The rows of one request, in their order."""
        wanted = select(audit_event).where(audit_event.c.request == request).order_by(audit_event.c.id)
        return [dict(row) for row in self.run(lambda c: c.execute(wanted).mappings().all())]

    def touched(self, request: str) -> list[str]:
        """Whom those rows are about, sorted; a row without a patient is left out."""
        return self.touched_by([request])[request]

    def touched_by(self, requests: list[str]) -> dict[str, list[str]]:
        """The same of several requests."""
        names = self.patients()
        wanted = select(audit_event.c.request, audit_event.c.patient).where(audit_event.c.request.in_(requests))
        found: dict[str, list[str]] = {request: [] for request in requests}
        for request, patient in self.run(lambda c: c.execute(wanted).all()):
            found[request] += [names[patient]] if patient else []
        return {request: sorted(patients) for request, patients in found.items()}

    def patients(self) -> dict[str, str]:
        """Internal key → national number, and the key itself where there is none."""

        def read(connection: Connection) -> dict[str, str]:
            known = {row.patient: row.value for row in connection.execute(select(patient_identifier))}
            for table in RESOURCE_TABLES.values():
                for (key,) in connection.execute(select(table.c.patient).where(table.c.patient.is_not(None))):
                    known.setdefault(key, key)
            return known

        found: dict[str, str] = self.run(read)
        return found

    def subjects(self) -> dict[str, str]:
        """``Type/id`` → the patient whom a resource is about, as in ``patients``."""
        names = self.patients()

        def read(connection: Connection) -> dict[str, str]:
            return {
                f"{name}/{row.id}": names[row.patient]
                for name, table in RESOURCE_TABLES.items()
                for row in connection.execute(select(table.c.id, table.c.patient).where(table.c.patient.is_not(None)))
            }

        found: dict[str, str] = self.run(read)
        return found


@contextmanager
def ledger_of(service: Running, url: str) -> Iterator[Ledger]:
    """The ledger of a service on a database."""
    loop = asyncio.new_event_loop()
    store = open_store(url, pool=3)
    try:
        yield Ledger(service, store, loop)
        loop.run_until_complete(store.close())
    finally:
        loop.close()
