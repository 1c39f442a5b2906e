"""What an operator sees and does, and the figures for those who lead."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.sandbox import personas
from tests.api.running import PROJECT, Running, codes, need, running, sandbox_settings

Header = dict[str, str]
GIVEN = {
    "organisation": "310471437",
    "topic": "case-changed",
    "endpoint": "http://127.0.0.1:9/notify",
    "header": "Authorization: Bearer its-secret",
}

OTHER_TRUST = """
[trusts.other]
name = "Annet HF"
organisation_number = "319900012"

[clinics.other-clinic]
name = "Annen klinikk"
trust = "other"

[units.other-ward]
name = "Annen sengepost"
kind = "ward"
clinic = "other-clinic"
resh = "4910101"
organisation_number = "319900020"

[units.other-office]
name = "Annen koordinerende enhet"
kind = "coordinating-unit"
trust = "other"
resh = "4910901"
organisation_number = "319900039"

[units.other-group]
name = "Annen beslutningsgruppe"
kind = "decision-group"
trust = "other"
resh = "4910902"
organisation_number = "319900047"
"""


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
    assert (made.status_code, made.json()["status"]) == (201, "active")
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


@pytest.fixture(scope="module")
def two_trusts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with a second trust in its directory, and a persona ``other-unit`` at its ward."""
    folder: Path = tmp_path_factory.mktemp("trusts")
    directory = folder / "directory.toml"
    directory.write_text((PROJECT / "directory.toml").read_text(encoding="utf-8") + OTHER_TRUST, encoding="utf-8")
    ward = replace(
        personas.PERSONAS["clinical-unit"],
        organisations=(personas.Organisation("other", "319900012"),),
        units=(personas.Unit("other-ward", "4910101", "9900011"),),
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(personas.PERSONAS, "other-unit", ward)
        with running(sandbox_settings(folder).model_copy(update={"directory": directory})) as service:
            yield service


def _wished(service: Running, headers: Header, resh: str) -> str:
    """The id of a need that is sent to a unit."""
    owner = {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.102", "value": resh}}
    answer = service.post_need(headers, need(owner=owner, requester=None))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_hospital_reads_its_own_units_figures_only(two_trusts: Running) -> None:
    sender = two_trusts.token("municipality", organisation="fjordvik")
    for resh in ("4900101", "4910101"):
        _wished(two_trusts, sender, resh)
    seen = {}
    for persona in ("coordinating-unit", "operator"):
        answer = two_trusts.client.get("/reports/units", headers=two_trusts.token(persona))
        seen[persona] = {one["unit"] for one in answer.json()["units"]} & {"neurology-outpatient", "other-ward"}
    assert seen == {"coordinating-unit": {"neurology-outpatient"}, "operator": {"neurology-outpatient", "other-ward"}}


def test_a_unit_that_sends_to_another_hospital_reads_no_reasons_of_it(two_trusts: Running) -> None:
    sender = two_trusts.token("other-unit")
    case = _wished(two_trusts, sender, "4900101")
    owner = two_trusts.token("clinical-unit", unit="neurology-outpatient")
    assert two_trusts.client.get(f"/reports/cases/{case}/events", headers=owner).status_code == 200
    answer = two_trusts.client.get(f"/reports/cases/{case}/events", headers=sender)
    unknown = two_trusts.client.get(f"/reports/cases/{uuid4()}/events", headers=sender)
    assert (answer.status_code, answer.content) == (404, unknown.content)
    assert two_trusts.client.get(f"/fhir/v1/Task/{case}", headers=sender).status_code == 200
