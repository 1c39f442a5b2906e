"""The proxy that is shipped keeps to the service's own times and sizes, and passes on no claim of who we are."""

import re

import pytest
from uvicorn import Config

from app.api.connections import ANSWER_SECONDS, HEAD_SECONDS, LONGEST_URL
from app.api.correlation import ids_of
from app.api.guard import BODY_SECONDS
from app.config import Settings
from tests.docs.pages import PROJECT

NGINX = (PROJECT / "examples" / "proxy" / "nginx.conf").read_text(encoding="utf-8")
UNITS = {"s": 1, "k": 1024, "m": 1024 * 1024}


def _set(name: str) -> list[str]:
    """What a directive says, wherever it stands."""
    return re.findall(rf"^\s*{name}\s+([^;]+);", NGINX, re.MULTILINE)


def _number(text: str) -> int:
    return int(text[:-1]) * UNITS[text[-1]]


def test_its_times_are_the_services() -> None:
    assert [_number(one) for one in _set("client_header_timeout")] == [HEAD_SECONDS]
    assert [_number(one) for one in _set("client_body_timeout")] == [BODY_SECONDS]
    assert [_number(one) for one in _set("send_timeout")] == [ANSWER_SECONDS]


def test_it_lets_go_of_a_connection_before_the_service_does() -> None:
    (kept,) = _set("keepalive_timeout")
    assert _number(kept) < Config("app").timeout_keep_alive


def test_what_is_too_large_reaches_the_service_that_says_so() -> None:
    assert [_number(one) for one in _set("client_max_body_size")] > [Settings.model_fields["max_body"].default]
    (buffers,) = _set("large_client_header_buffers")
    assert _number(buffers.split()[1]) > LONGEST_URL


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"])
def test_no_header_says_who_we_are(name: str) -> None:
    assert re.search(rf'proxy_set_header\s+{name}\s+"";', NGINX)


def test_ids_of_the_caller_pass() -> None:
    given = {b"x-correlation-id": b"abc", b"traceparent": b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
    for name, _ in ids_of(given):
        assert not re.search(rf"proxy_set_header\s+{name.decode()}", NGINX, re.IGNORECASE)


def test_its_log_holds_no_path_and_no_query() -> None:
    (log,) = re.findall(r"log_format samband '([^']+)';", NGINX)
    assert not {"$request", "$request_uri", "$uri", "$args", "$query_string", "$http_referer"} & set(log.split())
    assert _set("error_log") == ["/var/log/nginx/samband.error.log crit"]
    assert "samband" in _set("access_log")[0].split()
