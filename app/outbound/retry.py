"""When to try again, and when to stop: back-off with full jitter, dead letters, a circuit breaker per receiver."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import random
from typing import Final

from app.config import Settings
from app.store.changes import Settled
from app.store.outbox import DEAD, DELIVERED, WAITING, Claimed

LONGEST_WAIT: Final = 3600.0
"""Seconds; no back-off is longer."""
BREAKER_FAILURES: Final = 5
_RETRIED: Final = frozenset({408, 425, 429})


class Verdict(StrEnum):
    """What one try came to."""

    DONE = "done"
    AGAIN = "again"
    NEVER = "never"


def verdict_of(status: int) -> Verdict:
    """2xx with any body is a success; a 4xx is the receiver's no, unless it asks for patience (DESIGN 7)."""
    if 200 <= status < 300:
        return Verdict.DONE
    if 400 <= status < 500 and status not in _RETRIED:
        return Verdict.NEVER
    return Verdict.AGAIN


def settle(
    row: Claimed,
    verdict: Verdict,
    problem: str,
    now: int,
    settings: Settings,
    chance: Callable[[], float] = random,
) -> Settled:
    """The claimed row's next state; ``now`` in milliseconds."""
    if verdict is Verdict.DONE:
        return Settled(row.id, row.attempts, DELIVERED, now, now, "")
    late = now - row.since > settings.retry_hours * 3_600_000
    if verdict is Verdict.NEVER or late:
        return Settled(row.id, row.attempts, DEAD, now, now, problem)
    longest = min(LONGEST_WAIT, settings.retry_base * 2 ** min(row.attempts - 1, 20))
    return Settled(row.id, row.attempts, WAITING, now + int(chance() * longest * 1000), None, problem)


@dataclass(slots=True)
class Breaker:
    """Stops bothering a receiver that fails again and again; one probe after each pause."""

    failures: int = 0
    open_until: int = 0
    sending: bool = field(default=False)

    def ready(self, now: int) -> bool:
        """Whether something may be sent to this receiver now."""
        return not self.sending and now >= self.open_until

    def note(self, verdict: Verdict, now: int, pause: float) -> None:
        """One more try happened; ``pause`` in seconds. A refusal is an answer: the receiver is alive."""
        self.failures = self.failures + 1 if verdict is Verdict.AGAIN else 0
        if self.failures >= BREAKER_FAILURES:
            self.open_until = now + int(pause * 1000)
