"""The commands as an operator types them, in real processes."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.api.running import CANARY, FHIR, PROJECT, need


def _command(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_committed_document_is_checked() -> None:
    assert _command("openapi", "--check").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["serve"], {}, "SAMBAND_TOKEN_ISSUER"),
        (["serve", "--sandbox", "--host", "0.0.0.0"], {}, "loopback"),  # noqa: S104
        (["serve", "--sandbox", "--database", "mysql://x"], {}, "sqlite:///"),
        (["serve", "--sandbox", "--port", "70000"], {}, "port"),
        (["serve", "--sandbox"], {"SAMBAND_MAX_BODY": "lots"}, "max_body"),
        (["worker", "--database", "sqlite:///x.db"], {"SAMBAND_SANDBOX": "true"}, "PostgreSQL"),
    ],
)
def test_what_cannot_start_says_why(arguments: list[str], variables: dict[str, str], said: str) -> None:
    answer = _command(*arguments, **variables)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "lots" not in answer.stderr


def test_serve_needs_a_migrated_database(tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text('{"keys": []}', encoding="utf-8")
    variables = {
        "SAMBAND_DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}",
        "SAMBAND_TOKEN_ISSUER": "https://issuer.example",
        "SAMBAND_TOKEN_PRESET": "sandbox",
        "SAMBAND_TOKEN_JWKS_FILE": str(keys),
    }
    answer = _command("serve", "--port", "0", **variables)
    assert (answer.returncode, "migrate" in answer.stderr) == (2, True), answer.stderr
    assert _command("migrate", **variables).returncode == 0
    answer = _command("serve", "--port", "0", **variables)
    assert (answer.returncode, "no key that can be used" in answer.stderr) == (2, True), answer.stderr


def test_serve_tells_its_address_and_ends_in_order(tmp_path: Path) -> None:
    arguments = ["serve", "--sandbox", "--port", "0", "--database", f"sqlite:///{tmp_path / 'x.db'}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        said = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert said
        with httpx.Client(base_url=said.group(), timeout=20) as client:
            token = client.post("/sandbox/token", data={"persona": "municipality"}).json()["access_token"]
            headers = FHIR | {"Authorization": f"Bearer {token}"}
            made = client.post("/fhir/v1/Task", json=need(), headers=headers)
            assert made.headers["location"].startswith(said.group())
            client.get(f"/fhir/v1/Task?identifier={CANARY}", headers=headers)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert "/fhir/v1/{type} 201" in log
    for value in (CANARY, made.json()["id"], "Traceback"):
        assert value not in log
