"""``$validate``: everything that is wrong, nothing written."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.running import FHIR, Running, codes, need

Header = dict[str, str]
BASE = "/fhir/v1"
PROFILE = "https://samband.example/fhir/StructureDefinition/coordinator-need-task"


def _validate(service: Running, headers: Header, content: Any, path: str = "Task/$validate") -> httpx.Response:
    return service.client.post(f"{BASE}/{path}", json=content, headers=headers | FHIR)


def _parameters(resource: dict[str, Any] | None, **more: str) -> dict[str, Any]:
    listed: list[dict[str, Any]] = [{"name": "resource", "resource": resource}] if resource else []
    listed += [{"name": name, "valueCode" if name == "mode" else "valueUri": value} for name, value in more.items()]
    return {"resourceType": "Parameters", "parameter": listed}


def _texts(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [issue["details"]["text"] for issue in answer.json()["issue"]]


def _paths(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {path for issue in answer.json()["issue"] for path in issue.get("expression", [])}


def test_a_valid_need_is_all_ok_and_nothing_is_written(service: Running, municipality: Header) -> None:
    before = service.client.get(f"{BASE}/Task?_summary=count", headers=municipality).json()["total"]
    sent = need()
    for content in (
        sent,
        _parameters(sent),
        _parameters(sent, mode="create"),
        _parameters(sent, mode="create", profile=PROFILE),
        _parameters(sent, profile="http://hl7.org/fhir/StructureDefinition/Task"),
    ):
        assert _texts(_validate(service, municipality, content)) == ["All OK."]
    assert service.client.get(f"{BASE}/Task?_summary=count", headers=municipality).json()["total"] == before
    norwegian = municipality | {"Accept-Language": "nb"}
    assert _texts(_validate(service, norwegian, sent)) == ["Alt i orden."]


def test_all_issues_come_at_once(service: Running, municipality: Header) -> None:
    wrong = need(status="nonsense", intent=5, colour="red", authoredOn="2026-02-30")
    assert _paths(_validate(service, municipality, wrong)) >= {
        "Task.status",
        "Task.intent",
        "Task.authoredOn",
    }
    unlike = need(for_=None, status="draft", identifier=None)
    assert _paths(_validate(service, municipality, unlike)) >= {"Task.for", "Task.status", "Task.identifier"}


def test_a_wrong_identity_number_is_found_and_not_repeated(service: Running, municipality: Header) -> None:
    wrong = need()
    wrong["for"]["identifier"]["value"] = "10915596785"
    answer = _validate(service, municipality, wrong)
    assert codes(answer) == ["wrong-identifier"]
    assert "10915596785" not in answer.text


def test_a_profile_is_followed(service: Running, municipality: Header) -> None:
    plain = {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"text": "noe annet"}}
    assert _texts(_validate(service, municipality, plain)) == ["All OK."]
    for content in (_parameters(plain, profile=PROFILE), plain | {"meta": {"profile": [PROFILE]}}):
        assert _paths(_validate(service, municipality, content)) >= {"Task.code.coding", "Task.for", "Task.identifier"}
    by_url = _validate(service, municipality, plain, f"Task/$validate?profile={PROFILE}")
    assert "Task.for" in _paths(by_url)


@pytest.mark.parametrize(
    "profile",
    [
        "https://unknown.example/x",
        f"{PROFILE}|9.9",
        "https://samband.example/fhir/StructureDefinition/coordination-care-team",
    ],
)
def test_a_profile_that_is_not_known_is_an_issue(service: Running, municipality: Header, profile: str) -> None:
    answer = _validate(service, municipality, _parameters(need(), profile=profile))
    assert codes(answer) == ["unknown-profile"]
    assert PROFILE in answer.json()["issue"][0]["diagnostics"]


def test_mode_create_meets_the_rules_of_a_create(service: Running, municipality: Header, task: str) -> None:
    sent = need()
    service.post_need(municipality, sent)
    taken = _validate(service, municipality, _parameters(sent | {"description": "Noe annet"}, mode="create"))
    assert codes(taken) == ["number-in-use"]
    team = {"resourceType": "CareTeam", "status": "active"}
    refused = _validate(service, municipality, _parameters(team, mode="create"), "CareTeam/$validate")
    assert codes(refused) == ["insufficient-scope"]
    assert codes(_validate(service, municipality, _parameters(sent, mode="delete"))) == ["method-not-allowed"]


def test_an_instance_is_validated_as_an_update_of_it(service: Running, municipality: Header, task: str) -> None:
    path = f"Task/{task}/$validate"
    current = service.client.get(f"{BASE}/Task/{task}", headers=municipality).json()
    assert _texts(_validate(service, municipality, current, path)) == ["All OK."]
    assert _texts(service.client.post(f"{BASE}/{path}", headers=municipality)) == ["All OK."]
    other = current | {"intent": "plan"}
    assert codes(_validate(service, municipality, _parameters(other, mode="update"), path)) == ["immutable-element"]
    assert service.client.get(f"{BASE}/Task/{task}", headers=municipality).headers["etag"] == 'W/"1"'
    hidden = _validate(service, service.token("municipality", organisation="dalheim"), current, path)
    unknown = _validate(service, municipality, current, f"Task/{uuid4()}/$validate")
    assert (hidden.status_code, hidden.json()) == (404, unknown.json())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-body"),
        (b"{", "broken-json"),
        (b'{"resourceType":"Parameters"}', "parameter-missing"),
        (b'{"resourceType":"Parameters","parameter":{}}', "wrong-type"),
    ],
)
def test_what_is_no_resource_cannot_be_read(service: Running, municipality: Header, body: bytes, code: str) -> None:
    answer = service.client.post(f"{BASE}/Task/$validate", content=body, headers=municipality | FHIR)
    assert (answer.status_code, codes(answer)) == (400, [code]), answer.text


def test_another_type_is_an_issue(service: Running, municipality: Header) -> None:
    answer = _validate(service, municipality, {"resourceType": "CareTeam"})
    assert codes(answer) == ["wrong-type"]
    mode = _validate(service, municipality, _parameters(need(), mode="maybe"))
    assert (mode.status_code, codes(mode)) == (400, ["bad-value"])
