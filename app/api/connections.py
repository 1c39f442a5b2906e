"""The HTTP server: uvicorn with httptools, and walls against clients that are slow, endless, or do not speak HTTP.

uvicorn itself waits for a header without end, reads one of any length, and answers broken HTTP in plain text. Here a
request's head has a time and a size limit, an answer must be read in time, and every refusal is an OperationOutcome.
Times are looked at once a second for all connections, so that a request costs no timer.
"""

import asyncio
import resource
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.api.errors import FHIR_JSON
from app.errors import HeadersTooLarge, RequestTimeout, SambandError, Unavailable, Unreadable, UriTooLong
from app.fhir.outcome import outcome

HEAD_SECONDS: Final = 10.0
"""From a connection's opening, or a request's first byte, to the end of its headers."""
ANSWER_SECONDS: Final = 60.0
"""How long an answer may wait for its reader."""
LINGER_SECONDS: Final = 2.0
"""How long a refused client may go on sending while it has not read why."""
LONGEST_URL: Final = 8 * 1024
LARGEST_HEAD: Final = 32 * 1024
"""Bytes of the request line and all headers."""
MOST_HEADERS: Final = 100
GRACE_SECONDS: Final = 20
"""How long requests that are running may take when the service is told to stop."""
_LOOK_TICKS: Final = 10
"""uvicorn ticks every tenth of a second."""
_CONTINUE: Final = b"HTTP/1.1 100 "
_COPIED: Final = 64 * 1024
"""A longer body is worth a packet of its own for its head."""
_SPARE_FILES: Final = 200
"""Open files that are not connections of callers: database, deliveries, the program itself."""


class Joined:
    """Where an answer is written: its head goes with the first bytes of its body, as ASGI says, in one packet."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self._begun = False

    def write(self, data: bytes) -> None:
        """A head (100 Continue is none) or a part of a body."""
        if not self._begun and not data.startswith(_CONTINUE):
            self._begun, self._head = True, data
            return
        head, self._head = self._head, b""
        if head and len(data) > _COPIED:
            self._transport.write(head)
            head = b""
        self._transport.write(head + data if head else data)

    def flush(self) -> None:
        """Nothing follows that the head could wait for."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Close when all is written."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether it is closed already."""
        return self._transport.is_closing()


class Connection(HttpToolsProtocol):
    """One connection of a caller."""

    def connection_made(self, transport: object) -> None:
        """A caller is here; one too many is told to come back."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._head_since: float | None = self.loop.time()
        self._head_bytes = 0
        self._most_head_bytes = 0
        self._unread_since: float | None = None
        self._refused: float | None = None
        self._refusal: SambandError | None = None
        self._answering: RequestResponseCycle | None = None
        self._in_body = False
        # uvicorn would tell it in plain text, and only after reading a request.
        most, self.limit_concurrency = self.limit_concurrency, None
        if most is not None and len(self.connections) > most:
            self._refuse(Unavailable("There are too many connections.", headers={"Retry-After": "1"}))

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone. uvicorn tells its last request; here the one that is being answered learns it too."""
        answering = self._answering
        if answering is not None and not answering.response_complete:
            answering.disconnected = True
            answering.message_event.set()
            answering.scope["gone"] = True  # type: ignore[typeddict-unknown-key]  # for the access log
        self.pipeline.clear()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Requests of one connection are answered one by one; others may wait behind this one."""
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request: what is not yet a whole head counts against the limits."""
        if self._refused is not None:
            return
        if self._head_since is None and self._is_idle():
            self._head_since = self.loop.time()
            self._head_bytes = 0
        self._head_bytes += len(data)
        self._most_head_bytes += len(data)
        self._data_bytes = len(data)
        super().data_received(data)
        if self._head_bytes > LARGEST_HEAD and self._head_since is not None and self._refused is None:
            if self._in_body:
                return  # the rest of a request that has its answer: it has the time of a head, and is not kept
            self._refuse(_too_large(len(getattr(self, "url", b""))))

    def on_message_begin(self) -> None:
        """A request's first byte has come, of a pipelined one too."""
        super().on_message_begin()
        self._in_body = False
        self._hosts = 0
        self._head_bytes = 1  # begun; the rest is counted as it comes
        self._most_head_bytes = self._data_bytes
        if self._head_since is None:
            self._head_since = self.loop.time()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head. Those behind a body, trailers, are dropped: nobody who looked at the head saw them."""
        if self._in_body:
            return
        name = name.lower()
        if name == b"host":
            self._hosts += 1
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole. Raises the refusal of one that is too large or names no host, through the parser."""
        self._head_since = None
        if len(self.headers) > MOST_HEADERS or len(self.url) > LONGEST_URL or self._is_large():
            self._refusal = _too_large(len(self.url))
            raise self._refusal
        if self._hosts != 1 or self.parser.get_http_version() != "1.1":
            self._require_host()
        super().on_headers_complete()
        self._in_body = True
        self.cycle.transport = Joined(self.transport)  # type: ignore[assignment]  # the three calls that it makes

    def _is_large(self) -> bool:
        """Counted where what has come since the request's first byte could be too much at all."""
        if self._most_head_bytes <= LARGEST_HEAD:
            return False
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD

    def _require_host(self) -> None:
        """RFC 9112 3.2: one Host; HTTP/1.0 may have none, and other versions are not spoken."""
        if self._hosts > 1 or self.parser.get_http_version() != "1.0":
            raise Unreadable("The request is not HTTP/1.1 with one Host.", code="malformed-http")

    def on_message_complete(self) -> None:
        """The request is whole; where its answer was there before, the time until the next one begins now."""
        self._in_body = False
        self.scope["whole"] = True  # type: ignore[typeddict-unknown-key]  # for the guard: no timer for the body
        if self.cycle.response_complete and self.timeout_keep_alive_task is None:
            self._head_since = None
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is out, that to HEAD too, which has no body to go with."""
        if self._answering is not None:
            self._answering.transport.flush()  # type: ignore[attr-defined]
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's own words
        """What uvicorn calls when the parser fails: for broken HTTP, and for the refusals above."""
        broken = Unreadable("The request is not HTTP/1.1 that can be read.", code="malformed-http")
        self._refuse(self._refusal or broken)

    def _unsupported_upgrade_warning(self) -> None:
        """A caller that would rather speak something else is answered in HTTP/1.1; that is no news for the log."""

    def look(self, now: float) -> None:
        """End what takes too long; called about once a second with the loop's time."""
        if not self.transport.get_write_buffer_size():
            self._unread_since = None
        elif self._unread_since is None:
            self._unread_since = now
        elif now - self._unread_since > ANSWER_SECONDS:
            self.transport.abort()
        if self._refused is not None:
            if now - self._refused > LINGER_SECONDS and self._is_idle():
                self.transport.abort()
        elif self._head_since is not None and now - self._head_since > HEAD_SECONDS:
            self._end_slow_head()

    def _end_slow_head(self) -> None:
        if not self._head_bytes:
            self.transport.close()
            return
        self._refuse(RequestTimeout(f"The request's headers did not arrive within {HEAD_SECONDS:.0f} seconds."))

    def _is_idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete or cycle.disconnected

    def _refuse(self, error: SambandError) -> None:
        """Answer, and close: behind a request that cannot be read nothing can."""
        self._refused = self.loop.time()
        if self._in_body and self._is_idle():
            # The request has its answer: a second one would be taken for that of the next.
            self.transport.close()
            return
        cycle: RequestResponseCycle | None = self.cycle
        answering = self._answering
        if cycle and answering and answering is not cycle and not answering.response_complete:
            # Others are answered first; one whose body cannot be read is never begun.
            if cycle.more_body:
                self.pipeline.popleft()
            (self.pipeline[0][0] if self.pipeline else answering).keep_alive = False
            return
        if cycle is not None and not cycle.response_complete:
            if not cycle.more_body or cycle.response_started:
                # An answer is on its way; ours would be written into it.
                cycle.keep_alive = False
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(_answer(error))
        # Closed at once, with bytes still coming, the client's system would throw the answer away.
        self.transport.write_eof()


def _too_large(url: int) -> SambandError:
    if url > LONGEST_URL:
        return UriTooLong(f"The URL is longer than {LONGEST_URL} bytes; search with POST [type]/_search.")
    return HeadersTooLarge(f"There are more than {MOST_HEADERS} headers, or {LARGEST_HEAD} bytes of them.")


def _answer(error: SambandError) -> bytes:
    body = outcome(error, "en")
    head = {
        "content-type": FHIR_JSON,
        "content-length": str(len(body)),
        "connection": "close",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **error.headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n{lines}\r\n".encode() + body


class Server(uvicorn.Server):
    """uvicorn's server, which looks at its connections' times."""

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if counter % _LOOK_TICKS == 0:
            for connection in [*self.server_state.connections]:
                if isinstance(connection, Connection):
                    connection.look(connection.loop.time())
        return await super().on_tick(counter)


def server_of(app: ASGIApp, *, connections: int, port: int = 0) -> Server:
    """The server that ``serve`` runs, not yet started; ``connections`` at once, ``port`` where no socket is given."""
    config = uvicorn.Config(
        app,
        port=port,
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        access_log=False,
        server_header=False,
        # base_url says where partners reach us; no header of theirs may say otherwise.
        proxy_headers=False,
        log_config=None,
        limit_concurrency=connections,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return Server(config)


def allow_open_files(connections: int) -> None:
    """Raise this process's limit of open files as far as it may, so that all connections can be told something."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
