"""Processes of a run: starting them, and what Linux tells of their CPU time and memory (proc(5))."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from tests.ports import free_port

PROC: Final = Path("/proc")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_UTIME: Final = 11
"""Index of utime among the fields behind the command's name; stime, cutime and cstime follow."""
_START_SECONDS: Final = 60


class NotStarted(Exception):
    """A server of ours did not come up; the text holds its own words."""


def cpu_millis(process: int) -> float:
    """User and system time of one process since its start, in milliseconds."""
    return _millis(_fields(process)[_UTIME : _UTIME + 2])


def tree_cpu_millis(parent: int) -> float:
    """The same of a process, its living children, and those that it has had and waited for."""
    total = _millis(_fields(parent)[_UTIME : _UTIME + 4])
    for entry in PROC.iterdir():
        if entry.name.isdigit() and parent_of(int(entry.name)) == parent:
            total += cpu_millis(int(entry.name))
    return total


def parent_of(process: int) -> int:
    """The parent's number, 0 when the process is gone."""
    fields = _fields(process)
    return int(fields[1])


def memory_mb(process: int) -> tuple[float, float]:
    """Resident memory now and at its highest, in MB of 1,000,000 bytes; both 0 when the process is gone."""
    lines = (PROC / str(process) / "status").read_text(encoding="utf-8").splitlines()
    told = dict(line.split(":", 1) for line in lines)
    now, most = (int(told[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
    return now, most


def _fields(process: int) -> list[str]:
    try:
        text = (PROC / str(process) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * 20
    # The name of the command, in brackets, may hold blanks and brackets itself.
    return text.rpartition(")")[2].split()


def _millis(ticks: list[str]) -> float:
    return sum(map(int, ticks)) * 1000 / _TICKS


@contextmanager
def server(module: str, *arguments: str, ready: str) -> Iterator[tuple[int, str]]:
    """``python -m module … --port`` on a free port until the context ends: its process number and address.

    Its log goes to a file, as an operator's would. ``ready`` is the path that answers 200 once it can work.

    :raises NotStarted:
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", module, *arguments, "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        # A rate that is counted and never met: one client is all of the load here.
        environment = {**os.environ, "SAMBAND_RATE_LIMIT": "1000000"}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            if not _answers(process, address + ready):
                log.seek(0)
                raise NotStarted(f"{module} did not start:\n{log.read().decode(errors='replace')[-2000:]}")
            yield process.pid, address
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url).status_code == httpx.codes.OK:
                return True
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    return False
