"""Every stable error code that the service can answer with, read from its source.

A code is a literal: the ``code`` of an error class, ``code="…"`` of a call, the first argument of ``….add(…)``,
``Fault(…)`` and ``_refused(…)``, the default of a parameter named ``code``, or the first of a pair whose second is a
sentence (code, diagnostics). Reading the source finds those that no test provokes too. What they say to people is in
``app/error_texts.toml``, and a test tells when one has no text there.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

APP: Final = Path(__file__).parent.parent / "app"
STAND_INS: Final = "sandbox"
"""The stand-ins speak for other people's systems; their errors are not ours."""
_CODE: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SENTENCE: Final = re.compile(r"[A-Z].* .*\.")
_BY_FIRST_ARGUMENT: Final = frozenset({"add", "Fault", "_refused"})


def error_codes(root: Path = APP) -> list[str]:
    """All codes, sorted, each once."""
    return sorted(
        {
            code
            for path in root.rglob("*.py")
            if STAND_INS not in path.relative_to(root).parts
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for code in _codes_of(node)
        }
    )


def _codes_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call():
            yield from _codes_of_call(node)
        case ast.Tuple(elts=[ast.Constant(value=str(code)), text]):
            if "-" in code and _CODE.fullmatch(code) and _SENTENCE.fullmatch(_text(text)):
                yield code
        case ast.ClassDef():
            yield from _codes_of_class(node)
        case ast.arguments():
            named = [*node.posonlyargs, *node.args]
            last = named[len(named) - len(node.defaults) :]
            defaults = [*zip(last, node.defaults, strict=True), *zip(node.kwonlyargs, node.kw_defaults, strict=True)]
            for argument, default in defaults:
                if argument.arg == "code" and default is not None:
                    yield from _literals(default)


def _codes_of_call(call: ast.Call) -> Iterator[str]:
    for word in call.keywords:
        if word.arg == "code":
            yield from _literals(word.value)
    if _takes_code(call):
        first = call.args[0]
        yield from _literals(first.elts[0] if isinstance(first, ast.Tuple) else first)


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


def _codes_of_class(found: ast.ClassDef) -> Iterator[str]:
    """``code`` of an error class."""
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
    if {"status", "type", "code"} <= values.keys():
        yield values["code"]


def _literals(node: ast.AST) -> Iterator[str]:
    """The codes that an expression can be: a literal, or either side of a choice between two."""
    match node:
        case ast.Constant(value=str(code)) if _CODE.fullmatch(code):
            yield code
        case ast.IfExp():
            yield from _literals(node.body)
            yield from _literals(node.orelse)
