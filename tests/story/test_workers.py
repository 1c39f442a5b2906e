"""Deliveries: several workers on PostgreSQL, order for each case, and a neighbour that nobody waits for."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.story.programs import PROJECT, Program, eventually
from tests.story.town import SETTINGS, UNIT, Town, behave, example, outputs, patient_of, running_town, stored


def test_a_slow_neighbour_delays_nobody_else(town: Town) -> None:
    behave(town.municipalities["fjordvik"], "slow", delay=6)
    slow = [town.posted("fjordvik") for _ in range(2)]
    quick = [town.posted("dalheim") for _ in range(3)]
    eventually("dalheim is told", lambda: all(town.seen(case, "dalheim") for case in quick), 5)
    assert not any(town.seen(case, "fjordvik") for case in slow)
    behave(town.municipalities["fjordvik"], "up")
    eventually("fjordvik is told", lambda: all(town.seen(case, "fjordvik") for case in slow))


def test_a_neighbour_that_is_down_delays_nobody_else(town: Town) -> None:
    behave(town.municipalities["fjordvik"], "down")
    behave(town.ehr, "down")
    down = [town.posted("fjordvik") for _ in range(12)]
    quick = town.posted("dalheim")
    for operation, body in (("accept", None), ("appoint", example("appoint"))):
        assert town.operate(UNIT, quick, operation, body).status_code == 200
    eventually("dalheim is told of all", lambda: len(town.seen(quick, "dalheim")) == 3, 5)
    assert not any(town.seen(case, "fjordvik") for case in down)
    behave(town.municipalities["fjordvik"], "up")
    eventually("fjordvik is told", lambda: all(town.seen(case, "fjordvik") for case in down))
    assert not town.journal("fjordvik")["gaps"]


def test_a_neighbour_that_refuses_makes_a_dead_letter(town: Town) -> None:
    behave(town.municipalities["fjordvik"], "refusing", times=1)
    case = town.posted("fjordvik")
    operator = town.headers(("operator", ""))

    def dead() -> list[int]:
        listed = town.http.get("/operator/deliveries?state=dead", headers=operator).json()["deliveries"]
        return [row["id"] for row in listed if row["focus"] == f"Task/{case}"]

    (letter,) = eventually("a dead letter", dead)
    assert not town.seen(case)
    assert town.operate(UNIT, case, "accept").status_code == 200
    (later,) = eventually("the next event is not held up", lambda: town.seen(case))
    again = town.http.post(f"/operator/deliveries/{letter}/resend", headers=operator)
    assert again.status_code == 202
    _, resent = eventually("the first, resent", lambda: town.seen(case)[1:] and town.seen(case))
    assert resent["number"] == later["number"] - 1
    assert not town.journal()["gaps"]


def test_the_worker_refuses_sqlite(tmp_path: Path) -> None:
    file = tmp_path / "samband.db"
    command = [sys.executable, "-m", "app.cli", "worker", "--database", f"sqlite:///{file}"]
    settings = {"SAMBAND_SANDBOX": "true"}
    ended = subprocess.run(command, cwd=PROJECT, env=settings, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "PostgreSQL" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not file.exists()


@pytest.fixture(scope="module")
def quiet_town(tmp_path_factory: pytest.TempPathFactory, create_database: Callable[[str], str]) -> Iterator[Town]:
    """A town whose service delivers nothing; a worker has made the handshakes."""
    folder: Path = tmp_path_factory.mktemp("quiet")
    with running_town(folder, create_database("workers"), "--no-worker") as built:
        worker = _worker(built, "handshakes")
        worker.start()
        eventually("the handshakes", lambda: not built.waiting())
        assert worker.stop() == 0
        yield built


@pytest.fixture
def workers(quiet_town: Town) -> Iterator[list[Program]]:
    """Two workers, not yet started."""
    made = [_worker(quiet_town, str(number)) for number in (1, 2)]
    yield made
    assert [worker.stop() for worker in made] == [0, 0]


def _worker(town: Town, name: str) -> Program:
    neighbours = {
        "SAMBAND_SANDBOX": "true",
        "SAMBAND_BASE_URL": town.origin,
        "SAMBAND_EHR_URL": town.service.settings["SAMBAND_EHR_URL"],
        "SAMBAND_EHR_TOKEN": town.service.settings["SAMBAND_EHR_TOKEN"],
    }
    arguments = ("app.cli", "worker", "--database", town.database)
    return Program(arguments, town.folder / f"worker-{name}.log", SETTINGS | neighbours)


def test_a_worker_is_killed_while_it_sends(quiet_town: Town, workers: list[Program]) -> None:
    behave(quiet_town.municipalities["fjordvik"], "late-answer", delay=60, times=1)
    behave(quiet_town.ehr, "late-answer", delay=60, times=1)
    cases = [quiet_town.appointed() for _ in range(3)]
    before = quiet_town.journal()["received"]
    first, second = workers
    first.start()
    eventually("the municipality has something", lambda: quiet_town.journal()["received"] > before)
    eventually("the EHR holds something", lambda: quiet_town.ehr.client.get("/_stored").json()["total"] > 0)
    first.kill()
    second.start()
    first.start()
    for case in cases:
        eventually("confirmed", partial(_confirmed, quiet_town, case), 30)
        assert len(stored(quiet_town.ehr, patient_of(quiet_town.task(case)))) == 1
    eventually("nothing waits", lambda: not quiet_town.waiting())
    _assert_in_order(quiet_town, cases)
    assert quiet_town.journal()["repeats"] >= 1


def test_two_workers_keep_the_order_of_each_case(quiet_town: Town, workers: list[Program]) -> None:
    for worker in workers:
        worker.start()
    for key in ("fjordvik", "dalheim"):
        behave(quiet_town.municipalities[key], "lost-answer", times=3)
    before = quiet_town.journal()["received"]
    cases = [quiet_town.appointed() for _ in range(8)]
    eventually("told", lambda: quiet_town.journal()["received"] > before)
    eventually("nothing waits", lambda: not quiet_town.waiting(), 40)
    _assert_in_order(quiet_town, cases)


def _confirmed(place: Town, case: str) -> bool:
    return bool(outputs(place.task(case), "registration")[-1] == "ehr-confirmed")


def _assert_in_order(place: Town, cases: list[str]) -> None:
    """First arrivals of a case come in the order of its versions, one event for each, and no number is missing."""
    assert not place.journal()["gaps"]
    answer = place.http.get("/operator/deliveries", headers=place.headers(("operator", "")))
    rows = sorted(answer.json()["deliveries"], key=lambda row: int(row["id"]))
    for case in cases:
        written = [row["number"] for row in rows if row["kind"] == "notification" and row["order_key"] == case]
        arrived = [event["number"] for event in place.seen(case) if not event["repeat"]]
        assert arrived == written == sorted(written)
        assert len(written) == len(place.versions(case))
