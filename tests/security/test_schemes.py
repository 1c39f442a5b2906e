"""How each group of endpoints takes tokens: in one way, at every path and method of it, and never in the other."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.answers import BASE
from app.api.routes import FHIR_PATHS, OTHER_PATHS
from tests.api.running import Running, codes, running, sandbox_settings
from tests.security.issuing import ADDRESS, ISSUER, JWKS, ORGANISATION, TRUST, bound, proof, signed

OPEN = {
    *("/fhir/v1/metadata", "/fhir/v1/.well-known/smart-configuration", "/health/live", "/health/ready"),
}
PATHS = [
    (method, path)
    for path, offers in [*((BASE + path, offers) for path, offers in FHIR_PATHS), *OTHER_PATHS]
    for method in offers
    if path not in OPEN
]
NAMES = {
    "{type}": "Task",
    "{id:logical_id}": "6a1f0c52-53f5-4d1c-9a52-2f3b7f0f9c11",
    "{operation}": "validate",
    "{version}": "1",
    "{delivery}": "1",
}


def _filled(path: str) -> str:
    for name, value in NAMES.items():
        path = path.replace(name, value)
    return path


@pytest.fixture(scope="module", params=["dpop", "bearer"])
def mixed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """A service whose two groups take tokens differently, and how the FHIR base does."""
    folder: Path = tmp_path_factory.mktemp("mixed")
    keys = folder / "jwks.json"
    keys.write_text(json.dumps(JWKS), encoding="utf-8")
    schemes = ["dpop", "bearer"] if request.param == "dpop" else ["bearer", "dpop"]
    more: dict[str, Any] = {"token_issuer": ISSUER, "token_preset": "sandbox", "token_jwks_file": keys}
    more |= {"fhir_scheme": schemes[0], "operator_scheme": schemes[1], "base_url": ADDRESS, "failure_limit": 0}
    with running(sandbox_settings(folder, sandbox=False, dpop_nonce=False, **more)) as service:
        yield service, request.param


def _claims() -> dict[str, Any]:
    now = int(time.time())
    return {
        "exp": now + 600,
        "nbf": now,
        "iat": now,
        ORGANISATION: TRUST,
        "scope": "system/*.cruds",
        "samband_role": "operator",
        "samband_unit": None,
    }


def _asked(service: Running, method: str, path: str, scheme: str, token: str, *proofs: str) -> httpx.Response:
    headers = [("Authorization", f"{scheme} {token}"), *(("DPoP", made) for made in proofs)]
    return service.client.request(method, path, headers=headers)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_each_path_takes_tokens_in_its_groups_way_only(mixed: tuple[Running, str], method: str, path: str) -> None:
    service, fhir = mixed
    is_fhir = path.startswith(BASE)
    where = _filled(path)
    plain, held = signed(**_claims()), bound(**_claims())

    def made() -> str:
        return proof(held, method, where, iat=int(time.time()))

    if (fhir == "dpop") is is_fhir:
        right = _asked(service, method, where, "DPoP", held, made())
        wrong = [
            _asked(service, method, where, "Bearer", plain),
            _asked(service, method, where, "Bearer", held),
            _asked(service, method, where, "Bearer", held, made()),
            _asked(service, method, where, "DPoP", plain, made()),
        ]
        challenge = "DPoP "
    else:
        right = _asked(service, method, where, "Bearer", plain)
        wrong = [
            _asked(service, method, where, "DPoP", held, made()),
            _asked(service, method, where, "Bearer", held),
            _asked(service, method, where, "Bearer", held, made()),
        ]
        challenge = "Bearer "
    assert right.status_code != 401, right.text
    for answer in wrong:
        assert (answer.status_code, codes(answer)) == (401, ["token-invalid"])
        assert answer.headers["www-authenticate"].startswith(challenge)


def test_a_client_gets_its_nonce_and_goes_on(tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(JWKS), encoding="utf-8")
    more: dict[str, Any] = {"token_issuer": ISSUER, "token_preset": "sandbox", "token_jwks_file": keys}
    more |= {"fhir_scheme": "dpop", "dpop_nonce": True, "base_url": ADDRESS, "failure_limit": 1}
    with running(sandbox_settings(tmp_path, sandbox=False, **more)) as service:
        token = bound(**_claims() | {"samband_role": "unit", "samband_unit": "rehabilitation"})

        def answer(**claims: Any) -> httpx.Response:
            made = proof(token, iat=int(time.time()), **claims)
            return _asked(service, "GET", "/fhir/v1/Task", "DPoP", token, made)

        asked = [answer() for _ in range(10)]  # that is no failure, and not held up
        for first in asked:
            assert (first.status_code, codes(first)) == (401, ["proof-nonce"])
            assert first.headers["www-authenticate"].startswith('DPoP error="use_dpop_nonce"')
        assert answer(nonce=asked[0].headers["dpop-nonce"]).status_code == 200
