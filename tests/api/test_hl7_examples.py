"""HL7's R4 examples of every type that partners write: taken over HTTP, and given back byte for byte.

All are valid R4, and our own rules for identifiers bind Norwegian systems alone: no example is refused for what it
says. Some have a number that another one of their type has already; a sender's number stands for one content
(DESIGN 4.1), so these are refused as they are, and taken under numbers of their own.
"""

from pathlib import Path

import httpx
import msgspec
import pytest

from app.casework.exchange import own_number
from app.fhir.document import read
from app.fhir.resources import RESOURCES
from tests.api.running import FHIR, Running, codes
from tests.fhir.test_examples import EXAMPLES, FOLDER, WRITABLE

Header = dict[str, str]
BASE = "/fhir/v1"
SERVICE_OWNED = {"id", "meta"}
SERVICE_META = {"versionId", "lastUpdated"}
NUMBER_IN_USE = {
    "Communication-fm-solicited": "Communication-fm-attachment",
    "Practitioner-f005": "Practitioner-f004",
    "Task-example4": "Task-example2",
    "Task-example5": "Task-example1",
    "Task-example6": "Task-example1",
    "Task-fm-example3": "Task-fm-example1",
    "Task-fm-example5": "Task-fm-example1",
    "Task-fm-example6": "Task-fm-example1",
}
"""Example → the one before it that has the same number."""


@pytest.fixture(scope="module")
def service(each_store: Running) -> Running:
    """The sandbox on each database."""
    return each_store


def _examples(type_name: str) -> list[Path]:
    return [path for path in EXAMPLES if path.name.startswith(f"{type_name}-")]


def _writer(service: Running, type_name: str) -> Header:
    """A municipality's case system where it may write the type, else the coordinating unit."""
    is_partners = "sender" in RESOURCES[type_name].writers
    return service.token("municipality", organisation="fjordvik") if is_partners else service.token("coordinating-unit")


def _members(raw: bytes | msgspec.Raw) -> dict[str, bytes]:
    return {name: bytes(value) for name, value in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items()}


def _assert_same(sent: bytes, got: bytes, where: str) -> None:
    """All members in their order and with their bytes; of ``meta`` those that are the sender's."""
    before, after = _members(sent), _members(got)
    mine = {name: value for name, value in before.items() if name not in SERVICE_OWNED}
    theirs = {name: value for name, value in after.items() if name not in SERVICE_OWNED}
    assert list(theirs.items()) == list(mine.items()), where
    meta_before, meta_after = _members(before.get("meta", b"{}")), _members(after["meta"])
    assert {name: meta_after.get(name) for name in set(meta_before) - SERVICE_META} == {
        name: meta_before[name] for name in set(meta_before) - SERVICE_META
    }, where
    assert set(meta_after) == set(meta_before) | SERVICE_META, where


def _under_another_number(path: Path, more: str) -> bytes:
    """Another value in the place of the sender's number, if it has one; every other byte as HL7 wrote it."""
    raw = path.read_bytes()
    system, value = own_number(path.name.partition("-")[0], read(raw).value)
    if not system or not value:
        return raw
    quoted = msgspec.json.encode(value)
    assert quoted in raw
    return raw.replace(quoted, msgspec.json.encode(f"{value}-{more}"))


def _created(service: Running, headers: Header, path: Path) -> tuple[bytes, httpx.Response]:
    """What was sent in the end, and the answer 201 to it."""
    sent, url = path.read_bytes(), f"{BASE}/{path.name.partition('-')[0]}"
    answer = service.client.post(url, content=sent, headers=headers | FHIR)
    if path.stem in NUMBER_IN_USE:
        assert (answer.status_code, codes(answer)) == (409, ["number-in-use"]), path.stem
        assert answer.json()["issue"][0]["expression"] == [f"{path.name.partition('-')[0]}.identifier"]
        sent = _under_another_number(path, path.stem)
        answer = service.client.post(url, content=sent, headers=headers | FHIR)
    assert answer.status_code == 201, (path.stem, answer.text)
    return sent, answer


def test_why_some_are_refused_as_they_are() -> None:
    for stem, before in NUMBER_IN_USE.items():
        numbers = [
            own_number(stem.partition("-")[0], read((FOLDER / f"{one}.json").read_bytes()).value)
            for one in (stem, before)
        ]
        assert numbers[0] == numbers[1], stem


@pytest.mark.parametrize("type_name", sorted(WRITABLE))
def test_created_read_replaced_and_found(service: Running, type_name: str) -> None:
    headers = _writer(service, type_name)
    examples = _examples(type_name)
    assert len(examples) == WRITABLE[type_name]
    for path in examples:
        sent, created = _created(service, headers, path)
        name = f"{type_name}/{created.json()['id']}"
        _assert_same(sent, created.content, f"{path.stem} created")
        for address in (name, f"{name}/_history/1"):
            _assert_same(sent, service.client.get(f"{BASE}/{address}", headers=headers).content, address)
        current = service.client.get(f"{BASE}/{name}", headers=headers)
        replaced = current.content[:-1] + b', "implicitRules" : "https:\\/\\/a.example" }'
        put = service.client.put(f"{BASE}/{name}", content=replaced, headers=headers | FHIR)
        assert put.status_code == 200, (path.stem, put.text)
        _assert_same(replaced, service.client.get(f"{BASE}/{name}", headers=headers).content, f"{path.stem} replaced")


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_in_a_bundle(service: Running, kind: str) -> None:
    """Each type's examples in one Bundle, by the coordinating unit, which writes them all."""
    headers = service.token("coordinating-unit")
    for type_name in sorted(WRITABLE):
        taken = [path for path in _examples(type_name) if path.stem not in NUMBER_IN_USE]
        sent = [_under_another_number(path, kind) for path in taken]
        entries = b",".join(
            b'{"resource":%b,"request":{"method":"POST","url":"%b"}}' % (raw, type_name.encode()) for raw in sent
        )
        bundle = b'{"resourceType":"Bundle","type":"%b","entry":[%b]}' % (kind.encode(), entries)
        answer = service.client.post(BASE, content=bundle, headers=headers | FHIR)
        assert answer.status_code == 200, answer.text
        listed = msgspec.json.decode(_members(answer.content)["entry"], type=list[msgspec.Raw])
        for path, raw, entry in zip(taken, sent, listed, strict=True):
            assert b'"status":"201"' in _members(entry)["response"], path.stem
            _assert_same(raw, _members(entry)["resource"], f"{path.stem} in a {kind}")
