"""PostgreSQL goes away under the service and comes back: honest answers at once, and no restart of ours."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests import postgres
from tests.postgres_binaries import find_binaries
from tests.story.programs import eventually
from tests.story.test_repeats import at_once
from tests.story.town import SENDER, UNIT, Town, behave, running_town

LONGEST = 5.0
"""Seconds that an answer may take while the database is away."""


@dataclass(slots=True)
class Database:
    """A PostgreSQL of this test alone, which may be restarted and stopped in the middle."""

    server: "postgres._Server"

    @property
    def pid(self) -> int:
        """The postmaster."""
        assert self.server.process
        return self.server.process.pid

    def stop(self) -> None:
        """Fast shutdown, as an operator does."""
        postgres._end(self.pid, self.server.process)

    def start(self) -> None:
        """Once more, at the same address."""
        assert self.server._answers()

    def signal_all(self, number: signal.Signals) -> None:
        """To the postmaster and its children, as when a machine stands still."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="utf-8").split()
        for process in (self.pid, *map(int, children)):
            os.kill(process, number)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """A server of our own, whatever the other tests use."""
    server = postgres._Server(find_binaries(), {})
    try:
        server.initialise()
        server.start()
        yield Database(server)
    finally:
        server.remove()


@pytest.fixture(scope="module")
def place(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town whose database is that server."""
    url = postgres.create_database(database.server.url, "outage")
    with running_town(tmp_path_factory.mktemp("outage"), url) as built:
        yield built


@contextmanager
def _restart(database: Database) -> Iterator[None]:
    database.stop()
    try:
        yield
    finally:
        database.start()


@contextmanager
def _standstill(database: Database) -> Iterator[None]:
    database.signal_all(signal.SIGSTOP)
    try:
        yield
    finally:
        database.signal_all(signal.SIGCONT)


@pytest.mark.parametrize("away", [_restart, _standstill], ids=["restarted", "standing still"])
def test_the_database_goes_away_and_comes_back(
    database: Database, place: Town, away: Callable[[Database], AbstractContextManager[None]]
) -> None:
    behave(place.municipalities["fjordvik"], "down")
    case = place.posted()
    behave(place.municipalities["fjordvik"], "up")
    needs = [place.need() for _ in range(12)]
    place.headers(SENDER), place.headers(UNIT)
    warm = at_once(*[lambda: place.call(SENDER, "GET", f"Task/{case}")] * 10)
    assert {answer.status_code for answer in warm} == {200}
    pid = place.service.process.pid if place.service.process else 0
    with away(database):
        for _ in range(2):
            writes = [lambda one=one: _timed(place, "POST", "Task", one) for one in needs]
            reads = [lambda: _timed(place, "GET", f"Task/{case}")] * 4
            for answer in at_once(*writes, *reads):
                _assert_unavailable(answer)
        assert place.http.get("/health/live").status_code == 200
        ready = place.http.get("/health/ready")
        _assert_unavailable(ready)
    eventually("ready again", lambda: place.http.get("/health/ready").status_code == 200)
    answers = [place.call(SENDER, "POST", "Task", one) for one in needs]
    # A write that was not answered may have been done all the same when the database only stood still.
    assert {answer.status_code for answer in answers} <= {200, 201}, [answer.text for answer in answers]
    assert place.service.process
    assert place.service.process.pid == pid
    assert place.service.running
    for content, answer in zip(needs, answers, strict=True):
        assert place.cases_of(content) == [answer.json()["id"]]
    eventually("all is told", lambda: not place.waiting(), 40)
    assert place.seen(case)
    assert not place.journal()["gaps"]


def test_a_restart_that_nobody_saw_costs_nobody_anything(database: Database, tmp_path: Path) -> None:
    """The connections that lay in the pool are dead; that is not the next caller's trouble."""
    url = postgres.create_database(database.server.url, "restart")
    with running_town(tmp_path, url, "--no-worker") as quiet:
        quiet.headers(SENDER)
        warm = at_once(*[lambda: quiet.call(SENDER, "POST", "Task", quiet.need())] * 10)
        with _restart(database):
            pass
        after = [quiet.call(SENDER, "POST", "Task", quiet.need()) for _ in range(12)]
        assert {answer.status_code for answer in (*warm, *after)} == {201}


def _timed(place: Town, method: str, path: str, body: object = None) -> httpx.Response:
    started = time.monotonic()
    answer = place.call(SENDER, method, path, body)
    assert time.monotonic() - started < LONGEST, "the caller had to wait"
    return answer


def _assert_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert answer.headers["retry-after"]
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
