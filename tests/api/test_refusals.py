"""Whatever is sent: a 4xx with an OperationOutcome, and never the input back."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.api.running import CANARY, FHIR, Running, codes, need

Header = dict[str, str]
SECRET = "Kari-Hemmelig-Nordmann"
ID = "6a1f0c52-53f5-4d1c-9a52-2f3b7f0f9c11"

PROTECTED = [
    ("GET", "/fhir/v1/Task"),
    ("POST", "/fhir/v1/Task"),
    ("POST", "/fhir/v1/Task/_search"),
    ("GET", "/fhir/v1/Task/_history"),
    ("GET", f"/fhir/v1/Task/{ID}"),
    ("PUT", f"/fhir/v1/Task/{ID}"),
    ("PATCH", f"/fhir/v1/Task/{ID}"),
    ("GET", f"/fhir/v1/Task/{ID}/_history"),
    ("GET", f"/fhir/v1/Task/{ID}/_history/1"),
    ("GET", f"/fhir/v1/Task/{ID}/$available-actions"),
    ("POST", f"/fhir/v1/Task/{ID}/$accept"),
    ("POST", "/fhir/v1/CareTeam/$register-coordinator"),
    ("GET", "/operator/deliveries"),
    ("POST", "/operator/deliveries/1/resend"),
    ("GET", "/operator/subscriptions"),
    ("POST", "/operator/subscriptions"),
    ("GET", "/reports/units"),
    ("GET", f"/reports/cases/{ID}/events"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_nothing_without_a_token(service: Running, method: str, path: str) -> None:
    answer = service.client.request(method, path)
    assert (answer.status_code, codes(answer)) == (401, ["token-missing"])
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("value", ["Basic YTpi", "Bearer", "Bearer a.b.c", "bearer x", "Bearer é", "DPoP x"])
def test_a_token_that_is_none(service: Running, value: str) -> None:
    headers = [("authorization", value.encode("latin-1"))]
    answer = service.client.get("/fhir/v1/Task", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, codes(answer)) == (401, ["token-invalid"])
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_two_tokens_are_none(service: Running, municipality: Header) -> None:
    twice = [("authorization", municipality["Authorization"])] * 2
    answer = service.client.get("/fhir/v1/Task", headers=twice)
    assert (answer.status_code, codes(answer)) == (401, ["token-invalid"])


@pytest.mark.parametrize(
    ("persona", "method", "path", "code"),
    [
        ("operator", "POST", "/fhir/v1/Task", "insufficient-scope"),
        ("auditor", "GET", "/fhir/v1/Task", "insufficient-scope"),
        ("municipality", "POST", "/fhir/v1/CareTeam", "insufficient-scope"),
        ("municipality", "POST", "/fhir/v1/CareTeam/$register-coordinator", "insufficient-scope"),
        ("municipality", "GET", "/operator/deliveries", "role-not-allowed"),
        ("clinical-unit", "GET", "/reports/units", "role-not-allowed"),
        ("municipality", "GET", f"/reports/cases/{ID}/events", "role-not-allowed"),
        ("coordinating-unit", "POST", "/operator/subscriptions", "role-not-allowed"),
    ],
)
def test_not_for_this_role(service: Running, persona: str, method: str, path: str, code: str) -> None:
    answer = service.client.request(method, path, headers=service.token(persona))
    assert (answer.status_code, codes(answer)) == (403, [code])


def test_another_municipality_cannot_tell_that_a_case_is_there(service: Running, task: str) -> None:
    stranger = service.token("municipality", organisation="dalheim")
    for method, tail in (
        ("GET", ""),
        ("PUT", ""),
        ("GET", "/_history"),
        ("GET", "/_history/1"),
        ("POST", "/$withdraw"),
        ("GET", "/$available-actions"),
    ):
        known, unknown = (_probe(service, stranger, method, one, tail) for one in (task, str(uuid4())))
        assert known.status_code == unknown.status_code
        assert known.content == unknown.content
        assert known.status_code in {404, 405}


def _probe(service: Running, who: Header, method: str, one: str, tail: str) -> httpx.Response:
    body = json.dumps(need(id=one, meta={"versionId": "1"})) if method == "PUT" else None
    return service.client.request(method, f"/fhir/v1/Task/{one}{tail}", headers=who | FHIR, content=body)


def _nested(depth: int) -> bytes:
    return b'{"resourceType":"Task","extension":' + b"[" * depth + b"]" * depth + b"}"


def _with(**changes: Any) -> bytes:
    return json.dumps(need(**changes)).encode()


BODIES: list[tuple[str, bytes, int, str, str]] = [
    ("empty", b"", 400, "empty-body", ""),
    ("broken", b'{"resourceType":"Task",', 400, "broken-json", ""),
    ("text", SECRET.encode(), 400, "broken-json", ""),
    ("list", b"[]", 400, "not-an-object", ""),
    ("depth", _nested(20_000), 400, "too-deep", ""),
    ("nul", _with(description=f"{SECRET}\0"), 400, "nul-character", ""),
    ("surrogate", b'{"resourceType":"Task","description":"\\ud800"}', 400, "lone-surrogate", ""),
    ("bytes", b'{"resourceType":"Task","description":"\xff"}', 400, "bad-utf8", ""),
    ("twice", b'{"resourceType":"Task","status":"requested","status":"draft"}', 400, "duplicate-key", ""),
    ("number", b'{"resourceType":"Task","x":1' + b"0" * 400 + b"}", 400, "number-out-of-range", ""),
    ("another type", b'{"resourceType":"Patient"}', 400, "wrong-resource-type", "resourceType"),
    ("no type", b"{}", 400, "wrong-resource-type", "resourceType"),
    ("missing", _with(intent=None), 422, "missing-element", "Task.intent"),
    ("status", _with(status=SECRET), 422, "unknown-code", "Task.status"),
    ("wrong type", _with(description=7), 422, "wrong-type", "Task.description"),
    ("not a list", _with(identifier={}), 422, "not-a-list", "Task.identifier"),
    ("no such day", _with(authoredOn="2026-02-30T10:00:00Z"), 422, "wrong-format", "Task.authoredOn"),
    ("unknown element", _with(hemmelig=SECRET), 422, "unknown-element", "Task.hemmelig"),
    (
        "identity number",
        _with(for_={"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "10915596785"}}),
        422,
        "wrong-identifier",
        "Task.for.identifier.value",
    ),
    ("no patient", _with(for_=None), 422, "missing-element", "Task.for"),
]


@pytest.mark.parametrize(
    ("body", "status", "code", "element"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES]
)
def test_a_bad_body_is_named_and_not_repeated(
    service: Running, municipality: Header, body: bytes, status: int, code: str, element: str
) -> None:
    answer = service.client.post("/fhir/v1/Task", content=body, headers=municipality | FHIR)
    assert answer.status_code == status, answer.text
    assert code in codes(answer)
    assert element in [issue.get("expression", [""])[0] for issue in answer.json()["issue"]]
    for word in (SECRET, CANARY, "10915596785"):
        assert word not in answer.text


def test_all_problems_come_at_once(service: Running, municipality: Header) -> None:
    answer = service.post_need(municipality, need(status="x", intent="y", authoredOn="z"))
    assert len(codes(answer)) == 3


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/xml", "multipart/form-data", "application/fhir+json; charset=latin1"],
)
def test_a_content_type_that_is_not_read(service: Running, municipality: Header, content_type: str) -> None:
    for path in ("/fhir/v1/Task", "/fhir/v1/Task/_search"):
        headers = municipality | {"Content-Type": content_type}
        answer = service.client.post(path, content=json.dumps(need()), headers=headers)
        assert (answer.status_code, codes(answer)) == (415, ["unsupported-media-type"])


def test_a_packed_body_is_not_read(service: Running, municipality: Header) -> None:
    headers = municipality | FHIR | {"Content-Encoding": "gzip"}
    answer = service.client.post("/fhir/v1/Task", content=b"\x1f\x8b", headers=headers)
    assert (answer.status_code, codes(answer)) == (415, ["unsupported-media-type"])


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        ("_format=xml", "", 406),
        ("_format=application/fhir%2Bxml", "", 406),
        ("", "application/fhir+xml", 406),
        ("", "application/json;q=0", 406),
        ("_format=json", "application/fhir+xml", 200),
        ("_format=application/fhir+json", "", 200),
        ("", "text/html, */*;q=0.1", 200),
    ],
)
def test_only_json_is_spoken(
    service: Running, municipality: Header, task: str, query: str, accept: str, status: int
) -> None:
    headers = municipality | ({"Accept": accept} if accept else {})
    answer = service.client.get(f"/fhir/v1/Task/{task}?{query}", headers=headers)
    assert answer.status_code == status


UNKNOWN_PARAMETERS = [
    ("GET", "/fhir/v1/Task/{id}?colour=scarlet"),
    ("GET", "/fhir/v1/Task/{id}/_history?colour=scarlet"),
    ("GET", "/fhir/v1/Task/{id}/_history/1?colour=scarlet"),
    ("GET", "/fhir/v1/Task?colour=scarlet"),
    ("POST", "/fhir/v1/Task?colour=scarlet"),
    ("PUT", "/fhir/v1/Task/{id}?colour=scarlet"),
    ("PATCH", "/fhir/v1/Task/{id}?colour=scarlet"),
    ("POST", "/fhir/v1/Task/{id}/$accept?colour=scarlet"),
    ("GET", "/fhir/v1/metadata?colour=scarlet"),
]


@pytest.mark.parametrize(("method", "path"), UNKNOWN_PARAMETERS)
def test_an_unknown_parameter(service: Running, municipality: Header, task: str, method: str, path: str) -> None:
    answer = service.client.request(method, path.format(id=task), headers=municipality | FHIR)
    assert (answer.status_code, codes(answer)) == (400, ["unknown-parameter"])
    assert "scarlet" not in answer.text


@pytest.mark.parametrize("query", ["%ff=1", "_id=%ff", "novalue", "&".join(["_id=1"] * 500)])
def test_parameters_that_cannot_be_read(service: Running, municipality: Header, query: str) -> None:
    answer = service.client.get(f"/fhir/v1/Task?{query}", headers=municipality)
    assert (answer.status_code, codes(answer)) == (400, ["bad-parameter-encoding"])


def _numbers_in_urls() -> Iterator[str]:
    yield f"/fhir/v1/Task?patient:identifier=urn:oid:2.16.578.1.12.4.1.4.1|{CANARY}"
    yield f"/fhir/v1/Task?identifier={CANARY}"
    yield f"/fhir/v1/Task?colour={CANARY}"
    yield f"/fhir/v1/Task?identifier={''.join(f'%{ord(one):x}' for one in CANARY)}"
    yield f"/fhir/v1/Task/{CANARY}"
    yield f"/fhir/v1/Task/{CANARY[:6]}%20{CANARY[6:]}"
    yield f"/nowhere/{CANARY}"
    yield f"/operator/deliveries/{CANARY}/resend"


@pytest.mark.parametrize("url", list(_numbers_in_urls()))
def test_no_url_holds_an_identity_number(service: Running, municipality: Header, url: str) -> None:
    answer = service.client.get(url, headers=municipality)
    assert (answer.status_code, codes(answer)) == (400, ["national-number-in-url"])
    assert CANARY not in answer.text
    assert "_search" in answer.text


def test_what_is_not_there_is_neither_updated_nor_patched(service: Running, municipality: Header) -> None:
    put = service.client.put(f"/fhir/v1/Task/{ID}", json=need(id=ID), headers=municipality | FHIR)
    assert (put.status_code, codes(put)) == (405, ["update-does-not-create"])
    assert put.headers["allow"] == "GET, HEAD, PATCH"
    as_patch = municipality | {"Content-Type": "application/json-patch+json", "If-Match": 'W/"1"'}
    patch = service.client.patch(f"/fhir/v1/Task/{ID}", content=b"[]", headers=as_patch)
    assert (patch.status_code, codes(patch)) == (404, ["not-found"])
    nobody = f"/fhir/v1/Task?identifier=https://fjordvik.example|{uuid4()}"
    none = service.client.put(nobody, json=need(id=ID), headers=municipality | FHIR)
    assert (none.status_code, none.headers["allow"]) == (405, "GET, HEAD, POST")


def test_an_id_of_ours_that_looks_like_a_number_is_an_id(service: Running, municipality: Header) -> None:
    for tail in (f"{CANARY}a", f"a{CANARY}"):
        one = f"0f0e0d0c-0000-4000-8000-{tail}"
        assert service.client.get(f"/fhir/v1/Task/{one}", headers=municipality).status_code == 404
        assert service.client.get(f"/fhir/v1/Task?_id={one}", headers=municipality).status_code == 200


@pytest.mark.parametrize("form", ["{}", "{.hex}", "urn%3Auuid%3A{}"])
@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_a_partners_uuid_that_looks_like_a_number_is_a_number_of_its_own(
    service: Running, municipality: Header, form: str, spelled: Callable[[str], str]
) -> None:
    sent = spelled(form.format(UUID(f"0f0e0d0c-0000-4000-8000-a{CANARY}")))
    answer = service.client.get(f"/fhir/v1/Task?identifier=https://fjordvik.example|{sent}", headers=municipality)
    assert (answer.status_code, answer.json()["resourceType"]) == (200, "Bundle")


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("DELETE", f"/fhir/v1/Task/{ID}", 405, "GET, HEAD, PUT, PATCH"),
        ("DELETE", "/fhir/v1/Task", 405, "GET, HEAD, POST, PUT"),
        ("PUT", "/fhir/v1/ValueSet", 405, "GET, HEAD"),
        ("GET", "/fhir/v1/Task/_search", 405, "POST"),
        ("POST", "/fhir/v1/Task/_history", 405, "GET, HEAD"),
        ("PUT", "/fhir/v1", 405, "GET, HEAD, POST"),
        ("POST", "/fhir/v1/metadata", 405, "GET, HEAD"),
        ("POST", "/health/live", 405, "GET, HEAD"),
        ("POST", "/docs", 405, "GET, HEAD"),
        ("GET", "/fhir/v1/Banana", 404, None),
        ("GET", f"/fhir/v1/Banana/{ID}", 404, None),
        ("GET", "/fhir/v1/Task/not an id", 404, None),
        ("GET", f"/fhir/v1/Task/{ID}/$fly", 404, None),
        ("POST", f"/fhir/v1/Task/{ID}/$fly", 404, None),
        ("POST", "/fhir/v1/Task/$accept", 404, None),
        ("GET", "/fhir/v1/Task/", 404, None),
        ("GET", "/fhir/v2/Task", 404, None),
        ("GET", "/", 404, None),
        ("GET", "/docs/../../app/main.py", 404, None),
        ("GET", "/docs/nothing.js", 404, None),
    ],
)
def test_paths_and_methods_that_are_not_offered(
    service: Running, municipality: Header, method: str, path: str, status: int, allow: str | None
) -> None:
    answer = service.client.request(method, path, headers=municipality)
    assert answer.status_code == status
    assert answer.headers.get("allow") == allow
    assert codes(answer)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"resourceType":"Task"}', "wrong-resource-type"),
        (b'{"resourceType":"Parameters","parameter":[{"name":"colour","valueString":"x"}]}', "unknown-parameter"),
        (b'{"resourceType":"Parameters","parameter":{}}', "not-a-list"),
        (b"{", "broken-json"),
    ],
)
def test_bad_parameters_of_an_operation(service: Running, unit: Header, task: str, body: bytes, code: str) -> None:
    answer = service.client.post(f"/fhir/v1/Task/{task}/$accept", content=body, headers=unit | FHIR)
    assert answer.status_code in {400, 422}
    assert code in codes(answer)
