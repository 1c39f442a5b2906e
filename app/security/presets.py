"""Whose access tokens: what HelseID, a SMART issuer and the sandbox's own call things. Each part is a setting too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.config import Algorithm, Claim, Scheme, Settings, TokenPreset
from app.fhir.resources import RESOURCES
from app.security.scopes import is_understood

_LETTERS: Final = {"read": "rs", "write": "cu"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How access tokens of one issuer are read; an empty claim name: the tokens do not say that."""

    types: frozenset[str]
    """``typ`` in lower case."""
    algorithms: frozenset[Algorithm]
    claims: Mapping[Claim, str]
    level: str = ""
    """The value that the claim ``level`` must have in a token of a person."""
    scopes: Mapping[str, frozenset[str]]
    """Scope name → the SMART scopes that it means; others mean what SMART says."""
    fhir: Scheme
    operator: Scheme


_HELSEID: Final = "helseid://claims"
_CLAIMS: Final[Mapping[TokenPreset, dict[Claim, str]]] = {
    TokenPreset.HELSEID: {
        Claim.ORGANISATION: f"{_HELSEID}/client/claims/orgnr_parent",
        Claim.UNIT_ORGANISATION: f"{_HELSEID}/client/claims/orgnr_child",
        Claim.PERSON: f"{_HELSEID}/hpr/hpr_number",
        Claim.LEVEL: f"{_HELSEID}/identity/security_level",
        Claim.CLIENT: "client_id",
        Claim.SCOPE: "scope",
        Claim.PURPOSE: "authorization_details",
    },
    TokenPreset.SMART: {Claim.CLIENT: "client_id", Claim.SCOPE: "scope"},
    TokenPreset.SANDBOX: {
        Claim.ORGANISATION: f"{_HELSEID}/client/claims/orgnr_parent",
        Claim.PERSON: f"{_HELSEID}/hpr/hpr_number",
        Claim.ROLE: "samband_role",
        Claim.UNIT: "samband_unit",
        Claim.CLIENT: "client_id",
        Claim.SCOPE: "scope",
        Claim.PURPOSE: "authorization_details",
    },
}
_TYPES: Final = frozenset({"at+jwt", "application/at+jwt", "jwt"})
"""RFC 9068 2.1, and what HelseID allows beside it."""
_ALGORITHMS: Final[Mapping[TokenPreset, frozenset[Algorithm]]] = {
    TokenPreset.HELSEID: frozenset(Algorithm),
    # SMART's own two (Backend Services), and the defaults of common issuers.
    TokenPreset.SMART: frozenset({Algorithm.ES256, Algorithm.ES384, Algorithm.PS256, Algorithm.RS256, Algorithm.RS384}),
    TokenPreset.SANDBOX: frozenset({Algorithm.ES256, Algorithm.ES384, Algorithm.PS256, Algorithm.RS256}),
}
_SCHEMES: Final = {
    TokenPreset.HELSEID: Scheme.DPOP,
    TokenPreset.SMART: Scheme.BEARER,
    TokenPreset.SANDBOX: Scheme.BEARER,
}


def profile_of(settings: Settings) -> Profile:
    """The preset that the settings choose, with what they change of it.

    :raises ValueError: a scope name is said to mean something that is no SMART scope
    """
    preset = TokenPreset.SANDBOX if settings.sandbox else settings.token_preset or TokenPreset.SANDBOX
    return Profile(
        types=frozenset(kind.lower() for kind in settings.token_types) or _TYPES,
        algorithms=settings.token_algorithms or _ALGORITHMS[preset],
        claims=dict.fromkeys(Claim, "") | _CLAIMS[preset] | settings.token_claims,
        level="4" if preset is TokenPreset.HELSEID else "",
        scopes=(_helseid_scopes(settings.token_audience) if preset is TokenPreset.HELSEID else {}) | _own(settings),
        fhir=settings.fhir_scheme or _SCHEMES[preset],
        operator=settings.operator_scheme or _SCHEMES[preset],
    )


def _helseid_scopes(audience: str) -> dict[str, frozenset[str]]:
    """HelseID's form ``<audience>/<name>``: ``nhn:samband/task.read`` and ``.write`` for each type."""
    return {
        f"{audience}/{name.lower()}.{word}": frozenset({f"system/{name}.{letters}"})
        for name in RESOURCES
        for word, letters in _LETTERS.items()
    }


def _own(settings: Settings) -> dict[str, frozenset[str]]:
    named = {name: frozenset(meaning.split()) for name, meaning in settings.token_scopes.items()}
    wrong = sorted(name for name, meaning in named.items() if not meaning or not all(map(is_understood, meaning)))
    if wrong:
        raise ValueError(
            f"SAMBAND_TOKEN_SCOPES: not the meaning of a scope, system/Type.cruds without a query: {', '.join(wrong)}"
        )
    return named
