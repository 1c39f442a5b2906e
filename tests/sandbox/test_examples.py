"""The files that a partner copies: valid R4, synthetic people only, and in step with the directory."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.coordination.states import Move
from app.errors import InvalidContent
from app.fhir.commands import Arguments, command_of
from app.fhir.need import check_need, read_need
from app.fhir.resources import CARE_TEAM, TASK
from app.routing.directory import read_directory
from app.sandbox.ehr_rules import is_person_number
from tests.sandbox.processes import PROJECT

FILES = sorted((PROJECT / "examples").glob("*.json"))
DIRECTORY = tomllib.loads((PROJECT / "directory.toml").read_text(encoding="utf-8"))
ORGANISATION = "urn:oid:2.16.578.1.12.4.1.4.101"
RESH = "urn:oid:2.16.578.1.12.4.1.4.102"
OPERATIONS = {
    "answer": Move.ANSWER,
    "appeal": Move.APPEAL,
    "appoint": Move.APPOINT,
    "appoint-after-placement": Move.APPOINT,
    "decline": Move.DECLINE,
    "escalate": Move.ESCALATE,
    "lapse": Move.LAPSE,
    "escalate-to-decision-group": Move.ESCALATE,
    "place": Move.PLACE,
    "place-after-appeal": Move.PLACE,
    "request-information": Move.REQUEST_INFORMATION,
    "transfer-1-oncology": Move.TRANSFER,
    "transfer-2-rehabilitation": Move.TRANSFER,
    "transfer-3-neurology-ward": Move.TRANSFER,
    "transfer-4-refused": Move.TRANSFER,
    "withdraw": Move.WITHDRAW,
}
HPR = "urn:oid:2.16.578.1.12.4.1.4.4"


def named(value: Any, system: str) -> list[tuple[str, str]]:
    """(identifier value, display) of every logical reference with an identifier of ``system``."""
    if isinstance(value, list):
        return [pair for one in value for pair in named(one, system)]
    if not isinstance(value, dict):
        return []
    own = value.get("identifier")
    found = [pair for one in value.values() for pair in named(one, system)]
    if isinstance(own, dict) and own.get("system") == system:
        found.append((own["value"], value.get("display", "")))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_example_is_valid_r4(file: Path) -> None:
    value = json.loads(file.read_bytes())
    get_fhir_model_class(value["resourceType"]).model_validate(value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_identity_number_is_synthetic_and_holds(file: Path) -> None:
    for number in re.findall(r"\b\d{11}\b", file.read_text(encoding="utf-8")):
        assert is_person_number(number)
        assert 81 <= int(number[2:4]) <= 92


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_organisations_units_and_people_are_those_of_the_directory(file: Path) -> None:
    value = json.loads(file.read_bytes())
    tables = {
        ORGANISATION: {
            (one["organisation_number"], one["name"])
            for kind in ("municipalities", "trusts")
            for one in DIRECTORY[kind].values()
        },
        RESH: {(unit["resh"], unit["name"]) for unit in DIRECTORY["units"].values()},
        HPR: {(person["hpr"], person["name"]) for person in DIRECTORY["practitioners"]},
    }
    for system, known in tables.items():
        assert set(named(value, system)) <= known


def test_each_need_has_its_own_number_and_patient() -> None:
    tasks = [json.loads(file.read_bytes()) for file in FILES if file.name.startswith("task-")]
    assert len(tasks) == 5
    assert len({task["identifier"][0]["value"] for task in tasks}) == 5
    assert len({task["for"]["identifier"]["value"] for task in tasks}) == 5


@pytest.mark.parametrize("name", ["task-need", "task-handed-over", "task-declined", "task-withdrawn"])
def test_the_service_understands_a_need(name: str) -> None:
    raw = (PROJECT / "examples" / f"{name}.json").read_bytes()
    task = json.loads(raw)
    check_need(task, raw)
    need = read_need(task)
    assert need.consent_given is True
    assert len(need.involved_resh) == 1
    assert need.wish_resh == ""


def test_a_draft_lacks_what_its_author_adds_before_it_is_submitted() -> None:
    raw = (PROJECT / "examples" / "task-draft.json").read_bytes()
    task = json.loads(raw)
    check_need(task, raw)
    with pytest.raises(InvalidContent) as lacking:
        check_need(task | {"status": "requested"}, raw)
    assert [issue.code for issue in lacking.value.issues] == ["need-missing"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_service_understands_an_operation(name: str) -> None:
    move = OPERATIONS[name]
    parameters = json.loads((PROJECT / "examples" / f"{name}.json").read_bytes())
    (operation,) = (one for one in TASK.operations if one.name == move)
    arguments = Arguments(parameters, operation.parameters)
    command = command_of(move, arguments, "rehabilitation", read_directory(DIRECTORY), "2026-11-21")
    if move is Move.APPOINT:
        assert command.appointment
        assert command.assessment
        assert command.assessment.met
    else:
        assert command.reason


def test_a_coordinator_can_be_registered_without_a_case() -> None:
    parameters = json.loads((PROJECT / "examples" / "register-coordinator.json").read_bytes())
    (operation,) = (one for one in CARE_TEAM.operations if one.name == "register-coordinator")
    assert Arguments(parameters, operation.parameters).value("patient", "valueIdentifier")["value"]


def test_the_readme_tells_of_every_file() -> None:
    text = (PROJECT / "examples" / "README.md").read_text(encoding="utf-8")
    untold = {file.name for file in FILES if file.name not in text}
    assert untold == {"transfer-2-rehabilitation.json", "transfer-3-neurology-ward.json"}
