"""Failures as OperationOutcome."""

import json

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from app.errors import CANONICAL, InvalidContent, Issue, NotFound, Refused
from app.fhir.outcome import information, language, outcome


def test_each_issue_says_where_what_and_what_is_allowed() -> None:
    error = InvalidContent(
        issues=(
            Issue(
                code="unknown-code", diagnostics="Task.status is wrong.", expression="Task.status", allowed=("a", "b")
            ),
            Issue(code="missing-element", diagnostics="Task.intent is required."),
        )
    )
    body = outcome(error, "nb")
    first, second = json.loads(body)["issue"]
    assert first == {
        "severity": "error",
        "code": "invalid",
        "details": {
            "coding": [{"system": f"{CANONICAL}/CodeSystem/error", "code": "unknown-code"}],
            "text": "Innholdet er ikke gyldig.",
        },
        "diagnostics": "Task.status is wrong. Allowed: a, b",
        "expression": ["Task.status"],
    }
    assert "expression" not in second
    OperationOutcome.model_validate_json(body)


def test_a_failure_without_issues_speaks_for_its_class() -> None:
    assert json.loads(outcome(NotFound()))["issue"][0] == {
        "severity": "error",
        "code": "not-found",
        "details": {
            "coding": [{"system": f"{CANONICAL}/CodeSystem/error", "code": "not-found"}],
            "text": "Not found.",
        },
        "diagnostics": "Not found.",
    }
    refused = json.loads(outcome(Refused("No more hops.", code="hop-limit-reached", allowed=("$escalate",))))
    assert refused["issue"][0]["code"] == "business-rule"
    assert refused["issue"][0]["diagnostics"] == "No more hops. Allowed: $escalate"


def test_information_is_no_error() -> None:
    body = information("Done.", "nb")
    assert json.loads(body)["issue"][0]["severity"] == "information"
    OperationOutcome.model_validate_json(body)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "en"),
        ("", "en"),
        ("nb", "nb"),
        ("nn-NO", "nb"),
        ("no", "nb"),
        ("sv, nb;q=0.5", "nb"),
        ("en-GB,nb;q=0.9", "en"),
        ("en;q=0.3, NB;q=0.9", "nb"),
        ("nb;q=0", "en"),
        ("nb;q=x", "en"),
        ("*", "en"),
    ],
)
def test_the_language_is_the_one_weighed_highest(header: str | None, expected: str) -> None:
    assert language(header) == expected
