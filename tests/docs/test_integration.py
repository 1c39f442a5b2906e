"""The integration guide's commands are run in order, and each answer that it shows is held against the real one."""

import re

import pytest

from app.errors import SambandError
from app.sandbox.demo.processes import House
from tests.docs.pages import PROJECT, Played, differences, play

GUIDE = "docs/integration.md"


@pytest.fixture(scope="module")
def played(house: House) -> list[Played]:
    """The whole guide, played once with an EHR and a municipality beside the service."""
    records = str(house.folder / "ehr.sqlite")
    ehr = house.start("ehr", "app.sandbox.ehr", "--port", "0", "--database", records)
    settings = {
        "SAMBAND_EHR_URL": f"{ehr}/fhir",
        "SAMBAND_EHR_TOKEN": "ehr-secret",
        "SAMBAND_DATABASE_URL": f"sqlite:///{house.folder / 'samband.db'}",
    }
    samband = house.start("samband", "app.cli", "serve", "--sandbox", "--port", "0", settings=settings)
    named = ("--samband", samband, "--organisation", "310471437", "--journal", str(house.folder / "journal.jsonl"))
    system = house.start("fjordvik", "app.sandbox.municipality", "--port", "0", *named)
    addresses = {
        "http://127.0.0.1:8400": samband,
        "http://127.0.0.1:8401": ehr,
        "http://127.0.0.1:8402": system,
    }
    return list(play((PROJECT / GUIDE).read_text(encoding="utf-8"), addresses))


def test_every_command_answers_what_the_guide_shows(played: list[Played]) -> None:
    wrong = {block.command: found for block in played if (found := differences(block))}
    assert wrong == {}


def test_the_guide_shows_answers(played: list[Played]) -> None:
    assert sum(bool(block.shown) for block in played) >= 15


def test_every_error_code_in_the_table_is_one_of_the_service() -> None:
    table = re.search(r"^\| status \|.*?\n\n", (PROJECT / GUIDE).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert table
    source = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "app").rglob("*.py"))
    for code in re.findall(r"`([a-z-]+)`", table[0]):
        assert f'"{code}"' in source, code


def test_every_status_in_the_table_is_one_of_the_service() -> None:
    table = re.findall(r"^\| ([\d, ]+) \|", (PROJECT / GUIDE).read_text(encoding="utf-8"), re.MULTILINE)
    named = {int(status) for row in table for status in row.split(",")}
    assert named == {failure.status for failure in SambandError.__subclasses__()}
