"""A run that gets past no door, or meets nothing behind it, fails: it would have tested nothing."""

from pathlib import Path

import pytest

from tests.api.running import Running
from tests.fuzz.openapi_runs import Run, fuzz, stuck
from tests.fuzz.seeds import fuzzed

BY_ID = "/fhir/v1/Endpoint/{id}"
WALK = Run("coordinating-unit", "examples,coverage", 1, only="^/fhir/v1/Endpoint/[{]id[}]$")
SECONDS = 60
"""At most: the walk through two operations comes to its end long before."""


class Locked(Running):
    """Gives tokens that open nothing."""

    def token(self, persona: str, **_: str) -> dict[str, str]:
        """Of the right form."""
        return {"Authorization": f"Bearer not-one-of-{persona}"}


def test_with_a_wrong_token(tmp_path: Path) -> None:
    with fuzzed(tmp_path, f"sqlite:///{tmp_path / 'fuzz.db'}") as service:
        (found,) = fuzz(Locked(service.origin, service.client), tmp_path, (WALK,), SECONDS)
    assert not found.clean
    assert found.answers[401] > 0
    assert found.stuck == [f"GET {BY_ID}", f"PUT {BY_ID}"]


@pytest.mark.parametrize(
    ("statuses", "is_stuck"),
    [
        ([401, 405], True),
        ([403], True),
        ([400, 404, 404], True),
        ([400, 404, 415, 429], True),
        ([400, 405], False),
        ([200, 404], False),
        ([403, 409], False),
        ([404, 422], False),
    ],
)
def test_what_an_operation_must_have_answered(statuses: list[int], is_stuck: bool) -> None:
    answers = {"GET /a": {str(status): 1 for status in statuses}}
    assert stuck({"missing_auth": [], "missing_test_data": []}, answers) == ({"GET /a"} if is_stuck else set())
    assert stuck({"missing_auth": [], "missing_test_data": ["GET /a"]}, answers) == {"GET /a"}
