"""JSON Patch on raw documents."""
# ruff: noqa: E501 (a case is one line)

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InvalidContent, Refused, SambandError, Unreadable
from app.fhir.patch import apply, read_operations, touched

RAW = rb'{"resourceType":"Task", "a" : {"b":[1.00, {"c" : "\u00e6"}, 1e2],"d":null},"e/f":"x","~":[]}'


def patched(*operations: dict[str, Any]) -> bytes:
    return apply(RAW, read_operations(json.dumps(operations).encode()))


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        ({"op": "add", "path": "/new", "value": [1]}, rb'{"resourceType":"Task","a":{"b":[1.00, {"c" : "\u00e6"}, 1e2],"d":null},"e/f":"x","~":[],"new":[1]}'),
        ({"op": "add", "path": "/a/b/1", "value": 0}, rb'{"resourceType":"Task","a":{"b":[1.00,0,{"c" : "\u00e6"},1e2],"d":null},"e/f":"x","~":[]}'),
        ({"op": "add", "path": "/a/b/-", "value": None}, rb'{"resourceType":"Task","a":{"b":[1.00,{"c" : "\u00e6"},1e2,null],"d":null},"e/f":"x","~":[]}'),
        ({"op": "replace", "path": "/a/b/1/c", "value": "y"}, rb'{"resourceType":"Task","a":{"b":[1.00,{"c":"y"},1e2],"d":null},"e/f":"x","~":[]}'),
        ({"op": "remove", "path": "/a/d"}, rb'{"resourceType":"Task","a":{"b":[1.00, {"c" : "\u00e6"}, 1e2]},"e/f":"x","~":[]}'),
        ({"op": "move", "from": "/a/b/0", "path": "/~0/0"}, rb'{"resourceType":"Task","a":{"b":[{"c" : "\u00e6"},1e2],"d":null},"e/f":"x","~":[1.00]}'),
        ({"op": "copy", "from": "/a/b", "path": "/e~1f"}, rb'{"resourceType":"Task","a":{"b":[1.00, {"c" : "\u00e6"}, 1e2],"d":null},"e/f":[1.00, {"c" : "\u00e6"}, 1e2],"~":[]}'),
        ({"op": "test", "path": "/a/b/0", "value": 1}, rb'{"resourceType":"Task","a":{"b":[1.00,{"c" : "\u00e6"},1e2],"d":null},"e/f":"x","~":[]}'),
    ],
)  # fmt: skip
def test_only_what_an_operation_reaches_is_written_anew(operation: dict[str, Any], result: bytes) -> None:
    assert patched(operation) == result


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/none"},
        {"op": "replace", "path": "/none", "value": 1},
        {"op": "add", "path": "/none/x", "value": 1},
        {"op": "add", "path": "/a/b/4", "value": 1},
        {"op": "add", "path": "/a/b/01", "value": 1},
        {"op": "add", "path": "/a/b/x", "value": 1},
        {"op": "remove", "path": "/a/b/-"},
        {"op": "remove", "path": "/a/b/-1"},
        {"op": "replace", "path": "/e~1f/x", "value": 1},
        {"op": "copy", "from": "/none", "path": "/x"},
        {"op": "move", "from": "/a/b/3", "path": "/x"},
        {"op": "test", "path": "/none", "value": 1},
    ],
)
def test_a_path_that_leads_nowhere_is_422(operation: dict[str, Any]) -> None:
    with pytest.raises(InvalidContent) as refused:
        patched(operation)
    assert refused.value.error == "patch-path"


@pytest.mark.parametrize(
    "operation",
    [
        "x",
        {},
        {"op": "merge", "path": "/a"},
        {"op": ["add"], "path": "/a"},
        {"op": "add", "path": "/a"},
        {"op": "add", "value": 1},
        {"op": "add", "path": "a", "value": 1},
        {"op": "add", "path": "", "value": {}},
        {"op": "add", "path": "/~2", "value": 1},
        {"op": "add", "path": 1, "value": 1},
        {"op": "move", "path": "/a"},
        {"op": "move", "from": "/a", "path": "/a/b"},
        {"op": "remove", "path": "/a" * 33},
    ],
)
def test_a_patch_that_cannot_be_read_is_400(operation: Any) -> None:
    with pytest.raises(Unreadable) as refused:
        patched(operation)
    assert refused.value.error == "bad-patch"


@pytest.mark.parametrize(("path", "value"), [("/a/b/0", True), ("/a/b/0", "1"), ("/a/d", 0), ("/a", {"d": None})])
def test_a_failed_test_is_409_and_tells_no_value(path: str, value: Any) -> None:
    with pytest.raises(Refused) as refused:
        patched({"op": "test", "path": path, "value": value})
    assert refused.value.error == "patch-test-failed"


def test_copies_of_copies_and_long_patches_are_bounded() -> None:
    double = [{"op": "add", "path": "/x", "value": {"y": "x" * 1000}}]
    double += [{"op": "copy", "from": "/x", "path": f"/x/{n}"} for n in range(60)]
    for operations in (double, [{"op": "test", "path": "/a/d", "value": None}] * 101):
        with pytest.raises(Unreadable):
            patched(*operations)


def test_copies_into_copies_nest_no_deeper_than_can_be_read() -> None:
    inner: dict[str, Any] = {}
    for _ in range(50):
        inner = {"x": inner}
    nested = [{"op": "add", "path": "/x", "value": inner}]
    nested += [{"op": "copy", "from": "/x", "path": "/x" * 31}] * 60
    with pytest.raises(Unreadable) as refused:
        patched(*nested, {"op": "test", "path": "/x", "value": 1})
    assert refused.value.error == "bad-patch"


def test_touched_are_the_members_that_may_change() -> None:
    operations = [
        {"op": "test", "path": "/z", "value": 1},
        {"op": "add", "path": "/a/b", "value": 1},
        {"op": "move", "from": "/c/d", "path": "/e~1f"},
        {"op": "copy", "from": "/g", "path": "/h"},
    ]
    assert touched(operations) == {"a", "c", "e/f", "h"}


def _reference(value: Any, operation: dict[str, Any]) -> None:
    """RFC 6902 in the plainest way, on decoded values."""
    *way, last = operation["path"][1:].split("/")
    holder = value
    for part in way:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    if not isinstance(holder, dict | list):
        raise KeyError(last)
    if isinstance(holder, dict):
        if operation["op"] != "add":
            del holder[last]
        if operation["op"] != "remove":
            holder[last] = operation["value"]
        return
    if operation["op"] == "add":
        index = len(holder) if last == "-" else int(last)
        if index > len(holder):
            raise IndexError
        holder.insert(index, operation["value"])
    else:
        holder.pop(int(last))
        if operation["op"] == "replace":
            holder.insert(int(last), operation["value"])


KEYS = st.sampled_from(["a", "b", "0", "1", "-"])
VALUES = st.recursive(
    st.integers(0, 9) | st.text("xy", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OPERATIONS = st.lists(
    st.builds(
        lambda op, path, value: {"op": op, "path": "/" + "/".join(path), "value": value},
        st.sampled_from(["add", "remove", "replace"]),
        st.lists(KEYS, min_size=1, max_size=3),
        VALUES,
    ),
    max_size=4,
)


@settings(max_examples=300)
@given(st.dictionaries(KEYS, VALUES, max_size=4), OPERATIONS)
def test_a_patch_does_what_the_plainest_reading_of_the_rfc_does(
    value: dict[str, Any], operations: list[dict[str, Any]]
) -> None:
    expected: Any = deepcopy(value)
    try:
        for operation in deepcopy(operations):
            _reference(expected, operation)
    except (KeyError, IndexError, ValueError, TypeError):
        expected = None
    try:
        found = json.loads(apply(json.dumps(value).encode(), operations))
    except SambandError:
        found = None
    assert found == expected
