"""DPoP at the service in processes of their own, behind a proxy's address, on PostgreSQL: a proof counts once."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.store.schema import migrate
from tests.api.running import FHIR, codes, need
from tests.postgres import ordinary_role
from tests.security.issuing import ADDRESS, ISSUER, JWKS, ORGANISATION, TRUST, bound, proof, signed
from tests.story.programs import Program, free_port


@pytest.fixture
def variables(tmp_path: Path, create_database: Callable[[str], str]) -> Iterator[dict[str, str]]:
    """Settings that all processes share; their database role owns nothing."""
    database = create_database("proofs")
    migrate(database)
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(JWKS), encoding="utf-8")
    shared = {
        "LOGS": str(tmp_path),
        "SAMBAND_BASE_URL": ADDRESS,
        "SAMBAND_CURSOR_KEY": "k" * 32,
        "SAMBAND_IDENTITY_NUMBERS": "test",
        "SAMBAND_TOKEN_ISSUER": ISSUER,
        "SAMBAND_TOKEN_PRESET": "sandbox",
        "SAMBAND_TOKEN_JWKS_FILE": str(keys),
        "SAMBAND_FHIR_SCHEME": "dpop",
        # A start takes seconds on a busy machine: the proofs must still count when they are shown again.
        "SAMBAND_DPOP_LIFETIME": "300",
    }
    with ordinary_role(database) as url:
        yield shared | {"SAMBAND_DATABASE_URL": url}


@contextmanager
def _served(variables: dict[str, str]) -> Iterator[httpx.Client]:
    port = str(free_port())
    arguments = ("app.cli", "serve", "--no-worker", "--port", port)
    program = Program(arguments, Path(variables["LOGS"]) / f"{port}.log", variables)
    program.start()
    try:
        program.wait_for(f"http://127.0.0.1:{port}/health/ready")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
            yield client
    finally:
        program.stop()


def _now(**claims: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"exp": now + 600, "nbf": now, "iat": now} | claims


def _shown(token: str, made: str) -> dict[str, str]:
    return {"Authorization": f"DPoP {token}", "DPoP": made}


def test_a_proof_counts_once_in_all_processes_and_after_a_restart(variables: dict[str, str]) -> None:
    token = bound(**_now())
    with _served(variables) as first:
        with _served(variables) as second:
            made = proof(token, iat=int(time.time()))
            assert first.get("/fhir/v1/Task", headers=_shown(token, made)).status_code == 200
            for service in (first, second):
                again = service.get("/fhir/v1/Task", headers=_shown(token, made))
                assert (again.status_code, codes(again)) == (401, ["proof-repeated"])
            last = proof(token, iat=int(time.time()) + 4)
            assert second.get("/fhir/v1/Task", headers=_shown(token, last)).status_code == 200
        with _served(variables) as restarted:
            again = restarted.get("/fhir/v1/Task", headers=_shown(token, last))
            assert (again.status_code, codes(again)) == (401, ["proof-repeated"])
            here = proof(token, iat=int(time.time()), htu=f"{restarted.base_url}".rstrip("/") + "/fhir/v1/Task")
            assert codes(restarted.get("/fhir/v1/Task", headers=_shown(token, here))) == ["proof-invalid"]


def test_each_group_of_endpoints_has_its_own_way(variables: dict[str, str]) -> None:
    operator: dict[str, Any] = {"samband_role": "operator", "samband_unit": None, ORGANISATION: TRUST}
    with _served(variables | {"SAMBAND_OPERATOR_SCHEME": "bearer"}) as service:
        token = bound(**_now())
        with_proof = _shown(token, proof(token, "POST", iat=int(time.time())))
        body = json.dumps(need(requester=None))
        made = service.post("/fhir/v1/Task", content=body, headers=with_proof | FHIR)
        assert made.status_code == 201, made.text
        narrow = bound(**_now(scope="system/CarePlan.rs"))
        refused = service.get("/fhir/v1/Task", headers=_shown(narrow, proof(narrow, iat=int(time.time()))))
        wanted = 'DPoP error="insufficient_scope", scope="system/Task.s"'
        assert (refused.status_code, refused.headers["www-authenticate"]) == (403, wanted)
        path = "/operator/deliveries"
        plain, held = signed(**_now(**operator)), bound(**_now(**operator))
        assert service.get(path, headers={"Authorization": f"Bearer {plain}"}).status_code == 200
        shown = _shown(held, proof(held, path=path, iat=int(time.time())))
        for headers in (shown, {"Authorization": f"Bearer {held}"}):
            refused = service.get(path, headers=headers)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
