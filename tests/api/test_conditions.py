"""Conditional create and update by several at the same moment: one resource, also without a sender's own number."""

import json
from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest

from benchmarks.needs import patients
from tests.api.running import FHIR, Running, codes
from tests.story.test_repeats import at_once

Header = dict[str, str]
BASE = "/fhir/v1"
WRITERS = 8
ROUNDS = 2
NATIONAL = "urn:oid:2.16.578.1.12.4.1.4.1"
PATIENTS = patients(uuid4().int)


@pytest.fixture(scope="module")
def service(each_store: Running) -> Running:
    """The sandbox on each database."""
    return each_store


def _without_number(index: int) -> tuple[str, str, dict[str, Any]]:
    """Persona, condition and content of something that has no number of the sender's."""
    name, number = f"Enhet-{uuid4().hex}", next(PATIENTS)
    code = {"system": "https://fjordvik.example/tema", "code": uuid4().hex}
    return (
        (
            "municipality",
            f"category={code['system']}|{code['code']}",
            {
                "resourceType": "CarePlan",
                "status": "active",
                "intent": "plan",
                "category": [{"coding": [code]}],
                "subject": {"display": "x"},
            },
        ),
        ("coordinating-unit", f"name={name}", {"resourceType": "Organization", "name": name}),
        (
            "municipality",
            f"identifier={NATIONAL}|{number}",
            {
                "resourceType": "Patient",
                "identifier": [{"system": NATIONAL, "value": number}],
            },
        ),
    )[index % 3]


def _create(service: Running, headers: Header, condition: str, content: dict[str, Any]) -> httpx.Response:
    more = {"If-None-Exist": condition, **FHIR, **headers}
    return service.client.post(f"{BASE}/{content['resourceType']}", content=json.dumps(content), headers=more)


def _in_transaction(service: Running, headers: Header, condition: str, content: dict[str, Any]) -> httpx.Response:
    request = {"method": "POST", "url": content["resourceType"], "ifNoneExist": condition}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": content, "request": request}]}
    return service.client.post(f"{BASE}", content=json.dumps(bundle), headers=FHIR | headers)


def _id(answer: httpx.Response) -> str:
    content = answer.json()
    return str(content.get("id") or content["entry"][0]["resource"]["id"])


def _made(answer: httpx.Response) -> int:
    assert answer.status_code in {200, 201}, answer.text
    content = answer.json()
    return answer.status_code if "id" in content else int(content["entry"][0]["response"]["status"])


@pytest.mark.parametrize("index", range(3 * ROUNDS))
def test_creates_at_once_make_one(service: Running, index: int) -> None:
    persona, condition, content = _without_number(index)
    headers = service.token(persona)
    ways = (_create, _in_transaction)
    answers = at_once(*[partial(ways[n % 2], service, headers, condition, content) for n in range(WRITERS)])
    assert Counter(map(_made, answers)) == {201: 1, 200: WRITERS - 1}
    assert len({_id(answer) for answer in answers}) == 1
    assert _made(_create(service, headers, condition, content)) == 200


def test_updates_at_once_make_one(service: Running) -> None:
    headers = service.token("coordinating-unit")
    for _ in range(ROUNDS):
        name = f"Enhet-{uuid4().hex}"
        url = f"{BASE}/Organization"
        contents = [{"resourceType": "Organization", "name": name, "alias": [str(n)]} for n in range(WRITERS)]
        answers = at_once(
            *[
                partial(service.client.put, url, params={"name": name}, json=one, headers=FHIR | headers)
                for one in contents
            ]
        )
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: WRITERS - 1}
        versions = sorted(int(answer.json()["meta"]["versionId"]) for answer in answers)
        assert (len({_id(answer) for answer in answers}), versions) == (1, list(range(1, WRITERS + 1)))


def test_what_no_longer_matches_is_created_again(service: Running) -> None:
    headers = service.token("coordinating-unit")
    name = f"Enhet-{uuid4().hex}"
    content = {"resourceType": "Organization", "name": name}
    first = _create(service, headers, f"name={name}", content).json()
    renamed = first | {"name": f"Før {name}"}
    address = f"{BASE}/Organization/{first['id']}"
    assert service.client.put(address, json=renamed, headers=FHIR | headers).status_code == 200
    second = _create(service, headers, f"name={name}", content)
    assert (second.status_code, second.json()["id"] == first["id"]) == (201, False)


def test_the_same_condition_for_somebody_else_is_another_one(service: Running) -> None:
    code = {"system": "https://fjordvik.example/tema", "code": uuid4().hex}
    _, _, plan = _without_number(0)
    content = plan | {"category": [{"coding": [code]}]}
    condition = f"category={code['system']}|{code['code']}"
    ids = []
    for key in ("fjordvik", "dalheim"):
        headers = service.token("municipality", organisation=key)
        answers = [_create(service, headers, condition, content) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 200]
        ids.append(answers[0].json()["id"])
    assert len(set(ids)) == 2


def test_one_transaction_has_a_condition_once(service: Running) -> None:
    headers = service.token("coordinating-unit")
    name = f"Enhet-{uuid4().hex}"
    entries = [
        {"resource": {"resourceType": "Organization", "name": name}, "request": {"method": "PUT", "url": url}}
        for url in (f"Organization?name={name}&active=true", f"Organization?active=true&name={name}")
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    answer = service.client.post(BASE, json=bundle, headers=FHIR | headers)
    assert (answer.status_code, codes(answer)) == (400, ["repeated-condition"])
    found = service.client.get(f"{BASE}/Organization", params={"name": name, "_summary": "count"}, headers=headers)
    assert found.json()["total"] == 0
