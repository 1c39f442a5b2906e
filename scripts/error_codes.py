"""Every stable error code that the service can answer with, read from its source.

A code is a literal: the ``code`` of an error class, ``code="…"`` of a call, the first argument of ``….add(…)``,
``Fault(…)`` and ``_refused(…)``, the default of a parameter named ``code``, or the first of a pair whose second is a
sentence (code, diagnostics). Reading the source finds those that no test provokes too.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

APP: Final = Path(__file__).parent.parent / "app"
STAND_INS: Final = "sandbox"
"""The stand-ins speak for other people's systems; their errors are not ours."""
_CODE: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SENTENCE: Final = re.compile(r"[A-Z].* .*\.")
_BY_FIRST_ARGUMENT: Final = frozenset({"add", "Fault", "_refused"})

MEANING: Final = {
    "bad-count": "_count must be a whole number within the limits.",
    "bad-date": "A date in a search parameter must be a real FHIR date or dateTime.",
    "bad-endpoint": "The address of a subscription is not one that the operator allows.",
    "bad-header": "A header of a subscription must be one line, Name: value.",
    "bad-id": "An id is 1 to 64 of A–Z a–z 0–9 . and -, and is not used twice in one resource.",
    "bad-modifier": "The search parameter does not offer this modifier.",
    "bad-parameter-encoding": "The parameters must be percent-encoded UTF-8.",
    "bad-patch": "The JSON Patch is not one by RFC 6902.",
    "bad-prefix": "The search parameter does not offer this prefix.",
    "bad-sort": "The search cannot be sorted by this.",
    "bad-summary": "_summary is true, text, data, false or, in a search, count.",
    "bad-utf8": "The body must be UTF-8; the diagnostics name the position.",
    "bad-value": "The value of a search parameter has another form.",
    "broken-json": "The body is not JSON; the diagnostics name the position.",
    "criterion-unknown": "This version of the criteria does not have this criterion.",
    "date-invalid": "A start or end must be a real day, YYYY-MM-DD.",
    "duplicate-key": "A JSON object has the same member twice.",
    "empty-value": "A value, object or list must not be empty, blank or null: leave it out.",
    "immutable-element": "This element does not change after submission.",
    "insufficient-scope": "The access token has no scope for this interaction.",
    "invariant": "The content breaks a rule of its FHIR definition; the diagnostics name the rule by its key.",
    "lone-surrogate": "A text holds half of a surrogate pair, which is no character.",
    "missing-element": "A required element or part is missing.",
    "move-not-allowed": "This move is not open to the caller in this stage; the diagnostics list those that are.",
    "national-number-in-url": "A URL must not hold a national identity number: search with POST [type]/_search.",
    "no-such-move": "What is set is not what a move of the caller leads to from this stage.",
    "not-a-list": "An element that may repeat must be a JSON list.",
    "not-a-unit": "Only the hospital registers and deregisters coordinators.",
    "nul-character": "A text must not hold the character U+0000.",
    "number-out-of-range": "A number has more digits, or a greater exponent, than is read.",
    "parameter-missing": "The operation needs this parameter.",
    "participant-left-out": "An update must keep every participant; only period.end ends one.",
    "patch-path": "The JSON Patch points to something that is not there.",
    "patch-test-failed": "A test operation of the JSON Patch does not hold.",
    "reason-unknown": "There is no such reason for declining.",
    "several-choices": "An element of several types is given in one of them.",
    "token-invalid": "The access token does not hold; the diagnostics name the part of it.",
    "too-deep": "The JSON is nested deeper than is read.",
    "too-many-values": "A search or one of its parameters holds more than the limit.",
    "too-many": "The element occurs more often than is allowed.",
    "too-many-entries": "The Bundle has more entries than are carried out at once.",
    "too-many-includes": "The page would bring more resources along than are answered at once.",
    "unknown-code": "The code is none of those that are allowed here.",
    "unknown-parameter": "The operation or search does not take this parameter.",
    "unknown-state": "There is no such state of a delivery.",
    "unsafe-narrative": "The narrative must be safe XHTML, by R4 2.4.",
    "wrong-format": "The value does not have the format of its data type.",
    "wrong-identifier": "The identifier breaks the rules of its system: length, digits or check digits.",
    "wrong-reference-target": "The reference points to a type that is not allowed here.",
    "wrong-type": "The value has another JSON type or data type.",
    "wrong-value": "The profile fixes the value of this element.",
}
"""Words for codes that have none beside them in the source, or several for different places."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a code stands: ``file:line``, and the diagnostics beside it, where they are a literal."""

    code: str
    place: str
    text: str


def error_codes(root: Path = APP) -> dict[str, str]:
    """Code → what it means: the sentence of ``MEANING``, else the first that the source says with it; by code."""
    found: dict[str, str] = {}
    for use in sorted(uses(root), key=lambda use: (use.code, use.place)):
        found[use.code] = found.get(use.code) or MEANING.get(use.code) or use.text
    return found


def uses(root: Path = APP) -> Iterator[Use]:
    """All places, in the order of the source."""
    for path in sorted(root.rglob("*.py")):
        if STAND_INS in path.relative_to(root).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for code, text in _codes_of(node):
                yield Use(code, f"{path.relative_to(root)}:{getattr(node, 'lineno', 0):05}", text)


def _codes_of(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Call():
            yield from _codes_of_call(node)
        case ast.Tuple(elts=[ast.Constant(value=str(code)), text]):
            said = _text(text)
            if "-" in code and _CODE.fullmatch(code) and _SENTENCE.fullmatch(said):
                yield code, said if isinstance(text, ast.Constant) else ""
        case ast.ClassDef():
            yield from _codes_of_class(node)
        case ast.arguments():
            named = [*node.posonlyargs, *node.args]
            last = named[len(named) - len(node.defaults) :]
            defaults = [*zip(last, node.defaults, strict=True), *zip(node.kwonlyargs, node.kw_defaults, strict=True)]
            for argument, default in defaults:
                if argument.arg == "code" and default is not None:
                    yield from ((code, "") for code in _literals(default))


def _codes_of_call(call: ast.Call) -> Iterator[tuple[str, str]]:
    texts = [*call.args, *(word.value for word in call.keywords if word.arg == "diagnostics")]
    said = [one.value for one in texts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    text = next((one for one in said if _SENTENCE.fullmatch(one)), "")
    for word in call.keywords:
        if word.arg == "code":
            yield from ((code, text) for code in _literals(word.value))
    if _takes_code(call):
        first = call.args[0]
        yield from ((code, text) for code in _literals(first.elts[0] if isinstance(first, ast.Tuple) else first))


def _takes_code(call: ast.Call) -> bool:
    """Whether the first argument is a code; ``add`` is also a set's, of one argument, and the store's own."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="self")):
            return False
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in _BY_FIRST_ARGUMENT and len(call.args) > 1
    return False


def _text(node: ast.AST) -> str:
    """The text of a literal, or of the literal pieces of an f-string."""
    pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in pieces)


def _codes_of_class(found: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """``code`` of an error class, with its text ``en``."""
    values: dict[str, str] = {}
    for node in found.body:
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=given)):
                pairs = list(zip(names, given, strict=True))
            case ast.Assign(targets=[target], value=given):
                pairs = [(target, given)]
            case ast.AnnAssign(target=target, value=ast.expr() as given):
                pairs = [(target, given)]
            case _:
                pairs = []
        for name, value in pairs:
            if isinstance(name, ast.Name) and isinstance(value, ast.Constant):
                values[name.id] = str(value.value)
    if {"status", "code", "nb", "en"} <= values.keys():
        yield values["code"], values["en"]


def _literals(node: ast.AST) -> Iterator[str]:
    """The codes that an expression can be: a literal, or either side of a choice between two."""
    match node:
        case ast.Constant(value=str(code)) if _CODE.fullmatch(code):
            yield code
        case ast.IfExp():
            yield from _literals(node.body)
            yield from _literals(node.orelse)
