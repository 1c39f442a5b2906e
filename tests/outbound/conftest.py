"""What the tests of calls to others share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.store.schema import migrate
from tests.outbound.listener import Server, listening
from tests.outbound.post_office import PostOffice, post_office


@pytest.fixture
def listener() -> Iterator[Server]:
    """A real listener on loopback, http."""
    with listening() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, create_database: Callable[[str], str]
) -> Iterator[PostOffice]:
    """The service with its worker: each test makes subscriptions of its own; the hour only goes on."""
    more: dict[str, Any] = {}
    if request.param == "postgresql":
        more["database_url"] = create_database("post")
        migrate(more["database_url"])
    with pytest.MonkeyPatch.context() as patch, post_office(tmp_path_factory.mktemp("post"), patch, **more) as found:
        yield found
