"""A run that gets past no door, or meets nothing behind it, fails: it would have tested nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.running import Running
from tests.fuzz import openapi_runs
from tests.fuzz.openapi_runs import Run, fuzz
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


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The sandbox, filled."""
    folder: Path = tmp_path_factory.mktemp("reach")
    with fuzzed(folder, f"sqlite:///{folder / 'fuzz.db'}") as started:
        yield started


def test_with_a_wrong_token(service: Running, tmp_path: Path) -> None:
    (found,) = fuzz(Locked(service.origin, service.client), tmp_path, (WALK,), SECONDS)
    assert not found.clean
    assert found.answers[401] > 0
    assert found.stuck == [f"GET {BY_ID}", f"PUT {BY_ID}"]


def test_with_ids_of_nothing(service: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi_runs, "ids", lambda *_: [("Endpoint", ["0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"])])
    (found,) = fuzz(service, tmp_path, (WALK,), SECONDS)
    assert not found.clean
    assert found.answers[404] > 0
    assert f"GET {BY_ID}" in found.stuck
