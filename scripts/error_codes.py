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


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a code stands: ``file:line``, and the diagnostics beside it, where they are a literal."""

    code: str
    place: str
    text: str


def error_codes(root: Path = APP) -> dict[str, str]:
    """Code → the first complete sentence that the source says with it, empty where it says none; by code."""
    found: dict[str, str] = {}
    for use in sorted(uses(root), key=lambda use: (use.code, use.place)):
        text = use.text if _SENTENCE.fullmatch(use.text) else ""
        found[use.code] = found.get(use.code) or text
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
        case ast.Tuple(elts=[ast.Constant(value=str(code)), ast.Constant(value=str(text))]):
            if "-" in code and _CODE.fullmatch(code) and _SENTENCE.fullmatch(text):
                yield code, text
        case ast.ClassDef():
            yield from _codes_of_class(node)
        case ast.arguments():
            named = node.args[len(node.args) - len(node.defaults) :]
            defaults = [*zip(named, node.defaults, strict=True), *zip(node.kwonlyargs, node.kw_defaults, strict=True)]
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
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    # A set has an ``add`` too, of one argument.
    if name in _BY_FIRST_ARGUMENT and len(call.args) > 1:
        yield from ((code, text) for code in _literals(call.args[0]))


def _codes_of_class(found: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """``code`` of an error class, which its diagnostics are the text ``en`` of."""
    values: dict[str, str] = {}
    for node in found.body:
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
        value = node.value if isinstance(node, ast.AnnAssign | ast.Assign) else None
        many = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        pairs = zip(target.elts, value.elts, strict=True) if many else [(target, value)]  # type: ignore[union-attr]
        values |= {name.id: str(one.value) for name, one in pairs if isinstance(name, ast.Name) and isinstance(one, ast.Constant)}
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
