"""One run of wrk against one address, with the CPU time that the servers spent on it."""

import json
import shutil
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from benchmarks.kinds import Kind, lua
from benchmarks.processes import cpu_millis, memory_mb, tree_cpu_millis

PATIENCE: Final = 30
"""Seconds until wrk itself gives an answer up: the service must have said so long before."""
SCRIPT: Final = Path(__file__).with_name("requests.lua")


class WrkFailed(Exception):
    """wrk ended without figures; the text is its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One run, or the median of several: milliseconds, and MB of 1,000,000 bytes."""

    rate: float
    """Requests per second."""
    p50: float
    p99: float
    application: float
    """CPU time per request of the Python process."""
    database: float
    """CPU time per request of the postmaster with all its children."""
    memory: float
    """Resident memory of the Python process at the end of the run."""
    refused: float
    """Answers of 400 and above, connections that broke, and time-outs."""

    @property
    def cpu(self) -> float:
        """CPU time per request of both."""
        return self.application + self.database


@dataclass(frozen=True, slots=True)
class Target:
    """Whom wrk asks: an address, its Python process, and the postmaster behind it."""

    address: str
    process: int
    postmaster: int


def wrk() -> str | None:
    """Where wrk is, None when it is not installed."""
    return shutil.which("wrk")


def run(target: Target, kind: Kind, data: dict[str, Any], connections: int, seconds: int, folder: Path) -> Figures:
    """Let wrk ask for a while and measure.

    :raises WrkFailed: also when nothing was answered.
    """
    file = folder / "data.lua"
    file.write_text(f"return {lua(data)}", encoding="utf-8")
    before = cpu_millis(target.process), tree_cpu_millis(target.postmaster)
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        f"--timeout={PATIENCE}s",
        "-s",
        str(SCRIPT),
        target.address,
    ]
    done = subprocess.run([*command, "--", kind.function, str(file)], capture_output=True, text=True, check=False)
    after = cpu_millis(target.process), tree_cpu_millis(target.postmaster)
    told = done.stdout.strip().rpartition("\n")[2]
    if done.returncode or not told.startswith("{") or not json.loads(told)["requests"]:
        raise WrkFailed(f"wrk: {kind.name} at {connections}: {done.stdout}{done.stderr}")
    found = json.loads(told)
    requests = found["requests"]
    return Figures(
        rate=requests / found["micros"] * 1e6,
        p50=found["p50"] / 1000,
        p99=found["p99"] / 1000,
        application=(after[0] - before[0]) / requests,
        database=(after[1] - before[1]) / requests,
        memory=memory_mb(target.process)[0],
        refused=found["refused"] + found["broken"],
    )


def median(runs: Sequence[Figures]) -> Figures:
    """Each figure's median; of refused requests the sum, as none may be hidden."""
    names = [field.name for field in fields(Figures)]
    middle = {name: statistics.median(getattr(one, name) for one in runs) for name in names}
    return Figures(**middle | {"refused": sum(one.refused for one in runs)})
