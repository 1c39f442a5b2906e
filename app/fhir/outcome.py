"""OperationOutcome (R4 2.29): the one mapper from our failures to what a partner reads."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from app.errors import CANONICAL, TEXTS, Issue, SambandError

CODE_SYSTEM: Final = f"{CANONICAL}/CodeSystem/error"
"""Stable error codes in kebab-case; never renamed."""
_NORWEGIAN: Final = ("nb", "nn", "no")


def outcome(error: SambandError, language: str = "en") -> bytes:
    """The body for a failure: each issue with its code, that code's text in ``nb`` or ``en``, English diagnostics."""
    return _encoded([_issue(issue, language) for issue in error.issues], language)


def report(issues: Sequence[Issue], language: str = "en") -> bytes:
    """The body for an examination: each issue, or that there are none (R4 Resource/$validate)."""
    if not issues:
        return information("Alt i orden." if language == "nb" else "All OK.", language)
    return _encoded([_issue(issue, language) for issue in issues], language)


def information(text: str, language: str = "en") -> bytes:
    """The body for an answer that is no failure and no resource."""
    return _encoded([{"severity": "information", "code": "informational", "details": {"text": text}}], language)


def language(accept_language: str | None) -> str:
    """``nb`` or ``en``: the one that Accept-Language (RFC 9110 12.5.4) weighs highest, the first of equals."""
    best, chosen = 0.0, "en"
    for part in (accept_language or "").lower().split(","):
        tag, _, parameter = part.partition(";")
        name = tag.strip().partition("-")[0]
        weight = _weight(parameter)
        if weight > best and name in (*_NORWEGIAN, "en"):
            best, chosen = weight, "nb" if name in _NORWEGIAN else "en"
    return chosen


def _weight(parameter: str) -> float:
    name, _, text = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    digits = text.replace(".", "", 1)
    return float(text) if digits.isascii() and digits.isdigit() and len(text) < 6 else 0.0


def _issue(issue: Issue, language: str) -> dict[str, Any]:
    texts = TEXTS[issue.code]
    text = texts.nb if language == "nb" else texts.en
    diagnostics = issue.diagnostics
    if issue.allowed:
        diagnostics = f"{diagnostics} Allowed: {', '.join(issue.allowed)}"
    found: dict[str, Any] = {
        "severity": issue.severity,
        "code": issue.type,
        "details": {"coding": [{"system": CODE_SYSTEM, "code": issue.code}], "text": text},
        "diagnostics": diagnostics,
    }
    if issue.expression:
        found["expression"] = [issue.expression]
    return found


def _encoded(issues: list[dict[str, Any]], language: str) -> bytes:
    return msgspec.json.encode({"resourceType": "OperationOutcome", "language": language, "issue": issues})
