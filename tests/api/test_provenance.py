"""Provenance over HTTP: what each caller gets, and what looks the same as nothing."""

import json
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.api.running import CANARY, FHIR, Running, codes

Header = dict[str, str]
BASE = "/fhir/v1/Provenance"
NUMBER = f"urn:oid:2.16.578.1.12.4.1.4.1|{CANARY}"


@pytest.fixture
def moved(service: Running, task: str, unit: Header) -> str:
    """A case that the unit has taken and handed on to the coordinating unit."""
    assert service.client.post(f"/fhir/v1/Task/{task}/$accept", headers=unit).status_code == 200
    reason = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "Uenighet inne i huset"}]}
    answer = service.client.post(f"/fhir/v1/Task/{task}/$escalate", content=json.dumps(reason), headers=unit | FHIR)
    assert answer.status_code == 200, answer.text
    return task


def _resources(bundle: dict[str, Any], mode: str = "match") -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle.get("entry", ()) if entry["search"]["mode"] == mode]


def _moves(bundle: dict[str, Any], mode: str = "match") -> list[str]:
    return [one["activity"]["coding"][0]["code"] for one in _resources(bundle, mode)]


def test_the_moves_of_a_case_by_its_sender(service: Running, municipality: Header, moved: str) -> None:
    found = service.client.get(f"{BASE}?target=Task/{moved}", headers=municipality)
    assert found.status_code == 200, found.text
    assert _moves(found.json()) == ["escalate", "accept", "route", "submit"]
    assert "Uenighet" not in found.text
    (escalated, *_) = _resources(found.json())
    assert escalated["target"][0]["reference"] == f"Task/{moved}/_history/3"
    task = service.client.get(f"/fhir/v1/{escalated['target'][0]['reference']}", headers=municipality).json()
    assert task["businessStatus"]["coding"][0]["code"] == "at-coordinating-unit"
    read = service.client.get(f"{BASE}/{escalated['id']}", headers=municipality)
    assert read.json() == escalated


def test_reasons_are_for_the_hospital(service: Running, moved: str) -> None:
    hospital = service.token("coordinating-unit")
    (escalated,) = _resources(service.client.get(f"{BASE}?target=Task/{moved}/_history/3", headers=hospital).json())
    assert escalated["reason"] == [{"text": "Uenighet inne i huset"}]


def test_an_earlier_owner_keeps_what_it_saw(service: Running, unit: Header, moved: str) -> None:
    assert _moves(service.client.get(f"{BASE}?target={moved}", headers=unit).json()) == ["accept", "route", "submit"]
    later, made_up = (service.client.get(f"{BASE}/{key}-3-0", headers=unit) for key in (moved, uuid4()))
    assert (later.status_code, later.content) == (made_up.status_code, made_up.content) == (404, made_up.content)


def test_a_stranger_gets_what_does_not_exist(service: Running, moved: str) -> None:
    for stranger in (
        service.token("municipality", organisation="dalheim"),
        service.token("clinical-unit", unit="oncology"),
        service.token("auditor"),
    ):
        theirs, nobodys = (service.client.get(f"{BASE}/{key}-1-0", headers=stranger) for key in (moved, uuid4()))
        assert (theirs.status_code, theirs.content) == (404, nobodys.content)
        for search in ("target={}", "target=Task/{}/_history/1", "_id={}-1-0"):
            theirs, nobodys = (
                service.client.get(f"{BASE}?{search.format(key)}&_total=accurate", headers=stranger).json()
                for key in (moved, uuid4())
            )
            assert (theirs.pop("total"), len(theirs.pop("link"))) == (nobodys.pop("total"), len(nobodys.pop("link")))
            assert theirs == nobodys == {"resourceType": "Bundle", "type": "searchset"}


def test_by_the_patient_in_the_body_only(service: Running, municipality: Header, moved: str) -> None:
    answer = service.client.post(
        f"{BASE}/_search", data={"patient:identifier": NUMBER, "_count": "200"}, headers=municipality
    )
    assert {f"{moved}-{version}-0" for version in (1, 2, 3)} <= {one["id"] for one in _resources(answer.json())}
    assert CANARY not in answer.text
    refused = service.client.get(f"{BASE}?patient:identifier={NUMBER}", headers=municipality)
    assert (refused.status_code, codes(refused)) == (400, ["national-number-in-url"])


def test_page_after_page(service: Running, municipality: Header, moved: str) -> None:
    address, found = f"{BASE}?target=Task/{moved}&_count=1", []
    while address:
        page = service.client.get(address, headers=municipality).json()
        found += _moves(page)
        link = next((one["url"] for one in page["link"] if one["relation"] == "next"), "")
        assert moved not in link
        address = f"{BASE}?{urlsplit(link).query}" if link else ""
    assert found == ["escalate", "accept", "route", "submit"]


def test_moves_come_along_with_a_case(service: Running, municipality: Header, moved: str) -> None:
    with_moves = service.client.get(f"/fhir/v1/Task?_id={moved}&_revinclude=Provenance:target", headers=municipality)
    assert _moves(with_moves.json(), "include") == ["escalate", "accept", "route", "submit"]
    with_case = service.client.get(f"{BASE}?target={moved}&_include=Provenance:target", headers=municipality)
    assert [one["id"] for one in _resources(with_case.json(), "include")] == [moved]


def test_only_with_a_token_and_its_scope(service: Running, municipality: Header, moved: str) -> None:
    operator = service.token("operator")
    for path in (f"{BASE}/{moved}-1-0", BASE):
        nobody = service.client.get(path)
        assert (nobody.status_code, codes(nobody)) == (401, ["token-missing"])
        without = service.client.get(path, headers=operator)
        assert (without.status_code, codes(without)) == (403, ["insufficient-scope"])
    for path in ("/fhir/v1/Task?_revinclude=Provenance:target", f"{BASE}?_include=Provenance:target"):
        for persona in ("operator", "auditor"):
            refused = service.client.get(path, headers=service.token(persona))
            assert (refused.status_code, codes(refused)) == (403, ["insufficient-scope"])


@pytest.mark.parametrize(
    ("search", "code"),
    [
        ("target=Patient/1", "bad-value"),
        ("target=", "empty-value"),
        ("recorded=yesterday", "bad-date"),
        ("recorded=xx2026", "bad-prefix"),
        ("agent=Organization/1", "bad-modifier"),
        ("agent:identifier=|", "bad-value"),
        ("entity=Task/1", "unknown-parameter"),
        ("_id=a/b", "bad-value"),
        ("_include=Provenance:agent", "bad-value"),
        ("_cursor=abc", "bad-cursor"),
    ],
)
def test_a_search_that_cannot_be_read(service: Running, municipality: Header, search: str, code: str) -> None:
    answer = service.client.get(f"{BASE}?{search}", headers=municipality)
    assert (answer.status_code, codes(answer)) == (400, [code])
