"""The outermost door, pure ASGI: body size, request id, security headers, the access log, and the last catch.

Nothing here may write a path value, a query or a body to a log: they may hold a patient.
"""

import logging
import re
from asyncio import get_running_loop, timeout, timeout_at
from contextlib import suppress
from functools import lru_cache
from time import perf_counter
from typing import Any, Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.correlation import ids_of
from app.api.errors import answer_to
from app.correlation import begin
from app.errors import RequestTimeout, SambandError, TooLarge, Unreadable
from app.fhir.identifiers import holds_national_number
from app.logs import access

DRAIN_BYTES: Final = 64 * 1024 * 1024
"""How much of a refused body is read away so that a client that is still sending gets to read the answer."""
DRAIN_SECONDS: Final = 10

BODY_SECONDS: Final = 30.0
"""From the first look at a body to its end."""

_log = logging.getLogger("samband.error")
_DIGITS = re.compile("[0-9]{2}|%")
_HIDDEN: Final = re.compile(rb"%(?:2[EeFf]|5[Cc]|00)")
_NOT_ROUTED: Final = "-"
_CLIENT = re.compile(r"[A-Za-z0-9._:/-]{1,100}")
_GONE: Final = 499
"""What the log says of a caller that went away before its answer; no caller ever sees it."""
_DEFAULT_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
_STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")

Headers = tuple[tuple[bytes, bytes], ...]


class Guard:
    """ASGI middleware around the whole application; ``https``: callers reach us by TLS only."""

    def __init__(self, app: ASGIApp, max_body: int, *, https: bool = False) -> None:
        self._app = app
        self._max_body = max_body
        self._always = (*_DEFAULT_HEADERS, _STRICT_TRANSPORT) if https else _DEFAULT_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other scopes pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._max_body, self._always)
        scope["request_id"] = exchange.id
        begin(exchange.ids)
        try:
            exchange.refuse_hidden_parts()
            exchange.refuse_number_in_url()
            await exchange.refuse_announced_size()
            await self._app(scope, exchange.receive, exchange.send)
        except Exception as failure:  # noqa: BLE001  # the last catch: a caller gets an OperationOutcome
            await exchange.fail(failure)
        finally:
            exchange.log()


class _Exchange:
    """One request and its answer, as the guard sees them."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_body: int, always: Headers) -> None:
        self._scope = scope
        self._send = send
        self._receive = receive
        self._max_body = max_body
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        self._received = 0
        self._finished = False
        self._status = 0
        self._close = False
        self._always = always
        self._deadline = 0.0
        self._started = perf_counter()
        self.ids = ids_of(self._headers)

    def refuse_hidden_parts(self) -> None:
        """A proxy that looks at paths must see the same parts as we do: its rules may be about them."""
        raw = self._scope["raw_path"]
        if b"%" in raw and _HIDDEN.search(raw):
            raise Unreadable("A path must not hold an escaped slash, backslash, dot or NUL.", code="malformed-http")

    def refuse_number_in_url(self) -> None:
        """A national identity number in a URL ends up in logs and histories of every proxy on the way."""
        url = f"{self._scope['path']}?{self._scope['query_string'].decode('latin-1')}"
        if _DIGITS.search(url):
            _require_no_number(url)

    async def refuse_announced_size(self) -> None:
        """413 at once when Content-Length says so; one that waits for 100 Continue is not made to send."""
        announced = self._headers.get(b"content-length", b"")
        if not announced.isdigit() or int(announced) <= self._max_body:
            return
        if self._headers.get(b"expect", b"").lower() != b"100-continue":
            await self._drain()
        raise self._too_large()

    async def receive(self) -> Message:
        """The application's receive: counts what a client sends without announcing it, and does not wait for ever."""
        is_here = self._finished or "whole" in self._scope
        message = await (self._receive() if is_here else self._receive_in_time())
        if message["type"] == "http.request":
            self._count(message)
            if self._received > self._max_body:
                await self._drain()
                raise self._too_large()
        return message

    async def _receive_in_time(self) -> Message:
        self._deadline = self._deadline or get_running_loop().time() + BODY_SECONDS
        try:
            async with timeout_at(self._deadline):
                return await self._receive()
        except TimeoutError:
            self._close = True
            raise RequestTimeout(f"The body did not arrive within {BODY_SECONDS:.0f} seconds.") from None

    async def send(self, message: Message) -> None:
        """The application's send: adds the headers that every answer has."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = self._with_defaults(message.get("headers", ()))
        await self._send(message)

    async def fail(self, failure: Exception) -> None:
        """Answer what nobody below answered; log where it came from, never what it says."""
        if isinstance(failure, ClientDisconnect):
            self._status = _GONE
        elif not isinstance(failure, SambandError):
            _log.error(
                "unhandled %s at %s, request %s",
                type(failure).__name__,
                _place(failure),
                self.id,
                extra={"fields": self._ids_as_fields()},
            )
        if self._status:
            return  # too late for an answer: the server closes the connection
        response = answer_to(failure, self._headers.get(b"accept-language", b"").decode("latin-1"))
        await response(self._scope, self._receive, self.send)

    def log(self) -> None:
        """One line: method, route template, status, milliseconds, request id; as fields also who called."""
        scope = self._scope
        if "gone" in scope:
            self._status = _GONE
        millis = round((perf_counter() - self._started) * 1000, 1)
        method = scope["method"]
        template = scope.get("template") or getattr(scope.get("route"), "path", _NOT_ROUTED)
        fields = {"method": method, "route": template, "status": self._status, "ms": millis}
        fields |= self._ids_as_fields()
        caller = scope.get("caller")
        if caller is not None:
            fields |= {"client": _shown(caller.client), "organisation": caller.organisation, "role": caller.role}
        access.write(f"{method} {template} {self._status} {millis:.1f} ms {self.id}", fields)

    @property
    def id(self) -> str:
        """The request id, as text."""
        return self.ids[0][1].decode()

    def _ids_as_fields(self) -> dict[str, Any]:
        return {name.decode(): value.decode() for name, value in self.ids}

    def _with_defaults(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name for name, _ in headers}
        full = [*headers, *self.ids, (b"x-content-type-options", b"nosniff")]
        full += [header for header in self._always if header[0] not in present]
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


@lru_cache(maxsize=1024)
def _require_no_number(url: str) -> None:
    """A worklist is asked for by the same address again and again; one that is refused is not remembered."""
    if holds_national_number(url):
        raise Unreadable(
            "A URL must not hold a national identity number; search with POST [type]/_search and the "
            "parameters in the body.",
            code="national-number-in-url",
        )


@lru_cache(maxsize=4096)
def _shown(client: str) -> str:
    """A client id as the log shows it: an issuer may give any text."""
    return client if _CLIENT.fullmatch(client) and not holds_national_number(client) else "-"


def _place(failure: Exception) -> str:
    trace = failure.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return "?"
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}"
