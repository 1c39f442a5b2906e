"""A valid resource with one thing wrong, sent over HTTP: refused and nothing of it kept, or kept as it was sent."""

import json
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from app.fhir.resources import STORED
from tests.api.odd_content import HREF, LINK, NUMBER, SAME, odd
from tests.api.running import FHIR, Running, codes, need
from tests.api.smallest import WITHOUT_IDENTIFIER
from tests.api.test_bytes import members, own
from tests.casework.test_bytes import check_same
from tests.fhir.made import places

Header = dict[str, str]
BASE = "/fhir/v1"
NEED = "need"
"""A Task to which the service adds elements of its own."""
# A Subscription has no number to be told apart by; tests/outbound/test_subscription_rules.py has its faults one by one.
NAMES = [NEED, *sorted(one.name for one in STORED if one.name not in WITHOUT_IDENTIFIER)]
URL, URN = "https://fjordvik.example/x", "urn:uuid:6d0b2f3e-6f52-4c5a-9d0e-0d4f0a4c8a11"
JUNK: list[Any] = [
    *(None, [], {}, "", " ", "x", "\x00", "\u2028", 0, -1, 1e308, 10**18, True, [None], [[]], "x" * 70_000),
    *({"unknownElement": 1}, {"extension": [{"url": "x"}]}, {"reference": "#nothing"}, {"reference": "Task/1?x"}),
    *("9999-99-99", "2026-11-21T25:00:00Z", "0000", "<div/>", "javascript:alert(1)", {"resourceType": "Bundle"}),
]
BYTES = [b"", b"\x00", b"\xff", b"\xed\xa0\x80", b'"', b"\\", b"{", b"]", b",", b"NaN", b"\\ud800", b" ", b"0" * 40]

PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""Each example is a handful of requests: to make one smaller would take minutes, and the change is one already."""


@pytest.fixture(scope="module")
def service(each_store: Running) -> Running:
    """The sandbox on each database."""
    return each_store


@pytest.fixture(scope="module")
def writers(service: Running) -> dict[str, Header]:
    """Who may write what: needs come from a municipality, the rest from the coordinating unit."""
    unit = service.token("coordinating-unit")
    return dict.fromkeys(NAMES, unit) | {NEED: service.token("municipality", organisation="fjordvik")}


def _valid(draw: st.DrawFn, name: str) -> dict[str, Any]:
    if name == NEED:
        return need()
    text = draw(odd(name))
    for mark, value in ((NUMBER, uuid4().hex), (LINK, URN), (HREF, URL), (SAME, URN)):
        text = text.replace(mark, value)
    content: dict[str, Any] = json.loads(text)
    return content


@st.composite
def mutated(draw: st.DrawFn, name: str) -> tuple[dict[str, Any], bytes]:
    """The resource, and its text with one change: of a value, of a name, or of bytes."""
    valid = _valid(draw, name)
    wrong = deepcopy(valid)
    holder, key, _ = draw(st.sampled_from(places(wrong, name)))
    kind = draw(st.sampled_from(["value", "value", "value", "without", "name", "twice", "bytes"]))
    if kind == "value":
        holder[key] = draw(st.sampled_from(JUNK))
    elif kind == "without":
        del holder[key]
    elif kind == "name" and isinstance(holder, dict):
        holder[draw(st.sampled_from(["_", "X", "value"])) + str(key)] = holder.pop(key)
    elif kind == "twice":
        holder[key] = [deepcopy(holder[key])] * 2
    raw = json.dumps(wrong, ensure_ascii=draw(st.booleans())).encode()
    if kind == "bytes":
        start = draw(st.integers(0, len(raw)))
        raw = raw[:start] + draw(st.sampled_from(BYTES)) + raw[start + draw(st.integers(0, 2)) :]
    event(kind)
    return valid, raw


def _same(name: str, sent: bytes, kept: bytes) -> None:
    if name == NEED and "businessStatus" in members(kept):  # without its code it is any other Task
        check_same(sent, kept)
    else:
        assert own(kept) == own(sent)


@settings(max_examples=20, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_it_is_refused_or_kept_and_never_half_kept(
    service: Running, writers: dict[str, Header], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([NEED, *NAMES]))
    kind, headers = "Task" if name == NEED else name, writers[name]
    valid, wrong = data.draw(mutated(name))

    def total() -> int:
        answer = service.client.get(f"{BASE}/{kind}?_summary=count", headers=headers)
        return int(answer.json()["total"])

    before = total()
    made = service.client.post(f"{BASE}/{kind}", content=wrong, headers=headers | FHIR)
    event(f"create {made.status_code}")
    if made.status_code == 201:
        _same(name, wrong, made.content)
        kept = service.client.get(f"{BASE}/{kind}/{made.json()['id']}", headers=headers)
        assert kept.content == made.content
    else:
        assert made.status_code in {400, 422}, made.text
        assert codes(made)
    assert total() == before + (made.status_code == 201)
    _changed(service, headers, name, valid, wrong)


def _changed(service: Running, headers: Header, name: str, valid: dict[str, Any], wrong: bytes) -> None:
    """The same text in the place of a resource that is there, both under a number of their own."""
    kind = "Task" if name == NEED else name
    numbers = valid["identifier"] if isinstance(valid["identifier"], list) else [valid["identifier"]]
    old, new = numbers[0]["value"], uuid4().hex
    wrong = wrong.replace(old.encode(), new.encode())
    content = json.dumps(valid).replace(old, new)
    first = service.client.post(f"{BASE}/{kind}", content=content, headers=headers | FHIR)
    assert first.status_code == 201, first.text
    address = f"{BASE}/{kind}/{first.json()['id']}"
    answer = service.client.put(address, content=wrong, headers=headers | FHIR | {"If-Match": 'W/"1"'})
    event(f"update {answer.status_code}")
    now = service.client.get(address, headers=headers)
    if answer.status_code == 200:
        assert now.content == answer.content
        if name != NEED:
            _same(name, wrong, now.content)
    else:
        assert answer.status_code in {400, 403, 409, 422}, answer.text
        assert codes(answer)
        assert now.content == first.content
    versions = service.client.get(f"{address}/_history", headers=headers).json()["entry"]
    assert len(versions) == int(now.json()["meta"]["versionId"])
