"""Where there is no EHR, a unit closes its work item: a person has registered the coordinator, or could not."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.running import EXAMPLES, FHIR, Running, codes, need, running, sandbox_settings

Header = dict[str, str]
BASE = "/fhir/v1"
UNIT = "neurology-outpatient"


@pytest.fixture(scope="module")
def with_ehr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A deployment with an EHR; nothing is delivered."""
    more = {"ehr_url": "http://127.0.0.1:9/fhir", "ehr_token": "secret"}
    with running(sandbox_settings(tmp_path_factory.mktemp("ehr"), **more)) as started:
        yield started


class Appointed:
    """A case of a patient of its own, with a coordinator appointed by the unit, and the work item behind that."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.unit = service.token("clinical-unit", unit=UNIT)
        self.sender = service.token("municipality", organisation="fjordvik")
        self.case = str(service.post_need(self.sender, need(for_={"reference": self._patient()})).json()["id"])
        for operation, body in (("accept", b""), ("appoint", (EXAMPLES / "appoint.json").read_bytes())):
            done = service.client.post(
                f"{BASE}/Task/{self.case}/${operation}", content=body, headers=self.unit | (FHIR if body else {})
            )
            assert done.status_code == 200, done.text
        self.team = str(self.outputs()["care-team"][0]["reference"])
        found = service.client.get(f"{BASE}/Task?code=ehr-registration&_count=200", headers=self.unit).json()
        items = [entry["resource"] for entry in found["entry"]]
        (self.item,) = [one["id"] for one in items if one["focus"]["reference"] == self.team]

    def _patient(self) -> str:
        content = {
            "resourceType": "Patient",
            "identifier": [{"system": "https://fjordvik.example/p", "value": uuid4().hex}],
        }
        made = self.service.client.post(f"{BASE}/Patient", content=json.dumps(content), headers=self.sender | FHIR)
        assert made.status_code == 201, made.text
        return f"Patient/{made.json()['id']}"

    def read(self, path: str, who: Header | None = None) -> dict[str, Any]:
        """A resource as the unit, or somebody else, reads it."""
        answer = self.service.client.get(f"{BASE}/{path}", headers=who or self.unit)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def outputs(self) -> dict[str, list[Any]]:
        """What the municipality reads in the case's Task, by its type."""
        told: dict[str, list[Any]] = {}
        for one in self.read(f"Task/{self.case}", self.sender)["output"]:
            (value,) = [value for name, value in one.items() if name.startswith("value")]
            told.setdefault(one["type"]["coding"][0]["code"], []).append(value)
        return told

    def put(self, who: Header | None = None, **changes: Any) -> httpx.Response:
        """The work item as it was read, with changes."""
        content = self.read(f"Task/{self.item}") | changes
        body = json.dumps(content)
        return self.service.client.put(f"{BASE}/Task/{self.item}", content=body, headers=(who or self.unit) | FHIR)

    def state(self) -> str:
        """The coordinator's state in the CareTeam, which its unit sees no more after the end."""
        (row,) = self.read(self.team, self.service.token("coordinating-unit"))["participant"]
        (state,) = [one["valueCode"] for one in row["extension"] if one["url"].endswith("ehr-state")]
        return str(state)

    def moves(self) -> list[dict[str, Any]]:
        """The events of the case."""
        answer = self.service.client.get(f"/reports/cases/{self.case}/events", headers=self.unit)
        events: list[dict[str, Any]] = answer.json()["events"]
        return events


def test_completed_means_registered(each_store: Running) -> None:
    done = Appointed(each_store)
    assert done.state() == "ehr-pending"
    answer = done.put(status="completed")
    assert answer.status_code == 200, answer.text
    item = answer.json()
    assert (item["status"], item["businessStatus"]["coding"][0]["code"]) == ("completed", "ehr-confirmed")
    assert answer.headers["etag"] == 'W/"2"'
    assert done.read(f"Task/{done.item}") == item
    assert done.state() == "ehr-confirmed"
    assert done.outputs()["registration"] == ["ehr-confirmed"]
    last = done.moves()[-1]
    assert (last["move"], last["actor"], last["unit"]) == ("registration-confirmed", "owner", UNIT)
    assert done.put().status_code == 200, "the same again changes nothing"
    assert done.read(f"Task/{done.item}")["meta"]["versionId"] == "2"
    again = done.put(status="rejected", statusReason={"text": "Likevel ikke"})
    assert (again.status_code, codes(again)) == (409, ["task-ended"])


def test_rejected_means_that_it_could_not_be_registered(each_store: Running) -> None:
    done = Appointed(each_store)
    bare = done.put(status="rejected")
    assert (bare.status_code, codes(bare)) == (422, ["missing-element"])
    assert bare.json()["issue"][0]["expression"] == ["Task.statusReason.text"]
    assert done.state() == "ehr-pending"
    answer = done.put(status="rejected", statusReason={"text": "Pasienten finnes ikke i journalsystemet"})
    assert answer.status_code == 200, answer.text
    item = answer.json()
    assert (item["status"], item["businessStatus"]["coding"][0]["code"]) == ("rejected", "ehr-rejected")
    assert item["statusReason"]["text"] == "Pasienten finnes ikke i journalsystemet"
    assert done.state() == "ehr-rejected"
    assert done.outputs()["registration"] == ["ehr-rejected"]
    assert done.moves()[-1]["move"] == "registration-rejected"


def test_by_json_patch_too(each_store: Running) -> None:
    done = Appointed(each_store)
    patch = json.dumps([{"op": "replace", "path": "/status", "value": "completed"}])
    headers = done.unit | {"Content-Type": "application/json-patch+json", "If-Match": 'W/"1"'}
    answer = each_store.client.patch(f"{BASE}/Task/{done.item}", content=patch, headers=headers)
    assert answer.status_code == 200, answer.text
    assert done.state() == "ehr-confirmed"


def test_an_end_opens_it_again_and_is_closed_by_hand_too(each_store: Running) -> None:
    done = Appointed(each_store)
    assert done.put(status="completed").status_code == 200
    body = (EXAMPLES / "deregister.json").read_bytes()
    path = f"{BASE}/{done.team}/$deregister-coordinator"
    ended = each_store.client.post(path, content=body, headers=done.unit | FHIR)
    assert ended.status_code == 200, ended.text
    item = done.read(f"Task/{done.item}")
    assert (item["status"], item["businessStatus"]["coding"][0]["code"]) == ("requested", "ehr-pending")
    assert done.state() == "ehr-pending"
    assert done.put(status="completed").status_code == 200
    assert done.state() == "ehr-confirmed"
    assert done.outputs()["deregistration"] == ["ehr-confirmed"]
    assert done.moves()[-1]["move"] == "deregistration-confirmed"


def test_only_the_owner_closes_it_and_changes_nothing_else(each_store: Running) -> None:
    done = Appointed(each_store)
    office = each_store.token("coordinating-unit")
    answer = done.put(office, status="completed")
    assert (answer.status_code, codes(answer)) == (403, ["not-your-work-item"])
    hidden = each_store.client.get(f"{BASE}/Task/{done.item}", headers=done.sender)
    assert hidden.status_code == 404
    for status in ("in-progress", "cancelled", "accepted"):
        answer = done.put(status=status)
        assert (answer.status_code, codes(answer)) == (409, ["no-such-move"])
        assert "Allowed: completed, rejected" in answer.json()["issue"][0]["diagnostics"]
    answer = done.put(status="completed", priority="urgent", restriction={"repetitions": 2})
    assert (answer.status_code, codes(answer)) == (422, ["service-owned-element"] * 2)
    elsewhere = {"coding": [{**done.read(f"Task/{done.item}")["businessStatus"]["coding"][0], "code": "ehr-drift"}]}
    answer = done.put(status="completed", businessStatus=elsewhere)
    assert (answer.status_code, codes(answer)) == (409, ["no-such-move"])
    body = json.dumps(done.read(f"Task/{done.item}") | {"status": "completed"})
    stale = each_store.client.put(
        f"{BASE}/Task/{done.item}", content=body, headers=done.unit | FHIR | {"If-Match": 'W/"7"'}
    )
    assert stale.status_code == 412
    assert done.state() == "ehr-pending"
    assert len(done.read(f"Task/{done.item}/_history")["entry"]) == 1


def test_where_there_is_an_ehr_it_answers_itself(with_ehr: Running) -> None:
    done = Appointed(with_ehr)
    for change in ({"status": "completed"}, {"status": "rejected", "statusReason": {"text": "Nei"}}):
        answer = done.put(**change)
        assert (answer.status_code, codes(answer)) == (409, ["registration-by-ehr"])
        assert answer.json()["issue"][0]["expression"] == ["Task.status"]
    assert done.state() == "ehr-pending"
    norwegian = done.put(done.unit | {"Accept-Language": "nb"}, status="completed").json()["issue"][0]
    assert norwegian["details"]["text"].startswith("Journalsystemet svarer selv")
