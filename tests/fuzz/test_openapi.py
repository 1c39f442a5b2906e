"""What the OpenAPI document tells is what happens, for requests that nobody wrote."""

from pathlib import Path

import pytest

from tests.fuzz.openapi_runs import fuzz, short
from tests.fuzz.seeds import fuzzed

SECONDS = 40
TURN = 739_942
"""Which persona, types and seed: the same each time, so that a failure is the change's; the long form turns further."""


@pytest.mark.timeout(180)
def test_generated_requests_meet_no_5xx_and_no_undocumented_answer(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'fuzz.db'}"
    with fuzzed(tmp_path, database) as service:
        outcomes = list(fuzz(service, tmp_path, short(TURN), SECONDS, seed=TURN))
    print(f"python -m tests.fuzz --store sqlite --short {TURN} --seed {TURN} --minutes {SECONDS / 60:.2f}")
    for outcome in outcomes:
        print(outcome)
    assert all(one.clean for one in outcomes), "\n".join(
        f"{one}\n{one.text}\n{one.stuck}" for one in outcomes if not one.clean
    )
