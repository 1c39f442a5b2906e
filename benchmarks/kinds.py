"""The six kinds of request of a run, and the data that the wrk script sends for each."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import httpx

from app.config import Settings
from app.fhir import codes
from app.main import load_directory
from app.routing.directory import Directory, Unit, UnitKind
from benchmarks.needs import need, patients

FHIR: Final = "/fhir/v1/Task"
SENDER: Final = "fjordvik"
PATIENTS: Final = 12_000
"""New patients of one run of creates; more requests than that begin again, with known patients."""
_READ: Final = 5_000
_CHANGED: Final = 400
_MARK: Final = "@@"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request: the script's function, and whether the floor answers it in place of the service."""

    name: str
    function: str
    floor: bool = False


CONSTANT: Final = Kind("constant", "get", floor=True)
INSERT: Final = Kind("INSERT", "create", floor=True)
CREATE: Final = Kind("create", "create")
READ: Final = Kind("read", "get")
SEARCH: Final = Kind("search", "get")
UPDATE: Final = Kind("update", "update")
KINDS: Final = (CONSTANT, READ, SEARCH, INSERT, CREATE, UPDATE)
"""A floor right before what is compared with it."""


@dataclass(slots=True)
class Requests:
    """Makes the data of each run: what is in the database now, tokens, and patients not used before."""

    database: str
    service: str
    runs: Iterator[int] = field(default_factory=itertools.count)
    people: Iterator[str] = field(default_factory=lambda: patients(seed=2))
    directory: Directory = field(
        default_factory=lambda: load_directory(Settings(sandbox=True)),
    )

    def data(self, kind: Kind) -> dict[str, Any]:
        """The Lua table of one run, as plain values."""
        if kind is CONSTANT:
            return {"requests": [{"path": "/constant"}]}
        if kind is SEARCH:
            return {"requests": [self.search(unit) for unit in self._units()]}
        if kind is READ:
            token = self._token(persona="municipality", organisation=SENDER)
            rows = self._rows("SELECT id FROM task WHERE requester = $1 ORDER BY md5(id) LIMIT $2", _READ)
            return {"requests": [{"path": f"{FHIR}/{row['id']}", "token": token} for row in rows]}
        if kind is UPDATE:
            return self._updates()
        return self._creates(kind)

    def search(self, unit: Unit) -> dict[str, str]:
        """A unit asks for the cases that it is assessing: owner and status."""
        owner = quote(f"{codes.RESH}|{unit.resh}", safe="")
        path = f"{FHIR}?owner:identifier={owner}&status=accepted"
        return {"path": path, "token": self._token(persona="clinical-unit", unit=unit.key)}

    def _units(self) -> Sequence[Unit]:
        return [unit for unit in self.directory.units.values() if unit.kind is UnitKind.WARD]

    def _creates(self, kind: Kind) -> dict[str, Any]:
        sender = self.directory.municipalities[SENDER]
        body = need(f"{_MARK}-0", _MARK, sender, self._units()[0]).decode()
        before, between, after = body.split(_MARK)
        common = {
            "before": before,
            "run": f"BENCH-{next(self.runs)}",
            "between": between.removeprefix("-0"),
            "after": after,
            "patients": list(itertools.islice(self.people, PATIENTS)),
        }
        if kind is INSERT:
            return common | {"path": "/insert"}
        return common | {"path": FHIR, "token": self._token(persona="municipality", organisation=SENDER)}

    def _updates(self) -> dict[str, Any]:
        rows = self._rows(
            "SELECT id, version, body FROM task WHERE requester = $1 AND status = 'received' ORDER BY md5(id) LIMIT $2",
            _CHANGED,
        )
        tasks = [{"id": row["id"], "version": row["version"], "body": row["body"].decode()} for row in rows]
        token = self._token(persona="municipality", organisation=SENDER)
        return {"path": FHIR, "token": token, "tasks": tasks, "text": ": we ask for a coordinator. " * 6}

    def _rows(self, statement: str, most: int) -> list[Any]:
        number = self.directory.municipalities[SENDER].organisation_number
        return asyncio.run(_fetch(self.database, statement, f"{codes.ORGANISATION}|{number}", most))

    def _token(self, **form: str) -> str:
        answer = httpx.post(f"{self.service}/sandbox/token", data=form)
        answer.raise_for_status()
        return str(answer.json()["access_token"])


async def _fetch(database: str, statement: str, *arguments: object) -> list[Any]:
    connection = await asyncpg.connect(database)
    try:
        return list(await connection.fetch(statement, *arguments))
    finally:
        await connection.close()


def lua(value: object) -> str:
    """A plain value as Lua source."""
    if isinstance(value, dict):
        return "{" + ",".join(f"[ {lua(name)} ]={lua(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ",\n".join(map(lua, value)) + "}"
    if isinstance(value, str):
        return _quoted(value)
    return str(value)


def _quoted(text: str) -> str:
    level = 1
    while f"]{'=' * level}]" in text:
        level += 1
    bars = "=" * level
    return f"[{bars}[\n{text}]{bars}]"  # Lua drops the first line break
