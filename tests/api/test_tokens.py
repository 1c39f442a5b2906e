"""Which access tokens hold: RFC 9068 and HelseID's rules for APIs, one row each."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from app.errors import Forbidden, Unauthenticated
from app.security.caller import Caller, Role
from app.security.scopes import require
from app.security.tokens import Tokens
from tests.api.running import codes, running, sandbox_settings

NOW = 1_900_000_000
ISSUER = "https://issuer.example"
KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
OTHER = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "samband",
    "exp": NOW + 60,
    "nbf": NOW,
    "scope": "system/Task.cruds",
    "client_id": "case-system",
    "samband_role": "unit",
    "samband_unit": "rehabilitation",
    "helseid://claims/client/claims/orgnr_parent": "310471437",
    "helseid://claims/hpr/hpr_number": "9900011",
}


class _Clock:
    """A clock that a test sets, in seconds."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now * 1000


def _tokens(clock: _Clock | None = None) -> Tokens:
    keys = [KEY.as_dict(private=False), RSA.as_dict(private=False)]
    return Tokens({"keys": keys}, ISSUER, "samband", clock or _Clock())


def _signed(key: Any = KEY, header: dict[str, Any] | None = None, **claims: Any) -> str:
    kept = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    full = {"alg": "ES256", "typ": "at+jwt", "kid": "one"} | (header or {})
    full = {name: value for name, value in full.items() if value is not None}
    return jwt.encode(full, kept, key, algorithms=[full["alg"]])


def _caller(token: str) -> Caller:
    return _tokens().caller([f"Bearer {token}"])


def test_the_caller_is_what_the_token_says() -> None:
    assert _caller(_signed()) == Caller(
        organisation="310471437",
        role=Role.UNIT,
        unit="rehabilitation",
        person="9900011",
        client="case-system",
        scopes=frozenset({"system/Task.cruds"}),
    )


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(_signed(header={"typ": "JWT"}), id="typ JWT"),
        pytest.param(_signed(RSA, {"alg": "RS256", "kid": "rsa"}), id="RS256"),
        pytest.param(_signed(RSA, {"alg": "PS256", "kid": "rsa"}), id="PS256"),
        pytest.param(_signed(aud=["samband"]), id="audience in a list"),
        pytest.param(_signed(exp=NOW - 5), id="exp within the leeway"),
        pytest.param(_signed(nbf=NOW + 5), id="nbf within the leeway"),
        pytest.param(_signed(nbf=None), id="no nbf"),
    ],
)
def test_tokens_that_hold(token: str) -> None:
    assert _caller(token).organisation == "310471437"


def _packed(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _by_hand(algorithm: str) -> str:
    header = {"alg": algorithm, "typ": "at+jwt", "kid": "one"}
    return f"{_packed(json.dumps(header).encode())}.{_packed(json.dumps(CLAIMS).encode())}"


def _signed_with_the_public_key() -> str:
    signed = _by_hand("HS256")
    return f"{signed}.{_packed(hmac.digest(KEY.as_pem(private=False), signed.encode(), 'sha256'))}"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(f"{_by_hand('none')}.", id="alg none"),
        pytest.param(_signed_with_the_public_key(), id="public key as secret"),
        pytest.param(_signed(OTHER), id="another key"),
        pytest.param(_signed(header={"kid": "two"}), id="unknown kid"),
        pytest.param(_signed(header={"kid": None}), id="no kid"),
        pytest.param(_signed(RSA, {"alg": "RS512", "kid": "rsa"}), id="algorithm not listed"),
        pytest.param(_signed(header={"typ": "dpop+jwt"}), id="another typ"),
        pytest.param(_signed(header={"typ": ""}), id="empty typ"),
        pytest.param(_signed(iss=f"{ISSUER}/"), id="issuer with a slash"),
        pytest.param(_signed(iss=None), id="no issuer"),
        pytest.param(_signed(aud="other"), id="another audience"),
        pytest.param(_signed(aud=["samband", "other"]), id="second audience"),
        pytest.param(_signed(aud=None), id="no audience"),
        pytest.param(_signed(exp=None), id="no exp"),
        pytest.param(_signed(exp="never"), id="exp is a text"),
        pytest.param(_signed(exp=True), id="exp is true"),
        pytest.param(_signed(exp=float("nan")), id="exp is not a number"),
        pytest.param(_signed(nbf=NOW + 60), id="not yet"),
        pytest.param(_signed(samband_role="king"), id="unknown role"),
        pytest.param(_signed(samband_role=["unit"]), id="role is a list"),
        pytest.param(_signed(**{"helseid://claims/client/claims/orgnr_parent": None}), id="no organisation"),
        pytest.param(_signed()[:-4] + "AAAA", id="changed signature"),
        pytest.param(".".join(["x" * 3000] * 3), id="nonsense"),
        pytest.param("[" * 12_000, id="brackets"),
        pytest.param("x" * 20_000, id="too long"),
    ],
)
def test_tokens_that_do_not_hold(token: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        _caller(token)
    assert refused.value.error == "token-invalid"
    assert refused.value.headers["WWW-Authenticate"].startswith("Bearer error=")


def test_a_known_token_expires_all_the_same() -> None:
    clock = _Clock()
    tokens, header = _tokens(clock), [f"Bearer {_signed()}"]
    assert tokens.caller(header) is tokens.caller(header)
    clock.now = NOW + 65
    assert tokens.caller(header).client == "case-system"
    clock.now = NOW + 66
    for _ in range(2):
        with pytest.raises(Unauthenticated) as refused:
            tokens.caller(header)
        assert refused.value.error == "token-expired"


@pytest.mark.parametrize("letter", "cruds")
@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("system/Task.cruds", "cruds"),
        ("system/*.cruds", "cruds"),
        ("system/Task.rs", "rs"),
        ("system/Task.read", "rs"),
        ("system/Task.write", "cud"),
        ("system/Task.*", "cruds"),
        ("system/Task.sr", ""),
        ("system/Task.rs?status=received", ""),
        ("patient/Task.cruds", ""),
        ("system/CareTeam.cruds", ""),
        ("system/Task.", ""),
        ("openid", ""),
    ],
)
def test_scopes(scope: str, granted: str, letter: str) -> None:
    if letter in granted:
        require(frozenset({scope}), "Task", letter)
    else:
        with pytest.raises(Forbidden):
            require(frozenset({scope}), "Task", letter)


def test_outside_the_sandbox_the_settings_name_issuer_and_keys(tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}), encoding="utf-8")
    settings = sandbox_settings(tmp_path, sandbox=False, token_issuer=ISSUER, token_jwks_file=keys)
    with running(settings) as service:
        headers = {"Authorization": f"Bearer {_signed(exp=int(time.time()) + 60, nbf=None)}"}
        assert service.client.get("/fhir/v1/Task", headers=headers).status_code == 200
        assert service.client.post("/sandbox/token", data={"persona": "operator"}).status_code == 404
        assert "/sandbox/token" not in service.client.get("/openapi.json").json()["paths"]
        late = {"Authorization": f"Bearer {_signed(exp=int(time.time()) - 60, nbf=None)}"}
        assert codes(service.client.get("/fhir/v1/Task", headers=late)) == ["token-expired"]
