"""The stand-in EHR's own records: one SQLite file, its own ids (``cdp-1001``), every version kept."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS care_team (number INTEGER PRIMARY KEY, version INTEGER NOT NULL,
    status TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS care_team_version (number INTEGER NOT NULL, version INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (number, version));
CREATE TABLE IF NOT EXISTS care_team_identifier (number INTEGER NOT NULL, system TEXT NOT NULL,
    value TEXT NOT NULL, PRIMARY KEY (system, value, number));
"""
_FIRST_NUMBER: Final = 1001
_PREFIX: Final = "cdp-"

CareTeam = dict[str, Any]


class ManyMatch(Exception):
    """A conditional create met more than one CareTeam with that identifier."""


class Outdated(Exception):
    """The version named is not the current one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for; empty means any. Identifiers are (system, value), system None for any."""

    identifier: tuple[str | None, str] | None = None
    subject: str = ""
    status: str = ""


class Records:
    """CareTeams on file. Safe for many threads: one connection behind one lock."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(_TABLES)

    def create(
        self, sent: CareTeam, match: tuple[str | None, str] | None, *, forget: bool = False
    ) -> tuple[CareTeam, bool]:
        """Keep a new CareTeam, or answer the one that ``match`` finds: (CareTeam, was it new). ManyMatch.

        ``forget``: the same answer, but nothing is kept.
        """
        with self._writing(forget=forget) as connection:
            found = _search(connection, Wanted(identifier=match)) if match else []
            if len(found) > 1:
                raise ManyMatch
            if found:
                return found[0], False
            row = connection.execute("SELECT max(number) FROM care_team").fetchone()
            number = (row[0] or _FIRST_NUMBER - 1) + 1
            return _keep(connection, number, 1, sent), True

    def update(self, key: str, sent: CareTeam, version: int, *, forget: bool = False) -> CareTeam | None:
        """Keep a new version of ``key`` when ``version`` is the current one. Outdated; None when unknown."""
        with self._writing(forget=forget) as connection:
            row = connection.execute("SELECT version FROM care_team WHERE number = ?", (_number(key),)).fetchone()
            if row is None:
                return None
            if row[0] != version:
                raise Outdated
            return _keep(connection, _number(key), version + 1, sent)

    def versions(self, key: str) -> list[CareTeam]:
        """Every version, the current one first; empty when there is no such CareTeam."""
        statement = "SELECT body FROM care_team_version WHERE number = ? ORDER BY version DESC"
        with self._lock:
            return [json.loads(row[0]) for row in self._connection.execute(statement, (_number(key),))]

    def search(self, wanted: Wanted) -> list[CareTeam]:
        """Current versions that match, oldest first."""
        with self._lock:
            return _search(self._connection, wanted)

    @contextmanager
    def _writing(self, *, forget: bool) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("ROLLBACK" if forget else "COMMIT")


def _keep(connection: sqlite3.Connection, number: int, version: int, sent: CareTeam) -> CareTeam:
    meta = {"versionId": str(version), "lastUpdated": datetime.now(UTC).isoformat(timespec="milliseconds")}
    kept = {**sent, "id": f"{_PREFIX}{number}", "meta": meta}
    body = json.dumps(kept, ensure_ascii=False)
    subject = kept["subject"]["identifier"]["value"]
    connection.execute(
        "INSERT OR REPLACE INTO care_team VALUES (?, ?, ?, ?, ?)",
        (number, version, kept["status"], subject, body),
    )
    connection.execute("INSERT INTO care_team_version VALUES (?, ?, ?)", (number, version, body))
    connection.execute("DELETE FROM care_team_identifier WHERE number = ?", (number,))
    connection.executemany(
        "INSERT OR IGNORE INTO care_team_identifier VALUES (?, ?, ?)",
        [(number, entry["system"], entry["value"]) for entry in kept["identifier"]],
    )
    return kept


def _search(connection: sqlite3.Connection, wanted: Wanted) -> list[CareTeam]:
    system, value = wanted.identifier or (None, None)
    rows = connection.execute(
        "SELECT body FROM care_team WHERE (:subject = '' OR subject = :subject)"
        " AND (:status = '' OR status = :status)"
        " AND (:value IS NULL OR number IN (SELECT number FROM care_team_identifier"
        "  WHERE value = :value AND (:system IS NULL OR system = :system))) ORDER BY number",
        {"subject": wanted.subject, "status": wanted.status, "system": system, "value": value},
    )
    return [json.loads(row[0]) for row in rows]


def _number(key: str) -> int:
    digits = key.removeprefix(_PREFIX)
    known = key.startswith(_PREFIX) and digits.isascii() and digits.isdecimal() and len(digits) < 12
    return int(digits) if known else 0
