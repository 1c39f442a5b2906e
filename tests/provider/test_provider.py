"""A real provider's tokens at the real service: both ways to send them, rotation, and a provider that is away."""

import json
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from app.store.schema import migrate
from tests import npm
from tests.api.running import FHIR, PROJECT, codes, need
from tests.clients.served import running_apart
from tests.provider.provider import AUDIENCE, Provider, System, proof

HERE = Path(__file__).parent
VERSION = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]["oidc-provider"]
MUNICIPALITY, TRUST = "310471437", "310470007"
PARENT = "helseid://claims/client/claims/orgnr_parent"
CHILD = "helseid://claims/client/claims/orgnr_child"
PLAIN = System("case-system")
STRANGER = System("stranger")
BOUND = System("municipal-system", {PARENT: MUNICIPALITY}, dpop=True)
UNIT = System("hospital-system", {PARENT: TRUST, CHILD: "310470139"}, dpop=True)
CLIENTS = """
[[clients]]
id = "case-system"
role = "sender"
organisation = "310471437"

[[clients]]
id = "hospital-system"
role = "unit"
"""


def _key() -> ECKey:
    return ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)


@pytest.fixture(autouse=True)
def told(record_property: Any, request: pytest.FixtureRequest) -> None:
    """So that a run says what it was driven by."""
    record_property("client", f"oidc-provider {VERSION} (npm)")
    record_property("step", request.node.name.removeprefix("test_").replace("_", " "))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The provider, installed."""
    return npm.installed(HERE, tmp_path_factory.mktemp("npm"), ["provider.js"]) / "provider.js"


@pytest.fixture
def provider(program: Path, tmp_path: Path) -> Iterator[Provider]:
    """A provider that is not started yet."""
    made = Provider(program, tmp_path, [PLAIN, STRANGER, BOUND, UNIT])
    yield made
    made.close()


Serve = Callable[..., httpx.Client]


@pytest.fixture
def serve(provider: Provider, tmp_path: Path) -> Iterator[Serve]:
    """A function: starts the service with a preset and further settings, answers a client of it."""
    database = f"sqlite:///{tmp_path / 'samband.db'}"
    directory = tmp_path / "directory.toml"
    directory.write_text((PROJECT / "directory.toml").read_text(encoding="utf-8") + CLIENTS, encoding="utf-8")
    migrate(database)
    named = {
        "SAMBAND_DATABASE_URL": database,
        "SAMBAND_DIRECTORY": str(directory),
        "SAMBAND_IDENTITY_NUMBERS": "test",
        "SAMBAND_TOKEN_ISSUER": provider.issuer,
        "SAMBAND_TOKEN_AUDIENCE": AUDIENCE,
        "SAMBAND_TOKEN_JWKS_REFRESH": "5",
        "SSL_CERT_FILE": str(provider.authority),
        "PATH": os.environ["PATH"],
    }
    with ExitStack() as running:
        yield lambda preset, **more: running.enter_context(
            running_apart("tests.provider.serve", "serve", variables=named | {"SAMBAND_TOKEN_PRESET": preset} | more)
        )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _get(service: httpx.Client, token: str) -> httpx.Response:
    return service.get("/fhir/v1/Task", headers=_bearer(token))


def _with_proof(
    service: httpx.Client, system: System, token: str, method: str, path: str, **more: Any
) -> httpx.Response:
    ath = urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()
    made = proof(system.holder, method, f"{service.base_url}".rstrip("/") + path.partition("?")[0], ath=ath)
    headers = {"Authorization": f"DPoP {token}", "DPoP": made} | more.pop("headers", {})
    return service.request(method, path, headers=headers, **more)


def test_a_smart_backend_service_sends_bearer_tokens(provider: Provider, serve: Serve) -> None:
    provider.start([_key()])
    service = serve("smart")
    token = provider.token(PLAIN, "system/Task.cruds")
    assert jws.extract_compact(token.encode()).headers()["typ"] == "at+jwt"
    made = service.post("/fhir/v1/Task", json=need(), headers=_bearer(token) | FHIR)
    assert made.status_code == 201, made.text
    assert _get(service, provider.token(PLAIN, "system/Task.read")).json()["entry"][0]["resource"] == made.json()
    narrow = service.post("/fhir/v1/Task", json=need(), headers=_bearer(provider.token(PLAIN, "system/*.rs")) | FHIR)
    assert (narrow.status_code, codes(narrow)) == (403, ["insufficient-scope"])
    stranger = _get(service, provider.token(STRANGER, "system/Task.rs"))
    assert (stranger.status_code, codes(stranger)) == (403, ["client-unknown"])
    dpop = _with_proof(service, BOUND, provider.token(BOUND, "system/Task.rs"), "GET", "/fhir/v1/Task")
    assert (dpop.status_code, codes(dpop)) == (401, ["token-invalid"])
    as_bearer = _get(service, provider.token(BOUND, "system/Task.rs"))
    assert (as_bearer.status_code, codes(as_bearer)) == (401, ["token-invalid"])


def test_a_helseid_client_sends_dpop_proofs(provider: Provider, serve: Serve) -> None:
    provider.start([_key()])
    service = serve("helseid")
    both = "nhn:samband/task.read nhn:samband/task.write"
    sender, unit = provider.token(BOUND, both), provider.token(UNIT, both)
    wanted = need()
    made = _with_proof(service, BOUND, sender, "POST", "/fhir/v1/Task", json=wanted, headers=FHIR)
    assert made.status_code == 201, made.text
    path = f"/fhir/v1/Task/{made.json()['id']}"
    found = _with_proof(service, UNIT, unit, "GET", "/fhir/v1/Task?status=requested,received")
    assert [entry["resource"]["id"] for entry in found.json()["entry"]] == [made.json()["id"]]
    accepted = _with_proof(service, UNIT, unit, "POST", f"{path}/$accept")
    assert accepted.status_code == 200, accepted.text
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": path.removeprefix("/fhir/v1/")}}] * 2,
    }
    batch = _with_proof(service, BOUND, sender, "POST", "/fhir/v1", json=bundle, headers=FHIR)
    assert [entry["response"]["status"][:3] for entry in batch.json()["entry"]] == ["200", "200"]
    for refused in (
        service.get("/fhir/v1/Task", headers=_bearer(sender)),
        service.get("/fhir/v1/Task", headers=_bearer(provider.token(PLAIN, "system/Task.rs"))),
        service.get("/fhir/v1/Task", headers={"Authorization": f"DPoP {sender}"}),
        _with_proof(service, UNIT, sender, "GET", "/fhir/v1/Task"),
    ):
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("DPoP error=")


def _eventually(asked: Callable[[], httpx.Response], status: int) -> httpx.Response:
    """The first answer with this status; the test's own limit of time ends the wait."""
    while (answer := asked()).status_code != status:
        assert answer.status_code in (200, 401, 503)
        time.sleep(0.2)
    return answer


def test_keys_rotate_while_the_service_runs(provider: Provider, serve: Serve) -> None:
    first, second = _key(), _key()
    provider.start([first])
    service = serve("smart")
    old = provider.token(PLAIN, "system/Task.rs")
    assert _get(service, old).status_code == 200
    provider.stop()
    assert _get(service, old).status_code == 200
    provider.start([second])
    new = provider.token(PLAIN, "system/Task.rs")
    assert _get(service, new).status_code == 200
    refused = _eventually(lambda: _get(service, old), 401)
    assert codes(refused) == ["token-invalid"]
    assert _get(service, new).status_code == 200


def test_a_service_starts_without_its_provider(provider: Provider, serve: Serve) -> None:
    key = _key()
    provider.start([key])
    token = provider.token(PLAIN, "system/Task.rs")
    provider.stop()
    service = serve("smart")
    away = _get(service, token)
    assert (away.status_code, codes(away)) == (503, ["issuer-unavailable"])
    assert int(away.headers["retry-after"]) > 0
    assert service.get("/health/live").status_code == 200
    assert codes(_get(service, "nonsense")) == ["token-invalid"]
    provider.start([key])
    _eventually(lambda: _get(service, token), 200)
