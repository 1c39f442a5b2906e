"""Clients that are slow, endless, or do not speak HTTP: each is told so in our format, and nobody else notices."""

import asyncio
import json
import socket
import sqlite3
import struct
import time
from contextlib import closing, suppress
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from app.api import connections, guard
from app.api.connections import Joined
from app.store.interface import Store
from app.store.opening import open_store
from tests.api.running import FHIR, Running, codes, running, sandbox_settings
from tests.story.programs import eventually

Header = dict[str, str]


def _open(service: Running) -> socket.socket:
    url = httpx.URL(service.origin)
    return socket.create_connection((url.host, url.port or 80), timeout=20)


def _told(connection: socket.socket) -> tuple[int, str, bytes]:
    """Status, error code and the head of what the server says until it closes; (0, "", b"") for nothing."""
    found = b""
    while part := connection.recv(65_536):
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    if not head:
        return 0, "", b""
    return int(head.split()[1]), json.loads(body)["issue"][0]["details"]["coding"][0]["code"], head.lower()


def _said(service: Running, *pieces: bytes) -> tuple[int, str, bytes]:
    with closing(_open(service)) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return _told(connection)


LINE = b"GET /fhir/v1/metadata HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("pieces", "status", "code"),
    [
        ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], 400, "malformed-http"),
        ([b"HELO there\r\n\r\n"], 400, "malformed-http"),
        ([b"BREW /pot HTTP/1.1\r\n\r\n"], 400, "malformed-http"),
        ([b"GET /x HTTP/9.9\r\n\r\n"], 400, "malformed-http"),
        ([b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n"], 400, "malformed-http"),
        ([b"GET /fhir/v1/metadata\r\n\r\n"], 400, "malformed-http"),
        ([b"GET /fhir/v1/metadata HTTP/2.0\r\nHost: x\r\n\r\n"], 400, "malformed-http"),
        ([b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], 400, "malformed-http"),
        ([b"GET /fhir/v1/metadata HTTP/1.1\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Host: y\r\n\r\n"], 400, "malformed-http"),
        ([b"GET http://evil.example HTTP/1.1\r\nHost: x\r\n\r\n"], 400, "malformed-http"),
        ([LINE.replace(b"\r", b"") + b"\n"], 400, "malformed-http"),
        ([LINE + b"X: a\rb\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"X: a\r\n b\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Content-Length : 5\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Content-Length: +5\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Content-Length: 5, 5\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Content-Length: 99999999999999999999999\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Transfer-Encoding: identity\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Transfer-Encoding: chunked, identity\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Transfer-Encoding: \x0bchunked\r\n\r\n"], 400, "malformed-http"),
        ([b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Content-Length: -1\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"Bad Header: x\r\n\r\n"], 400, "malformed-http"),
        ([LINE + b"X: a\x00b\r\n\r\n"], 400, "malformed-http"),
        ([LINE, b"".join(b"X-%d: y\r\n" % n for n in range(101)), b"\r\n"], 431, "headers-too-large"),
        ([LINE, b"X: ", b"y" * 40_000, b"\r\n\r\n"], 431, "headers-too-large"),
        ([LINE, b"X: ", b"y" * 400_000], 431, "headers-too-large"),
        ([b"GET /fhir/v1/Task?x=", b"y" * 9_000, b" HTTP/1.1\r\nHost: x\r\n\r\n"], 414, "uri-too-long"),
        ([b"GET /fhir/v1/Task?x=", b"y" * 400_000], 414, "uri-too-long"),
    ],
)
def test_what_is_not_http_is_told_so(service: Running, pieces: list[bytes], status: int, code: str) -> None:
    told, error, head = _said(service, *pieces)
    assert (told, error) == (status, code)
    assert b"connection: close" in head
    assert b"content-type: application/fhir+json" in head
    for banner in (b"server:", b"uvicorn", b"python"):
        assert banner not in head


CHUNKED = (
    b"POST /fhir/v1/Task HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n"
)


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-2\r\n{}\r\n", b"2\n{}\n", b"2;\n{}\r\n", b"f" * 17 + b"\r\n"])
def test_a_chunk_that_two_readers_may_end_elsewhere(service: Running, municipality: Header, chunk: bytes) -> None:
    authorization = b"Authorization: " + municipality["Authorization"].encode() + b"\r\n\r\n"
    assert _said(service, CHUNKED + authorization, chunk)[:2] == (400, "malformed-http")


def test_what_stands_behind_a_body_is_no_header(service: Running, municipality: Header) -> None:
    """A trailer that a proxy has not looked at: neither a token, nor kept."""
    behind = b"Authorization: " + municipality["Authorization"].encode() + b"\r\n"
    many = b"".join(b"X-%d: y\r\n" % number for number in range(10_000))
    with closing(_open(service)) as connection:
        connection.sendall(CHUNKED + b"Connection: close\r\n\r\n2\r\n{}\r\n0\r\n" + behind + many + b"\r\n")
        assert _told(connection)[:2] == (401, "token-missing")


@pytest.mark.parametrize("rest", [b"zz\r\n", b"ffff\r\n" + b"x" * 65_535 + b"\r\n0\r\n\r\n"])
def test_what_comes_after_the_answer_is_not_answered_again(service: Running, rest: bytes) -> None:
    """A second answer would be taken for that of the next request, which may be somebody else's."""
    with closing(_open(service)) as connection:
        connection.sendall(CHUNKED + b"\r\n2\r\n{}\r\n")
        found = connection.recv(65_536)
        assert found.startswith(b"HTTP/1.1 401")
        connection.sendall(rest)
        if rest.endswith(b"0\r\n\r\n"):
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        told = b""
        with suppress(ConnectionResetError):
            while part := connection.recv(65_536):
                told += part
    assert told[:13] == (b"HTTP/1.1 200 " if rest.endswith(b"0\r\n\r\n") else b"")
    assert told.count(b"HTTP/1.1 ") <= 1


@pytest.mark.parametrize("hidden", ["%2f", "%2F", "%5c", "%2e%2e/", "%00"])
def test_a_path_has_the_parts_that_a_proxy_sees(service: Running, municipality: Header, hidden: str) -> None:
    head = f"GET /fhir/v1/Task{hidden}x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode()
    authorization = b"Authorization: " + municipality["Authorization"].encode()
    assert _said(service, head + authorization + b"\r\n\r\n")[:2] == (400, "malformed-http")


def test_no_header_says_where_we_are_or_what_is_asked(service: Running, municipality: Header, task: str) -> None:
    lies = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil.example",
        "Forwarded": "host=evil.example;proto=https",
        "X-HTTP-Method-Override": "DELETE",
        "X-Original-URL": "/fhir/v1/Patient",
        "X-Rewrite-URL": "/fhir/v1/Patient",
        "Range": "bytes=0-5",
    }
    for path in (f"/fhir/v1/Task/{task}", "/fhir/v1/Task?_count=1", "/fhir/v1/metadata"):
        answer = service.client.get(path, headers=municipality | lies)
        assert answer.status_code == 200
        assert "evil.example" not in f"{answer.headers} {answer.text}"
        assert answer.json()["resourceType"] in ("Task", "Bundle", "CapabilityStatement")


PAGES = (
    "/fhir/v1/Task/{task}",
    "/fhir/v1/Task",
    "/fhir/v1/Task/{task}/_history",
    "/fhir/v1/metadata",
    "/fhir/v1/Banana",
)
MORE = ("/fhir/v1/Task/{task}/$available-actions", "/operator/deliveries", "/health/live", "/nowhere", "/openapi.json")


@pytest.mark.parametrize("path", PAGES)
def test_head_is_get_without_its_body(service: Running, municipality: Header, task: str, path: str) -> None:
    asked, short = (
        service.client.request(method, path.format(task=task), headers=municipality) for method in ("GET", "HEAD")
    )
    own = {"date", "x-request-id"}
    assert short.status_code == asked.status_code
    assert {k: v for k, v in short.headers.items() if k not in own} == {
        k: v for k, v in asked.headers.items() if k not in own
    }
    assert short.content == b""


def test_a_broken_body_is_told_so(service: Running, municipality: Header) -> None:
    token = municipality["Authorization"].encode()
    head = b"POST /fhir/v1/Task HTTP/1.1\r\nHost: x\r\nAuthorization: " + token
    head += b"\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert _said(service, head, b"zz\r\n")[:2] == (400, "malformed-http")


def test_broken_http_behind_a_good_request_leaves_its_answer_whole(service: Running) -> None:
    with closing(_open(service)) as connection:
        connection.sendall(LINE + b"\r\n" + b"\x00\x01\x02\r\n\r\n")
        found = b""
        while part := connection.recv(65_536):
            found += part
    head, _, body = found.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert json.loads(body)["resourceType"] == "CapabilityStatement"


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PROPFIND", "DELETE", "LOCK"])
@pytest.mark.parametrize("path", ["/fhir/v1/metadata", "/fhir/v1/Task", "/health/live", "/docs"])
def test_a_method_that_is_not_offered(service: Running, method: str, path: str) -> None:
    answer = service.client.request(method, path, headers={"X-Secret": "mirror-mirror"})
    assert (answer.status_code, codes(answer)) == (405, ["method-not-allowed"])
    assert method not in answer.headers["allow"]
    assert "GET, HEAD" in answer.headers["allow"]
    assert "mirror-mirror" not in answer.text


@pytest.fixture
def hasty(service: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """The service with short times."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(connections, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.5)
    return service


def test_a_slow_header_is_cut_off(hasty: Running) -> None:
    with closing(_open(hasty)) as connection:
        connection.sendall(LINE)
        assert _told(connection)[:2] == (408, "request-timeout")


def test_a_header_that_goes_on_and_on_is_cut_off(hasty: Running) -> None:
    with closing(_open(hasty)) as connection:
        connection.sendall(LINE)
        for number in range(100):
            time.sleep(0.1)
            try:
                connection.sendall(b"X-%d: y\r\n" % number)
            except (BrokenPipeError, ConnectionResetError):
                return
    pytest.fail("it was never cut off")


def test_a_slow_header_of_a_second_request_is_cut_off(hasty: Running) -> None:
    with closing(_open(hasty)) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"\r\n")
        assert _told(connection)[:2] == (408, "request-timeout")


def test_a_connection_that_says_nothing_is_closed(hasty: Running) -> None:
    with closing(_open(hasty)) as connection:
        assert _told(connection) == (0, "", b"")


def test_a_slow_body_is_cut_off(hasty: Running, municipality: Header) -> None:
    head = b"POST /fhir/v1/Task HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: 1000\r\n"
    authorization = b"Authorization: " + municipality["Authorization"].encode()
    with closing(_open(hasty)) as connection:
        connection.sendall(head + authorization + b"\r\n\r\n{")
        status, code, told = _told(connection)
    assert (status, code) == (408, "request-timeout")
    assert b"connection: close" in told


def test_requests_before_a_broken_one_are_answered(service: Running, municipality: Header) -> None:
    broken = b"POST /fhir/v1/Task HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    with closing(_open(service)) as connection:
        connection.sendall((LINE + b"\r\n") * 2 + broken)
        found = b""
        while part := connection.recv(65_536):
            found += part
    assert found.count(b"HTTP/1.1 ") == found.count(b"HTTP/1.1 200 OK") == 2
    for answer in found.split(b"HTTP/1.1 200 OK")[1:]:
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["resourceType"] == "CapabilityStatement"


def test_an_answer_that_nobody_reads_is_dropped(hasty: Running, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"), closing(_open(hasty)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        connection.settimeout(0.2)
        # More than the buffers on the way can hold.
        try:
            for _ in range(200):
                connection.sendall(request)
        except TimeoutError:
            pass
        deadline = time.monotonic() + 20
        gone = False
        while not gone:
            assert time.monotonic() < deadline, "it is still kept"
            time.sleep(0.2)
            try:
                connection.send(b"x")
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                gone = True
        eventually("the caller's end", lambda: " 499 " in caplog.text)
    _no_fault(caplog)


def _no_fault(caplog: pytest.LogCaptureFixture) -> None:
    """A caller that goes away is a line of the access log, and nothing is wrong with us."""
    assert not [one for one in caplog.records if one.levelname == "ERROR" or one.exc_info]
    assert "unhandled" not in caplog.text


class _Waiting:
    """A store whose reads take until they are told to go on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked, self.go_on = Event(), Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def read(self, *given: Any) -> Any:
        """As the store's, later."""
        self.asked.set()
        assert await asyncio.to_thread(self.go_on.wait, 20)
        return await self._store.read(*given)


def test_a_look_whose_caller_has_gone_is_audited_and_no_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = sandbox_settings(tmp_path)
    store = _Waiting(open_store(settings.database_url.get_secret_value()))
    with caplog.at_level("INFO"), running(settings, store=store) as service:
        token = service.token("municipality", organisation="fjordvik")
        made = service.post_need(token).json()["id"]
        head = f"GET /fhir/v1/Task/{made} HTTP/1.1\r\nHost: x\r\nX-Request-Id: gone-away\r\n"
        with closing(_open(service)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(head.encode() + b"Authorization: " + token["Authorization"].encode() + b"\r\n\r\n")
            assert store.asked.wait(20)
        time.sleep(0.2)
        store.go_on.set()
        eventually("a line", lambda: "gone-away" in caplog.text)
        assert "GET /fhir/v1/{type}/{id} 499" in caplog.text
        with sqlite3.connect(tmp_path / "samband.db") as database:
            rows = database.execute("SELECT count(*) FROM audit_event WHERE request = 'gone-away'").fetchone()
    assert rows == (1,)
    _no_fault(caplog)


def test_a_client_that_goes_away_is_no_fault_of_ours(
    service: Running, municipality: Header, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST /fhir/v1/Task HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: 1000\r\n"
    authorization = b"Authorization: " + municipality["Authorization"].encode()
    with caplog.at_level("INFO"), closing(_open(service)) as connection:
        connection.sendall(head + authorization + b"\r\nX-Request-Id: gone-away\r\n\r\n{")
        time.sleep(0.2)
        connection.close()
        eventually("a line", lambda: "gone-away" in caplog.text)
    assert "POST /fhir/v1/{type} 499" in caplog.text
    assert "unhandled" not in caplog.text


class _Packets:
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.written.append(b"closed")


def _joined(*pieces: bytes) -> list[bytes]:
    packets = _Packets()
    answer = Joined(packets)  # type: ignore[arg-type]
    for piece in pieces:
        answer.write(piece)
    answer.close()
    return packets.written


def test_an_answer_s_head_goes_with_its_body() -> None:
    assert _joined(b"HTTP/1.1 200 OK", b"body", b"more") == [b"HTTP/1.1 200 OKbody", b"more", b"closed"]
    assert _joined(b"HTTP/1.1 304 Not Modified", b"") == [b"HTTP/1.1 304 Not Modified", b"closed"]
    assert _joined(b"HTTP/1.1 100 Continue", b"HTTP/1.1 200 OK") == [
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.1 200 OK",
        b"closed",
    ]
    assert _joined(b"HTTP/1.1 200 OK", b"x" * 100_000) == [b"HTTP/1.1 200 OK", b"x" * 100_000, b"closed"]


def test_an_answer_without_a_body_is_not_waited_for(service: Running, municipality: Header, task: str) -> None:
    path = f"/fhir/v1/Task/{task}".encode()
    authorization = b"Authorization: " + municipality["Authorization"].encode()
    with closing(_open(service)) as connection:
        for method, status in ((b"HEAD", b"200"), (b"HEAD", b"200"), (b"OPTIONS", b"405")):
            connection.sendall(method + b" " + path + b" HTTP/1.1\r\nHost: x\r\n" + authorization + b"\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 " + status)


def test_one_connection_too_many_is_told_to_come_back(tmp_path: Path) -> None:
    with running(sandbox_settings(tmp_path, connections=10)) as small:
        held = [_open(small) for _ in range(10)]
        for connection in held:
            connection.sendall(LINE)
        with closing(_open(small)) as late:
            status, code, head = _told(late)
        assert (status, code) == (503, "unavailable")
        assert b"retry-after: 1" in head
        for connection in held:
            connection.sendall(b"\r\n")
            assert connection.recv(20).startswith(b"HTTP/1.1 200")
            connection.close()


def test_others_are_served_while_hundreds_are_slow(service: Running, municipality: Header, task: str) -> None:
    slow = [_open(service) for _ in range(300)]
    try:
        for number, connection in enumerate(slow):
            head = LINE if number % 2 else b"POST /fhir/v1/Task HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
            connection.sendall(head)
        for _ in range(50):
            answer = service.client.get(f"/fhir/v1/Task/{task}", headers=municipality | FHIR)
            assert answer.status_code == 200
    finally:
        for connection in slow:
            connection.close()
