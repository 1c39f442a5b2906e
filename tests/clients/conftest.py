"""The service and a case for the clients."""

from collections.abc import Callable, Iterator

import pytest

from tests.api.running import Running
from tests.clients.cases import Sent
from tests.clients.served import served


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, create_database: Callable[[str], str]
) -> Iterator[Running]:
    """The sandbox in a process of its own, on each database."""
    file = f"sqlite:///{tmp_path_factory.mktemp('clients') / 'samband.db'}"
    with served(file if request.param == "sqlite" else create_database("clients")) as started:
        yield started


@pytest.fixture(scope="session")
def municipality(service: Running) -> dict[str, str]:
    """Authorization of a municipality's case system."""
    return service.token("municipality", organisation="fjordvik")


@pytest.fixture
def bearer(municipality: dict[str, str]) -> str:
    """The municipality's access token, as a client is given it."""
    return municipality["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def sent() -> Sent:
    """What a client shall send: needs under numbers of their own."""
    return Sent()
