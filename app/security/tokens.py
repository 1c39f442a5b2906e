"""Access token → :class:`Verified` (RFC 9068); keys, issuer, audience and whose tokens they are, are arguments."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from typing import Any, Final, TypeGuard

from joserfc import jws, jwt

from app.clock import Clock
from app.config import Algorithm
from app.errors import Forbidden, Unauthenticated
from app.security.caller import Caller
from app.security.keys import Key, Keys
from app.security.presets import Profile

LONGEST: Final = 16_384
"""Characters of a token."""
_CACHED: Final = 4096
_FAR: Final = 10**12
"""Beyond every instant that a token can name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a token that holds says: until when (seconds), for whom, and bound to which key (RFC 7638, or empty).

    ``who`` is a refusal where the token is of nobody that we know; a proof is asked for before that is told.
    """

    expires: int
    generation: int
    who: Caller | Forbidden
    thumbprint: str


class _Registry(jws.JWSRegistry):
    """A proof has its key in its header, a token may have a certificate."""

    max_header_length = 8192


_REGISTRY: Final = _Registry(algorithms=[str(one) for one in Algorithm], strict_check_header=False)
"""Headers that we do not know are passed over, but for those in ``crit`` (RFC 7515 4)."""


class Tokens:
    """Verifies access tokens of one issuer.

    A verified one is remembered, by hash, until it expires or the issuer's keys change. ``skew`` is in seconds.
    """

    def __init__(
        self,
        keys: Keys,
        profile: Profile,
        caller_of: Callable[[Mapping[str, Any]], Caller],
        *,
        issuer: str,
        audience: str,
        skew: int,
        clock: Clock,
    ) -> None:
        self._keys = keys
        self._profile = profile
        self._caller_of = caller_of
        self._issuer = issuer
        self._audience = audience
        self._skew = skew
        self._clock = clock
        self._known: OrderedDict[bytes, Verified] = OrderedDict()

    async def verified(self, token: str) -> Verified:
        """What a token says.

        :raises Unauthenticated: token-invalid, token-expired
        :raises Unavailable: issuer-unavailable
        """
        digest = sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._known.get(digest)
        now = self._clock() // 1000
        if not self._keys.is_settled(now):
            self._keys.tend()
        if known is None or known.generation != self._keys.generation:
            known = await self._verify(token)
            self._remember(digest, known)
        elif now > known.expires + self._skew:
            del self._known[digest]
            raise _expired()
        return known

    def _remember(self, digest: bytes, known: Verified) -> None:
        self._known[digest] = known
        if len(self._known) > _CACHED:
            self._known.popitem(last=False)

    async def _verify(self, token: str) -> Verified:
        key = await self._keys.find(self._kid(token))
        if key is None:
            raise _invalid("The token's kid is none of the issuer's keys.")
        claims = self._claims(token, key)
        expires = self._check(claims)
        thumbprint = _thumbprint(claims.get("cnf"))
        generation = self._keys.generation
        try:
            who: Caller | Forbidden = self._caller_of(claims)
        except Forbidden as stranger:
            who = stranger
        return Verified(expires=expires, generation=generation, who=who, thumbprint=thumbprint)

    def _kid(self, token: str) -> str:
        """The key's name, from a header that says what it must: so nonsense never asks for keys."""
        header = header_of(token)
        if header is None:
            raise _invalid("The token is not a signed JWT.")
        kid, kind, algorithm = header.get("kid"), header.get("typ"), header.get("alg")
        if not isinstance(kid, str) or not isinstance(kind, str) or kind.lower() not in self._profile.types:
            raise _invalid("The token's header needs kid, and typ at+jwt or JWT.")
        if algorithm not in self._profile.algorithms:
            raise _invalid("The token's alg is not one that is taken here.")
        return kid

    def _claims(self, token: str, key: Key) -> Mapping[str, Any]:
        claims = claims_of(token, key)
        if claims is None:
            raise _invalid("The token's form, key or signature does not hold.")
        return claims

    def _check(self, claims: Mapping[str, Any]) -> int:
        """The instant of expiry, of claims that hold now."""
        if claims.get("iss") != self._issuer:
            raise _invalid("The token's iss is not the issuer that this service trusts.")
        if claims.get("aud") not in (self._audience, [self._audience]):
            raise _invalid("The token's aud must be this service, and nothing else.")
        expires = claims.get("exp")
        begins = [claims.get("nbf", 0), claims.get("iat", 0)]
        if not is_seconds(expires) or not all(map(is_seconds, begins)):
            raise _invalid("The token needs exp, and a valid nbf and iat if it has one.")
        now = self._clock() // 1000
        if now > expires + self._skew:
            raise _expired()
        if now < max(begins) - self._skew:
            raise _invalid("The token is not valid yet.")
        return int(expires)


def header_of(token: str) -> Mapping[str, Any] | None:
    """The header of a compact JWS, not verified; None where there is none."""
    try:
        return jws.extract_compact(token.encode(), registry=_REGISTRY).headers()
    except Exception:  # noqa: BLE001 - a library's parser on a stranger's bytes: whatever it raises, it is no JWS
        return None


def claims_of(token: str, key: Key) -> Mapping[str, Any] | None:
    """The claims of a JWT whose signature holds under the key, by an algorithm of the key's own kind; else None."""
    try:
        return jwt.decode(token, key, registry=_REGISTRY).claims
    except Exception:  # noqa: BLE001 - as above: it does not hold
        return None


def is_seconds(value: Any) -> TypeGuard[float]:
    """Whether a JSON value is a NumericDate (RFC 7519 2)."""
    return (type(value) is int or (type(value) is float and isfinite(value))) and abs(value) < _FAR


def _thumbprint(confirmation: Any) -> str:
    if confirmation is None:
        return ""
    thumbprint = confirmation.get("jkt") if isinstance(confirmation, dict) else None
    if not isinstance(thumbprint, str) or not thumbprint:
        # Bound by a way that we cannot check: taken as unbound it would be a bearer token after all.
        raise _invalid("The token's cnf has no jkt.")
    return thumbprint


def _expired() -> Unauthenticated:
    return Unauthenticated("The token has expired; get a new one.", code="token-expired")


def _invalid(diagnostics: str) -> Unauthenticated:
    return Unauthenticated(diagnostics, code="token-invalid")
