"""The PostgreSQL of a test run: one server, shared by all workers of pytest-xdist, a database for each."""

import gc
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import settings

from tests import canary, postgres
from tests.clients.driven import driven
from tests.postgres_binaries import NoPostgres

# How long an example takes says what else the machine does.
settings.register_profile("samband", deadline=None)
settings.load_profile("samband")

SERVER = pytest.StashKey[str]()
WATCH = pytest.StashKey[canary.Watch]()
RUNNING = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep what must be ended with the run."""
    # What is collected stays to the end, as in the service: the collector need not look through it again and again.
    gc.set_threshold(10_000, 20, 20)
    config.stash[RUNNING] = ExitStack()
    config.stash[WATCH] = canary.Watch()
    logging.getLogger().addHandler(config.stash[WATCH])


def pytest_collection_finish() -> None:
    """Modules and tests are there now."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Whatever was tested: no log of a service, of a stand-in or of PostgreSQL holds a patient or a token."""
    config = session.config
    found = config.stash[WATCH].found
    found += canary.in_files(Path(config._tmp_path_factory.getbasetemp()).rglob("*.log"))  # type: ignore[attr-defined]
    found += canary.in_files(postgres.LOGS.values())
    if hasattr(config, "workeroutput"):
        config.workeroutput["leaks"] = found
    elif found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """pytest-xdist: what a worker has found counts here."""
    node.config.stash[WATCH].found += getattr(node, "workeroutput", {}).get("leaks", [])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if one was started."""
    logging.getLogger().removeHandler(config.stash[WATCH])
    config.stash[RUNNING].close()


def pytest_report_header() -> str:
    """Say which databases this run is about."""
    return f"stores: {stores()}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say it again beside the result."""
    for leak in config.stash[WATCH].found:
        terminalreporter.write_line(f"LEAK: {leak}", red=True)
    terminalreporter.write_line(f"stores: {stores()}")
    reports = (one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ()))
    for line in driven(reports):
        terminalreporter.write_line(f"client {line}")


def stores() -> str:
    """The versions of both databases, or why there is no PostgreSQL."""
    try:
        return f"{postgres.describe()}, SQLite {sqlite3.sqlite_version}"
    except NoPostgres as failure:
        return f"SQLite {sqlite3.sqlite_version}. {failure}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist: the main process starts the server, each worker is told where it is."""
    node.workerinput["postgres_server"] = server_of(node.config)


def server_of(config: pytest.Config) -> str:
    """The URL of the run's server; it is started when it is first asked for, and stopped with the run."""
    given = getattr(config, "workerinput", {}).get("postgres_server")
    if given:
        return str(given)
    if SERVER not in config.stash:
        config.stash[SERVER] = config.stash[RUNNING].enter_context(postgres.postgres_server())
    return config.stash[SERVER]


@pytest.fixture(scope="session")
def create_database(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """A function: makes an empty PostgreSQL database ``…_{name}``, answers its URL; it is gone after the run."""
    server = server_of(request.config)
    run = f"samband_test_{os.getpid()}_{token_hex(3)}"
    made: list[str] = []

    def create(name: str) -> str:
        made.append(f"{run}_{len(made)}_{name}")
        return postgres.create_database(server, made[-1])

    yield create
    # A drop takes a second. Our own server is removed with all that is in it.
    if os.environ.get(postgres.URL):
        for database in made:
            postgres.drop_database(server, database)


@pytest.fixture(scope="session")
def postgres_url(create_database: Callable[[str], str]) -> str:
    """``postgresql://…``: one fresh, empty database for each test process."""
    return create_database("run")


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the service does."""
    return "asyncio"
