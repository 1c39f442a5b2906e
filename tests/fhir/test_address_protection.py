"""The label of a protected address, and what is withheld from a body."""

import json
from typing import Any

import pytest

from app.fhir.address_protection import CONFIDENTIALITY, Level, level_of, may_tell, withheld
from app.fhir.validation import validate


@pytest.mark.parametrize(
    ("labels", "level"),
    [
        ([{"system": CONFIDENTIALITY, "code": "V"}], Level.STRICT),
        ([{"system": CONFIDENTIALITY, "code": "R"}], Level.CONFIDENTIAL),
        ([{"system": CONFIDENTIALITY, "code": "R"}, {"code": "strengtFortroligUtland"}], Level.STRICT),
        ([{"system": "urn:x", "code": "fortrolig"}], Level.CONFIDENTIAL),
        ([{"system": CONFIDENTIALITY, "code": "N"}], None),
        ([{"system": "urn:x", "code": "V"}, {"code": "ugradert"}, {"display": "V"}], None),
        ([], None),
    ],
)
def test_the_strictest_label_counts(labels: list[dict[str, str]], level: Level | None) -> None:
    assert level_of({"meta": {"security": labels}}) is level


PERSON: dict[str, Any] = {
    "resourceType": "RelatedPerson",
    "meta": {"versionId": "1", "security": [{"code": "x"}]},
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Veien 1</div>'},
    "patient": {"display": "x"},
    "name": [{"text": "Mor"}],
    "address": [{"text": "Veien 1"}, {"text": "Veien 2"}],
    "telecom": [{"system": "phone", "value": "99887766"}],
}


def test_a_related_persons_address_is_the_patients() -> None:
    shown = json.loads(withheld("RelatedPerson", json.dumps(PERSON).encode()))
    validate(shown, "RelatedPerson")
    assert "Veien" not in json.dumps(shown)
    assert "99887766" not in json.dumps(shown)
    assert (shown["name"], shown["patient"]) == (PERSON["name"], PERSON["patient"])
    assert [one["code"] for one in shown["meta"]["security"]] == ["x", "REDACTED"]


def test_what_has_nothing_to_withhold_is_the_same() -> None:
    body = b'{"resourceType":"Patient","name":[{"text":"x"}]}'
    assert withheld("Patient", body) is body
    assert not may_tell("Task", b'{"resourceType":"Task","note":[{"text":"Patient"}]}')
    assert not may_tell("Communication", b'{"contained":[{"resourceType":"Basic"}]}')
    assert may_tell("Task", b'{"contained":[{"resourceType": "RelatedPerson"}]}')
