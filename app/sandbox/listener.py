"""The HTTP face of the stand-ins: standard library only, one thread per connection, loopback only.

Not FastAPI, because a stand-in must be able to drop a connection without any answer, and uvicorn cannot.
"""

import contextlib
import json
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, Final, NoReturn
from urllib.parse import unquote, urlsplit

HOST: Final = "127.0.0.1"
LARGEST_BODY: Final = 1 << 20
"""Bytes; more is answered 413."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came: ``path`` percent-decoded, ``query`` not, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def parts(self) -> tuple[str, ...]:
        """The segments of the path."""
        return tuple(self.path.strip("/").split("/"))

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ValueError with a text that repeats nothing of it."""
        try:
            value = json.loads(self.body)
            _encoded(value)
        except (ValueError, RecursionError):
            raise ValueError("the body is not JSON") from None
        if not isinstance(value, dict):
            raise ValueError("the body is not a JSON object")  # noqa: TRY004  wrong content, not a wrong call
        return value


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back; ``dropped`` closes the connection without a byte."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    dropped: bool = False


def _encoded(value: Any) -> bytes:
    """UTF-8 JSON. ValueError for a lone surrogate, NaN or infinity, which cannot be sent on."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


DROPPED: Final = Answer(0, dropped=True)
Handle = Callable[[Request], Answer]


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60
    server: "Listener"

    def _serve(self) -> None:
        answer = self._answer()
        if answer.dropped:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        content = b"" if answer.body is None else _encoded(answer.body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if content:
            self.send_header("Content-Type", f"{answer.media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  http.server's names

    def _answer(self) -> Answer:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            return Answer(411, {"error": "send a Content-Length"})
        if int(length) > LARGEST_BODY:
            self.close_connection = True
            return Answer(413, {"error": f"at most {LARGEST_BODY} bytes"})
        url = urlsplit(self.path)
        return self.server.handle(
            Request(
                method=self.command,
                path=unquote(url.path),
                query=url.query,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(length)),
            )
        )

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The code alone: the base class would repeat the line that it could not read."""
        del message, explain
        super().send_error(code)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Nothing: a URL or a body may hold a patient."""


class Listener(ThreadingTCPServer):
    """A server socket on loopback; port 0 takes a free one. Give it a ``handle`` before it runs."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    handle: Handle

    def __init__(self, port: int) -> None:
        super().__init__((HOST, port), _Exchange)

    @property
    def origin(self) -> str:
        """``http://127.0.0.1:<port>``, with the port really taken."""
        return f"http://{HOST}:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  the base's
        """A client that hung up is no news; anything else is named by its class, never by its content."""
        failure = sys.exc_info()[0]
        if failure is not None and not issubclass(failure, OSError):
            sys.stderr.write(f"unexpected failure: {failure.__name__}\n")


def run(listener: Listener, handle: Handle, name: str) -> None:
    """Print one line with the address, then pass each request to ``handle`` until SIGINT or SIGTERM."""

    def stop(_number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    listener.handle = handle
    signal.signal(signal.SIGTERM, stop)
    sys.stdout.write(f"{name} listens on {listener.origin}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt), listener:
        listener.serve_forever(poll_interval=0.1)
