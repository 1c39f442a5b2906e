"""Every reader of a stranger's text: chance, and what is almost right, meets the errors that it tells and no other."""

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from app.api.correlation import ids_of
from app.api.negotiate import if_match, is_known, pairs, preferences, require_json, require_type
from app.errors import (
    InvalidContent,
    NotAcceptable,
    Refused,
    SambandError,
    TooLarge,
    Unreadable,
    UnsupportedMediaType,
)
from app.fhir.cursor import decode_cursor, encode_cursor
from app.fhir.document import read, read_list, splice
from app.fhir.identifiers import Mode, check_identifier, holds_national_number
from app.fhir.instants import covered, date_range, span
from app.fhir.links import links_of, with_texts
from app.fhir.narrative import fault_in_narrative
from app.fhir.patch import apply, read_operations, touched
from app.fhir.references import literal
from app.fhir.search import parse
from app.security.scopes import grants, is_understood
from app.security.tokens import header_of
from tests.api.running import CANARY, need

SHORTEST: Final = 12
"""Less of a text may stand in a refusal by chance."""
KEY: Final = b"a key of the deployment"
NATIONAL: Final = f"urn:oid:2.16.578.1.12.4.1.4.1|{CANARY}"
NEED: Final = json.dumps(need())
DIV: Final = '<div xmlns="http://www.w3.org/1999/xhtml"><a href="https://a.example/x">x</a><img src="#p"/></div>'
EDGES: Final = "\x00\t\n\r \"'\\/,;:=|$%&#?+*-.<>[]{}()@~^0179aAeEzZTW\x7f\x85\xa0\xadåÅ٣²\u2028\ufeff\uffff😀"
LETTERS: Final = st.characters(exclude_categories=["Cs"]) | st.sampled_from(EDGES)


class Reader(NamedTuple):
    """A function of a text, texts that it takes, and what else it may raise."""

    reads: Callable[[str], Any]
    taken: tuple[str, ...]
    refusals: tuple[type[SambandError], ...] = ()


def _headers(name: str, text: str) -> Headers:
    """A header as the server hands it over: any bytes."""
    return Headers(raw=[(name.encode(), text.encode("utf-8"))])


def _patched(text: str) -> Any:
    operations = read_operations(text.encode())
    touched(operations)
    return apply(NEED.encode(), operations)


def _linked(text: str) -> Any:
    raw = text.encode()
    links = links_of(read(raw).value)
    again = with_texts(raw, dict.fromkeys(links, "Task/1"))
    return read(again)


def _asked(text: str) -> Any:
    return parse("Task", pairs(text.encode(), "query"), in_url=True, base="https://samband.example/fhir/v1")


CURSOR: Final = encode_cursor(parse("Task", [("status", "received")]).after(1, "x", 1), KEY)
TAGS: Final = ('W/"3"', '"3"', "3", "*", 'W/"7", W/"1"')
INSTANTS: Final = ("ge2026", "2026-11-21T09:00Z", "sa2026-11-21T10:00:00.123+01:00", "lt0001-01-01", "9999-12-31")
PATCHES: Final = (
    '[{"op":"replace","path":"/description","value":"x"},{"op":"test","path":"/status","value":"requested"}]',
    '[{"op":"move","from":"/input/0","path":"/input/-"},{"op":"copy","from":"/~0a~1b","path":"/x"}]',
    '[{"op":"remove","path":"/identifier/0/type"},{"op":"add","path":"/note","value":[]}]',
)
QUERIES: Final = (
    "status=received,accepted&_sort=-authored-on&_count=5&_include=Task:focus",
    f"patient:identifier={NATIONAL}&code:not=https%3A%2F%2Fa%7Cb&owner:missing=true",
    "authored-on=ge2026-11-21T09:00&_lastUpdated=lt2027&_total=accurate&_revinclude=Provenance:target",
    f"_elements=status,code&_summary=count&_cursor={CURSOR}&_id=a,b",
)
READERS: Final = {
    "cursor": Reader(lambda text: decode_cursor(text, KEY, "Task"), (CURSOR,), (Unreadable,)),
    "If-Match": Reader(lambda text: if_match(_headers("if-match", text)), TAGS, (Unreadable,)),
    "If-None-Match": Reader(lambda text: is_known(_headers("if-none-match", text), 1), TAGS),
    "Prefer": Reader(
        lambda text: preferences(_headers("prefer", text)), ('return=minimal; handling="lenient"', "respond-async")
    ),
    "Accept": Reader(
        lambda text: require_json(_headers("accept", text), []),
        ("application/fhir+json; q=0.9, */*;q=0.001", "text/json, application/*;q=0"),
        (NotAcceptable,),
    ),
    "_format": Reader(
        lambda text: require_json(_headers("accept", ""), [("_format", text)]),
        ("application/fhir+json; fhirVersion=4.0", "json"),
        (NotAcceptable,),
    ),
    "Content-Type": Reader(
        lambda text: require_type(_headers("content-type", text), ("application/fhir+json",)),
        ('application/fhir+json; charset="utf-8"',),
        (UnsupportedMediaType,),
    ),
    "ids of requests": Reader(
        lambda text: ids_of({b"x-request-id": text.encode(), b"traceparent": text.encode()}),
        (f"00-{'a' * 32}-{'b' * 16}-01", "a-1"),
    ),
    "query": Reader(_asked, QUERIES, (Unreadable, TooLarge)),
    "identifier": Reader(lambda text: check_identifier(NATIONAL.split("|")[0], text, Mode.TEST), (CANARY,)),
    "a number in a URL": Reader(holds_national_number, (NATIONAL, f"/Task/{CANARY[:6]}%20{CANARY[6:]}")),
    "element's instant": Reader(covered, INSTANTS),
    "instant": Reader(lambda text: span("_lastUpdated", text), INSTANTS, (Unreadable,)),
    "range": Reader(lambda text: date_range("authored-on", text), INSTANTS, (Unreadable,)),
    "reference": Reader(literal, ("Patient/1", "https://a.example/fhir/Patient/1/_history/2", "urn:uuid:1", "#c")),
    "document": Reader(lambda text: read(text.encode()), (NEED,), (Unreadable,)),
    "splice": Reader(lambda text: splice(json.dumps({text: 1}).encode(), {text: b"2", "id": b'"x"'}), ("id", "a\\b")),
    "list": Reader(lambda text: read_list(text.encode()), PATCHES, (Unreadable,)),
    "JSON Patch": Reader(_patched, PATCHES, (Unreadable, InvalidContent, Refused)),
    "links": Reader(_linked, (NEED, json.dumps({"resourceType": "Task", "text": {"div": DIV}})), (Unreadable,)),
    "links of a narrative": Reader(
        lambda text: _linked(json.dumps({"resourceType": "Task", "text": {"div": text}})), (DIV,), (Unreadable,)
    ),
    "narrative": Reader(fault_in_narrative, (DIV,)),
    "scope": Reader(lambda text: (is_understood(text), grants(frozenset({text}))), ("system/Task.cruds", "*.rs")),
    "token": Reader(header_of, ("eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJhIjoxfQ.c2ln", "a.b.c")),
}


@st.composite
def near(draw: st.DrawFn, taken: tuple[str, ...]) -> str:
    """A text that is taken, with a few places cut out, written over or doubled."""
    text = draw(st.sampled_from(taken))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.sampled_from([0, 0, 1, 1, 2, 9]))
        new = draw(st.text(LETTERS, max_size=3) | st.just(text[start:end] * 2))
        text = text[:start] + new + text[end:]
    return text


def _told(reader: Reader, text: str) -> str:
    """What a refusal says; empty where the text is taken."""
    try:
        reader.reads(text)
    except reader.refusals as refused:
        return " ".join(issue.diagnostics for issue in refused.issues)
    return ""


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_text_is_more_than_refused(name: str, data: st.DataObject) -> None:
    reader = READERS[name]
    text = data.draw(st.one_of(near(reader.taken), near(reader.taken), st.text(LETTERS, max_size=60)))
    told = _told(reader, text)
    assert len(text) < SHORTEST or text not in told


@pytest.mark.parametrize("name", READERS)
def test_what_is_taken_is_taken(name: str) -> None:
    """So that the test before this one does not only see refusals at the first letter."""
    assert any(not _told(READERS[name], text) for text in READERS[name].taken)
