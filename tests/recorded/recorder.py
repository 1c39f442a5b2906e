"""Plays requests against the sandbox, with a clock and ids that a story decides, and keeps what was answered."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from unittest import mock
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx

from app.api.openapi import document
from app.config import Settings
from app.fhir import case_number
from app.store.schema import migrate
from tests.api.running import EXAMPLES, Running, running, sandbox_settings

Json = dict[str, Any]
BASE: Final = "/fhir/v1"
FHIR: Final = "application/fhir+json"
PATCH: Final = "application/json-patch+json"
FORM: Final = "application/x-www-form-urlencoded"
TOKEN: Final = "eyJhbGciOiJFUzI1NiIs…"
"""Stands for every access token: a real one is over in an hour."""
_TRANSPORT: Final = frozenset({"date", "content-length", "connection"})
_ALWAYS: Final = frozenset({"x-content-type-options", "content-security-policy", "referrer-policy"})
"""On every answer, and told once."""
_MINUTE: Final = 60_000
_JSON_BODY: Final = re.compile(r"application/(?:[a-z-]+\+)?json")


@dataclass(slots=True)
class Story:
    """The clock (milliseconds) and the ids of a recording: both follow the step that is being played."""

    now: int = 0
    step: str = "start"
    drawn: int = 0

    def clock(self) -> int:
        """Now, as the service sees it."""
        return self.now

    def new_id(self) -> str:
        """The same for the same step: a new step elsewhere in the story changes no other id."""
        self.drawn += 1
        return str(UUID(bytes=uuid5(NAMESPACE_URL, f"{self.step}/{self.drawn}").bytes, version=4))

    def draw(self, count: int) -> bytes:
        """Chance of a case number."""
        return uuid5(NAMESPACE_URL, self.step).bytes[:count]

    def turn_to(self, step: str) -> None:
        """The next step, a minute later."""
        self.step, self.drawn, self.now = step, 0, self.now + _MINUTE


@dataclass(slots=True)
class Recorder:
    """Records by name, in the order in which they were played."""

    service: Running
    settings: Settings
    story: Story
    records: dict[str, Json] = field(default_factory=dict)
    _paths: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._paths = [(_pattern(path), path) for path in document(sandbox=True)["paths"]]

    def on(self, day: str) -> None:
        """Go on at this moment, with its zone; never back."""
        moment = int(datetime.fromisoformat(day).timestamp() * 1000)
        assert moment > self.story.now
        self.story.now = moment

    def play(
        self,
        name: str,
        summary: str,
        who: str,
        method: str,
        path: str,
        *,
        expect: int = 200,
        file: str = "",
        body: Any = None,
        media: str = FHIR,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One request as a persona (``persona``, ``persona:place`` or nobody), and its answer, recorded."""
        assert name not in self.records, name
        self.story.turn_to(name)
        sent = dict(headers or {}) | {"X-Request-Id": name}
        content = _content(file, body, media)
        if content is not None:
            sent.setdefault("Content-Type", media)
        token = self._token(who) if who else {}
        answer = self.service.client.request(method, path, content=content, headers=sent | token)
        assert answer.status_code == expect, (name, answer.status_code, answer.text)
        shown = sent | ({"Authorization": f"Bearer {TOKEN}"} if token else {})
        request: Json = {"method": method, "url": path, "headers": shown}
        if file:
            request["file"] = file
        elif body is not None:
            request["body"] = body
        record = {"path": self._template(path), "summary": summary, "as": who, "request": request}
        self.records[name] = record | {"answer": _answer(answer)}
        return answer

    def fhir(self, name: str, summary: str, who: str, call: str, **more: Any) -> httpx.Response:
        """The same below the FHIR base: ``call`` is method and path, ``POST Task``."""
        method, _, path = call.partition(" ")
        slash = "/" if path[:1] not in {"", "?"} else ""
        return self.play(name, summary, who, method, f"{BASE}{slash}{path}", **more)

    def _token(self, who: str) -> dict[str, str]:
        persona, _, place = who.partition(":")
        field_ = "organisation" if persona == "municipality" else "unit"
        return self.service.token(persona, **({field_: place} if place else {}))

    def _template(self, path: str) -> str:
        plain = path.partition("?")[0]
        return next((template for pattern, template in self._paths if pattern.fullmatch(plain)), "")


@contextmanager
def recording(folder: Path) -> Iterator[Recorder]:
    """A recorder on a sandbox of its own, with an empty SQLite database in ``folder``."""
    story = Story()
    settings = sandbox_settings(folder, cursor_key="recorded" * 4)
    migrate(settings.database_url.get_secret_value())
    chance = mock.Mock(token_bytes=story.draw)
    with (
        mock.patch.object(case_number, "secrets", chance),
        running(settings, clock=story.clock, new_id=story.new_id) as service,
    ):
        yield Recorder(service, settings, story)


def rendered(records: dict[str, Json]) -> str:
    """The file as it is committed: a line for each record."""
    lines = (f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in records.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", template)
    return re.compile(r"[A-Za-z0-9.-]+".join(map(re.escape, parts)))


def _content(file: str, body: Any, media: str) -> bytes | None:
    if file:
        return (EXAMPLES / file).read_bytes()
    if body is None:
        return None
    if isinstance(body, str):
        return body.encode()
    if media == FORM:
        return str(httpx.QueryParams(body)).encode()
    return json.dumps(body, ensure_ascii=False).encode()


def _answer(answer: httpx.Response) -> Json:
    left_out = _TRANSPORT | _ALWAYS
    headers = {name: value for name, value in answer.headers.items() if name not in left_out}
    told: Json = {"status": answer.status_code, "headers": headers}
    if _JSON_BODY.match(answer.headers.get("content-type", "")):
        told["body"] = _lasting(answer.json())
    return told


def _lasting(body: Any) -> Any:
    """What differs from one recording to the next, and says nothing: tokens and durations."""
    if isinstance(body, list):
        return [_lasting(one) for one in body]
    if not isinstance(body, dict):
        return body
    fixed = {"access_token": TOKEN, "millis": 2, "correlation": "x-correlation-id=task-need"}
    return {name: fixed[name] if name in fixed else _lasting(value) for name, value in body.items()}
