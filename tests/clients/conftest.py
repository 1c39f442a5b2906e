"""The service and a case for the clients."""

from collections.abc import Iterator

import pytest

from tests.api.running import Running
from tests.clients.cases import Sent
from tests.clients.served import served


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The sandbox in a process of its own."""
    with served(tmp_path_factory.mktemp("clients")) as started:
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
