"""fhir-kit-client from npm, where Node is: ``fhir_kit_client.js`` drives it, each of its steps is a test here."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.api.running import Running, need
from tests.api.smallest import smallest
from tests.clients.cases import SYSTEM

HERE = Path(__file__).parent
DRIVER = "fhir_kit_client.js"
VERSION = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]["fhir-kit-client"]
STEPS = (
    "capabilities",
    "create",
    "read",
    "resolve",
    "update",
    "conditional update",
    "vread",
    "search",
    "paging",
    "history",
    "conditional create",
    "patch",
    "batch",
    "transaction",
    "validate",
)


def _absent(why: str) -> None:
    """CI has Node and a registry: there, a client that is not driven is a failure."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(f"fhir-kit-client is not driven: {why}")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the driver and what ``package-lock.json`` names."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        _absent("there is no Node on this machine")
    folder = tmp_path_factory.mktemp("npm")
    for name in ("package.json", "package-lock.json", DRIVER):
        shutil.copy(HERE / name, folder)
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    if made.returncode:
        _absent(f"npm ci ended with {made.returncode}: {made.stderr[-300:]}")
    return folder


@pytest.fixture(scope="module")
def outcomes(installed: Path, service: Running, municipality: dict[str, str]) -> dict[str, str]:
    """Step: empty, or how it failed."""
    given: dict[str, Any] = {
        "base": f"{service.origin}/fhir/v1",
        "token": municipality["Authorization"].removeprefix("Bearer "),
        "need": need(),
        "order": smallest("ServiceRequest"),
        "system": SYSTEM,
    }
    answer = subprocess.run(
        ["node", DRIVER],
        cwd=installed,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    told = [json.loads(line) for line in answer.stdout.splitlines()]
    return {one["step"]: one["failure"] for one in told}


@pytest.mark.parametrize("step", STEPS)
def test_step(outcomes: dict[str, str], step: str, record_property: Any) -> None:
    record_property("client", f"fhir-kit-client {VERSION}")
    record_property("step", step)
    assert not outcomes[step]


def test_every_step_is_listed(outcomes: dict[str, str]) -> None:
    assert tuple(outcomes) == STEPS
