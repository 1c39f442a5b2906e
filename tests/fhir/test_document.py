"""Bodies are read strictly and changed without touching other bytes."""

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Unreadable
from app.fhir.document import Document, fingerprint, read, read_list, splice

NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | NAMES
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=6)


@pytest.mark.parametrize(
    ("body", "code", "position"),
    [
        (b"", "empty-body", ""),
        (b" \n", "empty-body", ""),
        (b"\xef\xbb\xbf{}", "byte-order-mark", ""),
        (b'{"a":"\xff"}', "bad-utf8", "byte 6"),
        (b'{"a":"\xed\xa0\x80"}', "bad-utf8", "byte 6"),
        (b'{"a":1,}', "broken-json", "byte 7"),
        (b'{"a":NaN}', "broken-json", "byte 5"),
        (b'{"a":-Infinity}', "broken-json", "byte 6"),
        (b'{"a":01}', "broken-json", "byte 6"),
        (b"{'a':1}", "broken-json", "byte 1"),
        (b'{"a":"\x01"}', "broken-json", "byte 6"),
        (b'{"a":"b', "broken-json", "byte 7"),
        (b'{} {"a":1}', "broken-json", "byte 4"),
        (b"\0{}", "broken-json", "byte 0"),
        (rb'{"a":"\ud800"}', "lone-surrogate", "byte 6"),
        (rb'{"a":"\ud800\u0041"}', "lone-surrogate", "byte 6"),
        (rb'{"a":"\\","b":"\udc00"}', "lone-surrogate", "byte 15"),
        (rb'{"a":"\u0000"}', "nul-character", "byte 6"),
        (rb'{"a":"\\\u0000"}', "nul-character", "byte 8"),
        (rb'{"\u0000":1}', "nul-character", "byte 2"),
        (b'{"a":18446744073709551616}', "number-out-of-range", "byte 5"),
        (b'{"a":-9223372036854775809}', "number-out-of-range", "byte 5"),
        (b'{"a":' + b"1" * 5000 + b"}", "number-out-of-range", "byte 5"),
        (b'{"a":1e999999999}', "number-out-of-range", "byte 5"),
        (b'{"a":1.' + b"1" * 60 + b"}", "number-out-of-range", "byte 5"),
        (b'{"a":1,"a":1}', "duplicate-key", "byte 7"),
        (rb'{"a":1,"\u0061":1}', "duplicate-key", "byte 7"),
        (rb'{"x":[{"b":{},"b":"\u003a"}]}', "duplicate-key", "byte 14"),
        (b'{"a":{"b:b":1,"c":2},"a":":"}', "duplicate-key", "byte 21"),
        (b"[]", "not-an-object", ""),
        (b'"text"', "not-an-object", ""),
        (b"[" * 20_000, "too-deep", "byte 64"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "too-deep", "byte 320"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too-deep", "byte 320"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "too-deep", "byte 68"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_its_place(body: bytes, code: str, position: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(body)
    assert refused.value.error == code
    assert position in refused.value.issues[0].diagnostics


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'{"a":"\\u0000"}', {"a": "\\u0000"}),
        (rb'{"a":"\ud83d\ude00"}', {"a": "😀"}),
        (rb'{"a":"\u003a","b":":"}', {"a": ":", "b": ":"}),
        (b'{"a":{"b":1},"c":{"b":1}}', {"a": {"b": 1}, "c": {"b": 1}}),
        (b'{"a":"123456789012345678901234567890"}', {"a": "123456789012345678901234567890"}),
        (b'{"a":18446744073709551615}', {"a": 2**64 - 1}),
        (b'{"a":' * 64 + b"1" + b"}" * 64, None),
        (b'{"a":[' + b"{}," * 100 + b"{}]}", None),
    ],
)
def test_what_only_looks_wrong_is_read(body: bytes, value: Any) -> None:
    document = read(body)
    assert document.raw is body
    assert value is None or document.value == value


def test_numbers_with_a_fraction_keep_their_digits() -> None:
    value = read(b'{"a":1.00,"b":66.899999999999991}').value
    assert [str(value["a"]), str(value["b"])] == ["1.00", "66.899999999999991"]
    assert isinstance(value["a"], Decimal)


def test_a_list_is_read_for_a_patch_only() -> None:
    assert read_list(b'[{"op":"test"}]') == [{"op": "test"}]
    with pytest.raises(Unreadable) as refused:
        read_list(b"{}")
    assert refused.value.error == "not-an-array"


@given(OBJECTS, st.sampled_from([None, 1]), st.booleans())
def test_every_json_object_is_read_as_any_reader_would(
    value: dict[str, Any], indent: int | None, ascii_only: bool
) -> None:
    body = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    assert read(body).value == value


@given(st.binary(max_size=60))
def test_no_bytes_are_more_than_refused(body: bytes) -> None:
    with suppress(Unreadable):
        read(body)


@given(OBJECTS.filter(bool), st.data())
def test_a_name_given_twice_is_found_at_any_depth(value: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(value)))
    inner = json.dumps(value)[:-1] + f", {json.dumps(name)}: null}}"
    for body in (inner, f'{{"x:": [{{"y": {inner}}}]}}'):
        with pytest.raises(Unreadable) as refused:
            read(body.encode())
        assert refused.value.error == "duplicate-key"


@given(OBJECTS, st.dictionaries(NAMES, st.none() | VALUES.map(lambda v: json.dumps(v).encode()), max_size=4))
def test_a_splice_changes_its_members_and_no_other_byte(
    value: dict[str, Any], members: dict[str, bytes | None]
) -> None:
    raw = ("{ " + " ,\n".join(f"{json.dumps(k)} : {json.dumps(v)}" for k, v in value.items()) + "}").encode()
    spliced = splice(raw, members)
    kept = {name: item for name, item in value.items() if name not in members}
    for item in kept.values():
        assert json.dumps(item).encode() in spliced
    added = {name: json.loads(item) for name, item in members.items() if item is not None}
    assert json.loads(spliced) == {**kept, **added}


def test_a_splice_keeps_the_order_and_odd_writing() -> None:
    raw = rb'{"resourceType":"Task", "z": [1.00, {"a" : "\u00e6"}], "status":"a","y":1e2}'
    assert splice(raw, {"status": b'"b"', "y": None, "id": b'"1"'}) == (
        rb'{"resourceType":"Task","z":[1.00, {"a" : "\u00e6"}],"status":"b","id":"1"}'
    )


def _fingerprint(body: bytes) -> str:
    return fingerprint(read(body))


def test_the_fingerprint_is_of_the_content() -> None:
    first = _fingerprint(b'{"a":1,"b":{"c":2,"d":[1.0]}}')
    assert first == _fingerprint(b'{ "b":{"d":[1.0],"c":2}, "a":1, "id":"x", "meta":{}, "authoredOn":"2026" }')
    for other in (
        b'{"a":1,"b":{"c":2,"d":[1.00]}}',
        b'{"a":1,"b":{"c":2,"d":["1.0"]}}',
        b'{"a":1,"b":{"c":2,"d":[1.0],"id":"x"}}',
        b'{"a":true,"b":{"c":2,"d":[1.0]}}',
    ):
        assert first != _fingerprint(other)
    assert isinstance(read(b"{}"), Document)
