"""The stand-in EHR, as an adapter meets it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class

from tests.sandbox.processes import StandIn, stand_in

SYSTEM = "https://samband.example/fhir/participant"
TOKEN = {"Authorization": "Bearer ehr-secret", "Content-Type": "application/fhir+json"}
PATIENT = "10915596784"


def care_team(number: str = "p-1", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "CareTeam",
        "identifier": [{"system": SYSTEM, "value": number}],
        "status": "active",
        "category": [{"coding": [{"system": "http://loinc.org", "code": "LA28865-6"}]}],
        "subject": {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": PATIENT}},
        "period": {"start": "2026-11-02"},
        "participant": [
            {
                "role": [{"coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.9034", "code": "18"}]}],
                "member": {
                    "type": "Practitioner",
                    "identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.4", "value": "9900011"},
                    "display": "Ingrid Solvang",
                },
                "onBehalfOf": {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.102", "value": "4900101"}},
                "period": {"start": "2026-11-02"},
            }
        ],
        **changes,
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ehr.sqlite"


@pytest.fixture
def ehr(file: Path) -> Iterator[StandIn]:
    with stand_in("ehr", "--database", str(file)) as running:
        running.client.headers.update(TOKEN)
        yield running


def create(ehr: StandIn, number: str = "p-1", **changes: Any) -> httpx.Response:
    condition = {"If-None-Exist": f"identifier={SYSTEM}|{number}"}
    return ehr.client.post("/fhir/CareTeam", json=care_team(number, **changes), headers=condition)


def found(ehr: StandIn, participant: str = "p-1") -> list[dict[str, Any]]:
    answer = ehr.client.get("/fhir/CareTeam", params={"identifier": f"{SYSTEM}|{participant}"})
    return [entry["resource"] for entry in answer.json().get("entry", [])]


def mood(ehr: StandIn, mode: str, **more: float) -> None:
    assert ehr.client.put("/_control", json={"mode": mode, **more}).status_code == 200


def test_it_keeps_a_care_team_under_its_own_id_and_version(ehr: StandIn) -> None:
    answer = create(ehr)
    assert (answer.status_code, answer.json()["id"]) == (201, "cdp-1001")
    assert answer.headers["etag"] == 'W/"1"'
    assert answer.headers["location"] == f"{ehr.origin}/fhir/CareTeam/cdp-1001/_history/1"
    read = ehr.client.get("/fhir/CareTeam/cdp-1001")
    assert read.json() == answer.json()
    assert read.json()["participant"] == care_team()["participant"]
    assert create(ehr, "p-2").json()["id"] == "cdp-1002"
    assert ehr.client.get("/_stored").json()["total"] == 2


def test_the_same_conditional_create_ten_times_in_parallel_keeps_one(ehr: StandIn) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: create(ehr), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert {answer.json()["id"] for answer in answers} == {"cdp-1001"}
    assert len(found(ehr)) == 1


def test_a_conditional_create_that_matches_many_is_refused(ehr: StandIn) -> None:
    for _ in range(2):
        assert ehr.client.post("/fhir/CareTeam", json=care_team()).status_code == 201
    answer = create(ehr)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (412, "multiple-matches")


def test_an_update_needs_the_current_version_and_every_version_stays(ehr: StandIn) -> None:
    kept = create(ehr).json()
    url = f"/fhir/CareTeam/{kept['id']}"
    ended = {**kept, "status": "inactive"}
    ended["participant"][0]["period"]["end"] = "2026-11-20"
    assert ehr.client.put(url, json=ended).status_code == 428
    answer = ehr.client.put(url, json=ended, headers={"If-Match": 'W/"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    assert ehr.client.put(url, json=ended, headers={"If-Match": 'W/"1"'}).status_code == 412
    history = ehr.client.get(f"{url}/_history").json()
    assert [entry["resource"]["status"] for entry in history["entry"]] == ["inactive", "active"]
    assert ehr.client.get(f"{url}/_history/1").json()["status"] == "active"
    assert ehr.client.get(f"{url}/_history/3").status_code == 404
    get_fhir_model_class("Bundle").model_validate(history)


def test_it_searches_and_keeps_identity_numbers_out_of_urls(ehr: StandIn) -> None:
    create(ehr)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    value = f"urn:oid:2.16.578.1.12.4.1.4.1|{PATIENT}"
    posted = ehr.client.post("/fhir/CareTeam/_search", data={"patient:identifier": value}, headers=form)
    assert posted.json()["total"] == 1
    get_fhir_model_class("Bundle").model_validate(posted.json())
    refused = ehr.client.get("/fhir/CareTeam", params={"patient:identifier": value})
    assert refused.status_code == 400
    assert PATIENT not in refused.text
    assert found(ehr, "nobody") == []
    assert found(ehr, f"0f0e0d0c-0000-4000-8000-a{PATIENT}") == []
    assert ehr.client.get("/fhir/CareTeam", params={"name": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"resourceType": "Patient"}, "CareTeam.resourceType"),
        ({"identifier": []}, "CareTeam.identifier"),
        ({"status": "done"}, "CareTeam.status"),
        ({"subject": {"reference": "Patient/1"}}, "CareTeam.subject.identifier.system"),
        (
            {"subject": {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "10915596785"}}},
            "CareTeam.subject.identifier.value",
        ),
        ({"participant": []}, "CareTeam.participant"),
        ({"participant": [{}]}, "CareTeam.participant[0].member.identifier.system"),
        ({"participant": [{}]}, "CareTeam.participant[0].role.coding"),
        ({"participant": [{}]}, "CareTeam.participant[0].period.start"),
        ({"status": "inactive"}, "CareTeam.participant[0].period.end"),
    ],
)
def test_it_names_what_is_wrong_and_keeps_nothing(ehr: StandIn, changes: dict[str, Any], path: str) -> None:
    answer = create(ehr, **changes)
    assert answer.status_code == 422
    assert path in [issue["expression"][0] for issue in answer.json()["issue"]]
    assert "10915596785" not in answer.text
    get_fhir_model_class("OperationOutcome").model_validate(answer.json())
    assert ehr.client.get("/_stored").json()["total"] == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"a":"\\ud800"}', b"\xff", b"[" * 100_000])
def test_an_unreadable_body_is_400(ehr: StandIn, body: bytes) -> None:
    assert ehr.client.post("/fhir/CareTeam", content=body).status_code == 400


def test_it_wants_its_token_and_deletes_nothing(ehr: StandIn) -> None:
    create(ehr)
    strange = {"Authorization": "Bearer other"}
    assert ehr.client.get("/fhir/CareTeam/cdp-1001", headers=strange).status_code == 401
    assert ehr.client.delete("/fhir/CareTeam/cdp-1001").status_code == 405
    statement = ehr.client.get("/fhir/metadata", headers=strange).json()
    assert statement["rest"][0]["resource"][0]["conditionalCreate"] is True
    get_fhir_model_class("CapabilityStatement").model_validate(statement)


def test_down_and_refusing_last_as_many_times_as_told(ehr: StandIn) -> None:
    mood(ehr, "down", times=2)
    assert [create(ehr).status_code for _ in range(3)] == [503, 503, 201]
    mood(ehr, "refusing")
    answer = create(ehr, "p-2")
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (422, "business-rule")
    assert len(found(ehr)) == 1
    assert ehr.client.get("/_control").json()["mode"] == "refusing"


def test_forgetful_says_created_but_a_read_back_finds_nothing(ehr: StandIn) -> None:
    mood(ehr, "forgetful", times=1)
    assert create(ehr).status_code == 201
    assert found(ehr) == []
    assert create(ehr).status_code == 201
    assert len(found(ehr)) == 1


def test_a_lost_answer_was_kept_and_the_next_attempt_finds_it(ehr: StandIn) -> None:
    mood(ehr, "lost-answer", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        create(ehr)
    assert create(ehr).status_code == 200
    assert ehr.client.get("/_control").json()["counts"]["created"] == 1


def test_slow_passes_a_time_limit(ehr: StandIn) -> None:
    mood(ehr, "slow", delay=2, times=1)
    with pytest.raises(httpx.ReadTimeout):
        ehr.client.get("/fhir/metadata", timeout=0.3)
    assert ehr.client.get("/fhir/metadata", timeout=0.3).status_code == 200


@pytest.mark.parametrize("change", [{"mode": "gone"}, {"mode": "slow", "delay": -1}, {"mode": "down", "times": 0}])
def test_an_unknown_mood_is_refused_with_what_is_allowed(ehr: StandIn, change: dict[str, Any]) -> None:
    answer = ehr.client.put("/_control", json=change)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(("mode must be one of up, slow", "delay must be", "times must be"))


def test_its_records_survive_a_kill(ehr: StandIn, file: Path) -> None:
    create(ehr)
    ehr.kill()
    with stand_in("ehr", "--database", str(file)) as again:
        again.client.headers.update(TOKEN)
        assert create(again).status_code == 200
        assert len(found(again)) == 1
