"""What the fuzzed service holds at the start: resources of every type, and cases that each persona has work with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.fhir.resources import RESOURCES, STORED
from app.sandbox.personas import PERSONAS
from app.store.schema import migrate
from tests.api.running import FHIR, Running, need, running, sandbox_settings
from tests.api.smallest import smallest
from tests.postgres import create_database, postgres_server

STORES = ("sqlite", "postgresql")
_EACH = 3
_OTHER = {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"text": "annet"}}
"""No case: a need for a coordinator is one kind of Task."""
_REASON = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "Det er uklart hvem."}]}


@contextmanager
def database_of(store: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of one of ``STORES``; PostgreSQL on a server of its own."""
    if store == "sqlite":
        yield f"sqlite:///{folder / 'samband.db'}"
    else:
        with postgres_server() as server:
            yield create_database(server, "samband_fuzz")


@contextmanager
def fuzzed(folder: Path, database: str) -> Iterator[Running]:
    """A sandbox on an empty database, filled."""
    migrate(database)
    settings = sandbox_settings(folder, database_url=database)
    with running(settings) as service:
        yield _filled(service)


def _filled(service: Running) -> Running:
    """Several of each type by whoever writes it, and cases in the hands of each kind of unit."""
    tokens = {name: service.token(name) for name in PERSONAS}
    for name, kind in ((name, one.name) for name in PERSONAS for one in STORED):
        if f"system/{kind}.c" in PERSONAS[name].scope:
            for _ in range(_EACH):
                _posted(service, f"/{kind}", smallest(kind), tokens[name])
    _posted(service, "/Task", _OTHER, tokens["municipality"])
    for turn in range(2 * _EACH):
        case = f"/Task/{_posted(service, '/Task', need(), tokens['municipality'])['id']}"
        for mover in ("clinical-unit", "coordinating-unit")[: 1 + turn // _EACH]:
            _posted(service, f"{case}/$escalate", _REASON, tokens[mover])
    return service


def _posted(service: Running, path: str, content: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    answer = service.client.post(f"/fhir/v1{path}", content=json.dumps(content), headers=headers | FHIR)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(service: Running, headers: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Each type that the caller may read, with the ids of the newest that it sees."""
    for name in RESOURCES:
        page = service.client.get(f"/fhir/v1/{name}", params={"_count": 9}, headers=headers).json()
        if found := [entry["resource"]["id"] for entry in page.get("entry", [])]:
            yield name, found
