"""What the OpenAPI document tells is what happens, for requests that nobody wrote."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fuzz.openapi_runs import fuzz, short
from tests.fuzz.seeds import STORES, fuzzed

SECONDS = 40


@pytest.mark.timeout(180)
def test_generated_requests_meet_no_5xx_and_no_undocumented_answer(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """From day to day another database, persona and type: what no single minute can cover, a week does."""
    turn = datetime.now(UTC).toordinal()
    store = STORES[turn % len(STORES)]
    if store == "postgresql":
        database = request.getfixturevalue("create_database")("fuzz")
    else:
        database = f"sqlite:///{tmp_path / 'fuzz.db'}"
    with fuzzed(tmp_path, database) as service:
        outcomes = list(fuzz(service, tmp_path, short(turn), SECONDS, seed=turn))
    print(f"python -m tests.fuzz --store {store} --short {turn} --seed {turn} --minutes {SECONDS / 60:.2f}")
    for outcome in outcomes:
        print(outcome)
    assert all(one.clean for one in outcomes), "\n".join(
        f"{one}\n{one.text}\n{one.stuck}" for one in outcomes if not one.clean
    )
