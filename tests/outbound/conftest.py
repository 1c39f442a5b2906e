"""What the tests of calls to others share."""

from collections.abc import Iterator

import pytest

from tests.outbound.listener import Server, listening


@pytest.fixture
def listener() -> Iterator[Server]:
    """A real listener on loopback, http."""
    with listening() as server:
        yield server
