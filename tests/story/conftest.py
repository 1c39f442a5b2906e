"""One town on each database; a test may kill its service, and the next one finds it in good order again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.story.town import Town, running_town


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def one_town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town on SQLite, then one on PostgreSQL."""
    folder: Path = tmp_path_factory.mktemp("town")
    if request.param == "sqlite":
        database = f"sqlite:///{folder / 'samband.db'}"
    else:
        create: Callable[[str], str] = request.getfixturevalue("create_database")
        database = create("story")
    with running_town(folder, database) as built:
        yield built


@pytest.fixture(name="town")
def town_in_order(one_town: Town) -> Town:
    """The town with everybody well and nothing to deliver."""
    one_town.all_well()
    return one_town
