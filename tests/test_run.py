"""The front door: what it says, what it starts, and that a half-finished installation is not trusted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import run

ROOT = Path(run.__file__).parent


def front_door(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of the run set, as `run.py` would find it."""
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "SITE", tmp_path / "site")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    return tmp_path / ".venv" / "samband-stamp.json"


def test_no_command_or_an_unknown_one_lists_the_commands() -> None:
    for arguments in ((), ("dance",)):
        answer = front_door(*arguments)
        assert answer.returncode == 2
        assert all(f"run.py {command}" in answer.stderr for command in run.COMMANDS)
    assert front_door("--help").returncode == 0


def test_an_old_python_is_told_which_one_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert run.main(["demo"]) == 2
    assert "3.11 or newer" in capsys.readouterr().err


def test_an_installation_without_its_stamp_is_not_ready(installed: Path) -> None:
    assert run.ready("run") is None
    installed.write_text(json.dumps(run.stamps("run")[0]), encoding="utf-8")
    assert run.ready("run") is not None


def test_another_lock_or_python_is_not_ready(installed: Path) -> None:
    for difference in ({"lock": "0" * 64}, {"python": "3.11.0"}, {"abi": "other"}):
        installed.write_text(json.dumps({**run.stamps("run")[0], **difference}), encoding="utf-8")
        assert run.ready("run") is None


def test_the_development_set_serves_both_the_run_set_only_itself(installed: Path) -> None:
    installed.write_text(json.dumps(run.stamps("dev")[0]), encoding="utf-8")
    assert run.ready("run")
    assert run.ready("dev")
    installed.write_text(json.dumps(run.stamps("run")[0]), encoding="utf-8")
    assert run.ready("dev") is None
