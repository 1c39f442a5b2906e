"""``$validate``: everything that is wrong, nothing written."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.fhir.element_rules import profiles
from tests.api.running import FHIR, Running, codes, need, running, sandbox_settings
from tests.fhir.profile_cases import example

Header = dict[str, str]
BASE = "/fhir/v1"
IDS = sorted(one.id for one in profiles().values())
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
    unlike = need(for_=None, status="completed", identifier=None)
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
def test_a_profile_that_is_not_known_cannot_be_asked_for(service: Running, municipality: Header, profile: str) -> None:
    for content, path in (
        (_parameters(need(), profile=profile), "Task/$validate"),
        (need(), f"Task/$validate?profile={profile}"),
    ):
        answer = _validate(service, municipality, content, path)
        assert (answer.status_code, codes(answer)) == (400, ["unknown-profile"])
        assert PROFILE in answer.json()["issue"][0]["diagnostics"]


def test_a_profile_of_ours_that_is_claimed_and_not_known_is_an_issue(service: Running, municipality: Header) -> None:
    claimed = ["https://a.example/of-somebody-else", f"{PROFILE}|9.9"]
    answer = _validate(service, municipality, need(meta={"profile": claimed}))
    assert codes(answer) == ["unknown-profile"]
    assert _paths(answer) == {"Task.meta.profile[1]"}


def test_mode_create_meets_the_rules_of_a_create(service: Running, municipality: Header, task: str) -> None:
    sent = need()
    service.post_need(municipality, sent)
    taken = _validate(service, municipality, _parameters(sent | {"description": "Noe annet"}, mode="create"))
    assert codes(taken) == ["number-in-use"]
    team = {"resourceType": "CareTeam", "status": "active"}
    refused = _validate(service, municipality, _parameters(team, mode="create"), "CareTeam/$validate")
    assert codes(refused) == ["insufficient-scope"]


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


@pytest.mark.parametrize("mode", ["update", "delete", "profile"])
def test_some_modes_are_about_an_instance(service: Running, municipality: Header, mode: str) -> None:
    answer = _validate(service, municipality, _parameters(need(), mode=mode, profile=PROFILE))
    assert (answer.status_code, codes(answer)) == (400, ["mode-needs-instance"])
    assert "create" in answer.json()["issue"][0]["diagnostics"]


def test_mode_profile_checks_what_is_stored(service: Running, municipality: Header, task: str) -> None:
    path = f"Task/{task}/$validate"
    asked = _parameters(None, mode="profile", profile=PROFILE)
    assert _texts(_validate(service, municipality, asked, path)) == ["All OK."]
    work = _parameters(None, mode="profile", profile=PROFILE.replace("coordinator-need", "ehr-registration"))
    assert _paths(_validate(service, municipality, work, path)) == {"Task.code", "Task.focus", "Task.businessStatus"}
    by_url = f"{BASE}/{path}?mode=profile&profile={PROFILE}"
    assert _texts(service.client.post(by_url, headers=municipality)) == ["All OK."]
    for content, code in (
        (_parameters(None, mode="profile"), "parameter-missing"),
        (_parameters(need(), mode="profile", profile=PROFILE), "unknown-parameter"),
    ):
        answer = _validate(service, municipality, content, path)
        assert (answer.status_code, codes(answer)) == (400, [code])


def test_mode_delete_ignores_the_content(service: Running, municipality: Header, task: str) -> None:
    for content in (_parameters(None, mode="delete"), _parameters({"resourceType": "Task"}, mode="delete")):
        answer = _validate(service, municipality, content, f"Task/{task}/$validate")
        assert codes(answer) == ["method-not-allowed"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"name": "colour", "valueCode": "red"}, "unknown-parameter"),
        ({"name": "mode", "valueBoolean": True}, "parameter-missing"),
        ({"name": "mode", "valueCode": 5}, "wrong-type"),
        ({"name": "resource", "valueString": "a"}, "parameter-missing"),
        ({"name": "resource", "resource": {"resourceType": "Task"}}, "too-many"),
    ],
)
def test_what_is_no_parameter_of_the_operation_is_refused(
    service: Running, municipality: Header, row: dict[str, Any], code: str
) -> None:
    content = _parameters(need())
    content["parameter"].append(row)
    if "valueString" in row:
        content["parameter"].pop(0)
    answer = _validate(service, municipality, content)
    assert (answer.status_code, codes(answer)) == (400, [code])


def test_r4_and_profile_are_told_together(service: Running, municipality: Header) -> None:
    wrong = need(status=None, intent="plan", authoredOn="1.2.2026")
    wrong["input"].append(wrong["input"][0])
    found = _paths(_validate(service, municipality, _parameters(wrong, profile=PROFILE)))
    assert found == {"Task.status", "Task.intent", "Task.authoredOn", f"Task.input[{len(wrong['input']) - 1}]"}


@pytest.mark.parametrize("profile", IDS)
def test_the_examples_of_the_guide_are_valid(service: Running, unit: Header, profile: str) -> None:
    """An update's rules: status and output of the examples are the service's own words."""
    content = example(profile)
    name = content["resourceType"]
    answer = _validate(service, unit, content, f"{name}/$validate?profile={content['meta']['profile'][0]}")
    words = {"status-not-allowed", "service-owned-element"}
    assert set(codes(answer)) <= words if profile == "coordinator-need-task" else _texts(answer) == ["All OK."]


def test_a_scope_on_the_type_is_needed(service: Running, municipality: Header, task: str) -> None:
    operator = service.token("operator")
    for path in ("Task/$validate", f"Task/{task}/$validate"):
        answer = _validate(service, operator, need(), path)
        assert (answer.status_code, codes(answer)) == (403, ["insufficient-scope"])
        nobody = _validate(service, {}, need(), path)
        assert (nobody.status_code, codes(nobody)) == (401, ["token-missing"])


def test_an_entry_of_a_batch_is_validated(service: Running, municipality: Header) -> None:
    entries = [
        {"request": {"method": "POST", "url": url}, "resource": content}
        for url, content in (
            (f"Task/$validate?profile={PROFILE}", need()),
            (f"/Task/%24validate?profile={PROFILE}", need(intent="plan")),
            ("Task/$validate?colour=red", need()),
        )
    ]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    answer = service.client.post(BASE, json=bundle, headers=municipality | FHIR)
    # What the operation returns is the entry's resource; what went wrong with the entry is its outcome.
    first, second, refused = answer.json()["entry"]
    assert [one["details"]["text"] for one in first["resource"]["issue"]] == ["All OK."]
    assert {path for one in second["resource"]["issue"] for path in one["expression"]} == {"Task.intent"}
    assert [set(entry["response"]) for entry in (first, second)] == [{"status"}] * 2
    assert (refused["response"]["status"], "resource" in refused) == ("400", False)
    assert refused["response"]["outcome"]["issue"][0]["severity"] == "error"


def test_nothing_is_written_whatever_is_asked(tmp_path: Path) -> None:
    with running(sandbox_settings(tmp_path)) as service:
        sender = service.token("municipality", organisation="fjordvik")
        unit = service.token("clinical-unit", unit="neurology-outpatient")
        task = service.post_need(sender).json()["id"]
        current = service.client.get(f"{BASE}/Task/{task}", headers=sender).json()
        before = _rows(tmp_path)
        asked = 0
        for headers in (sender, unit):
            for mode in ("", "create", "update", "delete"):
                for content in (need(), current, current | {"description": "Noe annet"}):
                    wrapped = _parameters(content, **({"mode": mode} if mode else {}))
                    for path in ("Task/$validate", f"Task/{task}/$validate"):
                        asked += _validate(service, headers, wrapped, path).status_code == 200
        assert asked == 36
        assert _rows(tmp_path) == before


def _rows(folder: Path) -> dict[str, list[Any]]:
    """Everything in the database, but that somebody has looked at a resource."""
    with closing(sqlite3.connect(folder / "samband.db")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert {"task", "history", "outbox", "audit_event", "case_event"} <= set(tables)
        return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in tables if name != "audit_event"}  # noqa: S608


def test_another_type_is_an_issue(service: Running, municipality: Header) -> None:
    answer = _validate(service, municipality, {"resourceType": "CareTeam"})
    assert codes(answer) == ["wrong-type"]
    mode = _validate(service, municipality, _parameters(need(), mode="maybe"))
    assert (mode.status_code, codes(mode)) == (400, ["bad-value"])
