"""Access token → :class:`Caller` (RFC 6750, RFC 9068); keys, issuer and audience are arguments."""

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from math import isfinite
from typing import Any, Final, TypeGuard

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from app.clock import Clock
from app.errors import Unauthenticated
from app.security.caller import Caller, Role

ALGORITHMS: Final = ["ES256", "ES384", "RS256", "PS256"]
"""Asymmetric only: a public key must never be usable as a shared secret."""
LEEWAY_SECONDS: Final = 5
_TYPES: Final = ("at+jwt", "jwt", "application/at+jwt")
_LONGEST_TOKEN: Final = 16_384
_CACHED: Final = 4096


class Tokens:
    """Verifies access tokens of one issuer; a verified one is remembered, by hash, until it expires."""

    def __init__(self, keys: KeySetSerialization, issuer: str, audience: str, clock: Clock) -> None:
        self._keys = KeySet.import_key_set(keys)
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[int, Caller]] = OrderedDict()

    def caller(self, headers: list[str]) -> Caller:
        """The caller behind a request's Authorization headers.

        :raises Unauthenticated: token-missing, token-invalid, token-expired
        """
        if not headers:
            raise _refused("token-missing", "Send the header Authorization: Bearer with an access token.")
        scheme, _, token = headers[0].partition(" ")
        if len(headers) > 1 or scheme.lower() != "bearer" or not 0 < len(token) <= _LONGEST_TOKEN:
            raise _refused("token-invalid", "Send exactly one header Authorization: Bearer with one token.")
        digest = sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._known.get(digest)
        if known is None:
            known = self._verify(token)
            self._remember(digest, known)
        elif self._now() > known[0] + LEEWAY_SECONDS:
            self._known.pop(digest, None)
            raise _expired()
        return known[1]

    def _now(self) -> int:
        return self._clock() // 1000

    def _remember(self, digest: bytes, known: tuple[int, Caller]) -> None:
        self._known[digest] = known
        if len(self._known) > _CACHED:
            self._known.popitem(last=False)

    def _verify(self, token: str) -> tuple[int, Caller]:
        try:
            opened = jwt.decode(token, self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise _refused("token-invalid", "The token's form, key or signature does not hold.") from None
        kid, kind = opened.header.get("kid"), opened.header.get("typ")
        if not isinstance(kid, str) or not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise _refused("token-invalid", "The token's header needs kid, and typ at+jwt or JWT.")
        expires = self._check_claims(opened.claims)
        return expires, caller_of(opened.claims)

    def _check_claims(self, claims: Mapping[str, Any]) -> int:
        if claims.get("iss") != self._issuer:
            raise _refused("token-invalid", "The token's iss is not the issuer that this service trusts.")
        if claims.get("aud") not in (self._audience, [self._audience]):
            raise _refused("token-invalid", "The token's aud must be this service, and nothing else.")
        expires, not_before = claims.get("exp"), claims.get("nbf", 0)
        if not _is_seconds(expires) or not _is_seconds(not_before):
            raise _refused("token-invalid", "The token needs exp, and a valid nbf if it has one.")
        now = self._now()
        if now > expires + LEEWAY_SECONDS:
            raise _expired()
        if now < not_before - LEEWAY_SECONDS:
            raise _refused("token-invalid", "The token is not valid yet.")
        return int(expires)


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """A caller from verified claims; organisation and person in HelseID's names.

    :raises Unauthenticated: token-invalid when organisation or role is missing or of the wrong form
    """
    organisation, role = _text(claims, _ORGANISATION), _text(claims, "samband_role")
    if not organisation or role not in _ROLES:
        raise _refused("token-invalid", "The token needs the caller's organisation number and a known role.")
    return Caller(
        organisation=organisation,
        role=Role(role),
        unit=_text(claims, "samband_unit"),
        person=_text(claims, _PERSON),
        client=_text(claims, "client_id"),
        scopes=frozenset(_text(claims, "scope").split()),
    )


_ORGANISATION: Final = "helseid://claims/client/claims/orgnr_parent"
_PERSON: Final = "helseid://claims/hpr/hpr_number"
_ROLES: Final = frozenset(Role) - {Role.SERVICE}


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str):
        raise _refused("token-invalid", "A claim about the caller is not a text.")
    return value


def _is_seconds(value: Any) -> TypeGuard[float]:
    return type(value) is int or (type(value) is float and isfinite(value))


def _expired() -> Unauthenticated:
    return _refused("token-expired", "The token has expired; get a new one.")


def _refused(code: str, diagnostics: str) -> Unauthenticated:
    challenge = "Bearer" if code == "token-missing" else 'Bearer error="invalid_token"'
    return Unauthenticated(diagnostics, code=code, headers={"WWW-Authenticate": challenge})
