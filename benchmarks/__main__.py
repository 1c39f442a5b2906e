"""``python3 run.py bench``: the service and two floors in one interleaved run on PostgreSQL with fsync on.

Prints every run as it ends, then the medians and the ratios to the floors. Exit code 2 when something that it
needs is not there, 1 when requests were refused.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from app.store.schema import migrate
from benchmarks.kinds import KINDS, SEARCH, Kind, Requests
from benchmarks.loading import load
from benchmarks.measuring import Figures, Target, WrkFailed, median, run, wrk
from benchmarks.processes import NotStarted, memory_mb, parent_of, server
from benchmarks.report import Results, goals, table
from tests.postgres import create_database, describe, drop_database, ordinary_role, postgres_server
from tests.postgres_binaries import NoPostgres

_NO_WRK = (
    "The benchmark needs wrk, which is not installed. Debian, Ubuntu: apt-get install wrk; Fedora: dnf install wrk."
)
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
_WARM_UP_SECONDS = 2


class NotComparable(Exception):
    """The machine or its PostgreSQL cannot give these figures; the text says why."""


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark as told."""
    given = _parser().parse_args(arguments)
    if wrk() is None:
        print(_NO_WRK, file=sys.stderr)
        return 2
    try:
        with ExitStack() as stack:
            bench = _prepared(given, stack)
            results, memory = bench.measure(given)
    except (NoPostgres, NotComparable, NotStarted) as reason:
        print(reason, file=sys.stderr)
        return 2
    except WrkFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"\n{table(results)}\n\n{goals(results, memory, audited=not given.unaudited)}")
    return 1 if any(figures.refused for figures in results.values()) else 0


def _parser() -> argparse.ArgumentParser:
    names = [kind.name for kind in KINDS]
    parser = argparse.ArgumentParser(prog="bench", description="CPU time per request beside two floors.")
    parser.add_argument("--seconds", type=int, default=10, help="of one run (10)")
    parser.add_argument("--rounds", type=int, default=3, help="runs that a median is made of (3)")
    parser.add_argument("--tasks", type=int, default=20_000, help="loaded before (20000)")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64], help="(1 16 64)")
    parser.add_argument("--unaudited", action="store_true", help="reads and searches without their audit rows")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="kinds of request")
    return parser


@dataclass(frozen=True, slots=True)
class _Bench:
    """The running servers."""

    service: Target
    floor: Target
    requests: Requests
    folder: Path

    def measure(self, given: argparse.Namespace) -> tuple[Results, float]:
        """Medians by kind and connections, and the service's highest resident memory in MB."""
        kinds = [kind for kind in KINDS if kind.name in given.only]
        print(self._hits(), flush=True)
        for kind in kinds:
            self._run(kind, 16, _WARM_UP_SECONDS)
        runs: dict[tuple[Kind, int], list[Figures]] = {}
        for turn in range(given.rounds):
            for connections in given.connections:
                for kind in kinds:
                    figures = self._run(kind, connections, given.seconds)
                    runs.setdefault((kind, connections), []).append(figures)
                    print(_told(turn, kind, connections, figures), flush=True)
        highest = memory_mb(self.service.process)[1]
        return {key: median(of) for key, of in runs.items()}, highest

    def _run(self, kind: Kind, connections: int, seconds: int) -> Figures:
        target = self.floor if kind.floor else self.service
        return run(target, kind, self.requests.data(kind), connections, seconds, self.folder)

    def _hits(self) -> str:
        """What the searches find before anything is measured."""
        found = []
        for one in self.requests.data(SEARCH)["requests"]:
            headers = {"Authorization": f"Bearer {one['token']}"}
            answer = httpx.get(self.service.address + one["path"], headers=headers)
            answer.raise_for_status()
            found.append(len(answer.json().get("entry", ())))
        return f"Searches find {min(found)} to {max(found)} Tasks."


def _told(turn: int, kind: Kind, connections: int, of: Figures) -> str:
    return (
        f"round {turn + 1} {kind.name:8} {connections:3} connections: {of.rate:6.0f}/s, p50 {of.p50:.1f} ms,"
        f" p99 {of.p99:.1f} ms, CPU {of.application:.2f} + {of.database:.2f} ms, {of.memory:.0f} MB,"
        f" {of.refused:.0f} non-2xx"
    )


def _prepared(given: argparse.Namespace, stack: ExitStack) -> _Bench:
    """PostgreSQL started, 20,000 Tasks loaded, the service and the floors up."""
    print(f"{describe()}, {os.cpu_count()} cores", flush=True)
    postgres = stack.enter_context(postgres_server())
    postmaster = asyncio.run(_postmaster(postgres))
    loaded, floor = (stack.enter_context(_database(postgres, name)) for name in ("bench_service", "bench_floor"))
    migrate(loaded)
    print(f"Loaded {given.tasks} Tasks in {load(loaded, given.tasks):.0f} s.", flush=True)
    asyncio.run(_settle(loaded))
    # As in production: a role that owns nothing, so that row-level security is part of the figures.
    ordinary = stack.enter_context(ordinary_role(loaded))
    options = ("serve", "--sandbox", "--no-worker", "--database", ordinary)
    module = "benchmarks.unaudited" if given.unaudited else "app.cli"
    service = stack.enter_context(server(module, *options, ready="/health/ready"))
    floors = stack.enter_context(server("benchmarks.floor", "--database", floor, ready="/constant"))
    return _Bench(
        service=Target(service[1], service[0], postmaster),
        floor=Target(floors[1], floors[0], postmaster),
        requests=Requests(loaded, service[1]),
        folder=Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="samband-bench-"))),
    )


@contextmanager
def _database(postgres: str, name: str) -> Iterator[str]:
    drop_database(postgres, name)
    url = create_database(postgres, name)
    try:
        yield url
    finally:
        drop_database(postgres, name)


async def _postmaster(postgres: str) -> int:
    """The process number of the server, which must be on this machine and keep what it has confirmed."""
    connection: Any = await asyncpg.connect(postgres)
    try:
        for name in _DURABLE:
            if await connection.fetchval(f"SHOW {name}") != "on":
                raise NotComparable(f"PostgreSQL runs with {name} off: its figures would mean nothing.")
        parent = parent_of(await connection.fetchval("SELECT pg_backend_pid()"))
    finally:
        await connection.close()
    if not parent:
        raise NotComparable("PostgreSQL does not run on this machine: its CPU time cannot be read.")
    return parent


async def _settle(database: str) -> None:
    """Let the database do now what it would otherwise do during the first runs."""
    connection: Any = await asyncpg.connect(database)
    try:
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


if __name__ == "__main__":
    sys.exit(main())
