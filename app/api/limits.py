"""How much one caller may ask: a token bucket for each, in this process's memory (several processes each have theirs).

A bucket is one number, the instant until which its caller has asked already (the generic cell rate algorithm):
every request moves it on by ``1 / rate`` seconds, and it may lie at most BURST_SECONDS ahead.
"""

from collections.abc import Callable, Hashable
from ipaddress import IPv6Address
from math import ceil
from time import monotonic
from typing import Final

from starlette.requests import Request

from app.config import Settings
from app.errors import TooManyRequests
from app.security.caller import Caller

BURST_SECONDS: Final = 2.0
"""How much of its rate a caller that was quiet may ask at once."""
_MOST_KEYS: Final = 10_000


class Buckets:
    """One bucket for each key; ``rate`` requests a second, 0 for no limit."""

    def __init__(self, rate: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._until: dict[Hashable, float] = {}
        self._most = _MOST_KEYS

    def wait(self, key: Hashable, count: int = 1) -> float:
        """Seconds until ``count`` requests would be admitted; 0.0: they are, and are counted."""
        if not self._rate:
            return 0.0
        now = self._clock()
        # More than a whole burst could never pass: it takes all of one.
        asked = max(self._until.get(key, now), now) + min(count / self._rate, BURST_SECONDS)
        if asked - now > BURST_SECONDS + 1e-9:
            return asked - now - BURST_SECONDS
        if len(self._until) >= self._most:
            self._until = {one: until for one, until in self._until.items() if until > now}
            # As many again before the next look: so a look costs a request next to nothing.
            self._most = max(_MOST_KEYS, 2 * len(self._until))
        self._until[key] = asked
        return 0.0


class Limits:
    """What this process grants its callers."""

    def __init__(self, settings: Settings) -> None:
        self._clients = Buckets(settings.rate_limit)
        self._failures = Buckets(settings.failure_limit)

    def admit(self, caller: Caller, count: int = 1) -> None:
        """Count requests of a client of an organisation. Raises TooManyRequests."""
        if wait := self._clients.wait((caller.organisation, caller.client), count):
            raise _too_many(wait, "This client sends more requests than it may.")

    def refused(self, request: Request) -> None:
        """Count a failed authentication from an address. Raises TooManyRequests.

        Only failures are counted and held up: behind a proxy all callers have one address.
        """
        if wait := self._failures.wait(_line(request.client.host if request.client else "")):
            raise _too_many(wait, "Too many access tokens from this address do not hold.")


def _line(address: str) -> str:
    """Who is behind an address: of IPv6 the first 64 bits, for one line has them all."""
    if ":" not in address:
        return address
    ip = IPv6Address(address.partition("%")[0])
    return str(ip.ipv4_mapped or ip.packed[:8])


def _too_many(wait: float, diagnostics: str) -> TooManyRequests:
    return TooManyRequests(diagnostics, headers={"Retry-After": str(ceil(wait))})
