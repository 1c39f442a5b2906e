"""What a service must not start with: each is refused by name, before anything listens."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.store.schema import migrate
from tests.api.running import PROJECT

SECRET = "a-key-that-is-not-shown"
GOOD = {
    "SAMBAND_TOKEN_ISSUER": "https://issuer.example",
    "SAMBAND_TOKEN_PRESET": "sandbox",
    "SAMBAND_TOKEN_JWKS_URI": "https://issuer.example/jwks",
    "SAMBAND_BASE_URL": "https://samband.example",
    "SAMBAND_CURSOR_KEY": "k" * 32,
}


def _started(*options: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], **settings}
    command = [sys.executable, *options, "-m", "app.cli", "serve", "--port", "0"]
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SAMBAND_TOKEN_ISSUER": "http://issuer.example"}, "SAMBAND_TOKEN_ISSUER"),
        ({"SAMBAND_TOKEN_ISSUER": "https://*.example"}, "SAMBAND_TOKEN_ISSUER"),
        ({"SAMBAND_TOKEN_ISSUER": "*"}, "SAMBAND_TOKEN_ISSUER"),
        ({"SAMBAND_TOKEN_ISSUER": ""}, "SAMBAND_TOKEN_ISSUER"),
        ({"SAMBAND_TOKEN_AUDIENCE": "*"}, "SAMBAND_TOKEN_AUDIENCE"),
        ({"SAMBAND_BASE_URL": "http://samband.example"}, "SAMBAND_BASE_URL"),
        ({"SAMBAND_CURSOR_KEY": SECRET}, "SAMBAND_CURSOR_KEY"),
        ({"SAMBAND_DATABASE_URL": "postgresql://x@127.0.0.1:9/x", "SAMBAND_CURSOR_KEY": ""}, "SAMBAND_CURSOR_KEY"),
        ({"SAMBAND_EHR_URL": "http://ehr.example", "SAMBAND_EHR_TOKEN": SECRET}, "SAMBAND_EHR_URL"),
        ({"SAMBAND_ENDPOINT_ORIGINS": '["http://kommune.example"]'}, "SAMBAND_ENDPOINT_ORIGINS"),
        ({"SAMBAND_ENDPOINT_ORIGINS": '["https://kommune.example/path"]'}, "SAMBAND_ENDPOINT_ORIGINS"),
        ({"SAMBAND_ENDPOINT_ORIGINS": '["https://*.example"]'}, "address"),
        ({"SAMBAND_PRIVATE_NETWORKS": '["0.0.0.0/0"]'}, "network"),
        ({"SAMBAND_SANDBOX": "true", "SAMBAND_HOST": "0.0.0.0"}, "loopback"),  # noqa: S104
        ({"PYTHONASYNCIODEBUG": "1"}, "development"),
        ({"PYTHONDEVMODE": "1"}, "development"),
    ],
)
def test_an_insecure_setting_stops_the_start(changes: dict[str, str], said: str) -> None:
    answer = _started(**(GOOD | changes))
    assert answer.returncode == 2, answer.stderr
    assert said in answer.stderr
    assert SECRET not in answer.stdout + answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize("secret", ["SAMBAND_CURSOR_KEY", "SAMBAND_EHR_TOKEN"])
def test_a_secret_is_never_printed(secret: str) -> None:
    answer = _started(**(GOOD | {"SAMBAND_HOPS": "many", secret: SECRET * 3}))
    assert answer.returncode == 2
    assert SECRET not in answer.stdout + answer.stderr


def test_a_database_role_that_no_rule_binds_stops_the_start(create_database: Callable[[str], str]) -> None:
    url = create_database("start")
    migrate(url)
    answer = _started(**(GOOD | {"SAMBAND_DATABASE_URL": url}))
    assert answer.returncode == 2, answer.stderr
    assert "superuser" in answer.stderr
    assert url not in answer.stderr


def test_a_database_file_is_for_its_user_only(tmp_path: Path) -> None:
    file = tmp_path / "patients" / "samband.db"
    command = [sys.executable, "-m", "app.cli", "migrate", "--database", f"sqlite:///{file}"]
    ended = subprocess.run(command, cwd=PROJECT, env={"PATH": os.environ["PATH"]}, check=False, capture_output=True)
    assert ended.returncode == 0, ended.stderr
    assert file.stat().st_mode & 0o077 == 0


def test_the_settings_show_no_secret() -> None:
    code = (
        "from app.config import Settings; s = Settings(sandbox=True); "
        "print(repr(s), s, s.model_dump(), s.model_dump_json())"
    )
    environment = {"PATH": os.environ["PATH"], "SAMBAND_CURSOR_KEY": SECRET * 3}
    environment |= {"SAMBAND_EHR_TOKEN": SECRET, "SAMBAND_EHR_URL": "http://127.0.0.1:9/fhir"}
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    assert "**********" in ended.stdout
    assert SECRET not in ended.stdout
