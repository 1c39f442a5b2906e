"""Settings: one class, read from ``SAMBAND_…`` environment variables and secret files, refused as a whole at start."""

import os
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from app.addresses import BadAddress, check_host, check_origin, is_loopback, is_plain_origin, origin_of, private_network

SHORTEST_KEY: Final = 32


class IdentityMode(StrEnum):
    """Which national identity numbers are taken: real ones, synthetic ones, or anything of the right form."""

    PRODUCTION = "production"
    TEST = "test"
    LENIENT = "lenient"


class TokenPreset(StrEnum):
    """Whose access tokens: ``app/security/presets.py`` says what each means."""

    HELSEID = "helseid"
    SMART = "smart"
    SANDBOX = "sandbox"


class Scheme(StrEnum):
    """How a group of endpoints takes access tokens: one way, never both (HelseID's security profile)."""

    BEARER = "bearer"
    DPOP = "dpop"


class Algorithm(StrEnum):
    """Signatures of tokens and proofs. Asymmetric only: a public key must never be usable as a shared secret."""

    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    PS256 = "PS256"
    PS384 = "PS384"
    PS512 = "PS512"
    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"


class Claim(StrEnum):
    """What is read from an access token beside what RFC 9068 fixes."""

    ORGANISATION = "organisation"
    UNIT_ORGANISATION = "unit-organisation"
    PERSON = "person"
    LEVEL = "level"
    ROLE = "role"
    UNIT = "unit"
    CLIENT = "client"
    SCOPE = "scope"
    PURPOSE = "purpose"


class LogFormat(StrEnum):
    """How events are written to standard error."""

    JSON = "json"
    TEXT = "text"


DATABASE: Final = SecretStr("sqlite:///.samband/samband.db")
_DATABASE = re.compile(
    r"sqlite:///[^?#]+|postgresql://(?:[^\s:@/?#\[\]]+(?::[^\s:@/?#\[\]]*)?@)?(?:[^\s:@/?#\[\]]*|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?/[^\s/?#]+(?:\?[^\s?#]*)?"
)


class _Given(BaseSettings):
    """Where settings come from: arguments, then the environment, then the files of ``SAMBAND_SECRETS_DIR``."""

    model_config = SettingsConfigDict(env_prefix="SAMBAND_", extra="ignore", frozen=True, hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  there is no such file
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  made below
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The directory is a setting itself; the validator says so where it is none."""
        folder = (env_settings() | init_settings()).get("secrets_dir")
        if not folder or not Path(folder).is_dir():
            return init_settings, env_settings
        return init_settings, env_settings, SecretsSettingsSource(settings_cls, folder)


class Database(_Given):
    """The database's address alone: what a migration needs."""

    database_url: SecretStr = DATABASE
    secrets_dir: Path | None = None

    @field_validator("database_url")
    @classmethod
    def _of_its_form(cls, given: SecretStr) -> SecretStr:
        # A password that is not escaped would be taken for host or port, and stand in somebody's error.
        found = _DATABASE.fullmatch(given.get_secret_value())
        if found is None or int(found["port"] or 0) > 65_535:
            raise ValueError(
                "must be sqlite:///path or postgresql://user:password@host:port/name, the password percent-encoded"
            )
        return given

    @field_validator("secrets_dir")
    @classmethod
    def _is_there(cls, given: Path | None) -> Path | None:
        if given and not given.is_dir():
            raise ValueError("SAMBAND_SECRETS_DIR is no directory")
        return given


class Settings(Database):
    """Everything that an operator can turn; docs/operations.md lists the same lines."""

    model_config = SettingsConfigDict(extra="forbid")

    database_url: SecretStr = DATABASE
    """``sqlite:///path`` or ``postgresql://user:password@host:port/name`` (14 or newer)."""
    secrets_dir: Path | None = None
    """A directory with a file for each secret, named as its setting, as Docker and Kubernetes mount them."""
    database_pool: int = Field(default=10, ge=1, le=100)
    """Connections of one process to PostgreSQL."""
    directory: Path = Path("directory.toml")
    """Trusts, units, municipalities and practitioners."""
    base_url: str = "http://127.0.0.1:8400"
    """The address that partners reach us by; Location headers and Bundle links start with it."""
    sandbox: bool = False
    """The sandbox issuer and http endpoints; only on a loopback address."""
    host: str = "127.0.0.1"
    """Address to bind."""
    port: int = Field(default=8400, ge=0, le=65535)
    """Port to bind."""
    docs: bool = False
    """Show ``/docs`` and ``/openapi.json`` outside the sandbox too."""
    log: LogFormat = LogFormat.JSON
    """``json``: an object a line; ``text``: a line for people."""
    identity_numbers: IdentityMode = IdentityMode.PRODUCTION
    """Which national identity numbers are valid; the sandbox takes only synthetic ones."""
    token_preset: TokenPreset | None = None
    """Whose access tokens are taken: ``helseid``, ``smart`` or ``sandbox``; the sandbox has its own."""
    token_issuer: str = ""
    """Exact ``iss`` of accepted access tokens."""
    token_audience: str = "samband"
    """Exact ``aud`` of accepted access tokens."""
    token_jwks_file: Path | None = None
    """The issuer's public keys as a JWK Set file, read again as a changed address would be."""
    token_jwks_uri: str = ""
    """The issuer's public keys at an https address; empty, without a file: the one of the issuer's metadata."""
    token_jwks_refresh: int = Field(default=300, ge=5, le=86_400)
    """Seconds after which the issuer's keys are fetched again; a key that was withdrawn counts no longer than this."""
    token_jwks_keep: int = Field(default=7200, ge=5, le=604_800)
    """Seconds that fetched keys count while the issuer does not answer; then 503."""
    token_types: frozenset[str] = frozenset()
    """Accepted ``typ`` of access tokens, a JSON list; empty: the preset's."""
    token_algorithms: frozenset[Algorithm] = frozenset()
    """Accepted ``alg`` of access tokens, a JSON list; empty: the preset's."""
    token_claims: dict[Claim, str] = {}
    """Claim names that differ from the preset's, a JSON object such as ``{"role": "samband_role"}``."""
    token_scopes: dict[str, str] = {}
    """Further scope names and the SMART scopes that each means, ``{"nhn:samband/need": "system/Task.crus"}``."""
    token_endpoint: str = ""
    """Where clients get tokens, for ``smart-configuration`` and the CapabilityStatement."""
    token_skew: int = Field(default=5, ge=0, le=60)
    """Seconds that the clocks of issuer, client and service may differ."""
    fhir_scheme: Scheme | None = None
    """How ``/fhir`` takes tokens: ``bearer`` or ``dpop``; empty: the preset's."""
    operator_scheme: Scheme | None = None
    """How ``/operator`` and ``/reports`` take tokens: ``bearer`` or ``dpop``; empty: the preset's."""
    dpop_lifetime: int = Field(default=1, ge=1, le=300)
    """Seconds that a DPoP proof counts, beside the difference of clocks."""
    dpop_nonce: bool = False
    """Whether a DPoP proof needs a nonce that we gave in the last minutes (RFC 9449 9)."""
    cursor_key: SecretStr = SecretStr("")
    """Secret under which paging cursors are sealed; the same in all processes. Empty: one is made at start."""
    max_body: int = Field(default=1_048_576, ge=1024)
    """Largest request body in bytes; beyond it 413."""
    max_page: int = Field(default=8_388_608, ge=1)
    """Bytes of resources after which a page of a search or history ends, and the next one goes on."""
    max_subscriptions: int = Field(default=100, ge=1)
    """Subscriptions of one organisation that are not off; every event is written once for each. Beyond it 409."""
    connections: int = Field(default=2000, ge=10, le=100_000)
    """Connections of callers at once to one process; one more is answered 503."""
    rate_limit: int = Field(default=1000, ge=0)
    """Requests a second of one client of an organisation to one process; an entry of a Bundle is one. 0: any."""
    failure_limit: int = Field(default=50, ge=0)
    """Requests a second from one address whose access token does not hold. 0: any."""
    hops: int = Field(default=3, ge=0, le=10)
    """Hand-overs of one case between units."""
    questions: int = Field(default=3, ge=0, le=10)
    """Questions back to the sender in one case."""
    appeals: int = Field(default=1, ge=0, le=3)
    """Appeals against a placement in one case."""
    draft_days: int = Field(default=90, ge=1, le=3650)
    """Days after which a draft that is not submitted is withdrawn; counted for drafts that are made from then on."""
    ehr_url: str = ""
    """FHIR base of the EHR's CareTeam interface; empty: units close their work items by hand."""
    ehr_token: SecretStr = SecretStr("")
    """Bearer token for the EHR."""
    endpoint_origins: frozenset[str] = frozenset()
    """Origins that notifications may go to, a JSON list such as ``["https://fhir.kommune.example:443"]``."""
    private_networks: frozenset[str] = frozenset()
    """Private networks that partners, the EHR and the issuer may be in, a JSON list such as ``["10.20.0.0/16"]``."""
    lease_seconds: int = Field(default=30, ge=1, le=600)
    """How long a worker may hold a claimed row before another takes it."""
    send_timeout: float = Field(default=10.0, gt=0, le=60)
    """Seconds until an unanswered delivery counts as failed."""
    retry_base: float = Field(default=2.0, gt=0, le=600)
    """Seconds of the first back-off; doubled at each attempt, with full jitter, at most an hour."""
    retry_hours: int = Field(default=72, ge=1, le=720)
    """Hours after which an undelivered row becomes a dead letter."""
    breaker_seconds: float = Field(default=30.0, gt=0, le=3600)
    """How long a receiver that failed five times in a row is left alone before the next try."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        known = {f"SAMBAND_{name.upper()}" for name in type(self).model_fields}
        names = [*os.environ, *(file.name for file in (self.secrets_dir.iterdir() if self.secrets_dir else ()))]
        given = {name.upper() for name in names if name.upper().startswith("SAMBAND_")}
        if unknown := sorted(name for name in given - known if not name.startswith("SAMBAND_TEST_")):
            raise ValueError(f"no such setting: {', '.join(unknown)}")
        if bool(self.ehr_url) != bool(self.ehr_token.get_secret_value()):
            raise ValueError("SAMBAND_EHR_URL and SAMBAND_EHR_TOKEN are given both or neither")
        for url in (*self.endpoint_origins, self.base_url):
            origin_of(url)
        for network in self.private_networks:
            private_network(network)
        if insecure := list(_insecure(self)):
            raise ValueError("; ".join(insecure))
        return self


_CALLED: Final = "must be https, at a name, a public address or one in SAMBAND_PRIVATE_NETWORKS"


def _insecure(settings: Settings) -> Iterator[str]:
    """What a service must not start with; each text names the setting and the rule."""
    key = settings.cursor_key.get_secret_value()
    if key and len(key) < SHORTEST_KEY:
        yield f"SAMBAND_CURSOR_KEY needs at least {SHORTEST_KEY} characters"
    if settings.sandbox:
        if not is_loopback(settings.host):
            yield "the sandbox binds to a loopback address only"
        if settings.ehr_url and _is_never_called(settings.ehr_url, settings):
            yield "SAMBAND_EHR_URL is http on a loopback address in the sandbox"
        return
    yield from _insecure_outside(settings, key)


def _insecure_outside(settings: Settings, key: str) -> Iterator[str]:
    yield from _insecure_tokens(settings)
    base = origin_of(settings.base_url)
    if base.scheme != "https" and not is_loopback(base.host):
        yield "SAMBAND_BASE_URL must be https, but for a loopback address"
    if settings.database_url.get_secret_value().startswith("postgresql:") and not key:
        yield "SAMBAND_CURSOR_KEY is required with PostgreSQL: several processes may serve"
    if settings.ehr_url and _is_never_called(settings.ehr_url, settings):
        yield f"SAMBAND_EHR_URL {_CALLED}"
    if any(not is_plain_origin(one) or not one.startswith("https:") for one in settings.endpoint_origins):
        yield "SAMBAND_ENDPOINT_ORIGINS must be https origins, each without a path"
    if sys.flags.dev_mode or os.environ.get("PYTHONASYNCIODEBUG"):
        yield "Python's development mode writes more to the log than may be there"


def _insecure_tokens(settings: Settings) -> Iterator[str]:
    if not (settings.token_issuer and settings.token_preset):
        yield "SAMBAND_TOKEN_ISSUER and SAMBAND_TOKEN_PRESET are required outside the sandbox"
    elif not settings.token_issuer.startswith("https://") or "*" in settings.token_issuer:
        yield "SAMBAND_TOKEN_ISSUER must be one exact https address"
    if settings.token_jwks_file and settings.token_jwks_uri:
        yield "SAMBAND_TOKEN_JWKS_FILE or SAMBAND_TOKEN_JWKS_URI, not both"
    if settings.token_jwks_uri and _is_never_called(settings.token_jwks_uri, settings):
        yield f"SAMBAND_TOKEN_JWKS_URI {_CALLED}"
    if _asks_issuer(settings) and _is_never_called(settings.token_issuer, settings):
        yield f"SAMBAND_TOKEN_ISSUER, where its keys are asked for, {_CALLED}"
    if settings.token_endpoint and not settings.token_endpoint.startswith("https://"):
        yield "SAMBAND_TOKEN_ENDPOINT must be an https address"
    if not settings.token_audience or "*" in settings.token_audience:
        yield "SAMBAND_TOKEN_AUDIENCE must be one exact audience"


def _asks_issuer(settings: Settings) -> bool:
    return bool(settings.token_issuer) and not (settings.token_jwks_uri or settings.token_jwks_file)


def _is_never_called(url: str, settings: Settings) -> bool:
    """Whether no call would go to this address, whatever its name leads to."""
    networks = [private_network(text) for text in settings.private_networks]
    try:
        check_host(check_origin(url, {url}, local=settings.sandbox).host, networks, local=settings.sandbox)
    except BadAddress:
        return True
    return "?" in url
