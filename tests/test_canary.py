"""The reader of logs sees what it is there for; what it finds fails the run (tests/conftest.py)."""

import logging
from pathlib import Path

import pytest

from tests.api.running import CANARY
from tests.canary import Watch, in_files, leaks

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "line",
    [
        f"DETAIL:  Key (system, value)=(urn:oid:2.16.578.1.12.4.1.4.1, {CANARY}) already exists.",
        f"GET /fhir/v1/Task?patient={CANARY}",
        f'{{"value":"{CANARY}"}}',
        f"Authorization: Bearer {TOKEN}",
        f"token {TOKEN}",
    ],
)
def test_a_leak_is_seen_and_not_repeated(tmp_path: Path, line: str) -> None:
    log = tmp_path / "service.txt"
    log.write_text(f"a line\n{line}\n", encoding="utf-8")
    (found,) = in_files([log])
    assert "line 2" in found
    assert CANARY not in found
    assert TOKEN not in found


@pytest.mark.parametrize("line", ["12345678901", "1753228800000", "0a10915596784f", "x-request-id 3f2504e0-4f89"])
def test_what_only_looks_like_one_is_none(line: str) -> None:
    assert leaks(line) == []


def test_a_service_in_this_process_is_watched() -> None:
    watch = Watch()
    logger = logging.getLogger("samband.canary-test")
    logger.addHandler(watch)
    logger.propagate = False
    logger.error("about %s", CANARY)
    logger.removeHandler(watch)
    assert len(watch.found) == 1
