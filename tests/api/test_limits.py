"""What one caller may send and ask: beyond it the answer says so, and nobody else is hurt."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from app.api import transactions
from app.api.limits import BURST_SECONDS, Buckets, Limits
from app.config import Settings
from app.errors import TooManyRequests
from tests.api.running import FHIR, Running, codes, need, running, sandbox_settings

Header = dict[str, str]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RATE = 5


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service with small rates."""
    folder: Path = tmp_path_factory.mktemp("strict")
    with running(sandbox_settings(folder, rate_limit=RATE, failure_limit=RATE)) as started:
        yield started


def _bundle(entries: int) -> dict[str, Any]:
    entry = {"request": {"method": "GET", "url": "Task?_count=0"}}
    return {"resourceType": "Bundle", "type": "batch", "entry": [entry] * entries}


def test_ten_times_its_rate_hurts_nobody_else(strict: Running) -> None:
    loud = strict.token("municipality", organisation="fjordvik")
    quiet = strict.token("municipality", organisation="dalheim")
    answers = [strict.client.get("/fhir/v1/Task?_count=0", headers=loud) for _ in range(10 * RATE)]
    others = [strict.client.get("/fhir/v1/Task?_count=0", headers=quiet) for _ in range(RATE)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert {answer.status_code for answer in others} == {200}
    late = next(answer for answer in answers if answer.status_code == 429)
    assert codes(late) == ["too-many-requests"]
    assert late.json()["issue"][0]["code"] == "throttled"
    assert int(late.headers["retry-after"]) >= 1


def test_a_bundle_counts_as_its_entries(strict: Running) -> None:
    caller = strict.token("clinical-unit", unit="rehabilitation")
    answers = [strict.client.post("/fhir/v1", json=_bundle(9), headers=caller | FHIR) for _ in range(3)]
    assert answers[0].status_code == 200
    assert 429 in [answer.status_code for answer in answers]


def test_tokens_that_do_not_hold_are_counted_and_good_ones_are_not_held_up(strict: Running) -> None:
    good = strict.token("municipality", organisation="nordbygd")
    answers = [strict.client.get("/fhir/v1/Task", headers={"Authorization": "Bearer x"}) for _ in range(10 * RATE)]
    assert {answer.status_code for answer in answers} == {401, 429}
    assert strict.client.get("/fhir/v1/Task?_count=0", headers=good).status_code == 200


def test_no_limit_when_the_operator_says_so(tmp_path: Path) -> None:
    with running(sandbox_settings(tmp_path, rate_limit=0, failure_limit=0)) as open_house:
        answers = [open_house.client.get("/fhir/v1/Task", headers={"Authorization": "Bearer x"}) for _ in range(200)]
    assert {answer.status_code for answer in answers} == {401}


def test_a_bucket_fills_again() -> None:
    now = [100.0]
    buckets = Buckets(10, lambda: now[0])
    burst = int(10 * BURST_SECONDS)
    assert [buckets.wait("a") for _ in range(burst)] == [0.0] * burst
    assert buckets.wait("a") == pytest.approx(0.1)
    assert buckets.wait("b", 1000) == 0.0, "the largest request of a quiet caller passes"
    assert buckets.wait("b") > 0
    now[0] += 0.1
    assert (buckets.wait("a"), buckets.wait("a") > 0) == (0.0, True)


def test_many_callers_take_no_memory_for_good() -> None:
    now = [0.0]
    buckets = Buckets(10, lambda: now[0])
    for number in range(50_000):
        now[0] += 0.01
        buckets.wait(number)
    assert len(buckets._until) <= 10_001


def test_a_million_callers_at_once_are_counted_and_then_forgotten() -> None:
    now = [0.0]
    buckets = Buckets(10, lambda: now[0])
    for number in range(1_000_000):
        now[0] += 0.000_01
        assert buckets.wait(number) == 0.0
    # Ten seconds' worth of callers, of whom each is remembered for a tenth of one.
    assert len(buckets._until) <= 2 * 10_000 + 1


def test_callers_that_are_all_there_are_all_counted() -> None:
    buckets = Buckets(1, lambda: 0.0)
    for _ in range(2):
        assert {buckets.wait(number) for number in range(50_000)} == {0.0}
    assert all(buckets.wait(number) > 0 for number in range(50_000))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "192.0.2.1", False),
    ],
)
def test_whose_failures_are_counted_together(one: str, other: str, same: bool) -> None:
    limits = Limits(Settings(sandbox=True, failure_limit=1))

    def failed(address: str) -> bool:
        """Whether it is held up."""
        try:
            limits.refused(Request({"type": "http", "client": (address, 1) if address else None}))
        except TooManyRequests:
            return True
        return False

    assert [failed(one) for _ in range(3)] == [False, False, True]
    assert failed(other) is same


def _posted(service: Running, caller: Header, body: bytes) -> list[str]:
    answer = service.client.post("/fhir/v1/Task", content=body, headers=caller | FHIR)
    assert 400 <= answer.status_code < 500
    return codes(answer)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too-deep"),
        (b"[" * 500_000, "too-deep"),
        (b'{"resourceType":"Task","note":[' + b",".join([b"1"] * 10_001) + b"]}", "too-many-items"),
        (b'{"resourceType":"Task","a":{"b":[[' + b",".join([b"{}"] * 10_001) + b"]]}}", "too-many-items"),
        (b'{"resourceType":"Task","priority":' + b"9" * 21 + b"}", "number-out-of-range"),
        (b'{"resourceType":"Task","priority":' + b"9" * 900_000 + b"}", "number-out-of-range"),
        (b'{"resourceType":"Task","priority":1e999999}', "number-out-of-range"),
        (b'{"resourceType":"Task","priority":NaN}', "broken-json"),
        (b'{"resourceType":"Task","priority":Infinity}', "broken-json"),
        (b'{"resourceType":"Task","description":"\\u0000"}', "nul-character"),
        (b'{"resourceType":"Task","description":"\\ud800"}', "lone-surrogate"),
        (b'{"resourceType":"Task","description":"\xff"}', "bad-utf8"),
        (b'{"resourceType":"Task","resourceType":"Task"}', "duplicate-key"),
    ],
)
def test_json_that_is_made_to_hurt(service: Running, municipality: Header, body: bytes, code: str) -> None:
    assert _posted(service, municipality, body) == [code]


def test_a_list_at_the_limit_is_read(service: Running, municipality: Header) -> None:
    items = [{"text": "x"}] * 10_000
    assert "too-many-items" not in _posted(service, municipality, json.dumps(need(note=items, status="x")).encode())


def test_copies_of_a_patch_make_no_resource_larger_than_a_body(service: Running, municipality: Header) -> None:
    task = {"resourceType": "Task", "status": "requested", "intent": "order", "note": [{"text": "x" * 600_000}]}
    made = service.client.post("/fhir/v1/Task", json=task, headers=municipality | FHIR)
    copy = [{"op": "copy", "from": "/note/0", "path": "/note/-"}]
    kind = {"Content-Type": "application/json-patch+json", "If-Match": made.headers["etag"]}
    answer = service.client.patch(f"/fhir/v1/Task/{made.json()['id']}", json=copy, headers=municipality | kind)
    assert (answer.status_code, codes(answer)) == (413, ["too-large"])


def test_the_answer_to_a_bundle_has_an_end(
    service: Running, municipality: Header, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "ANSWER_BYTES", 5000)
    made = service.post_need(municipality).json()["id"]
    entries = [{"request": {"method": "GET", "url": f"Task/{made}"}}] * 20
    for kind in ("batch", "transaction"):
        bundle = {"resourceType": "Bundle", "type": kind, "entry": entries}
        answer = service.client.post("/fhir/v1", json=bundle, headers=municipality | FHIR)
        told = [one["response"]["status"] for one in answer.json()["entry"]]
        assert told[0] == "200"
        assert told[-1] == "413"
        assert len(told) == len(entries)


def test_entries_of_a_bundle_are_counted(service: Running, municipality: Header) -> None:
    answer = service.client.post("/fhir/v1", json=_bundle(101), headers=municipality | FHIR)
    assert (answer.status_code, codes(answer)) == (413, ["too-many-entries"])


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ("&".join(["status=x"] * 1001), 400, "bad-parameter-encoding"),
        ("status=" + "x" * 65_536, 413, "too-large"),
    ],
)
def test_forms_are_counted(service: Running, municipality: Header, form: str, status: int, code: str) -> None:
    answer = service.client.post("/fhir/v1/Task/_search", content=form, headers=municipality | FORM)
    assert (answer.status_code, codes(answer)) == (status, [code])


def test_a_multipart_form_is_not_read(service: Running, municipality: Header) -> None:
    answer = service.client.post("/fhir/v1/Task/_search", files={"status": b"x"}, headers=municipality)
    assert (answer.status_code, codes(answer)) == (415, ["unsupported-media-type"])


def test_a_page_has_an_end(service: Running, municipality: Header) -> None:
    answer = service.client.get("/fhir/v1/Task?_count=999999999999", headers=municipality)
    assert answer.status_code == 200
    assert len(answer.json().get("entry", ())) <= 1000


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/fhir+json", 200),
        ("application/json;q=0.1", 200),
        ("text/html, */*;q=0.1", 200),
        ("application/fhir+json;q=0, application/json", 200),
        ("application/fhir+xml", 406),
        ("application/json;q=0", 406),
        ("application/json;q=0.0, application/fhir+json; q=0.000", 406),
        ("application/*;q=0, */*", 406),
        ("*/*;q=0", 406),
        ("text/*", 406),
    ],
)
def test_weights_of_accept(service: Running, municipality: Header, accept: str, status: int) -> None:
    answer = service.client.get("/fhir/v1/Task?_count=0", headers=municipality | {"Accept": accept})
    assert answer.status_code == status
