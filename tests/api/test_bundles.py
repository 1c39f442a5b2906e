"""Batch and transaction at the base, as partners' clients use them."""

import json
from base64 import b64encode
from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.running import CANARY, FHIR, Running, codes, need
from tests.api.smallest import smallest

Header = dict[str, str]
BASE = "/fhir/v1"


@pytest.fixture(scope="module")
def service(each_store: Running) -> Running:
    """The sandbox on each database."""
    return each_store


@pytest.fixture(scope="module")
def municipality(service: Running) -> Header:
    """Authorization of a municipality's case system."""
    return service.token("municipality", organisation="fjordvik")


PATIENT = f"urn:oid:2.16.578.1.12.4.1.4.1|{CANARY}"


def _urn() -> str:
    return f"urn:uuid:{uuid4()}"


def _entry(method: str, url: str, resource: Any = None, full_url: str = "", **conditions: str) -> dict[str, Any]:
    content: dict[str, Any] = {"request": {"method": method, "url": url, **conditions}}
    if full_url:
        content["fullUrl"] = full_url
    return content | ({"resource": resource} if resource is not None else {})


def _post(service: Running, headers: Header, kind: str, *entries: dict[str, Any], **more: str) -> httpx.Response:
    bundle = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return service.client.post(BASE, content=json.dumps(bundle), headers=headers | FHIR | named)


def _statuses(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [entry["response"]["status"] for entry in answer.json()["entry"]]


def _count(service: Running, headers: Header) -> int:
    return int(service.client.get(f"{BASE}/Task?_summary=count", headers=headers).json()["total"])


def test_a_batch_answers_each_entry_for_itself(service: Running, municipality: Header, task: str) -> None:
    answer = _post(
        service,
        municipality,
        "batch",
        _entry("GET", f"Task/{task}"),
        _entry("POST", "Task", need(for_=None)),
        _entry("POST", "Task", need()),
        _entry("GET", f"Task/{uuid4()}"),
        _entry("DELETE", f"Task/{task}"),
        _entry("GET", "Banana"),
        _entry("GET", f"Task/{task}", ifNoneMatch='W/"1"'),
        _entry("HEAD", f"Task/{task}"),
        _entry("GET", f"Task/{task}/$available-actions"),
    )
    assert _statuses(answer) == ["200", "422", "201", "404", "405", "404", "304", "200", "200"]
    bundle = answer.json()
    assert bundle["type"] == "batch-response"
    first, wrong, made, *_ = bundle["entry"]
    assert first["resource"]["id"] == task
    assert first["response"]["etag"] == 'W/"1"'
    assert first["response"]["lastModified"] == first["resource"]["meta"]["lastUpdated"]
    assert wrong["response"]["outcome"]["issue"][0]["expression"] == ["Task.for"]
    assert made["response"]["location"].endswith(f"Task/{made['resource']['id']}/_history/1")
    assert made["fullUrl"].endswith(f"{BASE}/Task/{made['resource']['id']}")


def test_an_entry_may_search_by_a_national_number(service: Running, municipality: Header, task: str) -> None:
    answer = _post(service, municipality, "batch", _entry("GET", f"Task?patient:identifier={PATIENT}"))
    (entry,) = answer.json()["entry"]
    assert task in {found["resource"]["id"] for found in entry["resource"]["entry"]}
    assert CANARY not in str(entry["resource"]["link"])


def test_each_entry_needs_its_own_scope_and_role(service: Running, municipality: Header) -> None:
    auditor = service.token("auditor")
    assert _statuses(_post(service, auditor, "batch", _entry("GET", "Task"))) == ["403"]
    refused = _post(service, municipality, "transaction", _entry("POST", "Organization", smallest("Organization")))
    assert (refused.status_code, codes(refused)) == (403, ["insufficient-scope"])
    assert _post(service, {}, "batch", _entry("GET", "metadata")).status_code == 401


def test_a_transaction_resolves_links_in_any_order(service: Running, municipality: Header) -> None:
    request, case = _urn(), _urn()
    note = smallest("Communication", basedOn=[{"reference": case}])
    focus = need(focus={"reference": request})
    answer = _post(
        service,
        municipality,
        "transaction",
        _entry("POST", "Communication", note),
        _entry("POST", "Task", focus, case),
        _entry("POST", "ServiceRequest", smallest("ServiceRequest"), request),
        _entry("GET", "Task?_sort=-_lastUpdated&_count=1"),
    )
    assert _statuses(answer) == ["201", "201", "201", "200"]
    told, made, asked, found = (entry["resource"] for entry in answer.json()["entry"])
    assert told["basedOn"] == [{"reference": f"Task/{made['id']}"}]
    assert made["focus"] == {"reference": f"ServiceRequest/{asked['id']}"}
    assert made["businessStatus"]["coding"][0]["code"] == "in-queue"
    assert found["entry"][0]["resource"]["id"] == made["id"]
    assert service.client.get(f"{BASE}/Task/{made['id']}", headers=municipality).json() == made


def test_the_same_transaction_again_gives_the_same_case(service: Running, municipality: Header) -> None:
    first, second = _urn(), _urn()
    entries = (
        _entry("POST", "Task", need(), first),
        _entry("POST", "Task", need(basedOn=[{"reference": first}]), second),
    )
    made, again = (_post(service, municipality, "transaction", *entries) for _ in range(2))
    assert _statuses(made) == ["201", "201"]
    assert _statuses(again) == ["200", "200"]
    assert [one["resource"]["id"] for one in made.json()["entry"]] == [
        one["resource"]["id"] for one in again.json()["entry"]
    ]


def test_links_to_what_a_condition_finds(service: Running, municipality: Header, task: str) -> None:
    sent = need()
    there = service.post_need(municipality, sent).json()["id"]
    number = sent["identifier"][0]
    condition = f"identifier={number['system']}|{number['value']}"
    link = _urn()
    answer = _post(
        service,
        municipality,
        "transaction",
        _entry("POST", "Communication", smallest("Communication", basedOn=[{"reference": link}])),
        _entry("POST", "Task", need(), link, ifNoneExist=condition),
    )
    assert _statuses(answer) == ["201", "200"]
    assert answer.json()["entry"][0]["resource"]["basedOn"] == [{"reference": f"Task/{there}"}]


def test_a_transaction_is_all_or_nothing(service: Running, municipality: Header, task: str) -> None:
    before = _count(service, municipality)
    for last, status, code, where in (
        (_entry("POST", "Task", need(for_=None)), 422, "missing-element", "Bundle.entry[1].resource.for"),
        (_entry("GET", f"Task/{uuid4()}"), 404, "not-found", "Bundle.entry[1]"),
        (_entry("PUT", f"Task/{task}", need(), ifMatch='W/"9"'), 412, "stale-version", None),
        (_entry("DELETE", f"Task/{task}"), 405, "method-not-allowed", "Bundle.entry[1]"),
        (_entry("POST", f"Task/{task}/$withdraw"), 400, "not-in-transaction", "Bundle.entry[1]"),
        (
            _entry("POST", "Communication", smallest("Communication", basedOn=[{"reference": _urn()}])),
            422,
            "link-unresolved",
            "Bundle.entry[1]",
        ),
    ):
        answer = _post(service, municipality, "transaction", _entry("POST", "Task", need()), last)
        assert (answer.status_code, codes(answer)) == (status, [code]), answer.text
        issue = answer.json()["issue"][0]
        assert issue["diagnostics"].startswith("Entry 1: ")
        assert where is None or issue["expression"] == [where]
    assert _count(service, municipality) == before


def test_a_transaction_updates_and_patches(service: Running, municipality: Header) -> None:
    one, other = (service.post_need(municipality).json() for _ in range(2))
    change = b64encode(json.dumps([{"op": "replace", "path": "/description", "value": "Kortere"}]).encode()).decode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": change}
    answer = _post(
        service,
        municipality,
        "transaction",
        _entry("PUT", f"Task/{one['id']}", one | {"description": "Lengre"}, ifMatch='W/"1"'),
        _entry("PATCH", f"Task/{other['id']}", binary, ifMatch='W/"1"'),
        _entry("GET", f"Task/{one['id']}"),
    )
    assert _statuses(answer) == ["200", "200", "200"]
    texts = [entry["resource"]["description"] for entry in answer.json()["entry"]]
    assert texts == ["Lengre", "Kortere", "Lengre"]
    now = answer.json()["entry"][2]["resource"]
    twice = _post(
        service,
        municipality,
        "transaction",
        *(_entry("PUT", f"Task/{one['id']}", now | {"description": text}, ifMatch='W/"2"') for text in "AB"),
    )
    assert (twice.status_code, codes(twice)) == (412, ["stale-version"])
    kept = service.client.get(f"{BASE}/Task/{one['id']}", headers=municipality)
    assert (kept.headers["etag"], kept.json()["description"]) == ('W/"2"', "Lengre")
    merge = _post(
        service, municipality, "batch", _entry("PATCH", f"Task/{one['id']}", {"resourceType": "Task"}, ifMatch='W/"2"')
    )
    assert _statuses(merge) == ["415"]


def test_one_resource_is_written_once(service: Running, municipality: Header) -> None:
    made = service.client.post(
        f"{BASE}/Communication", json=smallest("Communication"), headers=municipality | FHIR
    ).json()
    entry = _entry("PUT", f"Communication/{made['id']}", made | {"language": "nb"})
    answer = _post(service, municipality, "transaction", entry, entry)
    assert answer.status_code == 400, answer.text
    assert codes(answer) == ["written-twice"]


def test_bytes_survive_a_transaction(service: Running, municipality: Header) -> None:
    link, other = _urn(), _urn()
    text = (
        '{"resourceType":"ServiceRequest","status":"active","intent":"order","subject":{"display":"x"},'
        f'"identifier":[{{"system":"urn:ietf:rfc:3986","value":"{link}"}}],'
        '"extension":[{"url":"https://a.example/vekt","valueDecimal":1.500},'
        '{"url":"https://a.example/tekst","valueString":"\\u00f8 \\"reference\\": \\"x\\""}],'
        '"quantityQuantity":{"value":10.0}}'
    )
    bundle = (
        '{"resourceType":"Bundle","type":"transaction","entry":['
        f'{{"fullUrl":"{link}","resource":{text},"request":{{"method":"POST","url":"ServiceRequest"}}}},'
        f'{{"fullUrl":"{other}","resource":{{"resourceType":"Communication","status":"completed","basedOn":[{{"reference":"{link}"}}]}},'
        '"request":{"method":"POST","url":"Communication"}}]}'
    )
    answer = service.client.post(BASE, content=bundle, headers=municipality | FHIR)
    assert _statuses(answer) == ["201", "201"]
    made = answer.json()["entry"][0]["resource"]["id"]
    stored = service.client.get(f"{BASE}/ServiceRequest/{made}", headers=municipality).text
    for part in (
        '"valueDecimal":1.500',
        '"value":10.0',
        '"valueString":"\\u00f8 \\"reference\\": \\"x\\""',
        f'"value":"{link}"',  # an identifier that looks like the link is no link
    ):
        assert part in stored, stored


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"type": "collection"}, 422, "unknown-code"),
        ({"entry": [{"resource": {"resourceType": "Task"}, "fullUrl": "urn:uuid:x"}]}, 422, "invariant"),
        ({"entry": [{"request": {"method": "POST", "url": "Task"}}]}, 422, "missing-element"),
        ({"entry": [{"request": {"method": "FETCH", "url": "Task"}}]}, 422, "unknown-code"),
        ({"entry": [{"request": {"method": "GET"}}]}, 422, "missing-element"),
        ({"entry": [{"request": {"method": "GET", "url": "Task"}}] * 101}, 413, "too-many-entries"),
        ({"resourceType": "Task"}, 400, "wrong-resource-type"),
        ({"unknown": 1}, 422, "unknown-element"),
    ],
)
def test_a_bundle_that_cannot_be_carried_out(
    service: Running, municipality: Header, change: dict[str, Any], status: int, code: str
) -> None:
    bundle = {"resourceType": "Bundle", "type": "batch"} | change
    answer = service.client.post(BASE, json=bundle, headers=municipality | FHIR)
    assert answer.status_code == status, answer.text
    assert code in codes(answer)


def test_an_empty_bundle_and_a_slash(service: Running, municipality: Header) -> None:
    bundle = {"resourceType": "Bundle", "type": "transaction"}
    answer = service.client.post(f"{BASE}/", json=bundle, headers=municipality | FHIR)
    assert answer.json() == {"resourceType": "Bundle", "type": "transaction-response"}


def test_the_base_is_searched_with_a_slash_and_in_an_entry(service: Running, municipality: Header, task: str) -> None:
    asked = f"?_type=Task,Consent&_id={task}"
    for path in (f"{BASE}{asked}", f"{BASE}/{asked}"):
        found = service.client.get(path, headers=municipality).json()
        assert [entry["resource"]["id"] for entry in found["entry"]] == [task]
    for kind in ("batch", "transaction"):
        for url in (asked, f"/{asked}"):
            (entry,) = _post(service, municipality, kind, _entry("GET", url)).json()["entry"]
            assert [one["resource"]["id"] for one in entry["resource"]["entry"]] == [task]


def test_a_bundle_inside_a_bundle_is_no_request(service: Running, municipality: Header) -> None:
    inner = {"resourceType": "Bundle", "type": "batch"}
    answer = _post(
        service, municipality, "batch", _entry("POST", "/", inner), _entry("GET", "../../operator/deliveries")
    )
    assert _statuses(answer) == ["404", "404"]


def test_a_hundred_entries_are_one_commit(service: Running, municipality: Header) -> None:
    links = [_urn() for _ in range(100)]
    entries = [
        _entry("POST", "Task", need(basedOn=[{"reference": before}] if before else None), link)
        for before, link in zip(["", *links], links, strict=False)
    ]
    answer = _post(service, municipality, "transaction", *reversed(entries))
    assert _statuses(answer) == ["201"] * 100
    resources = [entry["resource"] for entry in reversed(answer.json()["entry"])]
    for before, after in pairwise(resources):
        assert after["basedOn"] == [{"reference": f"Task/{before['id']}"}]


def test_prefer_holds_for_the_entries(service: Running, municipality: Header) -> None:
    answer = _post(service, municipality, "transaction", _entry("POST", "Task", need()), prefer="return=minimal")
    (entry,) = answer.json()["entry"]
    assert "resource" not in entry
    assert entry["response"]["status"] == "201"


def test_a_transaction_meets_other_writers(service: Running, municipality: Header) -> None:
    from concurrent.futures import ThreadPoolExecutor

    sent = need()
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda _: _post(service, municipality, "transaction", _entry("POST", "Task", sent, _urn())), range(6)
            )
        )
    assert sorted(_statuses(answer)[0] for answer in answers) == ["200"] * 5 + ["201"]
    assert len({answer.json()["entry"][0]["resource"]["id"] for answer in answers}) == 1


def test_what_an_entry_answers(service: Running, municipality: Header) -> None:
    """Status, location, etag, lastModified and outcome, whatever the answer is to be."""
    for kind in ("batch", "transaction"):
        for returns in ("", "minimal", "representation", "OperationOutcome"):
            made = service.post_need(municipality).json()
            more = {"prefer": f"return={returns}"} if returns else {}
            entries = (
                _entry("POST", "Communication", smallest("Communication")),
                _entry("PUT", f"Task/{made['id']}", made | {"description": "Ny"}, ifMatch='W/"1"'),
            )
            answer = _post(service, municipality, kind, *entries, **more)
            assert _statuses(answer) == ["201", "200"]
            for (type_name, version), entry in zip(
                (("Communication", 1), ("Task", 2)), answer.json()["entry"], strict=True
            ):
                told = entry["response"]
                assert told["etag"] == f'W/"{version}"'
                assert f"/{type_name}/" in told["location"]
                assert told["location"].endswith(f"/_history/{version}")
                kept = service.client.get(told["location"][told["location"].index(BASE) :], headers=municipality).json()
                assert told["lastModified"] == kept["meta"]["lastUpdated"]
                assert ("resource" in entry) == (returns in {"", "representation"})
                assert ("outcome" in told) == (returns == "OperationOutcome")
                assert "resource" not in entry or entry["resource"] == kept


def test_an_escaped_operation_is_no_part_of_a_transaction(service: Running, municipality: Header, task: str) -> None:
    reason = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "x"}]}
    for path in (f"Task%2F{task}%2F%24withdraw", f"Task/{task}/%24withdraw", f"Task%2F{task}/$withdraw"):
        answer = _post(service, municipality, "transaction", _entry("POST", path, reason))
        assert (answer.status_code, codes(answer)) == (400, ["not-in-transaction"]), path
    alone = _post(service, municipality, "batch", _entry("POST", f"Task/{task}/%24withdraw", reason))
    assert _statuses(alone) == ["200"]


def test_conditional_references_are_counted(service: Running, municipality: Header) -> None:
    inputs = [
        {"type": {"text": "x"}, "valueReference": {"reference": f"Task?_lastUpdated=gt{year}&_id=x"}}
        for year in range(1900, 2001)
    ]
    answer = _post(service, municipality, "transaction", _entry("POST", "Task", need(input=inputs)))
    assert (answer.status_code, codes(answer)) == (412, ["no-match"])
    patient = smallest("Patient", identifier=[{"system": "https://a.example/pasient", "value": uuid4().hex}])
    made = service.client.post(f"{BASE}/Patient", json=patient, headers=municipality | FHIR).json()
    for index, one in enumerate(inputs):
        one["valueReference"]["reference"] = f"Patient?_id={made['id']}&_lastUpdated=gt{1900 + index}"
    answer = _post(service, municipality, "transaction", _entry("POST", "Task", need(input=inputs)))
    assert (answer.status_code, codes(answer)) == (400, ["too-many-values"])
    answer = _post(service, municipality, "transaction", _entry("POST", "Task", need(input=inputs[:100])))
    assert _statuses(answer) == ["201"]


def test_a_need_may_name_many_resources(service: Running, municipality: Header) -> None:
    made = service.client.post(f"{BASE}/Patient", json=smallest("Patient"), headers=municipality | FHIR).json()
    names = [f"Patient/{made['id']}", *(f"Patient/{uuid4()}" for _ in range(450))]
    inputs = [{"type": {"text": "x"}, "valueReference": {"reference": name}} for name in names]
    answer = service.post_need(municipality, need(input=inputs))
    assert answer.status_code == 422
    missing = [issue["expression"][0] for issue in answer.json()["issue"]]
    assert missing[0] == "Task.input[1].valueReference.reference", "the first one is there"
    assert service.post_need(municipality, need(input=inputs[:1])).status_code == 201
