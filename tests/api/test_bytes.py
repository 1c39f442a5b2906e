"""A partner's bytes come back unchanged by every path: alone, in a batch, in a transaction; written, changed, read.

Only the links that name another entry of a transaction are replaced, and nothing else that looks like them.
"""

import json
from base64 import b64encode
from dataclasses import dataclass
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from app.fhir.document import splice
from app.fhir.resources import RESOURCES, STORED, Interaction
from tests.api.odd_content import HREF, LINK, NUMBER, SAME, odd
from tests.api.running import FHIR, Running
from tests.api.smallest import WITHOUT_IDENTIFIER, smallest
from tests.casework.partner_needs import Number, partner_needs
from tests.casework.test_bytes import check_same

Header = dict[str, str]
BASE = "/fhir/v1"
NAMES = sorted(one.name for one in STORED if one.name not in WITHOUT_IDENTIFIER)
PATCHED = [name for name in NAMES if Interaction.PATCH in RESOURCES[name].interactions]
ALONE, BATCH, TRANSACTION = ("alone", "batch", "transaction")
KINDS = st.sampled_from([ALONE, BATCH, TRANSACTION, TRANSACTION])
PATCH = "application/json-patch+json"
SYSTEM = "https://fjordvik.example/nummer"
few = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def service(each_store: Running) -> Running:
    """The sandbox on each database."""
    return each_store


@pytest.fixture(scope="module")
def hospital(service: Running) -> Header:
    """The coordinating unit: it may write every type."""
    return service.token("coordinating-unit")


def members(raw: bytes | msgspec.Raw) -> dict[str, bytes]:
    """Members of an object as they are written."""
    return {name: bytes(value) for name, value in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items()}


def own(raw: bytes) -> list[tuple[str, bytes]]:
    """What is the sender's, in its order; of ``meta`` its own members."""
    found = members(raw)
    meta = members(found.get("meta", b"{}"))
    tagged = [(f"meta.{name}", meta[name]) for name in sorted(set(meta) - {"versionId", "lastUpdated"})]
    return [(name, value) for name, value in found.items() if name not in {"id", "meta"}] + tagged


@dataclass
class Path:
    """One way of writing, by one caller; ``other`` is the entry that a transaction's links lead to."""

    service: Running
    headers: Header
    kind: str
    name: str
    spelled: bool = False
    other: str = ""
    place: str = ""
    """What the links became."""

    def write(self, method: str, url: str, body: bytes, **conditions: str) -> bytes:
        """The resource in the answer."""
        if self.kind == ALONE:
            header = {"ifNoneExist": "If-None-Exist", "ifMatch": "If-Match"}
            named = {header[name]: value for name, value in conditions.items()}
            media = {"Content-Type": PATCH} if method == "PATCH" else FHIR
            answer = self.service.client.request(
                method, f"{BASE}/{url}", content=body, headers=self.headers | media | named
            )
            assert answer.status_code in {200, 201}, answer.text
            return answer.content
        if method == "PATCH":
            data = b64encode(body).decode()
            body = json.dumps({"resourceType": "Binary", "contentType": PATCH, "data": data}).encode()
        request = json.dumps({"method": method, "url": url} | conditions).encode()
        entries = [b' { "resource" :%b, "request":%b}' % (body, request)]
        if self.kind == TRANSACTION:
            note = json.dumps(smallest("Communication")).encode()
            entries.append(
                b'{"fullUrl":"%b","resource":%b,"request":{"method":"POST","url":"Communication"}}'
                % (self.other.encode(), note)
            )
        return self._post(entries)

    def _post(self, entries: list[bytes]) -> bytes:
        bundle = b'{"resourceType":"Bundle","type":"%b","entry":[%b]}' % (self.kind.encode(), b",".join(entries))
        answer = self.service.client.post(BASE, content=bundle, headers=self.headers | FHIR)
        assert answer.status_code == 200, answer.text
        listed = msgspec.json.decode(members(answer.content)["entry"], type=list[msgspec.Raw])
        found = members(listed[0])
        response = json.loads(found["response"])
        assert response["status"] in {"200", "201"}, found
        resource = json.loads(found["resource"])
        assert response["lastModified"] == resource["meta"]["lastUpdated"]
        assert response["etag"] == f'W/"{resource["meta"]["versionId"]}"'
        assert response["location"].endswith(f"/{resource['id']}/_history/{resource['meta']['versionId']}")
        self.place = "" if len(listed) == 1 else f"Communication/{json.loads(members(listed[1])['resource'])['id']}"
        return found["resource"]

    def sent(self, text: str, number: str) -> bytes:
        """The text with its marks filled in."""
        self.other = f"urn:uuid:{uuid4()}"
        link = "".join(f"\\u{ord(sign):04x}" for sign in self.other) if self.spelled else self.other
        # Alone a urn: is not safe to be followed by a reader, so a narrative does not have it.
        href = link if self.kind == TRANSACTION else "https://fjordvik.example/x"
        return _filled(text, number, link, href, self.other)

    def expected(self, sent: bytes, text: str, number: str) -> bytes:
        """What must come back for it."""
        if self.kind != TRANSACTION:
            return sent
        return _filled(text, number, self.place, self.place, self.other)


def _filled(text: str, number: str, link: str, href: str, same: str) -> bytes:
    for mark, value in ((NUMBER, number), (LINK, link), (HREF, href), (SAME, same)):
        text = text.replace(mark, value)
    return text.encode()


@few
@given(data=st.data())
def test_created_changed_and_read(service: Running, hospital: Header, data: st.DataObject) -> None:
    name, number = data.draw(st.sampled_from(NAMES)), uuid4().hex
    versions: list[tuple[str, bytes]] = []
    key = ""
    for turn in range(data.draw(st.integers(1, 2)) + 1):
        path = Path(service, hospital, data.draw(KINDS), name, spelled=data.draw(st.booleans()))
        condition = f"identifier={SYSTEM}|{number}"
        text = data.draw(odd(name))
        sent = path.sent(text, number)
        if turn == 0:
            how = data.draw(st.sampled_from(["create", "create if none", "update or create"]))
            conditions = {"ifNoneExist": condition} if how == "create if none" else {}
            method, url = ("PUT", f"{name}?{condition}") if how == "update or create" else ("POST", name)
        else:
            how = data.draw(st.sampled_from(["update", "update what matches"]))
            method, url = "PUT", f"{name}/{key}" if how == "update" else f"{name}?{condition}"
            conditions = {"ifMatch": f'W/"{turn}"'}
        event(f"{how} {path.kind}")
        answered = path.write(method, url, sent, **conditions)
        key = json.loads(answered)["id"]
        expected = path.expected(sent, text, number)
        assert own(answered) == own(expected)
        versions.append((str(turn + 1), expected))
    for where, version, body in _read(service, hospital, name, key, number):
        assert own(body) == own(dict(versions)[version]), where


def _read(service: Running, headers: Header, name: str, key: str, number: str) -> list[tuple[str, str, bytes]]:
    """(address, version, bytes) by every way of reading."""
    note = smallest("Communication", partOf=[{"reference": f"{name}/{key}"}])
    made = service.client.post(f"{BASE}/Communication", json=note, headers=headers | FHIR).json()["id"]
    one = f"{name}/{key}"
    addresses = [
        one,
        f"{one}/_history/1",
        f"{one}/_history",
        f"{name}?_id={key}",
        f"{name}?identifier={SYSTEM}|{number}&_summary=false",
        f"{name}/_history?_count=5",
        f"Communication?_id={made}&_include=Communication:part-of",
    ]
    found = []
    for address in addresses:
        answer = service.client.get(f"{BASE}/{address}", headers=headers)
        assert answer.status_code == 200, answer.text
        found += [(address, body) for body in _resources(answer.content, key)]
    entries = b",".join(b'{"request":{"method":"GET","url":"%b"}}' % one.encode() for _ in range(2))
    bundle = b'{"resourceType":"Bundle","type":"batch","entry":[%b]}' % entries
    batch = service.client.post(BASE, content=bundle, headers=headers | FHIR)
    found += [("batch", body) for body in _resources(batch.content, key)]
    assert {address for address, _ in found} >= {*addresses[:6], "batch"}
    return [(address, json.loads(body)["meta"]["versionId"], body) for address, body in found]


def _resources(raw: bytes, key: str) -> list[bytes]:
    """The resource itself, or all its versions in a Bundle."""
    content = members(raw)
    if json.loads(content["resourceType"]) != "Bundle":
        return [raw]
    entries = msgspec.json.decode(content.get("entry", b"[]"), type=list[msgspec.Raw])
    found = [members(entry)["resource"] for entry in entries]
    return [body for body in found if json.loads(body)["id"] == key]


@few
@given(data=st.data())
def test_a_patch_changes_what_it_names_alone(service: Running, hospital: Header, data: st.DataObject) -> None:
    name, number = data.draw(st.sampled_from(PATCHED)), uuid4().hex
    first = Path(service, hospital, ALONE, name)
    sent = first.sent(data.draw(odd(name, contained=False)), number)
    key = json.loads(first.write("POST", name, sent))["id"]
    path = Path(service, hospital, data.draw(KINDS), name)
    # What a patch puts in comes from another resource; its bytes are the sender's too.
    value = members(path.sent(data.draw(odd(name, contained=False)), number))["extension"]
    operations = b'[{"op":"add", "path":"/extension","value" : %b},{"op":"add","path":"/extension/-","value":%b}]'
    more = b'{"url":"https:\\/\\/a.example","valueDecimal":1.0e1}'
    answered = path.write("PATCH", f"{name}/{key}", operations % (value, more), ifMatch='W/"1"')
    before, after = dict(own(sent)), dict(own(answered))
    assert {one: after[one] for one in after if one != "extension"} == {
        one: before[one] for one in before if one != "extension"
    }
    assert _entries(after["extension"]) == [*_entries(value), more]
    again = service.client.get(f"{BASE}/{name}/{key}", headers=hospital).content
    assert own(again) == own(answered)


def _entries(raw: bytes) -> list[bytes]:
    return [bytes(value) for value in msgspec.json.decode(raw, type=list[msgspec.Raw])]


@few
@given(data=st.data())
def test_a_case_is_written_changed_and_moved_in_bundles(service: Running, data: st.DataObject) -> None:
    sender = service.token("municipality", organisation="fjordvik")
    sent = data.draw(partner_needs(Number(f'"{NUMBER}"'))).replace(NUMBER.encode(), uuid4().hex.encode())
    key = json.loads(_path(service, sender, data).write("POST", "Task", sent))["id"]
    url = f"Task/{key}"
    text = b'[{"op":"add","path":"/description","value":"\\u00e6\\/"}]'
    patched = _path(service, sender, data).write("PATCH", url, text, ifMatch='W/"1"')
    assert members(patched)["description"] == b'"\\u00e6\\/"'
    limited = splice(patched, {"restriction": b'{ "period":{"end":"2027-\\u0030\\u0031"} }'})
    put = _path(service, sender, data).write("PUT", url, limited, ifMatch='W/"2"')
    assert members(put)["restriction"] == b'{ "period":{"end":"2027-\\u0030\\u0031"} }'
    gone = {"status": b'"cancelled"', "statusReason": b'{"text":"Ikke aktuelt"}'}
    if data.draw(st.booleans()):
        moved = _path(service, sender, data).write("PUT", url, splice(put, gone), ifMatch='W/"3"')
    else:
        operations = [b'{"op":"add","path":"/%b","value":%b}' % (name.encode(), value) for name, value in gone.items()]
        moved = _path(service, sender, data).write("PATCH", url, b"[%b]" % b",".join(operations), ifMatch='W/"3"')
    assert json.loads(moved)["businessStatus"]["coding"][0]["code"] == "withdrawn"
    history = service.client.get(f"{BASE}/{url}/_history", headers=sender).content
    versions = _resources(history, key)[::-1]
    assert [json.loads(body)["meta"]["versionId"] for body in versions] == ["1", "2", "3", "4"]
    for number, body in enumerate(versions):
        check_same(sent, body, but=set(["description", "restriction"][:number]))


def _path(service: Running, headers: Header, data: st.DataObject) -> Path:
    return Path(service, headers, data.draw(KINDS), "Task", other=f"urn:uuid:{uuid4()}")
