"""A partner subscribes, is told in its own sight, fails, comes back: over real HTTP, on both databases."""

import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from app.clock import instant, system_clock
from app.fhir.validation import validate
from tests.api.smallest import BACKPORT, subscription
from tests.outbound.post_office import SECRET, PostOffice

HEADER = {"header": [f"Authorization: Bearer {SECRET}"]}


def _extension(name: str, **value: Any) -> dict[str, Any]:
    return {"extension": [{"url": f"{BACKPORT}/backport-{name}", **value}]}


def _valid(bundle: dict[str, Any]) -> None:
    validate(bundle, "Bundle")
    Bundle.model_validate(bundle)
    assert bundle["type"] == "history"
    assert all({"request", "response"} <= entry.keys() for entry in bundle["entry"])


def test_it_is_active_after_the_handshake_and_told_in_order(office: PostOffice) -> None:
    key, path = office.subscribe(channel=HEADER)
    made = office.ask("fjordvik", "GET", f"Subscription/{key}/_history/1").json()
    assert made["status"] == "requested"
    active = office.until_status("fjordvik", key, "active")
    assert active["meta"]["versionId"] == "2"
    (handshake,) = office.receiver.at(path)
    assert handshake.type == "handshake"
    assert handshake.headers["authorization"] == f"Bearer {SECRET}"
    assert handshake.headers["content-type"] == "application/fhir+json"
    assert handshake.parameters["events-since-subscription-start"] == "0"
    _valid(handshake.bundle)
    task = office.post_need()
    office.move("fjordvik", task, "withdraw", reason="Ikke lenger behov")
    first, second = office.arrived(path, 2)
    assert (first.number, second.number) == (1, 2)
    for one in (first, second):
        _valid(one.bundle)
        assert one.parameters["subscription"] == f"Subscription/{key}"
        assert one.parameters["topic"] == "https://samband.example/fhir/SubscriptionTopic/case-changed"
        assert one.parameters["notification-event"][0]["focus"] == f"Task/{task}"
        assert one.bundle["entry"][1]["fullUrl"].endswith(f"/Task/{task}")
        assert "resource" not in one.bundle["entry"][1]
    assert len(office.receiver.at(path)) == 3


def test_how_much_is_told(office: PostOffice) -> None:
    _, nothing = office.active(content="empty")
    _, whole = office.active(content="full-resource")
    task = office.post_need()
    (bare,), (full,) = office.arrived(nothing), office.arrived(whole)
    assert "focus" not in bare.parameters["notification-event"][0]
    assert len(bare.bundle["entry"]) == 1
    assert task not in json.dumps(bare.bundle)
    assert full.bundle["entry"][1]["resource"] == office.ask("fjordvik", "GET", f"Task/{task}").json()
    for one in (bare, full):
        _valid(one.bundle)


def test_what_is_sent_whole_is_in_the_patients_log(office: PostOffice) -> None:
    _, path = office.active(content="full-resource")
    task = office.post_need()
    office.arrived(path)
    auditor = office.service.token("auditor")
    found = office.service.client.get(f"/fhir/v1/AuditEvent?entity=Task/{task}&subtype=read", headers=auditor)
    agents = json.dumps([entry["resource"]["agent"] for entry in found.json().get("entry", ())])
    assert "310471437" in agents


def test_a_secret_header_is_nowhere_to_be_read(office: PostOffice) -> None:
    key, _ = office.active(channel=HEADER)
    body = subscription(f"{office.receiver.origin}/s", channel=HEADER | {"_header": [{"id": SECRET}]})
    entry = {"request": {"method": "POST", "url": "Subscription"}, "resource": body}
    asked = [
        office.ask("fjordvik", "POST", "Subscription", body),
        office.ask("fjordvik", "PUT", f"Subscription/{key}", office.read("fjordvik", key) | body | {"id": key}),
        office.ask("fjordvik", "POST", "Subscription/$validate", body),
        office.ask("fjordvik", "POST", "Subscription", subscription("http://no", channel=HEADER)),
        *(
            office.ask("fjordvik", "POST", "", {"resourceType": "Bundle", "type": kind, "entry": [entry]})
            for kind in ("batch", "transaction")
        ),
        *(
            office.ask("fjordvik", "GET", path)
            for path in (
                f"Subscription/{key}",
                f"Subscription/{key}/_history/1",
                f"Subscription/{key}/_history/2",
                f"Subscription/{key}/_history",
                "Subscription/_history",
                "_history",
                "Subscription",
                f"Subscription/{key}/$status",
                "Subscription/$status",
                f"Subscription/{key}/$events",
            )
        ),
    ]
    operator, auditor = office.service.token("operator"), office.service.token("auditor")
    asked += [
        office.service.client.get(path, headers=headers)
        for path, headers in (
            ("/operator/subscriptions", operator),
            ("/operator/deliveries", operator),
            ("/fhir/v1/AuditEvent", auditor),
        )
    ]
    assert {one.status_code for one in asked} == {200, 201, 422}
    for one in asked:
        assert SECRET not in one.text, one.request.url
        assert SECRET not in str(one.headers)


def test_a_header_stays_until_another_one_comes(office: PostOffice) -> None:
    key, path = office.active(channel=HEADER)
    assert office.put("fjordvik", key, reason="Ny grunn").json()["status"] == "active"
    office.post_need()
    (told,) = office.arrived(path)
    assert told.headers["authorization"] == f"Bearer {SECRET}"
    channel = office.read("fjordvik", key)["channel"]
    renewed = office.put("fjordvik", key, channel=channel | {"header": ["X-Key: another"]})
    assert renewed.json()["status"] == "requested"
    office.until_status("fjordvik", key, "active")
    _, again = office.receiver.at(path, "handshake")
    assert again.headers["x-key"] == "another"
    assert "authorization" not in again.headers


def test_a_header_goes_to_no_other_server(office: PostOffice) -> None:
    key, _ = office.active(channel=HEADER)
    channel = office.read("fjordvik", key)["channel"]
    refused = office.put("fjordvik", key, channel=channel | {"endpoint": "http://127.0.0.1:9/elsewhere"})
    assert refused.status_code == 422
    assert "header-missing" in refused.text
    same = office.put("fjordvik", key, channel=channel | {"endpoint": f"{office.receiver.origin}/same"})
    assert same.status_code == 200
    office.until_status("fjordvik", key, "active")
    (handshake,) = office.receiver.at("/same")
    assert handshake.headers["authorization"] == f"Bearer {SECRET}"


def test_nothing_goes_to_a_new_endpoint_before_its_handshake(office: PostOffice) -> None:
    key, path = office.active()
    channel = office.read("fjordvik", key)["channel"]
    new = f"{path}-new"
    office.receiver.answer = lambda call: 503 if call.path == new else 200
    office.put("fjordvik", key, channel=channel | {"endpoint": office.receiver.origin + new})
    office.post_need()
    assert office.until_status("fjordvik", key, "error")["error"] == "The handshake failed: HTTP 503"
    assert {one.type for one in office.receiver.at(new)} == {"handshake"}
    office.receiver.answer = lambda _: 200
    assert office.put("fjordvik", key, status="requested").json().get("error") is None
    assert [one.number for one in office.arrived(new)] == [1]
    assert office.receiver.at(path, "event-notification") == []


def test_a_handshake_that_is_refused(office: PostOffice) -> None:
    office.receiver.answer = lambda _: 404
    key, path = office.subscribe()
    failed = office.until_status("fjordvik", key, "error")
    assert failed["error"] == "The handshake failed: HTTP 404"
    assert len(office.receiver.at(path)) == 1
    task = office.post_need()
    told = office.ask("fjordvik", "GET", f"Subscription/{key}/$events").json()
    assert told["entry"][1]["fullUrl"].endswith(f"Task/{task}")
    office.receiver.answer = lambda _: 200
    office.put("fjordvik", key, status="requested")
    assert [one.number for one in office.arrived(path)] == [1]
    assert "error" not in office.read("fjordvik", key)


def test_a_dead_letter_is_an_error_that_the_partner_sees_and_mends(office: PostOffice) -> None:
    key, path = office.active()
    office.receiver.answer = lambda call: 422 if call.type == "event-notification" and call.number == 1 else 200
    lost = office.post_need()
    failed = office.until_status("fjordvik", key, "error")
    assert failed["error"] == "Event 1 failed: HTTP 422"
    later = office.post_need()
    _, second = office.arrived(path, 2)
    assert (second.number, second.parameters["status"]) == (2, "error")
    assert second.parameters["notification-event"][0]["focus"] == f"Task/{later}"
    status = office.ask("fjordvik", "GET", f"Subscription/{key}/$status").json()
    (entry,) = status["entry"]
    found = {one["name"]: one for one in entry["resource"]["parameter"]}
    assert found["status"]["valueCode"] == "error"
    assert found["events-since-subscription-start"]["valueString"] == "2"
    assert found["error"]["valueCodeableConcept"]["text"] == failed["error"]
    office.receiver.answer = lambda _: 200
    assert office.put("fjordvik", key, status="requested").json().get("error") is None
    office.until_status("fjordvik", key, "active")
    again = {"resourceType": "Parameters", "parameter": [_since(1), {"name": "eventsUntilNumber", "valueString": "1"}]}
    answer = office.ask("fjordvik", "POST", f"Subscription/{key}/$resend", again)
    assert answer.json()["issue"][0]["details"]["text"] == "Events that are sent once more: 1."
    first, _, resent = office.arrived(path, 3)
    assert [one.parameters["notification-event"][0]["focus"] for one in (first, resent)] == [f"Task/{lost}"] * 2
    # As on every try: the same Bundle, number and instant; only the subscription is another.
    first.bundle["entry"][0] = resent.bundle["entry"][0]
    assert first.bundle == resent.bundle


def _since(number: int) -> dict[str, str]:
    return {"name": "eventsSinceNumber", "valueString": str(number)}


def test_nothing_is_sent_while_it_is_off(office: PostOffice) -> None:
    key, path = office.active()
    assert office.put("fjordvik", key, status="off").json()["status"] == "off"
    office.post_need()
    refused = office.ask("fjordvik", "POST", f"Subscription/{key}/$resend")
    assert (refused.status_code, "subscription-off" in refused.text) == (409, True)
    office.put("fjordvik", key, status="requested")
    office.until_status("fjordvik", key, "active")
    task = office.post_need()
    (told,) = office.arrived(path)
    assert (told.number, told.parameters["notification-event"][0]["focus"]) == (1, f"Task/{task}")


def test_each_is_told_of_what_it_sees(office: PostOffice) -> None:
    """The sender, the unit that owns the case and the coordinating unit; no other municipality, no other unit."""
    paths = {
        who: office.active(who)[1]
        for who in ("fjordvik", "dalheim", "neurology-outpatient", "oncology", "coordinating-unit")
    }
    task = office.post_need()
    for who in ("fjordvik", "neurology-outpatient", "coordinating-unit"):
        (told,) = office.arrived(paths[who])
        assert told.parameters["notification-event"][0]["focus"] == f"Task/{task}"
    own = office.post_need("dalheim")
    (told,) = office.arrived(paths["dalheim"])
    assert told.parameters["notification-event"][0]["focus"] == f"Task/{own}"
    assert office.receiver.at(paths["oncology"], "event-notification") == []
    assert len(office.receiver.at(paths["fjordvik"], "event-notification")) == 1


@pytest.mark.parametrize("content", ["id-only", "full-resource"])
def test_lost_sight_keeps_the_number_and_tells_nothing_else(office: PostOffice, content: str) -> None:
    key, path = office.active("neurology-outpatient", content)
    office.receiver.answer = lambda call: 503 if call.path == path else 200
    task = office.post_need()
    office.until(lambda: office.receiver.at(path, "event-notification"))
    unit = {"name": "unit", "valueReference": {"identifier": {"system": RESH, "value": "4900301"}}}
    reason = {"name": "reason", "valueString": "Feil enhet"}
    moved = office.ask(
        "neurology-outpatient",
        "POST",
        f"Task/{task}/$transfer",
        {"resourceType": "Parameters", "parameter": [unit, reason]},
    )
    assert moved.status_code == 200, moved.text
    before = len(office.receiver.at(path))
    office.receiver.answer = lambda _: 200
    told = office.until(lambda: office.receiver.at(path)[before:])[-1]
    assert told.number == 1
    assert "focus" not in told.parameters["notification-event"][0]
    assert task not in json.dumps(told.bundle)
    later = office.ask("neurology-outpatient", "GET", f"Subscription/{key}/$events")
    assert task not in later.text


RESH = "urn:oid:2.16.578.1.12.4.1.4.102"


def test_a_heartbeat_when_nothing_else_was_sent(office: PostOffice) -> None:
    key, path = office.active(channel=_extension("heartbeat-period", valueUnsignedInt=60))
    office.pass_time(61)
    (beat,) = office.arrived(path, kind="heartbeat")
    _valid(beat.bundle)
    assert beat.parameters["events-since-subscription-start"] == "0"
    assert beat.parameters["notification-event"] == []
    office.pass_time(30)
    office.post_need()
    office.arrived(path)
    office.until(lambda: _all_delivered(office, key))
    office.pass_time(31)
    office.post_need()
    office.arrived(path, 2)
    assert len(office.receiver.at(path, "heartbeat")) == 1
    office.until(lambda: _all_delivered(office, key))
    office.pass_time(61)
    office.arrived(path, 2, kind="heartbeat")


def _all_delivered(office: PostOffice, key: str) -> bool:
    headers = office.service.token("operator")
    rows = office.service.client.get("/operator/deliveries?state=waiting", headers=headers).json()["deliveries"]
    return key not in {row["receiver"] for row in rows}


def test_after_its_end_it_is_off(office: PostOffice) -> None:
    end = instant(system_clock() + office.ahead[0] + 60_000)
    key, path = office.active(end=end)
    passed = office.ask("fjordvik", "POST", "Subscription", subscription(end="2020-01-01T00:00:00Z"))
    assert (passed.status_code, "end-passed" in passed.text) == (422, True)
    office.pass_time(61)
    ended = office.until_status("fjordvik", key, "off")
    assert ended["end"] == end
    office.post_need()
    assert office.put("fjordvik", key, status="requested").status_code == 422
    assert office.receiver.at(path, "event-notification") == []
