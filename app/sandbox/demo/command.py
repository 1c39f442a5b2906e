"""``demo [--once]``: starts the processes, plays the story, and stays up until Ctrl-C unless told otherwise."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from app.sandbox.demo.calls import Stop, Stopped, Web, WentWrong
from app.sandbox.demo.narration import Narration
from app.sandbox.demo.processes import House, running
from app.sandbox.demo.story import Told, play

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str]) -> int:
    """Exit code 0: the story holds. 1: a step went wrong, and was named. 128 + signal: ended before the end."""
    parser = argparse.ArgumentParser(prog="run.py demo", description="Plays the main job over real HTTP.")
    parser.add_argument("--once", action="store_true", help="end after the story, with exit code 0")
    once = parser.parse_args(arguments).once
    stop = _listen_to_signals()
    print("Samband: the main job, over real HTTP, on SQLite. All people and numbers are made up.")
    with tempfile.TemporaryDirectory(prefix="samband-demo-") as folder:
        return _run(Path(folder), stop, once=once)


def _listen_to_signals() -> Stop:
    stop = Stop()

    def asked(number: int, _frame: FrameType | None) -> None:
        # Only noted here: the story looks at it between two requests, and no process is left half started.
        stop.signal = stop.signal or number

    for number in _SIGNALS:
        signal.signal(number, asked)
    return stop


def _run(folder: Path, stop: Stop, *, once: bool) -> int:
    begun = time.monotonic()
    tell = Narration()
    web = Web(stop)
    house = House(folder, stop)
    try:
        with running(house):
            told = play(house, web, tell)
            print(f"\nAll {tell.number} steps are as they should be ({time.monotonic() - begun:.1f} s).", flush=True)
            if not once:
                _stay(house, told, stop)
    except WentWrong as wrong:
        _explain(tell, wrong, house)
        return 1
    except Stopped:
        print("\nEnded before the end of the story.", file=sys.stderr)
        return 128 + stop.signal
    except BrokenPipeError:
        # Nobody reads on (`demo | head`); without this, Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        web.close()
    return 0


def _explain(tell: Narration, wrong: WentWrong, house: House) -> None:
    where = f"Step {tell.number} ({tell.sentence})" if tell.number else "The start"
    print(f"\n{where} went wrong: {wrong}", file=sys.stderr)
    for line in house.last_words():
        print(line, file=sys.stderr)


def _stay(house: House, told: Told, stop: Stop) -> None:
    print(_INVITATION.format(case=told.case, **house.origins), flush=True)
    while not stop.signal:
        if (dead := house.dead()) and not stop.signal:
            raise WentWrong(f"ended by itself: {', '.join(dead)}")
        time.sleep(0.1)


_INVITATION = """
It stays up until Ctrl-C.

  service          {samband}/fhir/v1
  documentation    {samband}/docs
  stand-in EHR     {ehr}/_stored
  Fjordvik's inbox {fjordvik}/_journal
  Dalheim's inbox  {dalheim}/_journal

In another terminal, as the coordinating unit:

  TOKEN=$(curl -s {samband}/sandbox/token -d persona=coordinating-unit | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s -H "Authorization: Bearer $TOKEN" {samband}/fhir/v1/Task/{case}
  curl -s -H "Authorization: Bearer $TOKEN" {samband}/reports/cases/{case}/events
  curl -s -H "Authorization: Bearer $TOKEN" {samband}/fhir/v1/Task/_search -d status=completed
"""
