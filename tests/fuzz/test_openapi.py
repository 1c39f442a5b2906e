"""What the OpenAPI document tells is what happens, for requests that nobody wrote."""

from pathlib import Path

import pytest

from tests.api.running import running, sandbox_settings
from tests.fuzz.openapi_runs import SHORT, fuzz

SECONDS = 40


@pytest.mark.timeout(180)
def test_generated_requests_meet_no_5xx_and_no_undocumented_answer(tmp_path: Path) -> None:
    with running(sandbox_settings(tmp_path)) as service:
        outcomes = list(fuzz(service, tmp_path, SHORT, SECONDS))
    for outcome in outcomes:
        print(outcome)
    assert all(one.clean for one in outcomes), "\n".join(
        f"{one}\n{one.text}\n{one.stuck}" for one in outcomes if not one.clean
    )
