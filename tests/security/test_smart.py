"""What a SMART client finds out before it has a token."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.running import codes, running, sandbox_settings
from tests.security.issuing import ISSUER

PATH = "/fhir/v1/.well-known/smart-configuration"
ENDPOINT = f"{ISSUER}/token"


@pytest.mark.parametrize(("scheme", "shown"), [("bearer", "Bearer"), ("dpop", "DPoP")])
def test_the_token_endpoint_is_told_in_both_places(tmp_path: Path, scheme: str, shown: str) -> None:
    named: dict[str, Any] = {"token_issuer": ISSUER, "token_preset": "smart", "token_endpoint": ENDPOINT}
    with running(sandbox_settings(tmp_path, sandbox=False, fhir_scheme=scheme, **named)) as service:
        answer = service.client.get(PATH)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        found = answer.json()
        assert (found["issuer"], found["token_endpoint"]) == (ISSUER, ENDPOINT)
        assert found["grant_types_supported"] == ["client_credentials"]
        assert {"client-confidential-asymmetric", "permission-v2"} <= set(found["capabilities"])
        assert ("dpop_signing_alg_values_supported" in found) == (scheme == "dpop")
        (rest,) = service.client.get("/fhir/v1/metadata").json()["rest"]
        (uris,) = rest["security"]["extension"]
        assert uris["extension"] == [{"url": "token", "valueUri": ENDPOINT}]
        assert rest["security"]["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
        assert rest["security"]["description"].startswith(shown)
        assert codes(service.client.get(f"{PATH}?x=1")) == ["unknown-parameter"]


def test_without_a_token_endpoint_there_is_nothing(tmp_path: Path) -> None:
    with running(sandbox_settings(tmp_path)) as service:
        answer = service.client.get(PATH)
        assert (answer.status_code, codes(answer)) == (404, ["unknown-path"])
        (rest,) = service.client.get("/fhir/v1/metadata").json()["rest"]
        assert "extension" not in rest["security"]
