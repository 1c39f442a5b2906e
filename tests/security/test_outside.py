"""Outside the sandbox: what is there for trying out is not there, and headers made to hurt meet the same walls."""

import gzip
from collections.abc import Callable

import pytest

from tests.api.running import FHIR, Running, codes

Scoped = Callable[[str], dict[str, str]]


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/docs",
            "/docs/",
            "/docs/docs.js",
            "/docs/swagger-ui.css",
            "/redoc",
            "/openapi.json",
        ),
        *("/sandbox/token", "/sandbox/jwks.json", "/metrics", "/config", "/debug", "/.env", "/admin", "/"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_for_trying_out_is_not_there(service: Running, path: str, method: str) -> None:
    answer = service.client.request(method, path)
    assert (answer.status_code, codes(answer)) == (404, ["unknown-path"])


def test_a_packed_body_is_not_unpacked(service: Running, scoped: Scoped) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    for coding in ("gzip", "br", "deflate", "identity, gzip", "x-gzip"):
        headers = scoped("system/Task.cruds") | FHIR | {"Content-Encoding": coding}
        answer = service.client.post("/fhir/v1/Task", content=bomb, headers=headers)
        assert (answer.status_code, codes(answer)) == (415, ["unsupported-media-type"])


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("Accept-Language", ",".join(f"x{n}-y;q=0.{n % 9}" for n in range(2000)), 200),
        ("Accept-Language", "-" * 20_000, 200),
        ("Accept", ",".join(["a/b;q=0.1"] * 2000), 406),
        ("Accept", "/" * 20_000, 406),
        ("Accept", ";" * 20_000, 406),
        ("If-None-Match", ",".join(f'W/"{n}"' for n in range(2000)), 200),
        ("If-Modified-Since", "9" * 20_000, 200),
        ("Prefer", "return=;" * 2000, 200),
        ("Prefer", ",".join(["return=minimal"] * 1000), 200),
        ("traceparent", "0" * 20_000, 200),
        ("X-Request-Id", "a" * 20_000, 200),
        ("DPoP", "a" * 20_000, 200),
        ("Cookie", "a=b;" * 5000, 200),
    ],
)
def test_a_header_that_is_made_to_hurt(service: Running, scoped: Scoped, name: str, value: str, status: int) -> None:
    headers = scoped("system/Task.cruds") | {name: value}
    assert service.client.get("/fhir/v1/Task?_count=0", headers=headers).status_code == status


@pytest.mark.parametrize(
    "tag", ['W/"9999999999999999999999"', '"1"', "1", 'W/"\u0661"', 'W/"1", W/"2"', "*", 'W/""', "x" * 9999]
)
def test_a_version_that_is_none_changes_nothing(service: Running, scoped: Scoped, tag: str) -> None:
    path = "/fhir/v1/Task/6a1f0c52-53f5-4d1c-9a52-2f3b7f0f9c11"
    headers = [
        (b"If-Match", tag.encode()),
        *((k.encode(), v.encode()) for k, v in (scoped("system/Task.cruds") | FHIR).items()),
    ]
    answer = service.client.put(path, content=b'{"resourceType":"Task"}', headers=headers)
    assert answer.status_code in (400, 404, 412, 422, 428), answer.text
    assert tag not in answer.text or len(tag) < 3
