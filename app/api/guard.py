"""The outermost door, pure ASGI: body size, request id, security headers, the access log, and the last catch.

Nothing here may write a path value, a query or a body to a log: they may hold a patient.
"""

import logging
import re
from asyncio import timeout
from contextlib import suppress
from secrets import token_hex
from time import perf_counter
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import answer_to
from app.errors import SambandError, TooLarge, Unreadable
from app.fhir.identifiers import holds_national_number

DRAIN_BYTES: Final = 64 * 1024 * 1024
"""How much of a refused body is read away so that a client that is still sending gets to read the answer."""
DRAIN_SECONDS: Final = 10

_access = logging.getLogger("samband.access")
_log = logging.getLogger("samband.error")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9-]{1,64}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])")
_DIGITS = re.compile("[0-9]{2}|%")
_NOT_ROUTED: Final = "-"
_DEFAULT_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, max_body: int) -> None:
        self._app = app
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other scopes pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self._max_body, receive)
        try:
            exchange.refuse_number_in_url()
            await exchange.refuse_announced_size()
            await self._app(scope, exchange.receive, exchange.send)
        except Exception as failure:  # noqa: BLE001  # the last catch: a caller gets an OperationOutcome
            await exchange.fail(failure)
        finally:
            exchange.log()


class _Exchange:
    """One request and its answer, as the guard sees them."""

    def __init__(self, scope: Scope, send: Send, max_body: int, receive: Receive) -> None:
        self._scope = scope
        self._send = send
        self._receive = receive
        self._max_body = max_body
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        self._received = 0
        self._finished = False
        self._status = 0
        self._close = False
        self._started = perf_counter()
        given = self._headers.get(b"x-request-id", b"")
        self._id = given if _is_request_id(given) else token_hex(16).encode()

    def refuse_number_in_url(self) -> None:
        """A national identity number in a URL ends up in logs and histories of every proxy on the way."""
        url = f"{self._scope['path']}?{self._scope['query_string'].decode('latin-1')}"
        # Our own ids are left out: one in fifteen thousand holds eleven digits that would pass for a number.
        if _DIGITS.search(url) and holds_national_number(_UUID.sub("", url)):
            raise Unreadable(
                "A URL must not hold a national identity number; search with POST [type]/_search and the "
                "parameters in the body.",
                code="national-number-in-url",
            )

    async def refuse_announced_size(self) -> None:
        """413 at once when Content-Length says so; one that waits for 100 Continue is not made to send."""
        announced = self._headers.get(b"content-length", b"")
        if not announced.isdigit() or int(announced) <= self._max_body:
            return
        if self._headers.get(b"expect", b"").lower() != b"100-continue":
            await self._drain()
        raise self._too_large()

    async def receive(self) -> Message:
        """The application's receive: counts what a client sends without announcing it."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._count(message)
            if self._received > self._max_body:
                await self._drain()
                raise self._too_large()
        return message

    async def send(self, message: Message) -> None:
        """The application's send: adds the headers that every answer has."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = self._with_defaults(message.get("headers", ()))
        await self._send(message)

    async def fail(self, failure: Exception) -> None:
        """Answer what nobody below answered; log where it came from, never what it says."""
        if not isinstance(failure, SambandError):
            _log.error("unhandled %s at %s, request %s", type(failure).__name__, _place(failure), self.id)
        if self._status:
            return  # too late for an answer: the server closes the connection
        response = answer_to(failure, self._headers.get(b"accept-language", b"").decode("latin-1"))
        await response(self._scope, self._receive, self.send)

    def log(self) -> None:
        """One line: method, route template, status, milliseconds, request id."""
        millis = (perf_counter() - self._started) * 1000
        method = self._scope["method"]
        template = self._scope.get("template") or getattr(self._scope.get("route"), "path", _NOT_ROUTED)
        _access.info("%s %s %d %.1f ms %s", method, template, self._status, millis, self.id)

    @property
    def id(self) -> str:
        """The request id, as text."""
        return self._id.decode()

    def _with_defaults(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name for name, _ in headers}
        full = [*headers, (b"x-request-id", self._id), (b"x-content-type-options", b"nosniff")]
        full += [header for header in _DEFAULT_HEADERS if header[0] not in present]
        if self._close:
            full.append((b"connection", b"close"))
        return full

    def _count(self, message: Message) -> None:
        self._received += len(message.get("body", b""))
        self._finished = not message.get("more_body", False)

    async def _drain(self) -> None:
        with suppress(TimeoutError):
            async with timeout(DRAIN_SECONDS):
                while not self._finished and self._received < DRAIN_BYTES:
                    message = await self._receive()
                    self._count(message)

    def _too_large(self) -> TooLarge:
        self._close = True
        return TooLarge(f"The body is larger than {self._max_body} bytes.")


def _is_request_id(given: bytes) -> bool:
    """Whether a client's own id is fit for the log and the answer."""
    return bool(_REQUEST_ID.fullmatch(given)) and not holds_national_number(given.decode())


def _place(failure: Exception) -> str:
    trace = failure.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return "?"
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}"
