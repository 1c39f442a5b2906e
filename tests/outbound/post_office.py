"""The service with its worker on a database, a receiver, and an hour that tests may move on."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import httpx

from app.clock import system_clock
from app.outbound import worker
from tests.api.running import FHIR, Running, need, running, sandbox_settings
from tests.api.smallest import subscription
from tests.outbound.receiver import Receiver, receiving

BASE = "/fhir/v1"
PATIENCE = 30.0
SECRET = "very-secret-" + "4f1c"
PATHS = count(1)
Seen = TypeVar("Seen")
Header = dict[str, str]


@dataclass
class PostOffice:
    """What a partner sees of the service, and what it is sent."""

    service: Running
    receiver: Receiver
    ahead: list[int]
    """Milliseconds that the service's clock is ahead of the machine's."""
    tokens: dict[str, Header] = field(default_factory=dict)

    def who(self, name: str) -> Header:
        """The token of a municipality, or of a unit."""
        if name not in self.tokens:
            municipality = name in {"fjordvik", "dalheim"}
            persona = "municipality" if municipality else name if name == "coordinating-unit" else "clinical-unit"
            more = {"organisation": name} if municipality else {} if name == persona else {"unit": name}
            self.tokens[name] = self.service.token(persona, **more)
        return self.tokens[name]

    def pass_time(self, seconds: int) -> None:
        """Later."""
        self.ahead[0] += seconds * 1000

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A request to the FHIR base."""
        content = None if body is None else json.dumps(body)
        given = self.who(who) | (FHIR if content is not None else {}) | headers
        return self.service.client.request(method, f"{BASE}/{path}", content=content, headers=given)

    def subscribe(self, who: str = "fjordvik", content: str = "id-only", **more: Any) -> tuple[str, str]:
        """A new Subscription's id, and the path that its notifications go to."""
        path = f"/{next(PATHS)}"
        body = subscription(self.receiver.origin + path, content, **more)
        answer = self.ask(who, "POST", "Subscription", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"], path

    def active(self, who: str = "fjordvik", content: str = "id-only", **more: Any) -> tuple[str, str]:
        """The same, once its handshake is through."""
        key, path = self.subscribe(who, content, **more)
        self.until_status(who, key, "active")
        return key, path

    def read(self, who: str, key: str) -> dict[str, Any]:
        """The Subscription now."""
        content: dict[str, Any] = self.ask(who, "GET", f"Subscription/{key}").json()
        return content

    def put(self, who: str, key: str, **changes: Any) -> httpx.Response:
        """An update of the Subscription as it is read."""
        return self.ask(who, "PUT", f"Subscription/{key}", self.read(who, key) | changes)

    def until_status(self, who: str, key: str, status: str) -> dict[str, Any]:
        """The Subscription when it has this status."""
        return self.until(lambda: one if (one := self.read(who, key))["status"] == status else None)

    def until(self, look: Callable[[], Seen | None]) -> Seen:
        """The first answer of ``look`` that is something."""
        deadline = time.monotonic() + PATIENCE
        while not (seen := look()):
            assert time.monotonic() < deadline, "this should have happened by now"
            time.sleep(0.02)
        return seen

    def arrived(self, path: str, number: int = 1, kind: str = "event-notification") -> list[Any]:
        """The calls of a kind, once there are so many."""
        return self.until(lambda: got if len(got := self.receiver.at(path, kind)) >= number else None)

    def post_need(self, who: str = "fjordvik") -> str:
        """A new case's Task id."""
        changes = {} if who == "fjordvik" else {"requester": None}
        answer = self.service.post_need(self.who(who), need(**changes))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def move(self, who: str, task: str, operation: str, **reason: str) -> None:
        """An operation on a case that must be allowed."""
        parameters = [{"name": name, "valueString": text} for name, text in reason.items()]
        body = {"resourceType": "Parameters"} | ({"parameter": parameters} if parameters else {})
        answer = self.ask(who, "POST", f"Task/{task}/${operation}", body)
        assert answer.status_code == 200, answer.text


@contextmanager
def post_office(folder: Path, monkeypatch: Any, **more: Any) -> Iterator[PostOffice]:
    """It runs, with a worker that looks often."""
    monkeypatch.setattr(worker, "POLL", 0.02)
    monkeypatch.setattr(worker, "KEEP", 0.05)
    ahead = [0]
    settings = sandbox_settings(folder, retry_base=0.05, breaker_seconds=0.2, **more)
    clock = lambda: system_clock() + ahead[0]  # noqa: E731
    with receiving() as receiver, running(settings, deliver=True, clock=clock) as service:
        yield PostOffice(service, receiver, ahead)
