"""Figures → the tables that docs/performance.md shows."""

from collections.abc import Iterator, Mapping
from typing import Final

from benchmarks.kinds import CONSTANT, CREATE, INSERT, KINDS, READ, SEARCH, UPDATE, Kind
from benchmarks.measuring import Figures

COMPARED_AT: Final = 16
GOALS: Final = ((CREATE, INSERT, 3.0), (READ, CONSTANT, 5.0), (SEARCH, CONSTANT, 12.0), (UPDATE, INSERT, 3.5))
"""At most so many times the CPU time per request of the floor; set before every look had to leave a durable row."""
AUDITED_READ: Final = 8.0
"""The same of a read with its row, which is an INSERT with a flush like that of the other floor."""
MEMORY_GOAL: Final = 180.0
"""MB of the service."""

Results = Mapping[tuple[Kind, int], Figures]

_HEAD: Final = (
    "| request | connections | requests/s | p50 ms | p99 ms"
    " | CPU ms/request | application | PostgreSQL | MB | non-2xx |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


def table(results: Results) -> str:
    """All figures, a line for each kind and number of connections."""
    return "\n".join([_HEAD, *(_line(kind, count, results[kind, count]) for kind, count in _order(results))])


def _order(results: Results) -> list[tuple[Kind, int]]:
    return sorted(results, key=lambda key: (KINDS.index(key[0]), key[1]))


def _line(kind: Kind, connections: int, of: Figures) -> str:
    name = f"floor: {kind.name}" if kind.floor else kind.name
    return (
        f"| {name} | {connections} | {of.rate:.0f} | {of.p50:.1f} | {of.p99:.1f} | {of.cpu:.2f} |"
        f" {of.application:.2f} | {of.database:.2f} | {of.memory:.0f} | {of.refused:.0f} |"
    )


def goals(results: Results, memory: float, *, audited: bool) -> str:
    """Ratios to the floors at 16 connections, and the memory: reached, or missed by how much."""
    lines = _goals(results, memory, audited=audited)
    return "\n".join(["| goal | at most | measured | |", "| --- | ---: | ---: | --- |", *lines])


def _goals(results: Results, memory: float, *, audited: bool) -> Iterator[str]:
    for kind, floor, goal in GOALS:
        most = AUDITED_READ if audited and kind is READ else goal
        if (kind, COMPARED_AT) in results and (floor, COMPARED_AT) in results:
            ratio = results[kind, COMPARED_AT].cpu / results[floor, COMPARED_AT].cpu
            yield f"| {kind.name} / {floor.name}, CPU | {most:g} | {ratio:.2f} | {_verdict(ratio, most)} |"
    verdict = _verdict(memory, MEMORY_GOAL)
    yield f"| memory of the service at its highest, MB | {MEMORY_GOAL:g} | {memory:.0f} | {verdict} |"


def _verdict(found: float, most: float) -> str:
    return "reached" if found <= most else f"missed by {100 * (found / most - 1):.0f} %"
