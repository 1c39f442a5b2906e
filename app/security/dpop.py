"""DPoP (RFC 9449): a proof, made anew for each request, that the caller holds the key that its token is bound to."""

from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from app.clock import Clock
from app.config import Algorithm
from app.errors import Unauthenticated
from app.security.keys import Key
from app.security.tokens import claims_of, header_of, is_seconds

ALGORITHMS: Final = [str(one) for one in Algorithm]
Spend = Callable[[bytes, int], Awaitable[bool]]
"""Remembers a proof until an instant (ms), in all processes; answers False when it is known already."""
NONCE_SECONDS: Final = 300
"""How long a nonce is the current one; as long again it is taken."""
_LONGEST: Final = 8192
_LONGEST_ID: Final = 512
_PORTS: Final = {"https": 443, "http": 80}


class Nonces:
    """What a proof must repeat of ours (RFC 9449 9), so that none can be made ahead of its time.

    A nonce is sealed time: no process has to remember one, and all that share ``secret`` take each other's.
    """

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def current(self) -> str:
        """What the next proof must repeat."""
        return self._of(self._window())

    def holds(self, given: Any) -> bool:
        """Whether it is ours, of this window or the one before."""
        window = self._window()
        return isinstance(given, str) and any(
            compare_digest(given.encode("utf-8", "replace"), self._of(one).encode()) for one in (window, window - 1)
        )

    def _window(self) -> int:
        return self._clock() // (NONCE_SECONDS * 1000)

    def _of(self, window: int) -> str:
        return _packed(digest(self._secret, f"dpop-nonce {window}".encode(), "sha256"))


class Proofs:
    """Checks proofs against the address that partners reach us by; ``lifetime`` and ``skew`` in seconds.

    With ``nonces`` a proof must have one of ours.
    """

    def __init__(
        self, spend: Spend, clock: Clock, *, address: str, lifetime: int, skew: int, nonces: Nonces | None = None
    ) -> None:
        self._spend = spend
        self._clock = clock
        self._address = _place(address.rstrip("/"))
        self._lifetime = lifetime
        self._skew = skew
        self._nonces = nonces

    async def check(self, proofs: list[str], token: str, thumbprint: str, method: str, path: str) -> None:
        """Pass when exactly one proof holds, for this token and request (RFC 9449 4.3), and was never seen.

        :raises Unauthenticated: token-invalid (not bound), proof-invalid, proof-nonce, proof-repeated
        """
        if not thumbprint:
            raise Unauthenticated("The token is not bound to a key (cnf.jkt).", code="token-invalid")
        if len(proofs) != 1 or len(proofs[0]) > _LONGEST:
            raise _invalid("Send exactly one header DPoP with one proof.")
        claims = _claims(proofs[0], thumbprint)
        if claims.get("htm") != method or _place(claims.get("htu")) != self._here(path):
            raise _invalid("The proof's htm or htu is not this request's method and address without a query.")
        if claims.get("ath") != _hash(token):
            raise _invalid("The proof's ath is not the hash of this access token.")
        self._require_nonce(claims)
        issued, identifier = claims.get("iat"), claims.get("jti")
        now = self._clock() / 1000
        if not is_seconds(issued) or not -self._skew <= now - issued <= self._lifetime + self._skew:
            raise _invalid("The proof's iat is not now.")
        if not isinstance(identifier, str) or not 0 < len(identifier) <= _LONGEST_ID:
            raise _invalid(f"The proof needs a jti of at most {_LONGEST_ID} characters.")
        spent = sha256(f"{thumbprint} {identifier}".encode("utf-8", "surrogatepass")).digest()
        # Kept a little longer than it counts here: another process may have a later clock.
        if not await self._spend(spent, int((issued + self._lifetime + 2 * self._skew) * 1000)):
            raise Unauthenticated("The proof was used before; make a new one for each request.", code="proof-repeated")

    def _require_nonce(self, claims: Mapping[str, Any]) -> None:
        if self._nonces is not None and not self._nonces.holds(claims.get("nonce")):
            raise Unauthenticated(
                "The proof needs the nonce of this answer's header DPoP-Nonce.",
                code="proof-nonce",
                headers={"DPoP-Nonce": self._nonces.current()},
            )

    def _here(self, path: str) -> tuple[str, str] | None:
        return None if self._address is None else (self._address[0], f"{self._address[1]}{path}")


def _claims(proof: str, thumbprint: str) -> Mapping[str, Any]:
    """The claims of a proof that was signed with the key that the token names."""
    header = header_of(proof)
    if header is None or header.get("typ") != "dpop+jwt" or header.get("alg") not in ALGORITHMS:
        raise _invalid("The proof must be a JWT with typ dpop+jwt and an alg that is taken here.")
    key = _public_key(header.get("jwk"))
    if key is None:
        raise _invalid("The proof's jwk must be a public EC or RSA key.")
    # First the key, then its signature: a foreign key costs us nothing.
    if key.thumbprint() != thumbprint:
        raise _invalid("The proof's key is not the one that the token is bound to.")
    claims = claims_of(proof, key)
    if claims is None:
        raise _invalid("The proof's signature does not hold.")
    return claims


def _public_key(data: Any) -> Key | None:
    try:
        key = JWKRegistry.import_key(data)
    except Exception:  # noqa: BLE001 - a library's parser on a stranger's key
        return None
    return key if isinstance(key, ECKey | RSAKey) and not key.is_private else None


def _place(address: Any) -> tuple[str, str] | None:
    """Origin and path of an address, normalised (RFC 3986 6.2.2, 6.2.3); None where it is no http address.

    A query or fragment is none of ``htu`` (RFC 9449 4.2). The path is decoded, as for routing.
    """
    if not isinstance(address, str) or "?" in address or "#" in address:
        return None
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not port or not parts.hostname or "@" in parts.netloc:
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}", unquote(parts.path)


def _hash(token: str) -> str:
    return _packed(sha256(token.encode()).digest())


def _packed(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _invalid(diagnostics: str) -> Unauthenticated:
    return Unauthenticated(diagnostics, code="proof-invalid")
