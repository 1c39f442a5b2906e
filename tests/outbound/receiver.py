"""A partner's endpoint on loopback: keeps every notification with its headers, and answers what it is told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One POST: where, with which headers (small letters), and the Bundle."""

    path: str
    headers: dict[str, str]
    bundle: dict[str, Any]

    @property
    def parameters(self) -> dict[str, Any]:
        """The status by parameter name; ``notification-event`` is a list of dicts of parts."""
        found: dict[str, Any] = {"notification-event": []}
        for one in self.bundle["entry"][0]["resource"]["parameter"]:
            if one["name"] == "notification-event":
                found["notification-event"].append({part["name"]: _value(part) for part in one["part"]})
            else:
                found[one["name"]] = _value(one)
        return found

    @property
    def type(self) -> str:
        """handshake, heartbeat or event-notification."""
        return str(self.parameters["type"])

    @property
    def number(self) -> int:
        """Of the one event."""
        (event,) = self.parameters["notification-event"]
        return int(event["event-number"])


def _value(entry: dict[str, Any]) -> Any:
    (value,) = (one for name, one in entry.items() if name.startswith("value"))
    return value.get("reference", value.get("text")) if isinstance(value, dict) else value


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        call = Call(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        server.calls.append(call)
        self.send_response(server.answer(call))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Nothing."""


class Receiver(ThreadingHTTPServer):
    """``calls`` are all that came, ``answer`` the status for each."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[Call] = []
        self.answer: Callable[[Call], int] = lambda _: 200

    @property
    def origin(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def at(self, path: str, kind: str = "") -> list[Call]:
        """What came to a path, of a kind or of all."""
        return [one for one in list(self.calls) if one.path == path and kind in {"", one.type}]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs."""
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
