"""A service with its neighbours, as a page tells the reader to start them."""

from collections.abc import Iterator

import pytest

from app.sandbox.demo.calls import Stop
from app.sandbox.demo.processes import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house without processes; those that a test starts in it are ended afterwards."""
    built = House(tmp_path_factory.mktemp("house"), Stop())
    try:
        yield built
    finally:
        built.end()
