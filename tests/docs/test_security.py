"""What the security page claims is tested is tested: each named test exists and runs."""

import ast
import re

import pytest

from tests.docs.pages import PROJECT

PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| (API\d+) (.*)$", PAGE, re.MULTILINE))
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@pytest.mark.parametrize("risk", [f"API{number}" for number in range(1, 11)])
def test_each_risk_has_its_tests(risk: str) -> None:
    assert re.search(r"`tests/[\w/]+\.py::test_\w+`", ROWS[risk])


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_each_named_test_exists(file: str, name: str) -> None:
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    (found,) = (
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
    )
    assert not re.search("skip|xfail", " ".join(map(ast.unparse, found.decorator_list))), "it may not run"
