"""What a service must not start with: each is refused by name, before anything listens."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from app.config import Database
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


def _started(command: str = "serve", **settings: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], **settings}
    called = [sys.executable, "-m", "app.cli", command, *(["--port", "0"] if command == "serve" else [])]
    return subprocess.run(called, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False)


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


@pytest.mark.parametrize("wrong", [{"SAMBAND_HOPS": "many"}, {"SAMBAND_HOP": "2"}, {"SAMBAND_TOKEN_CLAIMS": "{"}])
def test_a_secret_is_never_printed(wrong: dict[str, str]) -> None:
    secrets = ("SAMBAND_CURSOR_KEY", "SAMBAND_EHR_TOKEN", "SAMBAND_DATABASE_URL")
    answer = _started(**(GOOD | wrong | dict.fromkeys(secrets, SECRET * 3)))
    assert answer.returncode == 2
    assert SECRET not in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    "address",
    [
        "mysql://u:{}@127.0.0.1/x",
        "postgresql://u:{}@127.0.0.1:9",
        "postgresql://u:{}@127.0.0.1:{}/x",
        "postgresql://u:a@b:{}@127.0.0.1:9/x",
        "postgresql://u:a/{}@127.0.0.1:9/x",
        "postgresql://u:{} @127.0.0.1:9/x",
        "postgresql://u:{}@[::1/x",
        "postgresql://u:{}@127.0.0.1:99999/x",
    ],
)
def test_a_database_address_that_others_would_read_otherwise(address: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Database(database_url=SecretStr(address.replace("{}", SECRET)))
    assert "percent-encoded" in str(refused.value)
    assert SECRET not in f"{refused.value} {refused.value!r}"


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_what_nobody_foresaw_does_not_show_the_address_of_the_database(command: str) -> None:
    address = f"postgresql://u:{SECRET}@127.0.0.1:9/x?{SECRET}=1"
    answer = _started(**(GOOD | {"SAMBAND_DATABASE_URL": address}), command=command)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "This command failed." in answer.stderr
    assert "TypeError" in answer.stderr
    assert SECRET not in answer.stderr


def _mounted(folder: Path, **secrets: str) -> str:
    """A directory as Kubernetes mounts one: names that lead to a hidden directory, which an update replaces."""
    (folder / "..data").mkdir()
    for name, secret in secrets.items():
        (folder / "..data" / name).write_text(f"{secret}\n", encoding="utf-8")
        (folder / name).symlink_to(Path("..data") / name)
    return str(folder)


def test_secrets_are_read_from_a_directory(tmp_path: Path) -> None:
    folder = _mounted(
        tmp_path, samband_cursor_key=SECRET * 3, SAMBAND_DATABASE_URL=f"postgresql://u:{SECRET}@127.0.0.1:9/x"
    )
    given = {name: value for name, value in GOOD.items() if name != "SAMBAND_CURSOR_KEY"}
    for command in ("serve", "migrate"):
        answer = _started(**given, SAMBAND_SECRETS_DIR=folder, command=command)
        assert (answer.returncode, answer.stderr) == (2, "The database does not answer.\n")


def test_a_directory_of_secrets_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = _mounted(tmp_path, samband_cursor_kee=SECRET)
    answer = _started(**GOOD, SAMBAND_SECRETS_DIR=folder)
    assert "no such setting: SAMBAND_CURSOR_KEE" in answer.stderr
    for other in (f"{folder}/nowhere", f"{folder}/samband_cursor_kee"):
        assert "SAMBAND_SECRETS_DIR is no directory" in _started(**GOOD, SAMBAND_SECRETS_DIR=other).stderr


def test_the_environment_goes_before_a_file(tmp_path: Path) -> None:
    folder = _mounted(tmp_path, samband_cursor_key="short")
    assert "SAMBAND_CURSOR_KEY needs" not in _started(**GOOD, SAMBAND_SECRETS_DIR=folder, command="worker").stderr
    shorter = {**GOOD, "SAMBAND_CURSOR_KEY": "other"}
    assert "SAMBAND_CURSOR_KEY needs" in _started(**shorter, SAMBAND_SECRETS_DIR=folder).stderr


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
        "from app.config import Database, Settings; s = Settings(sandbox=True); "
        "print(repr(s), s, s.model_dump(), s.model_dump_json(), Database())"
    )
    environment = {"PATH": os.environ["PATH"], "SAMBAND_CURSOR_KEY": SECRET * 3}
    environment |= {"SAMBAND_DATABASE_URL": f"postgresql://u:{SECRET}@127.0.0.1:9/x"}
    environment |= {"SAMBAND_EHR_TOKEN": SECRET, "SAMBAND_EHR_URL": "http://127.0.0.1:9/fhir"}
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    assert "**********" in ended.stdout
    assert SECRET not in ended.stdout
