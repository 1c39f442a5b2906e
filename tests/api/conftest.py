"""One service for all tests of the HTTP face: each test brings cases of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.api.ledger import Ledger, ledger_of
from tests.api.running import Running, running, sandbox_settings, settings_on


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The sandbox on SQLite; it counts no failed tokens, for all tests come from one address (see test_limits)."""
    folder: Path = tmp_path_factory.mktemp("samband")
    with running(sandbox_settings(folder, failure_limit=0)) as started:
        yield started


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def each_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, create_database: Callable[[str], str]
) -> Iterator[Running]:
    """The sandbox on each database: a commit is one statement on the one, one savepoint on the other."""
    folder: Path = tmp_path_factory.mktemp("each")
    with running(settings_on(request.param, folder, create_database)) as started:
        yield started


@pytest.fixture(scope="session")
def municipality(service: Running) -> dict[str, str]:
    """Authorization of a municipality's case system."""
    return service.token("municipality", organisation="fjordvik")


@pytest.fixture(scope="session")
def unit(service: Running) -> dict[str, str]:
    """Authorization of the unit that the example need is routed to."""
    return service.token("clinical-unit", unit="neurology-outpatient")


@pytest.fixture
def task(service: Running, municipality: dict[str, str]) -> str:
    """The id of a new case in the unit's queue."""
    answer = service.post_need(municipality)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, create_database: Callable[[str], str]
) -> Iterator[Ledger]:
    """The service on each database, with its audit rows; new for each module."""
    folder: Path = tmp_path_factory.mktemp("audit")
    settings = settings_on(request.param, folder, create_database)
    with running(settings) as service, ledger_of(service, settings.database_url.get_secret_value()) as found:
        yield found
