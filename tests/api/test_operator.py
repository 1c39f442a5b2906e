"""What an operator sees and does, and the figures for those who lead."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.api.running import Running, codes

Header = dict[str, str]
GIVEN = {
    "organisation": "310471437",
    "topic": "case-changed",
    "endpoint": "http://127.0.0.1:9/notify",
    "header": "Authorization: Bearer its-secret",
}


@pytest.fixture(scope="module")
def operator(service: Running) -> Header:
    """Authorization of an operator."""
    return service.token("operator")


def _subscribe(service: Running, operator: Header, **changes: Any) -> Any:
    body = {name: value for name, value in (GIVEN | changes).items() if value is not None}
    headers = operator | {"Content-Type": "application/json"}
    return service.client.post("/operator/subscriptions", content=json.dumps(body), headers=headers)


def test_a_subscription_is_made_and_its_secret_never_shown(service: Running, operator: Header) -> None:
    made = _subscribe(service, operator)
    assert (made.status_code, made.json()["status"]) == (201, "requested")
    listed = service.client.get("/operator/subscriptions", headers=operator)
    assert made.json()["id"] in [one["id"] for one in listed.json()["subscriptions"]]
    assert "its-secret" not in made.text + listed.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"endpoint": None}, "wrong-type"),
        ({"organisation": 310471437}, "wrong-type"),
        ({"endpoint": "ftp://127.0.0.1/x"}, "bad-endpoint"),
        ({"endpoint": "http://"}, "bad-endpoint"),
        ({"endpoint": "http://user@127.0.0.1/"}, "bad-endpoint"),
        ({"endpoint": "http://127.0.0.1:99999/"}, "bad-endpoint"),
        ({"header": "no colon"}, "bad-header"),
        ({"header": "A: b\r\nC: d"}, "bad-header"),
        ({"colour": "red"}, "unknown-element"),
    ],
)
def test_a_subscription_that_cannot_be(service: Running, operator: Header, changes: dict[str, Any], code: str) -> None:
    answer = _subscribe(service, operator, **changes)
    assert (answer.status_code, codes(answer)) == (422, [code])


def test_deliveries_are_listed_by_state(service: Running, operator: Header, task: str) -> None:
    _subscribe(service, operator)
    service.client.post(
        f"/fhir/v1/Task/{task}/$accept", headers=service.token("clinical-unit", unit="neurology-outpatient")
    )
    waiting = service.client.get("/operator/deliveries?state=waiting", headers=operator).json()["deliveries"]
    assert f"Task/{task}" in [one["focus"] for one in waiting]
    dead = service.client.get("/operator/deliveries?state=dead", headers=operator).json()["deliveries"]
    assert f"Task/{task}" not in [one["focus"] for one in dead]
    unknown = service.client.get("/operator/deliveries?state=lost", headers=operator)
    assert (unknown.status_code, codes(unknown)) == (400, ["unknown-state"])


@pytest.mark.parametrize("number", ["999999", "x", "9" * 40])
def test_only_a_settled_delivery_is_sent_again(service: Running, operator: Header, number: str) -> None:
    answer = service.client.post(f"/operator/deliveries/{number}/resend", headers=operator)
    assert answer.status_code == 404


def test_the_events_of_a_case_are_for_the_units_that_see_it(service: Running, unit: Header, task: str) -> None:
    path = f"/reports/cases/{task}/events"
    events = service.client.get(path, headers=unit).json()["events"]
    assert [one["to_stage"] for one in events] == ["received", "in-queue"]
    stranger = service.client.get(path, headers=service.token("clinical-unit", unit="oncology"))
    unknown = service.client.get(f"/reports/cases/{uuid4()}/events", headers=unit)
    assert (stranger.status_code, stranger.content) == (404, unknown.content)


@pytest.mark.parametrize("persona", ["coordinating-unit", "decision-group", "operator"])
def test_figures_for_those_who_lead(service: Running, task: str, persona: str) -> None:
    answer = service.client.get("/reports/units", headers=service.token(persona))
    assert answer.status_code == 200
    assert isinstance(answer.json()["units"], list)
