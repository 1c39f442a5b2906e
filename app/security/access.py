"""How a group of endpoints learns who calls: an access token as Bearer (RFC 6750) or with a DPoP proof (RFC 9449)."""

from typing import Final, Protocol

from app.config import Scheme
from app.errors import Forbidden, Unauthenticated
from app.security.caller import Caller
from app.security.dpop import ALGORITHMS, Proofs
from app.security.tokens import LONGEST, Tokens, Verified

_NAMES: Final = {Scheme.BEARER: "Bearer", Scheme.DPOP: "DPoP"}
_ERRORS: Final = {
    "token-missing": "",
    "proof-invalid": "invalid_dpop_proof",
    "proof-repeated": "invalid_dpop_proof",
    "proof-nonce": "use_dpop_nonce",
}


class Headers(Protocol):
    """The headers of a request."""

    def getlist(self, key: str) -> list[str]:
        """All values of a header."""


class Access:
    """One group of endpoints; it takes tokens in one way, and with ``proofs`` that is DPoP."""

    def __init__(self, tokens: Tokens, proofs: Proofs | None = None) -> None:
        self._tokens = tokens
        self._proofs = proofs
        self.scheme = _NAMES[Scheme.BEARER if proofs is None else Scheme.DPOP]

    async def caller(self, headers: Headers, method: str, path: str) -> Caller:
        """The caller behind a request; ``path`` is percent-decoded.

        :raises Unauthenticated: token-missing, token-invalid, token-expired, proof-invalid, proof-nonce, proof-repeated
        :raises Forbidden: a token that holds, of nobody that we know
        :raises Unavailable: issuer-unavailable
        """
        try:
            token = self._token(headers.getlist("authorization"))
            verified = await self._tokens.verified(token)
            if self._proofs is None:
                _check_unbound(verified)
            else:
                await self._proofs.check(headers.getlist("dpop"), token, verified.thumbprint, method, path)
        except Unauthenticated as refused:
            refused.headers["WWW-Authenticate"] = self._challenge(_ERRORS.get(refused.error, "invalid_token"))
            raise
        if isinstance(verified.who, Forbidden):
            raise verified.who.with_traceback(None)
        return verified.who

    def _token(self, given: list[str]) -> str:
        if not given:
            raise Unauthenticated(
                f"Send the header Authorization: {self.scheme} with an access token.", code="token-missing"
            )
        scheme, _, token = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != self.scheme.lower() or not 0 < len(token) <= LONGEST:
            raise Unauthenticated(
                f"Send exactly one header Authorization: {self.scheme} with one token.", code="token-invalid"
            )
        return token

    def _challenge(self, error: str) -> str:
        said = [f'error="{error}"'] if error else []
        if self._proofs is not None:
            said.append(f'algs="{" ".join(ALGORITHMS)}"')
        return f"{self.scheme} {', '.join(said)}".rstrip()


def _check_unbound(verified: Verified) -> None:
    if verified.thumbprint:
        raise Unauthenticated("The token is bound to a key: it is no bearer token.", code="token-invalid")
