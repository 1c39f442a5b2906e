"""Starts a stand-in as a real process and talks to it over real HTTP."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

PROJECT = Path(__file__).parents[2]


@dataclass(slots=True)
class StandIn:
    """A running stand-in: its origin, a client for it, and its process."""

    origin: str
    client: httpx.Client
    process: "subprocess.Popen[str]"

    def kill(self) -> None:
        """End it with kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@contextmanager
def stand_in(module: str, *arguments: str) -> Iterator[StandIn]:
    """``python -m app.sandbox.<module>`` on a free port, stopped afterwards."""
    command = [sys.executable, "-m", f"app.sandbox.{module}", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"]}
    )
    assert process.stdout
    try:
        origin = process.stdout.readline().split()[-1]
        with httpx.Client(base_url=origin, trust_env=False, timeout=10) as client:
            yield StandIn(origin, client, process)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
