"""Failures as OperationOutcome."""

import json
import re

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from app.errors import CANONICAL, TEXTS, InvalidContent, Issue, NotFound, Refused, Texts
from app.fhir.outcome import information, language, outcome

ONLY_NORWEGIAN = re.compile(r"[æøå]|\b(ikke|kan|er|på|og|som|eller|den|det)\b", re.IGNORECASE)
ONLY_ENGLISH = re.compile(r"\b(the|is|not|cannot|must|of|and|this|or|can)\b", re.IGNORECASE)


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
            "text": TEXTS["unknown-code"].nb,
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
            "text": TEXTS["not-found"].en,
        },
        "diagnostics": TEXTS["not-found"].en,
    }
    refused = json.loads(outcome(Refused("No more hops.", code="hop-limit-reached", allowed=("$escalate",))))
    assert refused["issue"][0]["code"] == "business-rule"
    assert refused["issue"][0]["diagnostics"] == "No more hops. Allowed: $escalate"


@pytest.mark.parametrize(("code", "texts"), TEXTS.items())
def test_a_text_is_one_or_two_whole_sentences_in_each_language(code: str, texts: Texts) -> None:
    for text in texts:
        assert re.fullmatch(r"[A-ZÆØÅ_].{8,}\.", text), text
        assert text.isprintable()
        # Nothing is filled in: a text is the same whatever was sent, and numbers are settings or the caller's.
        assert not re.search(r"[{}$%<>#@]|\.\.|  |[1-9]", re.sub(r"UTF-8|RFC 6902|\$[a-z]+", "", text)), text
        assert len(text) < 130, text
    assert not ONLY_NORWEGIAN.search(texts.en), code
    assert not ONLY_ENGLISH.search(texts.nb), code


def test_every_issue_of_a_failure_speaks_for_itself() -> None:
    """Many problems at once: each with the text of its own code."""
    codes = ("missing-element", "wrong-type", "hpr-invalid")
    error = InvalidContent(issues=tuple(Issue(code=code, diagnostics="No.") for code in codes))
    for wanted, number in (("en", 0), ("nb", 1)):
        said = [issue["details"]["text"] for issue in json.loads(outcome(error, wanted))["issue"]]
        assert said == [TEXTS[code][number] for code in codes]


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
