"""Everything that the CapabilityStatement declares is answered, for every type; what it does not declare is refused."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.fhir.resources import RESOURCES, STORED, Sight
from tests.api.running import FHIR, Running, codes
from tests.api.smallest import WITHOUT_IDENTIFIER, smallest

Header = dict[str, str]
BASE = "/fhir/v1"
NAMES = list(RESOURCES)
WRITTEN = [one.name for one in STORED]


@pytest.fixture
def hospital(service: Running, name: str) -> Header:
    """The coordinating unit: it may write every type; the audit is for auditors."""
    return service.token("auditor" if name == "AuditEvent" else "coordinating-unit")


@pytest.fixture(scope="module")
def declared(service: Running) -> dict[str, dict[str, Any]]:
    """The CapabilityStatement's types."""
    (rest,) = service.client.get(f"{BASE}/metadata").json()["rest"]
    return {one["type"]: one for one in rest["resource"]}


def _made(service: Running, headers: Header, name: str) -> httpx.Response:
    answer = service.client.post(f"{BASE}/{name}", json=smallest(name), headers=headers | FHIR)
    assert answer.status_code == 201, answer.text
    return answer


def _one(service: Running, headers: Header, name: str) -> str:
    if name in WRITTEN:
        return str(_made(service, headers, name).json()["id"])
    if RESOURCES[name].sight is Sight.DERIVED:
        _made(service, service.token("coordinating-unit"), "Task")  # what is derived is made from cases
    return str(service.client.get(f"{BASE}/{name}?_count=1", headers=headers).json()["entry"][0]["resource"]["id"])


def _probe(service: Running, headers: Header, name: str, interaction: str) -> httpx.Response:
    """One declared interaction, as a client would do it."""
    client, key = service.client, _one(service, headers, name)
    if interaction == "create":
        return _made(service, headers, name)
    if interaction in {"update", "patch"}:
        current = client.get(f"{BASE}/{name}/{key}", headers=headers)
        conditions = headers | {"If-Match": current.headers["etag"]}
        if interaction == "update":
            return client.put(f"{BASE}/{name}/{key}", content=current.content, headers=conditions | FHIR)
        change = [{"op": "add", "path": "/language", "value": "nb"}]
        as_patch = conditions | {"Content-Type": "application/json-patch+json"}
        return client.patch(f"{BASE}/{name}/{key}", content=json.dumps(change), headers=as_patch)
    path = {
        "read": f"{name}/{key}",
        "vread": f"{name}/{key}/_history/1",
        "search-type": f"{name}?_id={key}",
        "history-instance": f"{name}/{key}/_history",
        "history-type": f"{name}/_history",
    }[interaction]
    assert client.head(f"{BASE}/{path}", headers=headers).status_code == 200
    return client.get(f"{BASE}/{path}", headers=headers)


@pytest.mark.parametrize("name", NAMES)
def test_every_declared_interaction_answers(
    service: Running, hospital: Header, declared: dict[str, dict[str, Any]], name: str
) -> None:
    for interaction in (one["code"] for one in declared[name]["interaction"]):
        answer = _probe(service, hospital, name, interaction)
        assert answer.status_code in {200, 201}, (interaction, answer.text)
        assert answer.json()["resourceType"] in {name, "Bundle"}


def _undeclared(name: str, codes_: set[str], key: str) -> Iterator[tuple[str, str]]:
    paths = {
        "create": ("POST", name),
        "update": ("PUT", f"{name}/{key}"),
        "patch": ("PATCH", f"{name}/{key}"),
        "vread": ("GET", f"{name}/{key}/_history/1"),
        "history-instance": ("GET", f"{name}/{key}/_history"),
        "history-type": ("GET", f"{name}/_history"),
    }
    yield from (path for code, path in paths.items() if code not in codes_)
    yield from (("DELETE", f"{name}/{key}"), ("DELETE", name))
    if "update" not in codes_:
        yield "PUT", f"{name}?_id={key}"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_undeclared_answers(
    service: Running, hospital: Header, declared: dict[str, dict[str, Any]], name: str
) -> None:
    known = {one["code"] for one in declared[name]["interaction"]}
    key = _one(service, hospital, name)
    for method, path in _undeclared(name, known, key):
        content = json.dumps(smallest(name)) if name in WRITTEN else "{}"
        answer = service.client.request(method, f"{BASE}/{path}", content=content, headers=hospital | FHIR)
        assert (answer.status_code, codes(answer)) == (405, ["method-not-allowed"]), (method, path)


@pytest.mark.parametrize("name", WRITTEN)
def test_conditional_create_and_update(
    service: Running, hospital: Header, declared: dict[str, dict[str, Any]], name: str
) -> None:
    assert declared[name]["conditionalCreate"]
    assert declared[name]["conditionalUpdate"]
    first = _made(service, hospital, name)
    condition = _condition(first.json())
    again = service.client.post(
        f"{BASE}/{name}", json=smallest(name), headers=hospital | FHIR | {"If-None-Exist": condition}
    )
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    changed = first.json() | {"language": "nb"}
    updated = service.client.put(f"{BASE}/{name}?{condition}", json=changed, headers=hospital | FHIR)
    assert (updated.status_code, updated.json()["id"]) == (200, first.json()["id"]), updated.text
    nobody = "url=http://127.0.0.1:9/nobody" if name in WITHOUT_IDENTIFIER else "identifier=x|nobody"
    fresh = service.client.put(f"{BASE}/{name}?{nobody}", json=smallest(name), headers=hospital | FHIR)
    assert fresh.status_code == 201, fresh.text


def _condition(made: dict[str, Any]) -> str:
    """A search that finds this one alone."""
    if made["resourceType"] in WITHOUT_IDENTIFIER:
        return f"_id={made['id']}"
    number = made["identifier"]
    number = number[0] if isinstance(number, list) else number
    return f"identifier={number['system']}|{number['value']}"


@pytest.mark.parametrize("name", NAMES)
def test_every_declared_include_is_taken(
    service: Running, hospital: Header, declared: dict[str, dict[str, Any]], name: str
) -> None:
    one = declared[name]
    for parameter, key in (("_include", "searchInclude"), ("_revinclude", "searchRevInclude")):
        for pair in one.get(key, ()):
            answer = service.client.get(f"{BASE}/{name}?{parameter}={pair}", headers=hospital)
            assert answer.status_code == 200, (pair, answer.text)
        refused = service.client.get(f"{BASE}/{name}?{parameter}={name}:nothing", headers=hospital)
        assert refused.status_code == 400, refused.text


@pytest.mark.parametrize("name", NAMES)
def test_every_type_is_validated(
    service: Running, hospital: Header, declared: dict[str, dict[str, Any]], name: str
) -> None:
    assert "validate" in {one["name"] for one in declared[name]["operation"]}
    key = _one(service, hospital, name)
    current = service.client.get(f"{BASE}/{name}/{key}", headers=hospital).json()
    content = smallest(name) if name in WRITTEN else current
    for path in (f"{name}/$validate", f"{name}/{key}/$validate"):
        answer = service.client.post(f"{BASE}/{path}", json=content, headers=hospital | FHIR)
        assert answer.json()["issue"][0]["details"]["text"] == "All OK.", (path, answer.text)
        wrong = content | {"colour": "red", "language": 5}
        refused = service.client.post(f"{BASE}/{path}", json=wrong, headers=hospital | FHIR)
        assert sorted(codes(refused)) == ["unknown-element", "wrong-type"], (path, refused.text)
    stored = service.client.post(f"{BASE}/{name}/{key}/$validate", headers=hospital)
    assert stored.json()["issue"][0]["details"]["text"] == "All OK.", stored.text
    if name not in WRITTEN:
        created = {"parameter": [{"name": "mode", "valueCode": "create"}, {"name": "resource", "resource": content}]}
        refused = service.client.post(
            f"{BASE}/{name}/$validate", json=created | {"resourceType": "Parameters"}, headers=hospital | FHIR
        )
        assert codes(refused) == ["method-not-allowed"]


@pytest.mark.parametrize("name", NAMES)
def test_a_part_of_every_type(service: Running, hospital: Header, name: str) -> None:
    key = _one(service, hospital, name)
    for summary in ("true", "text", "data"):
        part = service.client.get(f"{BASE}/{name}/{key}?_summary={summary}", headers=hospital).json()
        assert part["meta"]["tag"][-1]["code"] == "SUBSETTED"
        assert (part["resourceType"], part["id"]) == (name, key)
    assert "tag" not in service.client.get(f"{BASE}/{name}/{key}?_summary=false", headers=hospital).json().get(
        "meta", {}
    )
