"""An issuer of test tokens, good and bad, and the door that they are shown to."""

import tomllib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.datastructures import Headers

from app.config import Settings
from app.routing.directory import read_directory
from app.security.access import Access
from app.security.caller import Caller
from app.security.callers import caller_of
from app.security.dpop import Nonces, Proofs
from app.security.keys import Keys
from app.security.presets import profile_of
from app.security.tokens import Tokens
from tests.api.running import PROJECT

NOW = 1_900_000_000
SECRET = b"the secret of all processes"
ISSUER = "https://issuer.example"
ADDRESS = "https://samband.example"
KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
OTHER = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
HOLDER = ECKey.generate_key("P-256")
"""The key of a client that proves possession."""
MUNICIPALITY = "310471437"
TRUST = "310470007"
ORGANISATION = "helseid://claims/client/claims/orgnr_parent"
CHILD = "helseid://claims/client/claims/orgnr_child"
HPR = "helseid://claims/hpr/hpr_number"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "samband",
    "exp": NOW + 60,
    "nbf": NOW,
    "iat": NOW,
    "scope": "system/Task.cruds",
    "client_id": "case-system",
    "samband_role": "sender",
    ORGANISATION: MUNICIPALITY,
    HPR: "9900011",
}
DIRECTORY = tomllib.loads((PROJECT / "directory.toml").read_text(encoding="utf-8"))
JWKS: dict[str, Any] = {"keys": [KEY.as_dict(private=False), RSA.as_dict(private=False)]}


class Clock:
    """A clock that a test sets, in seconds."""

    def __init__(self) -> None:
        self.now: float = NOW

    def __call__(self) -> int:
        """Now, in milliseconds."""
        return int(self.now * 1000)


class Published:
    """What the issuer answers for its keys, and how often it was asked; None: it is away."""

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self.document: Mapping[str, Any] | None = JWKS if document is None else document
        self.asked = 0

    async def __call__(self) -> Mapping[str, Any]:
        """One fetch."""
        self.asked += 1
        if self.document is None:
            raise ConnectionError
        return self.document


class Memory:
    """Used proofs, as the database keeps them."""

    def __init__(self) -> None:
        self.until: dict[bytes, int] = {}

    async def __call__(self, digest: bytes, until: int) -> bool:
        """Whether the proof is new."""
        is_new = digest not in self.until
        self.until[digest] = until
        return is_new


def settings(path_before: str = "", **given: Any) -> Settings:
    """Settings outside the sandbox, of the preset ``sandbox`` unless told."""
    named: dict[str, Any] = {"token_preset": "sandbox", "token_issuer": ISSUER} | given
    return Settings(directory=PROJECT / "directory.toml", base_url=f"{ADDRESS}{path_before}", **named)


def access(
    *,
    clock: Clock | None = None,
    published: Published | None = None,
    spend: Memory | None = None,
    clients: list[dict[str, str]] | None = None,
    **given: Any,
) -> Access:
    """The door of the FHIR base, as the settings make it."""
    chosen, clock = settings(**given), clock or Clock()
    directory = read_directory(DIRECTORY | {"clients": clients or []})
    profile = profile_of(chosen)
    keys = Keys(published or Published(), clock, refresh=chosen.token_jwks_refresh, keep=chosen.token_jwks_keep)
    tokens = Tokens(
        keys,
        profile,
        lambda claims: caller_of(claims, profile, directory),
        issuer=chosen.token_issuer,
        audience=chosen.token_audience,
        skew=chosen.token_skew,
        clock=clock,
    )
    proofs = Proofs(
        spend or Memory(),
        clock,
        address=chosen.base_url,
        lifetime=chosen.dpop_lifetime,
        skew=chosen.token_skew,
        nonces=Nonces(SECRET, clock) if chosen.dpop_nonce else None,
    )
    return Access(tokens, proofs if profile.fhir == "dpop" else None)


def signed(key: Any = KEY, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token; what is None is left out."""
    kept = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    full = {"alg": "ES256", "typ": "at+jwt", "kid": "one"} | (header or {})
    full = {name: value for name, value in full.items() if value is not None}
    return jwt.encode(full, kept, key, algorithms=[full["alg"]], default_type=None)


def bound(holder: ECKey = HOLDER, **claims: Any) -> str:
    """A token that is bound to a client's key."""
    return signed(cnf={"jkt": holder.thumbprint()}, **claims)


def proof(
    token: str,
    method: str = "GET",
    path: str = "/fhir/v1/Task",
    *,
    holder: Any = HOLDER,
    header: Any = None,
    **claims: Any,
) -> str:
    """A DPoP proof; what is None is left out."""
    full = {"typ": "dpop+jwt", "alg": "ES256", "jwk": holder.as_dict(private=False)} | (header or {})
    said = {
        "jti": str(uuid4()),
        "htm": method,
        "htu": f"{ADDRESS}{path}",
        "iat": NOW,
        "ath": packed(sha256(token.encode("utf-8", "replace")).digest()),
    } | claims
    kept = {name: value for name, value in said.items() if value is not None}
    full = {name: value for name, value in full.items() if value is not None}
    return jwt.encode(full, kept, holder, algorithms=[full["alg"]], default_type=None)


def packed(content: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


async def shown(door: Access, *headers: tuple[str, str], method: str = "GET", path: str = "/fhir/v1/Task") -> Caller:
    """Who calls with these headers."""
    raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers]
    return await door.caller(Headers(raw=raw), method, path)


async def bearer(door: Access, token: str) -> Caller:
    """Who calls with this bearer token."""
    return await shown(door, ("authorization", f"Bearer {token}"))
