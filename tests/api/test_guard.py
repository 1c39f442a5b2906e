"""The outermost door: size, request id, headers, log, and what happens when something breaks inside."""

import asyncio
import io
import json
import logging
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.api import guard
from app.logs import JsonLines, TextLines, access
from app.store.opening import open_store
from tests.api.running import CANARY, FHIR, Running, codes, need, running, sandbox_settings
from tests.story.programs import eventually

Header = dict[str, str]
MEGABYTE = 1_048_576
SECRET = "Kari-Hemmelig-Nordmann"


def _parts(size: int) -> Iterator[bytes]:
    for _ in range(size // 65_536):
        yield b" " * 65_536


def test_25_megabytes_announced(service: Running, municipality: Header) -> None:
    answer = service.client.post("/fhir/v1/Task", content=b" " * 25 * MEGABYTE, headers=municipality | FHIR)
    assert (answer.status_code, codes(answer)) == (413, ["too-large"])
    assert answer.headers["connection"] == "close"
    assert str(MEGABYTE) in answer.text


def test_25_megabytes_in_chunks(service: Running, municipality: Header) -> None:
    answer = service.client.post("/fhir/v1/Task", content=_parts(25 * MEGABYTE), headers=municipality | FHIR)
    assert (answer.status_code, codes(answer)) == (413, ["too-large"])
    assert answer.headers["connection"] == "close"


def test_a_body_just_below_the_limit_is_read(service: Running, municipality: Header) -> None:
    answer = service.client.post("/fhir/v1/Task", content=_parts(MEGABYTE), headers=municipality | FHIR)
    assert (answer.status_code, codes(answer)) == (400, ["empty-body"])


def _raw(service: Running, head: str, *pieces: bytes) -> bytes:
    url = httpx.URL(service.origin)
    with socket.create_connection((url.host, url.port or 80), timeout=20) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        for piece in pieces:
            connection.sendall(piece)
        found = b""
        while part := connection.recv(65_536):
            found += part
        return found


def test_a_client_that_sends_it_all_before_it_reads_gets_the_answer(service: Running) -> None:
    head = f"POST /fhir/v1/Task HTTP/1.1\nHost: x\nContent-Length: {25 * MEGABYTE}"
    answer = _raw(service, head, *_parts(25 * MEGABYTE))
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"OperationOutcome" in answer


def test_a_client_that_waits_for_100_continue_need_not_send(service: Running) -> None:
    head = f"POST /fhir/v1/Task HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: {25 * MEGABYTE}"
    assert _raw(service, head).startswith(b"HTTP/1.1 413")


def test_a_client_that_stops_sending_is_answered_in_the_end(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "DRAIN_SECONDS", 0.2)
    head = f"POST /fhir/v1/Task HTTP/1.1\nHost: x\nContent-Length: {25 * MEGABYTE}"
    assert _raw(service, head, b" " * MEGABYTE).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("given", ["abc-123", "A" * 64])
def test_a_request_id_is_kept(service: Running, given: str) -> None:
    answer = service.client.get("/health/live", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "A" * 65, "a b", "a;b", "<x>"])
def test_a_bad_request_id_is_replaced(service: Running, given: str) -> None:
    answer = service.client.get("/health/live", headers={"X-Request-Id": given})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


def test_every_answer_is_safe_to_handle(service: Running, municipality: Header, task: str) -> None:
    for path in (f"/fhir/v1/Task/{task}", "/fhir/v1/metadata", "/fhir/v1/Banana", "/nowhere", "/health/live"):
        headers = service.client.get(path, headers=municipality).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in headers


def test_the_log_has_routes_and_no_values(
    service: Running, municipality: Header, task: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        service.client.get(f"/fhir/v1/Task/{task}", headers=municipality | {"X-Request-Id": "look-here"})
        service.client.get("/fhir/v1/Task?identifier=ABC-777", headers=municipality)
        service.client.get(f"/fhir/v1/Task?identifier={CANARY}", headers=municipality)
        service.post_need(municipality)
        service.post_need(municipality, need(status=SECRET))
        form = {"patient:identifier": f"urn:oid:2.16.578.1.12.4.1.4.1|{CANARY}"}
        service.client.post("/fhir/v1/Task/_search", data=form, headers=municipality)
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    text = "\n".join(record.getMessage() for record in ours)
    assert re.search(r"GET /fhir/v1/\{type\}/\{id\} 200 \d+\.\d ms look-here", text)
    for value in (task, CANARY, "ABC-777", SECRET, "eyJ"):
        assert value not in text


class _Broken:
    """A store that breaks in one call and is itself in all others."""

    def __init__(self, store: Any, name: str, how: Any) -> None:
        self._store, self._name, self._how = store, name, how

    def __getattr__(self, name: str) -> Any:
        return self._how if name == self._name else getattr(self._store, name)


async def _raise(*_: object) -> None:
    raise ValueError(f"{SECRET} {CANARY}")


async def _hang(*_: object) -> None:
    await asyncio.sleep(60)


def test_a_fault_inside_is_a_500_that_says_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = sandbox_settings(tmp_path)
    store = _Broken(open_store(settings.database_url.get_secret_value()), "read", _raise)
    with caplog.at_level(logging.INFO), running(settings, store=store) as broken:
        headers = broken.token("municipality") | {"X-Request-Id": "the-fault"}
        answer = broken.client.get(f"/fhir/v1/Task/{uuid4()}", headers=headers)
    assert (answer.status_code, codes(answer)) == (500, ["internal-error"])
    assert answer.headers["x-request-id"] == "the-fault"
    log = caplog.text
    assert "unhandled ValueError at test_guard.py" in log
    assert "the-fault" in log
    for text in (answer.text, log):
        assert SECRET not in text
        assert CANARY not in text


@pytest.mark.parametrize("how", [_raise, _hang])
def test_not_ready_without_a_database(tmp_path: Path, how: Any) -> None:
    settings = sandbox_settings(tmp_path)
    with running(settings, store=_Broken(open_store(settings.database_url.get_secret_value()), "run", how)) as broken:
        answer = broken.client.get("/health/ready")
        assert (answer.status_code, codes(answer)) == (503, ["database-unavailable"])
        assert broken.client.get("/health/live").status_code == 200


def test_a_small_limit_is_the_operators_choice(tmp_path: Path) -> None:
    with running(sandbox_settings(tmp_path, max_body=1024)) as small:
        answer = small.client.post("/fhir/v1/Task", content=json.dumps(need()))
        assert (answer.status_code, codes(answer)) == (413, ["too-large"])


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
GUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


def _logged(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """The line of the one request; it is written after the answer."""
    found = eventually("a line", lambda: [one for one in caplog.records if one.name == "samband.access"])
    (line,) = [json.loads(JsonLines().format(one)) for one in found]
    return dict(line)


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [
        ("X-Correlation-Id", "abc-123", True),
        ("X-Correlation-Id", GUID, True),
        ("X-Correlation-Id", "a b", False),
        ("X-Correlation-Id", "A" * 65, False),
        ("X-Correlation-Id", CANARY, False),
        ("nhn-event-id", GUID, True),
        ("nhn-event-id", "abc-123", False),
        ("nhn-event-id", f"{GUID}0", False),
        ("traceparent", TRACE, True),
        ("traceparent", TRACE.upper(), False),
        ("traceparent", f"ff{TRACE[2:]}", False),
        ("traceparent", f"00-{'0' * 32}-00f067aa0ba902b7-01", False),
        ("traceparent", f"00-{'a' * 21}{CANARY}-00f067aa0ba902b7-01", False),
        ("X-Request-Id", CANARY, False),
    ],
)
def test_ids_of_the_caller_come_back_and_are_logged(
    service: Running, caplog: pytest.LogCaptureFixture, name: str, given: str, taken: bool
) -> None:
    with caplog.at_level(logging.INFO, "samband"):
        answer = service.client.get("/health/live", headers={name: given})
    assert (answer.headers.get(name) == given) is taken
    line = _logged(caplog)
    assert (line.get(name.lower()) == given) is taken
    assert line["x-request-id"] == answer.headers["x-request-id"]


def test_a_line_of_the_log_says_who_and_not_whom(
    service: Running, municipality: Header, task: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "samband"):
        service.client.get(f"/fhir/v1/Task/{task}", headers=municipality)
    line = _logged(caplog)
    assert line["organisation"] == "310471437"
    assert line["client"]
    assert {"time", "level", "logger", "message", "method", "route", "status", "ms"} <= set(line)
    assert (line["route"], line["status"]) == ("/fhir/v1/{type}/{id}", 200)
    assert task not in json.dumps(line)


@pytest.mark.parametrize("formatter", [JsonLines(), TextLines()])
def test_the_words_of_an_exception_stay_out_of_the_log(formatter: logging.Formatter) -> None:
    logger = logging.getLogger("a-formatter")
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    logger.addHandler(handler)
    try:
        int(f"{SECRET} {CANARY}")
    except ValueError:
        logger.exception("failed")
    line = written.getvalue()
    assert "ValueError" in line
    assert "test_guard.py" in line, line
    assert SECRET not in line
    assert CANARY not in line


def test_an_access_line_past_logging_is_the_same_line(
    service: Running, municipality: Header, task: str, caplog: pytest.LogCaptureFixture, capsysbinary: Any
) -> None:
    def ask() -> None:
        assert service.client.get(f"/fhir/v1/Task/{task}", headers=municipality).status_code == 200

    with caplog.at_level(logging.INFO, "samband"):
        ask()
    by_logging = _logged(caplog)
    access.plainly = True
    try:
        ask()
        told = eventually("a line", lambda: capsysbinary.readouterr().err).decode()
    finally:
        access.plainly = False
    (line,) = [json.loads(one) for one in told.splitlines() if '"samband.access"' in one]
    assert list(line) == list(by_logging)
    assert (line["route"], line["status"], line["level"]) == ("/fhir/v1/{type}/{id}", 200, "info")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert line["message"].startswith("GET /fhir/v1/{type}/{id} 200 ")


def test_browsers_of_other_sites_get_no_permission(service: Running, municipality: Header, task: str) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for method, path in (("OPTIONS", "/fhir/v1/Task"), ("GET", f"/fhir/v1/Task/{task}"), ("GET", "/fhir/v1/metadata")):
        answer = service.client.request(method, path, headers=municipality | asked)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_https_only_is_said_where_we_are_reached_by_https(tmp_path: Path, service: Running) -> None:
    assert "strict-transport-security" not in service.client.get("/health/live").headers
    with running(sandbox_settings(tmp_path, base_url="https://samband.example")) as behind_tls:
        for path in ("/health/live", "/docs", "/nowhere"):
            assert "max-age=31536000" in behind_tls.client.get(path).headers["strict-transport-security"]


def test_health_says_nothing_of_what_is_inside(service: Running) -> None:
    for path in ("/health/live", "/health/ready"):
        assert set(service.client.get(path).json()) == {"status"}
