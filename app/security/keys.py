"""An issuer's public keys: kept, fetched again before they are old, and never fetched as often as strangers ask.

A token with an unknown ``kid`` may be signed with a new key, or made up: it leads to one fetch a minute at most
(CVE-2026-48524 was a client without that bound). While the issuer is away the keys that we have count for a while.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from app.clock import Clock
from app.errors import Unavailable

logger = logging.getLogger("samband.keys")

Key = ECKey | RSAKey
Fetch = Callable[[], Awaitable[Mapping[str, Any]]]
"""Answers a JWK Set (RFC 7517 5). May raise anything."""
ASK_AGAIN: Final = 60
"""Seconds between fetches for the sake of an unknown ``kid``."""
TRY_AGAIN: Final = 10
"""Seconds between fetches while the issuer does not answer."""
_NEVER: Final = -(10**12)
_SMALLEST_RSA: Final = 2048


class Keys:
    """The keys of one issuer in this process; instants are seconds of the clock.

    ``generation`` changes with the keys: what was verified under an earlier one is verified again.
    """

    def __init__(self, fetch: Fetch, clock: Clock, *, refresh: int, keep: int) -> None:
        self._fetch = fetch
        self._clock = clock
        self._refresh = refresh
        self._keep = keep
        self._keys: dict[str, Key] = {}
        self._content: object = None
        self._flight: asyncio.Task[None] | None = None
        self._fetched = self._tried = self._asked = _NEVER
        self.generation = 0
        self._looked, self._due = 0, _NEVER

    def is_settled(self, now: int) -> bool:
        """Whether nothing is due; a clock that was set back makes everything due."""
        return self._looked <= now < self._due

    def tend(self) -> None:
        """Start what is due, without waiting for it; forget keys that are too old."""
        now = self._now()
        if self._keys and abs(now - self._fetched) >= self._keep:
            self._replace({}, None)
        if not self.is_settled(now):
            self._start(now)

    async def find(self, kid: str) -> Key | None:
        """The key called ``kid``, after a fetch when it is unknown and a fetch is allowed.

        :raises Unavailable: issuer-unavailable, there are no keys that may be used
        """
        self.tend()
        if not self._keys:
            await self._landed()
        if not self._keys:
            raise Unavailable(
                "The token issuer's keys cannot be fetched.",
                code="issuer-unavailable",
                headers={"Retry-After": str(TRY_AGAIN)},
            )
        if kid not in self._keys:
            now = self._now()
            if not 0 <= now - self._asked < ASK_AGAIN:
                self._asked = now
                self._start(now)
            await self._landed()
        return self._keys.get(kid)

    async def close(self) -> None:
        """Stop a fetch that is under way."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.gather(self._flight, return_exceptions=True)

    def _now(self) -> int:
        return self._clock() // 1000

    def _start(self, now: int) -> None:
        if self._flight is None or self._flight.done():
            self._looked, self._due = now, now + TRY_AGAIN
            self._flight = asyncio.create_task(self._load())

    async def _landed(self) -> None:
        """Wait for the fetch under way, if there is one; a request that is given up does not stop it."""
        if self._flight is not None:
            await asyncio.shield(self._flight)

    async def _load(self) -> None:
        try:
            document = await self._fetch()
            keys = public_keys(document)
        except Exception as error:  # noqa: BLE001 - the issuer is somebody else: whatever it does, we go on
            logger.warning("the token issuer's keys were not fetched: %s", type(error).__name__)
            return
        self._fetched = self._looked = self._now()
        self._due = self._fetched + self._refresh
        if document != self._content:
            self._replace(keys, document)

    def _replace(self, keys: dict[str, Key], document: object) -> None:
        self._keys, self._content = keys, document
        self.generation += 1


def public_keys(document: Mapping[str, Any]) -> dict[str, Key]:
    """``kid`` → key, of those that verify signatures; what we do not read is left out (RFC 7517 5).

    :raises ValueError: there is none
    """
    found: dict[str, Key] = {}
    listed = document.get("keys")
    for data in listed if isinstance(listed, list) else ():
        kid = data.get("kid") if isinstance(data, dict) else None
        key = _key(data) if isinstance(kid, str) and kid else None
        if key is not None:
            found.setdefault(str(kid), key)
    if not found:
        raise ValueError("the token issuer's JWK Set has no key that can be used")
    return found


def _key(data: dict[str, Any]) -> Key | None:
    if data.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(data)
    except Exception:  # noqa: BLE001 - whatever the library says of it, it is not a key for us
        return None
    if not isinstance(key, ECKey | RSAKey) or key.is_private:
        return None
    return None if isinstance(key, RSAKey) and key.public_key.key_size < _SMALLEST_RSA else key
