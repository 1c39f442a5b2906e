"""``run.py demo`` as a newcomer starts it: it tells the whole story, ends well, and leaves nothing behind."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.sandbox.processes import PROJECT

PATIENCE = 90.0
DEMO = [sys.executable, "-m", "app.cli", "demo"]
# One file of the story is left out: the fourth hand-over is then the third, which is allowed.
TAMPERED = """
import sys
from app.sandbox.demo import main, second_case
second_case.TRANSFERS = second_case.TRANSFERS[:2]
sys.exit(main(["--once"]))
"""
STORY = (
    r"POST /fhir/v1/Subscription → 201[\s\S]+POST /notify → 200, handshake; GET \S+ → 200, version 2",
    r"POST /fhir/v1/Task → 201\n +Location http\S+\n +receipt: case number 2\d{3}-\w{8}-\w",
    r"rule only-treating-unit: Nevrologisk poliklinikk is the only unit",
    r"\$accept → 200[\s\S]+met: A and at least two of B–D[\s\S]+\$appoint → 200",
    r"ehr-pending[\s\S]+GET /fhir/v1/CareTeam/\S+ → 200\n +the same participant: ehr-confirmed",
    r"GET /_stored → 200\n +CareTeam/cdp-1001, version 1: Ingrid Solvang",
    r"POST /notify → 200, event number \d+, Bundle/\S+\n +GET /fhir/v1/Task/\S+ → 200, version 5: Ingrid Solvang",
    r"\$transfer → 409, hop-limit-reached",
    r"\$escalate → 200[\s\S]+\$place → 200[\s\S]+\$appeal → 200[\s\S]+\$place → 200[\s\S]+\$appoint → 200",
    r"\$decline → 200[\s\S]+reason coordinator-in-municipality-suffices: Forløpet er kort",
    r"\$withdraw → 200\n +reason: ",
    r"\$deregister-coordinator → 200[\s\S]+CareTeam/cdp-1001, version 2: inactive, until 2026-11-20",
    r"neurology-outpatient +1 +0 +0 +1 +1 +1 +1 +0 +0 +0\n",
)
"""What a hospital person and an engineer look for, each with its id and HTTP code."""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a command with its output in ``tmp_path/out``; killed afterwards if it still runs."""
    started: list[subprocess.Popen[str]] = []

    def run(*command: str) -> "subprocess.Popen[str]":
        with (tmp_path / "out").open("w") as out, (tmp_path / "err").open("w") as err:
            started.append(subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=err, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def told(folder: Path, text: str) -> str:
    """The output so far, once it holds ``text``; fails when that does not come."""
    deadline = time.monotonic() + PATIENCE
    while text not in (output := (folder / "out").read_text()):
        assert time.monotonic() < deadline, output + (folder / "err").read_text()
        time.sleep(0.05)
    return output


def someone_listens(origin: str) -> bool:
    url = urlsplit(origin)
    with socket.socket() as probe:
        return probe.connect_ex((url.hostname or "", url.port or 0)) == 0


def origins(output: str) -> list[str]:
    """The addresses of the four servers, from the first step."""
    found = re.findall(r"^ +(?:ehr|samband|fjordvik|dalheim): (http://127\.0\.0\.1:\d+)$", output, re.MULTILINE)
    assert len(found) == 4
    return found


def test_once_plays_the_whole_story_and_leaves_nothing_behind(start: Start, tmp_path: Path) -> None:
    assert start(*DEMO, "--once").wait(PATIENCE) == 0, (tmp_path / "out").read_text() + (tmp_path / "err").read_text()
    output = (tmp_path / "out").read_text()
    numbers = [int(number) for number in re.findall(r"^ *(\d+)\. ", output, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert f"All {len(numbers)} steps are as they should be" in output
    assert [part for part in STORY if not re.search(part, output)] == []
    assert not any(someone_listens(origin) for origin in origins(output))
    assert (tmp_path / "err").read_text() == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_without_once_it_stays_up_until_told_and_its_printed_commands_work(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    process = start(*DEMO)
    invitation = told(tmp_path, "/Task/_search -d status=completed").partition("It stays up")[2]
    commands = "\n".join(re.findall(r"^  ((?:TOKEN|curl).*)$", invitation, re.MULTILINE))
    answers = subprocess.run(["bash", "-e", "-c", commands], capture_output=True, text=True, check=True).stdout
    assert answers.count('"resourceType":"Task"') == 5  # one read; two cases and two work items found
    assert '"move":"appoint"' in answers
    running = origins(told(tmp_path, "It stays up"))
    assert all(someone_listens(origin) for origin in running)
    process.send_signal(number)
    assert process.wait(PATIENCE) == 0
    assert not any(someone_listens(origin) for origin in running)


def test_ended_in_the_middle_it_ends_its_processes_too(start: Start, tmp_path: Path) -> None:
    process = start(*DEMO)
    running = origins(told(tmp_path, "  3. "))
    process.terminate()
    assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert not any(someone_listens(origin) for origin in running)


def test_a_wrong_answer_ends_it_with_exit_code_1_and_the_step(start: Start, tmp_path: Path) -> None:
    assert start(sys.executable, "-c", TAMPERED).wait(PATIENCE) == 1
    wrong = (tmp_path / "err").read_text()
    assert re.search(r"Step \d+ \(.+ a fourth time: refused\.\) went wrong: .+\$transfer → 200, expected 409", wrong)
    assert not any(someone_listens(origin) for origin in origins((tmp_path / "out").read_text()))
