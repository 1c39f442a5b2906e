"""The service in a thread of this process, on a free port, over a real socket."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx

from app.api.connections import server_of
from app.config import IdentityMode, Settings
from app.main import create_app
from app.store.schema import migrate

PROJECT = Path(__file__).parents[2]
EXAMPLES = PROJECT / "examples"
FHIR = {"Content-Type": "application/fhir+json"}
CANARY = "10915596784"
"""The synthetic identity number in the examples: it must never come back in an error, a link or a log."""


@dataclass(slots=True)
class Running:
    """A running service: its address and a client for it."""

    origin: str
    client: httpx.Client

    def token(self, persona: str, **more: str) -> dict[str, str]:
        """The Authorization header of a persona of the sandbox."""
        answer = self.client.post("/sandbox/token", data={"persona": persona, **more})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def post_need(self, headers: dict[str, str], content: dict[str, Any] | None = None) -> httpx.Response:
        """A fresh need, or the given one, posted to Task."""
        body = json.dumps(content or need())
        return self.client.post("/fhir/v1/Task", content=body, headers=headers | FHIR)


def need(**changes: Any) -> dict[str, Any]:
    """The example need under a number of its own; ``changes`` replace members, None removes one."""
    content: dict[str, Any] = json.loads((EXAMPLES / "task-need.json").read_text(encoding="utf-8"))
    content["identifier"][0]["value"] = uuid4().hex
    for name, value in changes.items():
        if value is None:
            content.pop(name.rstrip("_"), None)
        else:
            content[name.rstrip("_")] = value
    return content


@cache
def _migrated() -> bytes:
    """A SQLite database at head, migrated once for each test process."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "samband.db"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()


def sandbox_settings(folder: Path, **more: Any) -> Settings:
    """Settings of a sandbox, on a fresh, migrated SQLite database where ``more`` names no other."""
    file = folder / "samband.db"
    if "database_url" not in more and not file.exists():
        file.write_bytes(_migrated())
    url = f"sqlite:///{file}"
    given: dict[str, Any] = {"sandbox": True, "identity_numbers": IdentityMode.TEST, "database_url": url}
    return Settings(directory=PROJECT / "directory.toml", **(given | more))


def settings_on(store: str, folder: Path, create_database: Callable[[str], str], **more: Any) -> Settings:
    """The same on ``sqlite`` or ``postgresql``."""
    if store == "postgresql":
        more["database_url"] = create_database("api")
        migrate(more["database_url"])
    return sandbox_settings(folder, **more)


@contextmanager
def running(settings: Settings, *, deliver: bool = False, **more: Any) -> Iterator[Running]:
    """The service as ``serve`` runs it, without deliveries unless told; stopped afterwards."""
    app = create_app(settings, deliver=deliver, **more)
    server = server_of(app, connections=settings.connections)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            assert time.monotonic() < deadline, "the service takes too long to start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        origin = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=origin, timeout=20) as client:
            yield Running(origin, client)
    finally:
        server.should_exit = True
        thread.join(20)


def codes(answer: httpx.Response) -> list[str]:
    """The error codes of an OperationOutcome; fails where the answer is none."""
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return [issue["details"]["coding"][0]["code"] for issue in outcome["issue"]]
