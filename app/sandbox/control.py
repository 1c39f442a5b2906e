"""How a stand-in behaves right now: told by ``PUT /_control``, so that a story can make a neighbour fail."""

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from app.sandbox.listener import Answer, Request

LONGEST_DELAY: Final = 600


class Mode(StrEnum):
    """What happens to a request."""

    UP = "up"
    SLOW = "slow"
    """Answered after ``delay`` seconds."""
    DOWN = "down"
    """503 at once."""
    REFUSING = "refusing"
    """A write is answered 422 with a reason."""
    FORGETFUL = "forgetful"
    """A write is answered as done, but nothing is kept."""
    LOST_ANSWER = "lost-answer"
    """A write is kept, then the connection is closed without an answer."""
    LATE_ANSWER = "late-answer"
    """A write is kept at once and answered after ``delay`` seconds."""


WRITES_ONLY: Final = frozenset({Mode.REFUSING, Mode.FORGETFUL, Mode.LOST_ANSWER, Mode.LATE_ANSWER})
_IDS: Final = ("x-correlation-id", "nhn-event-id", "traceparent")


@dataclass(slots=True)
class Control:
    """The mode in force, for the next ``times`` requests that it touches (None: until told otherwise)."""

    modes: tuple[Mode, ...] = tuple(Mode)
    mode: Mode = Mode.UP
    delay: float = 1.0
    times: int | None = None
    counts: Counter[str] = field(default_factory=Counter)
    ids: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=200))
    """Of the last requests: by what they are followed through the logs of all."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, request: Request, *, write: bool) -> Mode:
        """The mode for one request; sleeps when slow. Modes that concern writes leave a read untouched."""
        with self._lock:
            self.ids.append({name: request.headers[name] for name in _IDS if name in request.headers})
            self.counts["requests"] += 1
            mode = Mode.UP if self.mode in WRITES_ONLY and not write else self.mode
            delay = self.delay
            if mode is not Mode.UP:
                self.counts[mode] += 1
                self._spend()
        if mode is Mode.SLOW:
            time.sleep(delay)
        return mode

    def linger(self, mode: Mode) -> None:
        """Wait before the answer, when it is to be late."""
        if mode is Mode.LATE_ANSWER:
            time.sleep(self.delay)

    def count(self, what: str) -> None:
        """One more of ``what``, shown by ``GET /_control``."""
        with self._lock:
            self.counts[what] += 1

    def answer(self, request: Request) -> Answer:
        """``GET /_control`` shows, ``PUT /_control`` changes; 400 names what is wrong, 405 other methods."""
        if request.method == "PUT":
            try:
                self._change(request.json())
            except ValueError as error:
                return Answer(400, {"error": str(error)})
        elif request.method != "GET":
            return Answer(405, {"error": "GET or PUT"}, {"Allow": "GET, PUT"})
        with self._lock:
            behaviour = {"mode": self.mode, "delay": self.delay, "times": self.times}
            shown = behaviour | {"counts": dict(self.counts), "ids": list(self.ids)}
        return Answer(200, shown)

    def _spend(self) -> None:
        if self.times is None:
            return
        self.times -= 1
        if self.times == 0:
            self.mode, self.times = Mode.UP, None

    def _change(self, wanted: dict[str, Any]) -> None:
        mode, delay, times = wanted.get("mode"), wanted.get("delay", 1.0), wanted.get("times")
        if mode not in self.modes:
            raise ValueError(f"mode must be one of {', '.join(self.modes)}")
        if not _is_number(delay) or not 0 <= delay <= LONGEST_DELAY:
            raise ValueError(f"delay must be seconds from 0 to {LONGEST_DELAY}")
        if times is not None and (not _is_number(times) or times < 1 or int(times) != times):
            raise ValueError("times must be a whole number from 1")
        if unknown := wanted.keys() - {"mode", "delay", "times"}:
            raise ValueError(f"{len(unknown)} unknown members; there are mode, delay and times")
        with self._lock:
            self.mode, self.delay = Mode(mode), float(delay)
            self.times = None if times is None else int(times)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
