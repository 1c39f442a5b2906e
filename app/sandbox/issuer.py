"""The sandbox's own token issuer: OAuth 2 access tokens for made-up people and systems, no password asked.

Only under ``serve --sandbox``. The claims have HelseID's names, so that the service reads them the same way.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySetSerialization, RSAKey

from app.sandbox.personas import PERSONAS, Persona, UnknownPersona, persona

ISSUER: Final = "https://samband.example/sandbox"
AUDIENCE: Final = "samband"
LIFETIME: Final = 3600
"""Seconds."""
LARGEST_FORM: Final = 64 * 1024
"""Bytes."""
_FIELDS: Final = frozenset({"persona", "organisation", "unit"})
_NOT_STORED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_ORGANISATION: Final = "helseid://claims/client/claims/orgnr_parent"
_PERSON: Final = "helseid://claims/hpr/hpr_number"
_NO_PROOF: Final = "The header DPoP must be a JWT that is signed with the public EC or RSA key in its jwk."


class _Registry(jws.JWSRegistry):
    """A proof has its key in its header."""

    max_header_length = 8192


_REGISTRY: Final = _Registry(algorithms=["ES256", "ES384", "ES512", "PS256", "RS256"], strict_check_header=False)


@dataclass(slots=True)
class InvalidForm(Exception):
    """RFC 6749 5.2 invalid_request: what is wrong and what is allowed, never what was sent."""

    description: str
    status: int = 400
    error: str = "invalid_request"


class Issuer:
    """Signs access tokens (RFC 9068) with an ES256 key that lives as long as the process.

    ``clock`` answers now in milliseconds since 1970-01-01T00:00:00Z.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": uuid.uuid4().hex}, private=True)

    @property
    def jwks(self) -> KeySetSerialization:
        """The public key as a JWK set (RFC 7517)."""
        return {"keys": [self._key.as_dict(private=False)]}

    async def published(self) -> dict[str, Any]:
        """The same, as the service fetches it."""
        return dict(self.jwks)

    def token(self, who: Persona, thumbprint: str = "") -> str:
        """A signed access token for ``who``, good for an hour; bound to a key (RFC 9449 6.1) with its thumbprint."""
        now = self._clock() // 1000
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": who.client,
            "client_id": who.client,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "jti": str(uuid.uuid4()),
            "scope": who.scope,
            "samband_role": who.role,
            _ORGANISATION: who.organisation,
        }
        if who.unit:
            claims["samband_unit"] = who.unit
        if who.person:
            claims[_PERSON] = who.person
        if thumbprint:
            claims["cnf"] = {"jkt": thumbprint}
        header = {"alg": "ES256", "typ": "at+jwt", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["ES256"])


def issuer_router(issuer: Issuer) -> APIRouter:
    """``POST /sandbox/token`` and ``GET /sandbox/jwks``."""
    router = APIRouter(prefix="/sandbox", include_in_schema=False)

    @router.post("/token")
    async def token(request: Request) -> JSONResponse:
        try:
            who = _wanted(await _form(request))
            thumbprint = _thumbprint(request.headers.get("dpop"))
        except InvalidForm as wrong:
            body = {"error": wrong.error, "error_description": wrong.description}
            return JSONResponse(body, wrong.status, _NOT_STORED)
        answer = {
            "access_token": issuer.token(who, thumbprint),
            "token_type": "DPoP" if thumbprint else "Bearer",
            "expires_in": LIFETIME,
            "scope": who.scope,
        }
        return JSONResponse(answer, headers=_NOT_STORED)

    @router.get("/jwks")
    async def jwks() -> JSONResponse:
        return JSONResponse(issuer.jwks)

    return router


async def _form(request: Request) -> dict[str, list[str]]:
    body = bytearray()
    too_large = False
    async for part in request.stream():
        # Read on to the end, so that a client that is still sending can read the answer.
        too_large = too_large or len(body) + len(part) > LARGEST_FORM
        if not too_large:
            body += part
    if too_large:
        raise InvalidForm(f"The form is larger than {LARGEST_FORM} bytes.", 413)
    try:
        return parse_qs(bytes(body).decode("utf-8"), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise InvalidForm("The body is not a form (application/x-www-form-urlencoded, UTF-8).") from None


def _thumbprint(proof: str | None) -> str:
    """Of the key that signed a DPoP proof; empty without one. What else the proof says is for real issuers to check."""
    if proof is None:
        return ""
    try:
        key = JWKRegistry.import_key(dict(jws.extract_compact(proof.encode(), registry=_REGISTRY).headers()["jwk"]))
        if key.is_private or not isinstance(key, ECKey | RSAKey):
            raise InvalidForm(_NO_PROOF, error="invalid_dpop_proof")
        jwt.decode(proof, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError, KeyError):
        raise InvalidForm(_NO_PROOF, error="invalid_dpop_proof") from None
    return key.thumbprint()


def _wanted(form: dict[str, list[str]]) -> Persona:
    if any(len(form.get(name, ())) > 1 for name in _FIELDS):
        raise InvalidForm("persona, organisation and unit may be given once each.")
    given = {name: form.get(name, [""])[0].strip() for name in _FIELDS}
    if given["persona"] not in PERSONAS:
        raise InvalidForm(f"persona must be one of {', '.join(PERSONAS)}.")
    try:
        return persona(given["persona"], given["organisation"], given["unit"])
    except UnknownPersona as unknown:
        raise InvalidForm(f"{unknown.field} must be one of {', '.join(unknown.allowed)}.") from None
