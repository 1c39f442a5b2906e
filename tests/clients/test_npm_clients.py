"""The clients from npm, where Node is: ``fhir_kit_client.js`` and ``fhirclient.js`` drive them, each step is a test.

``overrides`` in package.json leaves out the cryptography that fhirclient has for browsers and telephones: Node has its
own, and it would bring 700 packages.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import npm
from tests.api.running import Running, need
from tests.api.smallest import smallest
from tests.clients.cases import PROFILE, SYSTEM

HERE = Path(__file__).parent
VERSIONS = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
DRIVERS = {"fhir-kit-client": "fhir_kit_client.js", "fhirclient": "fhirclient.js"}
_BOTH = {
    *("capabilities", "create", "read", "vread", "update", "search", "paging", "history", "conditional create"),
    *("patch", "batch", "transaction", "validate", "sort", "provenance", "conditional update"),
    "validate with profile",
}
STEPS = {
    "fhir-kit-client": {*_BOTH, "resolve"},
    "fhirclient": {*_BOTH, "references", "search by post"},
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the drivers and what ``package-lock.json`` names."""
    return npm.installed(HERE, tmp_path_factory.mktemp("npm"), ("driving.js", *DRIVERS.values()))


@pytest.fixture(scope="module")
def outcomes(installed: Path, service: Running, municipality: dict[str, str]) -> dict[str, dict[str, str]]:
    """Client: step: empty, or how it failed."""
    given: dict[str, Any] = {
        "base": f"{service.origin}/fhir/v1",
        "token": municipality["Authorization"].removeprefix("Bearer "),
        "need": need(),
        "order": smallest("ServiceRequest"),
        "system": SYSTEM,
        "profile": PROFILE,
    }
    return {client: _driven(installed, driver, given) for client, driver in DRIVERS.items()}


def _driven(folder: Path, driver: str, given: dict[str, Any]) -> dict[str, str]:
    answer = subprocess.run(
        ["node", driver],
        cwd=folder,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    told = [json.loads(line) for line in answer.stdout.splitlines()]
    return {one["step"]: one["failure"] for one in told}


@pytest.mark.parametrize(("client", "step"), [(client, step) for client in STEPS for step in sorted(STEPS[client])])
def test_step(outcomes: dict[str, dict[str, str]], client: str, step: str, record_property: Any) -> None:
    record_property("client", f"{client} {VERSIONS[client]} (npm)")
    record_property("step", step)
    assert not outcomes[client][step]


@pytest.mark.parametrize("client", STEPS)
def test_every_step_is_listed(outcomes: dict[str, dict[str, str]], client: str) -> None:
    assert outcomes[client].keys() == STEPS[client]
