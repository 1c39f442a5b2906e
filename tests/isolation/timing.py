"""Whether time tells what an answer does not: looks at others' things, in turns with looks at nothing."""

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

from app.fhir import codes
from benchmarks.needs import patients
from tests.isolation.people import OTHERS, SHARED, A, Known, need, settle_others, settle_own
from tests.isolation.worlds import Sent, World, world

_JSON = (("content-type", "application/fhir+json"),)
_NONE = b'{"resourceType":"Parameters"}'
_FORM = (("content-type", "application/x-www-form-urlencoded"),)
_NEAR = 0.1
"""How far from a coin's toss a guess by time may be, without a network between; 0.5 is no information."""


@dataclass(slots=True)
class Timing:
    """Milliseconds by what was looked at, for others' things and for nothing."""

    taken: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """No guess by time is better than a coin's toss."""
        return all(abs(_guess(*both) - 0.5) < _NEAR for both in self.taken.values())

    def __str__(self) -> str:
        lines = [f"{'':28} {'others, ms':>11} {'nothing, ms':>11} {'guess':>6}"]
        for name, (others, nothing) in self.taken.items():
            medians = f"{statistics.median(others):11.3f} {statistics.median(nothing):11.3f}"
            lines.append(f"{name:28} {medians} {_guess(others, nothing):6.3f}")
        return "\n".join(lines)


def _guess(others: list[float], nothing: list[float]) -> float:
    """How often the slower of two answers is the one about others' things (the area under the ROC curve)."""
    ranked = sorted([(value, 1) for value in others] + [(value, 0) for value in nothing])
    ranks = sum(place for place, (_, kind) in enumerate(ranked, 1) if kind)
    return (ranks - len(others) * (len(others) + 1) / 2) / (len(others) * len(nothing))


async def timing(url: str, looks: int) -> Timing:
    """Time ``looks`` pairs of each kind on a migrated, empty database."""
    async with world(url) as here:
        await settle_own(here)
        others = Known()
        await settle_others(here, others)
        found = Timing()
        for name, look in _looks(others.foreign["Task"]).items():
            found.taken[name] = await _turns(here, look, looks)
        return found


Look = Callable[[int, bool], Sent]
"""Turn, and whether it is about others' things or about nothing → the request."""


async def _turns(here: World, look: Look, looks: int) -> tuple[list[float], list[float]]:
    taken: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(looks):
        for theirs in (True, False) if turn % 2 else (False, True):
            sent = look(turn, theirs)
            here.now += 1
            await here.token(*A)
            started = time.perf_counter()
            answer = await here.send(sent, *A)
            taken[theirs].append((time.perf_counter() - started) * 1000)
            assert answer.status in {200, 404, 405}, answer
    return taken[True], taken[False]


def _looks(tasks: Sequence[str]) -> dict[str, Look]:
    unknown = patients(seed=99)

    def task(turn: int, theirs: bool) -> str:
        return f"/fhir/v1/Task/{tasks[turn % len(tasks)] if theirs else uuid4()}"

    def patient(turn: int, theirs: bool) -> bytes:
        number = OTHERS[turn % len(OTHERS)] if theirs else next(unknown)
        return urlencode({"patient:identifier": f"{codes.NATIONAL_NUMBER}|{number}"}).encode()

    def update(turn: int, theirs: bool) -> Sent:
        path = task(turn, theirs)
        body = need("A-1", SHARED[1], "oncology", "fjordvik", id=path.rpartition("/")[2])
        return Sent("update", "PUT", path, (*_JSON, ("if-match", 'W/"1"')), json.dumps(body).encode())

    return {
        "read": lambda turn, theirs: Sent("read", "GET", task(turn, theirs)),
        "vread": lambda turn, theirs: Sent("vread", "GET", f"{task(turn, theirs)}/_history/1"),
        "history": lambda turn, theirs: Sent("history", "GET", f"{task(turn, theirs)}/_history"),
        "search by id": lambda turn, theirs: Sent(
            "search", "GET", f"/fhir/v1/Task?_id={task(turn, theirs).rpartition('/')[2]}"
        ),
        "search by patient": lambda turn, theirs: Sent(
            "search", "POST", "/fhir/v1/Task/_search", _FORM, patient(turn, theirs)
        ),
        "update": update,
        "operation": lambda turn, theirs: Sent("operation", "POST", f"{task(turn, theirs)}/$withdraw", _JSON, _NONE),
    }
