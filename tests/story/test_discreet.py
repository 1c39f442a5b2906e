"""What a log must never hold: identity numbers and tokens, also of requests that go wrong.

Every town reads its logs at its end; here are the requests that would tempt it.
"""

from base64 import urlsafe_b64decode
from urllib.parse import quote

import httpx

from tests.story.programs import eventually
from tests.story.town import OPERATOR, SENDER, UNIT, Town, assert_discreet, behave, patient_of


def test_logs_hold_no_patient_and_no_token(town: Town) -> None:
    behave(town.ehr, "refusing", times=1)
    behave(town.municipalities["fjordvik"], "lost-answer", times=1)
    case = town.appointed()
    patient = patient_of(town.task(case))
    for answer in _tempting(town, patient):
        assert 400 <= answer.status_code < 500, answer.text
        assert patient not in answer.text
        assert patient not in str(answer.headers)
    for answer in _served(town, patient):
        assert answer.status_code == 200, answer.text
        links = [link["url"] for link in answer.json().get("link", ())]
        assert not [link for link in links if patient in link or patient in _opened(link)]
    for path in ("/openapi.json", "/operator/deliveries", "/operator/subscriptions", "/reports/units"):
        answer = town.http.get(path, headers=town.headers(OPERATOR))
        assert answer.status_code == 200
        assert not [secret for secret in town.told if secret in answer.text]
    eventually("nothing waits", lambda: not town.waiting())
    log = town.service.text()
    assert "POST /fhir/v1/{type} 201" in log, "the log is not where we look"
    assert patient in town.told
    assert_discreet(log, town.told)


def _served(town: Town, patient: str) -> list[httpx.Response]:
    """What goes well, with the patient where it belongs."""
    form = {"patient:identifier": f"urn:oid:2.16.578.1.12.4.1.4.1|{patient}", "_count": "1"}
    headers = town.headers(SENDER) | {"Content-Type": "application/x-www-form-urlencoded"}
    found = town.http.post("/fhir/v1/Task/_search", data=form, headers=headers)
    one = {"request": {"method": "POST", "url": "Task"}, "resource": town.need()}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [one]}
    return [
        found,
        *(town.http.get(link["url"], headers=town.headers(SENDER)) for link in found.json()["link"]),
        town.call(SENDER, "POST", "", bundle),
        town.call(SENDER, "POST", "Task/$validate", town.need()),
    ]


def _opened(link: str) -> str:
    """A link with its cursor decoded, as far as that goes without its key."""
    cursor = link.partition("_cursor=")[2].partition("&")[0]
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("latin-1")


def _tempting(town: Town, patient: str) -> list[httpx.Response]:
    """Patients and tokens where they do not belong."""
    headers = town.headers(SENDER)
    token = headers["Authorization"].removeprefix("Bearer ")
    system = "urn:oid:2.16.578.1.12.4.1.4.1"
    wrong = {**town.need(), "status": patient}
    entry = {"request": {"method": "PUT", "url": f"Task/{patient}"}, "resource": wrong}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    form = {f"patient{patient}": patient}
    searching = headers | {"Content-Type": "application/x-www-form-urlencoded"}
    patching = headers | {"Content-Type": "application/json-patch+json", "If-Match": patient}
    correlated = dict.fromkeys(("X-Correlation-Id", "nhn-event-id", "traceparent", "X-Request-Id"), patient)
    return [
        town.call(SENDER, "POST", "", bundle),
        town.call(SENDER, "POST", "Task", town.need() | {"businessStatus": {"text": patient}}, If_None_Exist=patient),
        town.call(UNIT, "POST", f"Task/x/$transfer?unit={patient}"),
        town.http.post("/fhir/v1/Task/_search", data=form, headers=searching),
        town.http.patch("/fhir/v1/Task/x", json=[{"op": "add", "path": f"/{patient}"}], headers=patching),
        town.http.get("/nowhere", headers=headers | correlated),
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
