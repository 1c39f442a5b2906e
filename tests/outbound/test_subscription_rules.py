"""What a Subscription must be, what is asked of it later, and that nobody else sees it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.errors import Forbidden, Refused
from app.store.opening import open_store
from app.store.schema import migrate
from tests.api.running import FHIR
from tests.api.smallest import BACKPORT, subscription
from tests.casework.world import DALHEIM, World, sender
from tests.outbound.post_office import BASE, PostOffice


def _told(name: str, **value: Any) -> dict[str, Any]:
    return {"url": f"{BACKPORT}/backport-{name}", **value}


def _channel(**more: Any) -> dict[str, Any]:
    return {"channel": more}


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"criteria": "Task?status=completed"}, "unknown-topic", "Subscription.criteria"),
    (
        {"_criteria": {"extension": [_told("filter-criteria", valueString="Task?owner=x")]}},
        "filter-not-supported",
        "Subscription.criteria.extension[0]",
    ),
    ({"status": "active"}, "status-not-yours", "Subscription.status"),
    ({"error": "x"}, "service-owned-element", "Subscription.error"),
    (_channel(type="websocket"), "channel-not-supported", "Subscription.channel.type"),
    (_channel(endpoint=None), "missing-element", "Subscription.channel.endpoint"),
    (_channel(endpoint="https://example.org/n"), "bad-endpoint", "Subscription.channel.endpoint"),
    (_channel(endpoint="http://127.0.0.1:9/10915596784"), "bad-endpoint", "Subscription.channel.endpoint"),
    (_channel(payload="application/fhir+xml"), "payload-not-supported", "Subscription.channel.payload"),
    (_channel(_payload=None), "content-not-supported", "Subscription.channel.payload"),
    (_channel(header=["Content-Type: text/plain"]), "bad-header", "Subscription.channel.header[0]"),
    (_channel(header=["A: b", "a: c"]), "bad-header", "Subscription.channel.header"),
    (
        _channel(extension=[_told("heartbeat-period", valueUnsignedInt=5)]),
        "number-not-allowed",
        "Subscription.channel.extension[0]",
    ),
    (
        _channel(extension=[_told("timeout", valueUnsignedInt=3600)]),
        "number-not-allowed",
        "Subscription.channel.extension[0]",
    ),
    (
        _channel(extension=[_told("max-count", valuePositiveInt=0)]),
        "wrong-format",
        "Subscription.channel.extension[0].value",
    ),
    (
        {"extension": [_told("notification-url-location", valueCode="all")]},
        "extension-not-supported",
        "Subscription.extension[0]",
    ),
    ({"end": "2020-01-01T00:00:00Z"}, "end-passed", "Subscription.end"),
]


@pytest.mark.parametrize(("changes", "code", "where"), REFUSED)
def test_what_is_not_done_is_refused(office: PostOffice, changes: dict[str, Any], code: str, where: str) -> None:
    body = subscription(**changes)
    body["channel"] = {name: value for name, value in body["channel"].items() if value is not None}
    answer = office.ask("fjordvik", "POST", "Subscription", body)
    assert answer.status_code == 422, answer.text
    issues = [(one["details"]["coding"][0]["code"], one.get("expression")) for one in answer.json()["issue"]]
    assert (code, [where]) in issues
    assert "10915596784" not in answer.text


def test_the_rest_is_kept_as_it_was_sent(office: PostOffice) -> None:
    numbers = '"contact":[{"system":"phone","value":"+47 55","rank":1}]'
    body = json.dumps(subscription(f"{office.receiver.origin}/kept", end="2031-01-01T00:00:00.000Z"))
    sent = f"{body[:-1]},{numbers}}}"
    answer = office.service.client.post(f"{BASE}/Subscription", content=sent, headers=office.who("fjordvik") | FHIR)
    assert answer.status_code == 201, answer.text
    assert numbers in answer.text
    content = json.loads(sent)
    assert {name: answer.json()[name] for name in content} == content


def test_it_is_found_by_what_it_is(office: PostOffice) -> None:
    key, path = office.active()
    endpoint = f"{office.receiver.origin}{path}"
    for query in (
        f"url={endpoint}",
        f"url={endpoint}&status=active&type=rest-hook&payload=application/fhir%2Bjson",
        f"criteria=https://samband.example/fhir/SubscriptionTopic/case&url={endpoint}",
        f"_id={key}",
    ):
        found = office.ask("fjordvik", "GET", f"Subscription?{query}").json()
        assert [one["resource"]["id"] for one in found["entry"]] == [key], query
        assert "entry" not in office.ask("dalheim", "GET", f"Subscription?{query}").json()
    assert "entry" not in office.ask("fjordvik", "GET", f"Subscription?url={endpoint}&status=error").json()


@pytest.mark.parametrize("stranger", ["dalheim", "oncology"])
def test_for_everybody_else_it_does_not_exist(office: PostOffice, stranger: str) -> None:
    key, _ = office.active("fjordvik" if stranger == "dalheim" else "neurology-outpatient")
    nobody = str(uuid4())
    body = subscription(f"{office.receiver.origin}/none")
    since = {"resourceType": "Parameters", "parameter": [{"name": "eventsSinceNumber", "valueString": "1"}]}
    for method, path, content in (
        ("GET", "Subscription/{}", None),
        ("GET", "Subscription/{}/_history/1", None),
        ("GET", "Subscription/{}/_history", None),
        ("PUT", "Subscription/{}", body),
        ("GET", "Subscription/{}/$status", None),
        ("POST", "Subscription/{}/$status", None),
        ("GET", "Subscription/{}/$events", None),
        ("POST", "Subscription/{}/$resend", since),
        ("GET", "Subscription/$status?id={}", None),
        ("GET", "Subscription?_id={}&_elements=status", None),
    ):
        theirs, unknown = (
            office.ask(
                stranger,
                method,
                path.format(one),
                content if content is not body else body | {"id": one},
                **{"X-Request-Id": "same"},
            )
            for one in (key, nobody)
        )
        assert theirs.status_code == unknown.status_code, path
        if "_elements" not in path:  # its link is sealed anew each time
            assert theirs.content == unknown.content, path


def test_events_are_told_again(office: PostOffice) -> None:
    key, path = office.active()
    tasks = [office.post_need() for _ in range(3)]
    office.arrived(path, 3)
    ask = f"Subscription/{key}/$events?eventsSinceNumber=2"
    told = office.ask("fjordvik", "GET", f"{ask}&eventsUntilNumber=3").json()
    first, *about = told["entry"]
    parameters = first["resource"]["parameter"]
    assert {"name": "type", "valueCode": "query-event"} in parameters
    events = [one["part"] for one in parameters if one["name"] == "notification-event"]
    numbers = [part["valueString"] for one in events for part in one if part["name"] == "event-number"]
    assert numbers == ["2", "3"]
    assert {one["request"]["url"] for one in about} == {f"Task/{task}" for task in _of(office, path, {2, 3})}
    whole = office.ask("fjordvik", "GET", f"{ask}&content=full-resource").json()["entry"][1:]
    assert [one["resource"] for one in whole] == [
        office.ask("fjordvik", "GET", one["request"]["url"]).json() for one in whole
    ]
    assert len(office.ask("fjordvik", "GET", f"{ask}&content=empty").json()["entry"]) == 1
    for wrong, status in (("eventsSinceNumber=x", 422), ("content=all", 422), ("since=1", 400)):
        assert office.ask("fjordvik", "GET", f"Subscription/{key}/$events?{wrong}").status_code == status
    assert len(tasks) == 3


def _of(office: PostOffice, path: str, numbers: set[int]) -> set[str]:
    calls = office.receiver.at(path, "event-notification")
    return {
        str(one.parameters["notification-event"][0]["focus"]).removeprefix("Task/")
        for one in calls
        if one.number in numbers
    }


def test_the_status_of_several(office: PostOffice) -> None:
    first, second = (office.active("dalheim")[0] for _ in range(2))
    off = office.put("dalheim", second, status="off")
    assert off.status_code == 200
    query = f"Subscription/$status?id={first}&id={second}"
    assert office.ask("dalheim", "GET", query).json()["total"] == 2
    found = office.ask("dalheim", "GET", f"{query}&status=off").json()["entry"]
    assert [one["fullUrl"].split("/")[-2] for one in found] == [second]
    by_post = {"resourceType": "Parameters", "parameter": [{"name": "id", "valueId": first}]}
    assert office.ask("dalheim", "POST", "Subscription/$status", by_post).json()["total"] == 1
    assert office.ask("dalheim", "GET", "Subscription/$status?status=none").status_code == 400
    assert office.ask("dalheim", "GET", f"Subscription/{first}/$status?id={first}").status_code == 400


async def test_what_is_sent_whole_needs_a_scope_to_read_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'scopes.db'}"
    migrate(url)
    world = World(open_store(url))
    few = replace(sender(), scopes=frozenset({"system/Subscription.cruds"}))
    whole = subscription("http://127.0.0.1:9/n", "full-resource")
    with pytest.raises(Forbidden) as refused:
        await world.post(whole, few, "Subscription")
    assert refused.value.error == "insufficient-scope"
    made = await world.post(whole, replace(few, scopes=few.scopes | {"system/Task.r"}), "Subscription")
    assert made.status == 201
    assert (await world.post(subscription("http://127.0.0.1:9/n"), few, "Subscription")).status == 201
    await world.store.close()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_an_organisation_has_a_bounded_number_that_is_not_off(
    database: str, tmp_path: Path, create_database: Callable[[str], str]
) -> None:
    url = f"sqlite:///{tmp_path / 'bounded.db'}" if database == "sqlite" else create_database("bounded")
    await asyncio.to_thread(migrate, url)
    world = World(open_store(url))
    world.settings = world.settings.model_copy(update={"max_subscriptions": 2})
    one = subscription("http://127.0.0.1:9/n")
    kept = [await world.post(one, sender(), "Subscription") for _ in range(2)]
    with pytest.raises(Refused) as refused:
        await world.post(one, sender(), "Subscription")
    assert refused.value.error == "too-many-subscriptions"
    off = await world.post(one | {"status": "off"}, sender(), "Subscription")
    assert (await world.post(one, sender(DALHEIM), "Subscription")).status == 201
    with pytest.raises(Refused):
        await world.put(sender(), off.id, one | {"id": off.id}, off.version, "Subscription")
    await world.put(sender(), kept[0].id, one | {"id": kept[0].id, "status": "off"}, kept[0].version, "Subscription")
    assert (await world.post(one, sender(), "Subscription")).status == 201
    await world.store.close()
