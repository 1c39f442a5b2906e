"""Each interaction as a partner's client uses it."""

import json
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from app.errors import TEXTS
from tests.api.running import CANARY, EXAMPLES, FHIR, Running, codes, need

Header = dict[str, str]
NATIONAL_NUMBER = f"urn:oid:2.16.578.1.12.4.1.4.1|{CANARY}"


def test_a_create_answers_with_the_stored_version_and_where_it_is(service: Running, municipality: Header) -> None:
    sent = need()
    answer = service.post_need(municipality, sent)
    assert answer.status_code == 201
    stored = answer.json()
    assert answer.headers["etag"] == 'W/"1"'
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert answer.headers["last-modified"].endswith("GMT")
    assert answer.headers["location"].endswith(f"/fhir/v1/Task/{stored['id']}/_history/1")
    assert stored["description"] == sent["description"]
    assert stored["meta"]["versionId"] == "1"


def test_the_same_create_again_gives_the_first_result(service: Running, municipality: Header) -> None:
    sent = need()
    first, again = (service.post_need(municipality, sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["location"] == again.headers["location"]
    changed = service.post_need(municipality, sent | {"description": "Noe annet"})
    assert changed.status_code == 409
    assert codes(changed) == ["number-in-use"]


@pytest.mark.parametrize("how", ["header", "url"])
def test_a_conditional_create_gives_the_match(service: Running, municipality: Header, how: str) -> None:
    sent = need()
    first = service.post_need(municipality, sent)
    number = sent["identifier"][0]
    condition = f"identifier={number['system']}|{number['value']}"
    other = json.dumps(need())
    if how == "header":
        headers = municipality | FHIR | {"If-None-Exist": condition}
        again = service.client.post("/fhir/v1/Task", content=other, headers=headers)
    else:
        again = service.client.post(f"/fhir/v1/Task?{condition}", content=other, headers=municipality | FHIR)
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]


def test_a_condition_that_asks_nothing_is_refused(service: Running, municipality: Header) -> None:
    headers = municipality | FHIR | {"If-None-Exist": "_count=5"}
    answer = service.client.post("/fhir/v1/Task", content=json.dumps(need()), headers=headers)
    assert (answer.status_code, codes(answer)) == (400, ["empty-condition"])


def test_read_and_conditional_read(service: Running, municipality: Header, task: str) -> None:
    path = f"/fhir/v1/Task/{task}"
    answer = service.client.get(path, headers=municipality)
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"1"')
    same = service.client.get(path, headers=municipality | {"If-None-Match": 'W/"1"'})
    assert (same.status_code, same.content) == (304, b"")
    assert service.client.get(path, headers=municipality | {"If-None-Match": 'W/"2"'}).status_code == 200
    assert service.client.head(path, headers=municipality).status_code == 200


def test_every_version_can_be_read(service: Running, municipality: Header, unit: Header, task: str) -> None:
    path = f"/fhir/v1/Task/{task}"
    accepted = service.client.post(f"{path}/$accept", headers=unit)
    assert (accepted.status_code, accepted.headers["etag"]) == (200, 'W/"2"')
    first = service.client.get(f"{path}/_history/1", headers=municipality)
    assert (first.status_code, first.json()["status"]) == (200, "received")
    assert service.client.get(f"{path}/_history/2", headers=municipality).json()["status"] == "accepted"
    for version in ("3", "0", "x", "99999999999999999999"):
        missing = service.client.get(f"{path}/_history/{version}", headers=municipality)
        assert (missing.status_code, codes(missing)) == (404, ["not-found"])


def test_history_has_request_and_response_in_each_entry(
    service: Running, municipality: Header, unit: Header, task: str
) -> None:
    service.client.post(f"/fhir/v1/Task/{task}/$accept", headers=unit)
    bundle = service.client.get(f"/fhir/v1/Task/{task}/_history", headers=municipality).json()
    assert bundle["type"] == "history"
    assert [entry["resource"]["meta"]["versionId"] for entry in bundle["entry"]] == ["2", "1"]
    assert [entry["request"]["method"] for entry in bundle["entry"]] == ["PUT", "POST"]
    assert [entry["response"]["etag"] for entry in bundle["entry"]] == ['W/"2"', 'W/"1"']
    one = service.client.get("/fhir/v1/Task/_history?_count=1", headers=municipality).json()
    assert len(one["entry"]) == 1


def test_an_update_needs_the_version_that_was_read(service: Running, municipality: Header, task: str) -> None:
    path = f"/fhir/v1/Task/{task}"
    read = service.client.get(path, headers=municipality).json()
    changed = json.dumps(read | {"priority": "urgent"})
    without = json.dumps({name: value for name, value in read.items() if name != "meta"})

    def put(body: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return service.client.put(path, content=body, headers=municipality | FHIR | named)

    assert codes(put(without)) == ["precondition-missing"]
    assert put(changed, if_match='W/"7"').status_code == 412
    assert codes(put(changed, if_match="latest")) == ["bad-if-match"]
    assert codes(put(changed, if_match='W/"1", W/"2"')) == ["bad-if-match"]
    for version, tag in enumerate(('W/"1"', '"2"', "3"), start=2):
        latest = service.client.get(path, headers=municipality).json()
        answer = put(json.dumps(latest | {"description": f"Nytt {version}"}), if_match=tag)
        assert (answer.status_code, answer.headers["etag"]) == (200, f'W/"{version}"'), answer.text
    latest = service.client.get(path, headers=municipality).json()
    assert put(json.dumps(latest | {"description": "Igjen"})).status_code == 200  # meta.versionId serves too


def test_a_patch_is_json_patch_only(service: Running, municipality: Header, task: str) -> None:
    path = f"/fhir/v1/Task/{task}"
    change = json.dumps([{"op": "replace", "path": "/description", "value": "Kortere"}])
    as_patch = municipality | {"Content-Type": "application/json-patch+json", "If-Match": 'W/"1"'}
    answer = service.client.patch(path, content=change, headers=as_patch)
    assert (answer.status_code, answer.json()["description"]) == (200, "Kortere"), answer.text
    for other in ("application/fhir+json", "application/merge-patch+json", "application/json"):
        refused = service.client.patch(path, content=change, headers=as_patch | {"Content-Type": other})
        assert (refused.status_code, codes(refused)) == (415, ["unsupported-media-type"])
    broken = service.client.patch(path, content='{"op":"add"}', headers=as_patch)
    assert broken.status_code == 400


def test_search_by_url_and_by_form(service: Running, municipality: Header, task: str) -> None:
    by_url = service.client.get(f"/fhir/v1/Task?_id={task}", headers=municipality).json()
    by_form = service.client.post("/fhir/v1/Task/_search", data={"_id": task}, headers=municipality).json()
    merged = service.client.post(
        "/fhir/v1/Task/_search?status=accepted", data={"_id": task}, headers=municipality
    ).json()
    assert [entry["resource"]["id"] for entry in by_url["entry"]] == [task]
    assert by_url["entry"][0]["search"] == {"mode": "match"}
    assert by_url["entry"][0]["fullUrl"].endswith(f"/fhir/v1/Task/{task}")
    assert by_form["entry"] == by_url["entry"]
    assert "entry" not in merged


def test_pages_of_a_patient_hold_no_number_and_show_each_case_once(service: Running, municipality: Header) -> None:
    made = {service.post_need(municipality).json()["id"] for _ in range(5)}
    form = {"patient:identifier": NATIONAL_NUMBER, "_count": "2"}
    answer = service.client.post("/fhir/v1/Task/_search", data=form, headers=municipality)
    seen: list[str] = []
    while True:
        links = {link["relation"]: link["url"] for link in answer.json()["link"]}
        assert CANARY not in str(links)
        assert all(list(parse_qs(urlsplit(url).query)) == ["_cursor"] for url in links.values())
        seen += [entry["resource"]["id"] for entry in answer.json().get("entry", [])]
        if "next" not in links:
            break
        parts = urlsplit(links["next"])
        answer = service.client.get(f"{parts.path}?{parts.query}", headers=municipality)
    assert made <= set(seen)
    assert len(seen) == len(set(seen))


def test_the_self_link_gives_the_same_page(service: Running, municipality: Header, task: str) -> None:
    page = service.client.get(f"/fhir/v1/Task?_id={task}", headers=municipality).json()
    link = urlsplit(page["link"][0]["url"])
    again = service.client.get(f"{link.path}?{link.query}", headers=municipality).json()
    assert again["entry"] == page["entry"]
    tampered = service.client.get(f"{link.path}?{link.query}x", headers=municipality)
    assert (tampered.status_code, codes(tampered)) == (400, ["bad-cursor"])
    beside = service.client.get(f"{link.path}?{link.query}&status=draft", headers=municipality)
    assert beside.status_code == 400


def test_an_unknown_parameter_is_refused_or_reported(service: Running, municipality: Header) -> None:
    strict = service.client.get("/fhir/v1/Task?colour=red", headers=municipality)
    assert (strict.status_code, codes(strict)) == (400, ["unknown-parameter"])
    lenient = service.client.get(
        "/fhir/v1/Task?colour=red&_count=1", headers=municipality | {"Prefer": "handling=lenient"}
    ).json()
    assert lenient["entry"][-1]["search"]["mode"] == "outcome"
    told = lenient["entry"][-1]["resource"]["issue"][0]["details"]["text"]
    assert "parameter 1" in told
    assert "colour" not in told


def test_an_operation_and_what_is_open_now(service: Running, unit: Header, task: str) -> None:
    path = f"/fhir/v1/Task/{task}"
    for method in ("GET", "POST"):
        answer = service.client.request(method, f"{path}/$available-actions", headers=unit)
        assert (answer.status_code, answer.json()["resourceType"]) == (200, "Parameters")
    stale = service.client.post(f"{path}/$accept", headers=unit | {"If-Match": 'W/"9"'})
    assert (stale.status_code, codes(stale)) == (412, ["stale-version"])
    accepted = service.client.post(f"{path}/$accept", headers=unit | {"If-Match": 'W/"1"'})
    assert accepted.json()["status"] == "accepted"
    again = service.client.post(f"{path}/$accept", headers=unit)
    assert again.status_code == 409
    assert "$" in again.json()["issue"][0]["diagnostics"]


def test_an_operation_by_get_must_change_nothing(service: Running, unit: Header, task: str) -> None:
    answer = service.client.get(f"/fhir/v1/Task/{task}/$accept", headers=unit)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_coordinator_is_registered_and_deregistered(service: Running) -> None:
    habilitation = service.token("clinical-unit", unit="habilitation")
    body = (EXAMPLES / "register-coordinator.json").read_bytes()
    made = service.client.post("/fhir/v1/CareTeam/$register-coordinator", content=body, headers=habilitation | FHIR)
    assert made.status_code in {200, 201}, made.text
    participant = made.json()["participant"][0]["id"]
    given = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "participant", "valueString": participant},
            {"name": "reasonCode", "valueCode": "need-ended"},
        ],
    }
    path = f"/fhir/v1/CareTeam/{made.json()['id']}/$deregister-coordinator"
    ended = service.client.post(path, content=json.dumps(given), headers=habilitation | FHIR)
    assert ended.status_code == 200, ended.text
    assert "end" in ended.json()["participant"][0]["period"]


def test_language_of_errors(service: Running, municipality: Header) -> None:
    path = f"/fhir/v1/Task/{uuid4()}"
    norwegian = service.client.get(path, headers=municipality | {"Accept-Language": "nn, en;q=0.5"})
    assert norwegian.json()["issue"][0]["details"]["text"] == TEXTS["not-found"].nb
    assert service.client.get(path, headers=municipality).json()["issue"][0]["details"]["text"] == TEXTS["not-found"].en


def test_health_is_open_to_all(service: Running) -> None:
    assert service.client.get("/health/live").json() == {"status": "live"}
    assert service.client.get("/health/ready").json() == {"status": "ready"}
