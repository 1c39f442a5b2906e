"""The service and a case for the clients, and which clients the run drove."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

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


def driven(reports: Iterable[pytest.TestReport]) -> list[str]:
    """One line for each client: its version and the steps that it took."""
    steps: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        told = dict(report.user_properties)
        if report.when == "call" and "client" in told:
            steps[str(told["client"])].append(f"{told['step']}{'' if report.passed else ' (FAILED)'}")
    return [f"{client}: {', '.join(taken)}" for client, taken in sorted(steps.items())]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which clients were driven through what."""
    reports = (one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ()))
    for line in driven(reports):
        terminalreporter.write_line(f"client {line}")
