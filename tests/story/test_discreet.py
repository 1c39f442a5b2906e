"""What a log must never hold: identity numbers and tokens, also of requests that go wrong.

Every town reads its logs at its end; here are the requests that would tempt it.
"""

from urllib.parse import quote

import httpx

from tests.story.programs import eventually
from tests.story.town import SENDER, UNIT, Town, assert_discreet, behave, patient_of


def test_logs_hold_no_patient_and_no_token(town: Town) -> None:
    behave(town.ehr, "refusing", times=1)
    behave(town.municipalities["fjordvik"], "lost-answer", times=1)
    case = town.appointed()
    patient = patient_of(town.task(case))
    for answer in _tempting(town, patient):
        assert 400 <= answer.status_code < 500, answer.text
        assert patient not in answer.text
    eventually("nothing waits", lambda: not town.waiting())
    log = town.service.text()
    assert "POST /fhir/v1/{type} 201" in log, "the log is not where we look"
    assert patient in town.told
    assert_discreet(log, town.told)


def _tempting(town: Town, patient: str) -> list[httpx.Response]:
    """Patients and tokens where they do not belong."""
    headers = town.headers(SENDER)
    token = headers["Authorization"].removeprefix("Bearer ")
    system = "urn:oid:2.16.578.1.12.4.1.4.1"
    wrong = {**town.need(), "status": patient}
    return [
        town.call(SENDER, "GET", f"Task?patient:identifier={system}|{patient}"),
        town.call(SENDER, "GET", f"Task/{patient}"),
        town.call(SENDER, "GET", f"Task?{quote(patient)}=1"),
        town.call(SENDER, "POST", "Task", wrong),
        town.call(UNIT, "POST", f"Task/{patient}/$accept"),
        town.http.get(f"/fhir/v1/Task?access_token={token}", headers=headers),
        town.http.get("/fhir/v1/Task", headers={"Authorization": f"Bearer {token[:-4]}AAAA"}),
        town.http.get(f"/{patient}", headers=headers),
        town.http.post("/fhir/v1/Task", content=b'{"resourceType":"Task","for":"' + patient.encode(), headers=headers),
        town.http.request(patient, "/fhir/v1/Task", headers=headers),
        town.http.get("/fhir/v1/Task", headers=headers | {"X-Request-Id": patient, "Accept": patient}),
    ]
