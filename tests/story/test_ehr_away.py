"""The EHR is down, says no, or forgets: the decision is told at once, «registered» only when it is true."""

from typing import Any

from tests.story.programs import eventually
from tests.story.town import UNIT, Town, behave, counts, example, outputs, patient_of, stored

COORDINATING_UNIT = ("coordinating-unit", "")


def test_down_for_the_whole_decision_and_back_later(town: Town) -> None:
    behave(town.ehr, "down")
    tried = counts(town.ehr).get("down", 0)
    case = town.appointed()
    task = town.task(case)
    assert (task["status"], _stage(task)) == ("completed", "coordinator-appointed")
    assert outputs(task, "registration") == ["ehr-pending"]
    version = int(task["meta"]["versionId"])
    decided = eventually("the municipality reads the decision", lambda: _read(town, case, version))
    assert {"type": "registration", "value": "ehr-pending"} in decided["outputs"]
    eventually("the EHR is asked again and again", lambda: counts(town.ehr).get("down", 0) >= tried + 3)
    assert outputs(town.task(case), "registration") == ["ehr-pending"]
    assert not stored(town.ehr, patient_of(task))

    behave(town.ehr, "up")
    eventually("confirmed", lambda: outputs(town.task(case), "registration")[-1] == "ehr-confirmed")
    confirmed = town.task(case)
    assert (confirmed["status"], _stage(confirmed)) == ("completed", "coordinator-appointed")
    assert int(confirmed["meta"]["versionId"]) == version + 1
    assert len(stored(town.ehr, patient_of(task))) == 1
    said = eventually("a second event", lambda: _read(town, case, version + 1))
    assert {"type": "registration", "value": "ehr-confirmed"} in said["outputs"]
    assert _work_item(town, task)["status"] == "completed"
    assert [event["move"] for event in town.events(case)][-2:] == ["appoint", "registration-confirmed"]


def test_down_from_the_appointment_to_the_end(town: Town) -> None:
    behave(town.ehr, "down")
    case = town.appointed()
    task = town.task(case)
    (team,) = outputs(task, "care-team")
    ended = town.call(UNIT, "POST", f"{team['reference']}/$deregister-coordinator", example("deregister"))
    assert ended.status_code == 200, ended.text
    behave(town.ehr, "up")
    eventually("both are confirmed", lambda: len(_confirmations(town, case)) == 2)
    assert _confirmations(town, case) == ["registration-confirmed", "deregistration-confirmed"]
    (held,) = stored(town.ehr, patient_of(task))
    assert (held["status"], held["period"]["end"]) == ("inactive", "2026-11-20")


def test_a_refusal_goes_to_the_work_item_and_not_to_the_case(town: Town) -> None:
    behave(town.ehr, "refusing")
    case = town.appointed()
    eventually("rejected", lambda: outputs(town.task(case), "registration")[-1] == "ehr-rejected")
    task = town.task(case)
    assert (task["status"], _stage(task)) == ("completed", "coordinator-appointed")
    item = _work_item(town, task)
    assert item["status"] == "requested"
    assert "422" in item["statusReason"]["text"]
    assert "business-rule" in item["statusReason"]["text"]
    assert not stored(town.ehr, patient_of(task))
    assert "registration-confirmed" not in [event["move"] for event in town.events(case)]
    told = eventually("the municipality reads it", lambda: _read(town, case, int(task["meta"]["versionId"])))
    assert {"type": "registration", "value": "ehr-rejected"} in told["outputs"]


def test_a_refused_registration_is_sent_again_by_the_operator(town: Town) -> None:
    behave(town.ehr, "refusing")
    case = town.appointed()
    eventually("rejected", lambda: outputs(town.task(case), "registration")[-1] == "ehr-rejected")
    behave(town.ehr, "up")
    operator = town.headers(("operator", ""))
    dead = town.http.get("/operator/deliveries?state=dead", headers=operator).json()["deliveries"]
    assert dead[0]["kind"] == "ehr"
    again = town.http.post(f"/operator/deliveries/{dead[0]['id']}/resend", headers=operator)
    assert again.status_code == 202
    eventually("confirmed", lambda: outputs(town.task(case), "registration")[-1] == "ehr-confirmed")
    assert _work_item(town, town.task(case))["status"] == "completed"


def test_a_forgetful_ehr_is_not_believed(town: Town) -> None:
    behave(town.ehr, "forgetful")
    tried = counts(town.ehr).get("created-and-forgotten", 0)
    case = town.appointed()
    eventually("asked again", lambda: counts(town.ehr).get("created-and-forgotten", 0) >= tried + 3)
    task = town.task(case)
    assert outputs(task, "registration") == ["ehr-pending"]
    assert _work_item(town, task)["status"] in {"requested", "accepted"}
    behave(town.ehr, "up")
    eventually("confirmed", lambda: outputs(town.task(case), "registration")[-1] == "ehr-confirmed")
    assert len(stored(town.ehr, patient_of(task))) == 1


def _stage(task: dict[str, Any]) -> str:
    return str(task["businessStatus"]["coding"][0]["code"])


def _read(town: Town, case: str, version: int) -> dict[str, Any] | None:
    """What the municipality read when it read this version."""
    reads = [event["read"] or {} for event in town.seen(case)]
    return next((read for read in reads if read.get("version") == str(version)), None)


def _work_item(town: Town, task: dict[str, Any]) -> dict[str, Any]:
    """The ehr-registration Task of the patient's coordinator."""
    (team,) = outputs(task, "care-team")
    code = "https://samband.example/fhir/CodeSystem/coordination-task|ehr-registration"
    bundle = town.call(COORDINATING_UNIT, "GET", f"Task?code={code}&_count=200").json()
    items: list[dict[str, Any]] = [entry["resource"] for entry in bundle["entry"]]
    (item,) = [one for one in items if one["focus"]["reference"] == team["reference"]]
    return item


def _confirmations(town: Town, case: str) -> list[str]:
    return [event["move"] for event in town.events(case) if event["move"].endswith("-confirmed")]
