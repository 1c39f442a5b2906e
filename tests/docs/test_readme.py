"""The README's commands, run in order against ``serve --sandbox`` as a newcomer runs them."""

import json
from pathlib import Path

import pytest

from app.sandbox.demo.processes import House
from tests.docs.pages import PROJECT, Played, differences, play, section


@pytest.fixture(scope="module")
def played(house: House) -> list[Played]:
    """All blocks of «Try it by hand», played once."""
    database = f"sqlite:///{house.folder / 'samband.db'}"
    origin = house.start("samband", "app.cli", "serve", "--sandbox", "--port", "0", "--database", database)
    return list(play(section("README.md", "## Try it by hand"), {"http://127.0.0.1:8400": origin}))


def test_every_command_works(played: list[Played]) -> None:
    assert [differences(block) for block in played] == [[]] * len(played)


def test_the_first_post_gives_a_receipt(played: list[Played]) -> None:
    first = next(block.output for block in played if "curl -si" in block.command)
    assert first.startswith("HTTP/1.1 201")
    assert '"FILL"' in first


def test_the_municipality_finds_and_reads_one_case(played: list[Played]) -> None:
    (found,) = (json.loads(block.output) for block in played if "_search" in block.command)
    assert len(found["entry"]) == 1
    assert found["entry"][0]["resource"]["businessStatus"]["coding"][0]["code"] == "in-queue"


def test_the_unit_sees_its_moves_and_appoints(played: list[Played]) -> None:
    (actions,) = (json.loads(block.output) for block in played if "available-actions" in block.command)
    assert "$accept" in {action["part"][0]["valueString"] for action in actions["parameter"]}
    (appointed,) = (json.loads(block.output) for block in played if "appoint.json" in block.command)
    assert appointed["status"] == "completed"


def test_the_municipality_reads_the_answer(played: list[Played]) -> None:
    last = [block.output for block in played if block.command.startswith("curl -s $TASK -H")][-1]
    told = {entry["type"]["coding"][0]["code"]: entry for entry in json.loads(last)["output"]}
    assert told["coordinator"]["valueReference"]["display"] == "Ingrid Solvang"
    assert told["coordinator-phone"]["valueContactPoint"]["value"] == "+47 55 50 11 01"


def test_events_and_figures_tell_the_same(played: list[Played]) -> None:
    (events,) = (json.loads(block.output)["events"] for block in played if "/events" in block.command)
    assert [event["move"] for event in events] == ["submit", "route", "accept", "appoint"]
    (figures,) = (json.loads(block.output)["units"] for block in played if "/reports/units" in block.command)
    assert {row["unit"]: row["appointed"] for row in figures} == {"neurology-outpatient": 1}


def test_the_readme_is_short() -> None:
    assert 100 <= len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) <= 140


def test_no_machine_path_is_in_the_documentation() -> None:
    for page in [*PROJECT.glob("*.md"), *Path(PROJECT / "docs").glob("*.md")]:
        text = page.read_text(encoding="utf-8")
        assert not any(start in text for start in ("/work/", "/home/", "/root/", "/tmp/"))  # noqa: S108
