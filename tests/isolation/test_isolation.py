"""A thousand pairs on each store; ``python -m tests.isolation`` makes ten times as many, and measures time."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store.schema import migrate
from tests.isolation.lockstep import Run, compare
from tests.postgres import in_database, ordinary_role

PAIRS = 500
ALWAYS_REFUSED = {"odd", "patch", "operation"}
"""Kinds of request that may all be refused in so short a run."""


def proven(run: Run) -> None:
    """No pair differs, and the run got beyond being refused."""
    assert run.clean, str(run)
    kinds = {kind for kind, _ in run.answered}
    assert {kind for kind in kinds if not run.answered[kind, 2]} <= ALWAYS_REFUSED, run.table()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.anyio
async def test_on_sqlite_no_answer_depends_on_what_others_have(tmp_path: Path, seed: int) -> None:
    first, second = (f"sqlite:///{tmp_path}/{name}.db" for name in ("first", "second"))
    migrate(first)
    migrate(second)
    proven(await compare(first, second, PAIRS, seed))


@pytest.fixture(params=[3, 4])
def seeded(request: pytest.FixtureRequest) -> int:
    """Other requests than on SQLite."""
    return int(request.param)


@pytest.fixture
def ordinary_urls(create_database: Callable[[str], str], seeded: int) -> Iterator[tuple[str, str]]:
    """Two databases, by a role that row-level security binds."""
    made = [create_database(f"isolation_{seeded}_{name}") for name in ("first", "second")]
    for url in made:
        migrate(url)
    with ordinary_role(*made) as role:
        yield role, in_database(role, made[1])


@pytest.mark.anyio
async def test_on_postgresql_no_answer_depends_on_what_others_have(ordinary_urls: tuple[str, str], seeded: int) -> None:
    proven(await compare(*ordinary_urls, PAIRS, seeded))
