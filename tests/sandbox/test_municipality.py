"""The stand-in municipality, as the delivery worker meets it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.sandbox.issuer import Issuer, issuer_router
from tests.sandbox.processes import StandIn, stand_in

SECRET = "s3cret"
TOPIC = "https://samband.example/fhir/SubscriptionTopic/case-changed"
PATIENT = "10915596784"
TASK = {
    "resourceType": "Task",
    "id": "abc",
    "meta": {"versionId": "4"},
    "identifier": [{"system": "https://samband.example/fhir/case", "value": "2026-K7M2P9QXA"}],
    "status": "completed",
    "businessStatus": {"coding": [{"code": "coordinator-appointed"}]},
    "for": {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": PATIENT}},
    "description": "Om pasienten",
    "owner": {"display": "Nevrologisk poliklinikk"},
    "output": [{"type": {"coding": [{"code": "coordinator-phone"}]}, "valueString": "+47 55 50 11 01"}],
}


class Samband:
    """The issuer and one Task on a real port. Not ``alive``: 503. A token in ``dead``: 401."""

    def __init__(self) -> None:
        self.alive = True
        self.used: list[str] = []
        self.dead: set[str] = set()
        app = FastAPI()

        @app.get("/fhir/v1/Task/{key}")
        async def read(key: str, request: Request) -> JSONResponse:
            token = request.headers["authorization"]
            if not self.alive or token in self.dead:
                return JSONResponse({}, 401 if self.alive else 503)
            self.used.append(token)
            return JSONResponse(TASK) if key == "abc" else JSONResponse({}, 404)

        app.include_router(issuer_router(Issuer(lambda: int(time.time() * 1000))))
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="none", lifespan="off")
        self.server = uvicorn.Server(config)

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"


def wait(holds: Callable[[], Any], seconds: float = 10) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.02)


@pytest.fixture
def samband() -> Iterator[Samband]:
    running = Samband()
    thread = threading.Thread(target=running.server.run)
    thread.start()
    wait(lambda: running.server.started)
    yield running
    running.server.should_exit = True
    thread.join(10)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fjordvik.jsonl"


@pytest.fixture
def start(samband: Samband, file: Path) -> Callable[[], Any]:
    options = ("--samband", samband.origin, "--organisation", "310471437", "--secret", SECRET)
    return lambda: stand_in("municipality", "--journal", str(file), *options)


@pytest.fixture
def municipality(start: Callable[[], Any]) -> Iterator[StandIn]:
    with start() as running:
        yield running


def bundle(number: int, focus: str = "Task/abc", kind: str = "event-notification") -> dict[str, Any]:
    event: list[dict[str, Any]] = [{"name": "event-number", "valueString": str(number)}]
    if focus:
        event.append({"name": "focus", "valueReference": {"reference": focus}})
    parameters: list[dict[str, Any]] = [
        {"name": "subscription", "valueReference": {"reference": "Subscription/s1"}},
        {"name": "topic", "valueCanonical": TOPIC},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(number)},
    ]
    if kind == "event-notification":
        parameters.append({"name": "notification-event", "part": event})
    status = {
        "fullUrl": "urn:uuid:0b1f3f3e-7f0c-4d39-9c0b-5f9a3b1f7d10",
        "resource": {"resourceType": "Parameters", "parameter": parameters},
        "request": {"method": "GET", "url": "Subscription/s1/$status"},
        "response": {"status": "200"},
    }
    return {"resourceType": "Bundle", "id": f"b{number}", "type": "history", "entry": [status]}


def notify(municipality: StandIn, sent: Any, secret: str = SECRET) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/fhir+json"}
    return municipality.client.post("/notify", content=json.dumps(sent), headers=headers)


def journal(municipality: StandIn) -> dict[str, Any]:
    shown: dict[str, Any] = municipality.client.get("/_journal").json()
    return shown


def read_of(municipality: StandIn, index: int = 0) -> dict[str, Any]:
    wait(lambda: journal(municipality)["events"][index]["read"])
    found: dict[str, Any] = journal(municipality)["events"][index]["read"]
    return found


def test_it_takes_a_notification_and_reads_the_answer_by_itself(municipality: StandIn, file: Path) -> None:
    assert notify(municipality, bundle(0, kind="handshake")).status_code == 200
    assert notify(municipality, bundle(1)).status_code == 200
    read = read_of(municipality, 1)
    assert (read["http"], read["status"], read["business_status"]) == (
        200,
        "completed",
        "coordinator-appointed",
    )
    assert read["outputs"] == [{"type": "coordinator-phone", "value": "+47 55 50 11 01"}]
    events = journal(municipality)["events"]
    assert [(event["type"], event["number"]) for event in events] == [
        ("handshake", 0),
        ("event-notification", 1),
    ]
    text = file.read_text(encoding="utf-8")
    assert PATIENT not in text
    assert "Om pasienten" not in text


def test_a_token_that_died_is_replaced(municipality: StandIn, samband: Samband) -> None:
    notify(municipality, bundle(1))
    assert read_of(municipality)["http"] == 200
    samband.dead.update(samband.used)
    notify(municipality, bundle(2))
    assert read_of(municipality, 1)["http"] == 200
    assert len(set(samband.used)) == 2


def test_repeats_and_gaps_are_recognised_also_after_a_kill(
    start: Callable[[], Any], municipality: StandIn, file: Path
) -> None:
    for number in (1, 1, 4):
        assert notify(municipality, bundle(number, focus="")).status_code == 200
    municipality.kill()
    with file.open("ab") as torn:
        torn.write(b'{"kind": "noti')
    with start() as again:
        notify(again, bundle(4, focus=""))
        notify(again, bundle(3, focus=""))
        shown = journal(again)
    assert [event["repeat"] for event in shown["events"]] == [False, True, False, True, False]
    assert (shown["received"], shown["repeats"], shown["gaps"]) == (5, 2, {"s1": [2]})


def test_a_focus_that_could_not_be_read_is_read_later_and_after_a_restart(
    start: Callable[[], Any], municipality: StandIn, samband: Samband
) -> None:
    samband.alive = False
    notify(municipality, bundle(1))
    municipality.kill()
    with start() as again:
        assert journal(again)["events"][0]["read"] is None
        samband.alive = True
        assert read_of(again)["http"] == 200


def test_a_lost_answer_was_recorded_and_comes_back_as_a_repeat(municipality: StandIn) -> None:
    municipality.client.put("/_control", json={"mode": "lost-answer", "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        notify(municipality, bundle(1))
    assert notify(municipality, bundle(1)).status_code == 200
    assert [event["repeat"] for event in journal(municipality)["events"]] == [False, True]


def test_down_refusing_and_slow_record_what_they_answer(municipality: StandIn) -> None:
    for mode, status in (("down", 503), ("refusing", 422), ("slow", 200)):
        municipality.client.put("/_control", json={"mode": mode, "times": 1, "delay": 0.1})
        assert notify(municipality, bundle(1)).status_code == status
    assert journal(municipality)["received"] == 1
    assert municipality.client.put("/_control", json={"mode": "forgetful"}).status_code == 400


def test_it_does_not_follow_a_focus_elsewhere(municipality: StandIn) -> None:
    notify(municipality, bundle(1, focus="http://127.0.0.1:9/fhir/v1/Task/abc"))
    assert read_of(municipality)["http"] == 0
    notify(municipality, bundle(2, focus="Task/unknown"))
    assert read_of(municipality, 1)["http"] == 404


@pytest.mark.parametrize(
    ("sent", "status", "named"),
    [
        ([], 400, "JSON object"),
        ({"resourceType": "Task"}, 422, "Bundle.type"),
        ({"resourceType": "Bundle", "type": "history"}, 422, "Bundle.entry[0]"),
        ({"resourceType": "Bundle", "type": "history", "entry": [{"resource": {}}]}, 422, "bdl-3"),
        (bundle(1, kind="news"), 422, "'type' must be one of handshake"),
    ],
)
def test_what_is_no_notification_is_refused_by_name(municipality: StandIn, sent: Any, status: int, named: str) -> None:
    answer = notify(municipality, sent)
    assert (answer.status_code, journal(municipality)["received"]) == (status, 0)
    assert named in answer.json()["error"]


def test_it_wants_its_secret(municipality: StandIn) -> None:
    assert notify(municipality, bundle(1), secret="other").status_code == 401
    assert journal(municipality)["received"] == 0
