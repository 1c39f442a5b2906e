"""HL7's own R4 examples: the valid ones pass, here and in fhir.resources; none loses a byte on the way in."""

import json
from collections import Counter
from importlib import import_module
from pathlib import Path

import msgspec
import pytest

from app.errors import InvalidContent, Issue
from app.fhir import document
from app.fhir.identifiers import Mode, validate_identifiers
from app.fhir.validation import validate

FOLDER = Path(__file__).parent / "examples" / "r4"
EXAMPLES = sorted(FOLDER.glob("*.json"))
NOT_VALID = {
    "Questionnaire-qs1": ("missing-element", "Questionnaire.item[0].item[0].linkId"),
    "Questionnaire-zika-virus-exposure-assessment": ("unsafe-narrative", "Questionnaire.text.div"),
}
NOT_SEEN_BY_THE_OTHER = {"Questionnaire-zika-virus-exposure-assessment"}
"""fhir.resources does not look into a narrative."""
WRITABLE = {
    "CarePlan": 11, "CareTeam": 1, "Communication": 3, "Consent": 12, "Encounter": 10, "Endpoint": 4,
    "HealthcareService": 1, "Organization": 13, "Patient": 22, "Practitioner": 14, "PractitionerRole": 1,
    "QuestionnaireResponse": 5, "RelatedPerson": 5, "ServiceRequest": 20, "Task": 12,
}  # fmt: skip
"""How many HL7 publishes of each type that partners write."""


def issues(raw: bytes) -> list[Issue]:
    value = document.read(raw).value
    try:
        validate(value, value["resourceType"])
    except InvalidContent as invalid:
        return list(invalid.issues)
    return []


def is_valid_elsewhere(raw: bytes) -> bool:
    value = json.loads(raw)
    name = value["resourceType"]
    model = getattr(import_module(f"fhir.resources.R4B.{name.lower()}"), name)
    try:
        model.model_validate(value)
    except ValueError:
        return False
    return True


def test_the_examples_are_all_there() -> None:
    found = Counter(path.name.partition("-")[0] for path in EXAMPLES)
    assert {name: found[name] for name in WRITABLE} == WRITABLE


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_judged_as_elsewhere(path: Path) -> None:
    raw = path.read_bytes()
    found = issues(raw)
    if path.stem in NOT_VALID:
        assert (found[0].code, found[0].expression) == NOT_VALID[path.stem]
    else:
        assert found == []
    assert is_valid_elsewhere(raw) == (not found or path.stem in NOT_SEEN_BY_THE_OTHER)


@pytest.mark.parametrize("mode", list(Mode))
def test_no_example_has_a_norwegian_number(mode: Mode) -> None:
    """Their national numbers are American and Dutch: whatever numbers an installation takes, it takes these."""
    for path in EXAMPLES:
        validate_identifiers(document.read(path.read_bytes()).value, mode)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_keeps_its_bytes_but_for_what_the_service_sets(path: Path) -> None:
    raw = path.read_bytes()
    stored = document.splice(raw, {"id": b'"1"', "meta": b'{"versionId":"1"}'})
    mine, theirs = (msgspec.json.decode(text, type=dict[str, msgspec.Raw]) for text in (stored, raw))
    assert {name: bytes(mine[name]) for name in theirs if name not in ("id", "meta")} == {
        name: bytes(theirs[name]) for name in theirs if name not in ("id", "meta")
    }
    assert [name for name in mine if name not in ("id", "meta")] == [n for n in theirs if n not in ("id", "meta")]
