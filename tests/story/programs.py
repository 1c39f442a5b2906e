"""A process of ours as the operating system sees it: started, ended politely, or killed."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx

PROJECT = Path(__file__).parents[2]
START_SECONDS = 60

Found = TypeVar("Found")


def free_port() -> int:
    """A free port below those that outgoing connections take: a restart finds it free again."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def eventually(what: str, probe: Callable[[], Found | None], seconds: float = 20) -> Found:
    """The first true answer of ``probe``; fails with ``what`` and the last answer when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}; last: {found!r}"
        time.sleep(0.05)


@dataclass(slots=True)
class Program:
    """``python -m …`` with only these settings in its environment; all its output goes to ``log``."""

    arguments: tuple[str, ...]
    log: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it once more."""
        assert not self.running
        environment = {"PATH": os.environ["PATH"], **self.settings}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.arguments], cwd=PROJECT, stdout=log, stderr=log, env=environment
            )

    def wait_for(self, url: str) -> None:
        """Wait until ``url`` answers 200; fails with its log when the process ends before."""

        def answers() -> bool:
            assert self.running, self.text()
            try:
                return httpx.get(url, trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        eventually(f"{self.arguments[1:3]} ready", answers, START_SECONDS)

    def kill(self) -> None:
        """End it with kill -9."""
        assert self.process
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """End it with SIGTERM: its exit code."""
        if not self.running:
            return 0
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(45)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def text(self) -> str:
        """What it has written."""
        return self.log.read_text(encoding="utf-8", errors="replace")
