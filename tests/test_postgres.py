"""The PostgreSQL that tests and benchmark run on: protected, durable, gone afterwards, also after a kill."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests import postgres
from tests.postgres_binaries import FROM, NoPostgres

STARTER = """
import sys, time
from tests.postgres import postgres_server
with postgres_server() as url:
    print(url, flush=True)
    time.sleep(60)
"""


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def started(temporary: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "TMPDIR": str(temporary)}
    environment.pop(postgres.URL, None)
    return subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True, env=environment)


def refuses(url: str) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            asyncio.run(ask(url, "SELECT 1"))
        except (OSError, asyncpg.PostgresError):
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.stat().st_uid == os.geteuid() and folder.name.startswith(("pytest-", "test_", "popen-")):
            folder.chmod(0o755)
    return tmp_path


def test_a_database_is_new_and_writes_are_durable(create_database: Callable[[str], str]) -> None:
    url = create_database("one")
    assert asyncio.run(ask(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0
    assert asyncio.run(ask(url, "SHOW fsync")) == "on"
    assert create_database("one") != url


@pytest.mark.skipif(postgres.URL in os.environ, reason="the server's own rules apply to a given server")
def test_nobody_gets_in_without_the_password(postgres_url: str) -> None:
    parts = urlsplit(postgres_url)
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(ask(postgres_url.replace(str(parts.password), "wrong"), "SELECT 1"))


def test_sigterm_stops_the_server_and_removes_its_folder(temporary: Path) -> None:
    with started(temporary) as starter:
        assert starter.stdout
        url = starter.stdout.readline().strip()
        assert asyncio.run(ask(url, "SELECT 1")) == 1
        starter.send_signal(signal.SIGTERM)
        starter.wait(timeout=30)
    assert refuses(url)
    assert not list(temporary.glob(f"{postgres.PREFIX}*"))


def test_a_killed_run_is_cleaned_up_by_the_next(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with started(temporary) as starter:
        assert starter.stdout
        url = starter.stdout.readline().strip()
        postgres.sweep()
        assert asyncio.run(ask(url, "SELECT 1")) == 1, "a run that is still going is left alone"
        starter.kill()
        starter.wait(timeout=30)
    postgres.sweep()
    assert refuses(url)
    assert not list(temporary.glob(f"{postgres.PREFIX}*"))


def test_without_postgresql_the_run_fails_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(postgres.URL, raising=False)
    monkeypatch.setenv(FROM, "nowhere")
    with pytest.raises(NoPostgres, match="Install"), postgres.postgres_server():
        pytest.fail("there is no server")
