"""What real clients send that is not quite what R4 says: each answered, or refused in clear words."""

import json

import pytest

from tests.api.running import FHIR, Running, codes, need

Header = dict[str, str]
BASE = "/fhir/v1"


def test_fhirpy_creates_by_a_query_in_the_url(service: Running, municipality: Header) -> None:
    sent = need()
    number = sent["identifier"][0]
    path = f"{BASE}/Task?identifier={number['system']}|{number['value']}"
    made, again = (service.client.post(path, json=sent, headers=municipality | FHIR) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json()["id"] == again.json()["id"]


@pytest.mark.parametrize("address", ["", "?", "Task?", "{base}/Task?", "https://samband.elsewhere.example/fhir/Task?"])
def test_hapi_writes_an_address_before_its_condition(service: Running, municipality: Header, address: str) -> None:
    sent = need()
    number = sent["identifier"][0]
    condition = f"{address.format(base=service.origin + BASE)}identifier={number['system']}|{number['value']}"
    headers = municipality | FHIR | {"If-None-Exist": condition}
    made, again = (service.client.post(f"{BASE}/Task", json=sent, headers=headers) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 200), again.text
    request = {"method": "POST", "url": "Task", "ifNoneExist": condition}
    for kind in ("batch", "transaction"):
        bundle = {"resourceType": "Bundle", "type": kind, "entry": [{"resource": sent, "request": request}]}
        answer = service.client.post(BASE, json=bundle, headers=municipality | FHIR)
        assert answer.json()["entry"][0]["response"]["status"] == "200", answer.text


@pytest.mark.parametrize("condition", ["Patient?identifier=1", "?", "Task?", "a=b?identifier=1"])
def test_a_condition_of_another_kind_is_refused(service: Running, municipality: Header, condition: str) -> None:
    headers = municipality | FHIR | {"If-None-Exist": condition}
    answer = service.client.post(f"{BASE}/Task", json=need(), headers=headers)
    assert answer.status_code == 400
    assert codes(answer)[0] in {"unknown-parameter", "empty-condition"}


@pytest.mark.parametrize(("version", "status"), [("4.0", 200), ("4.0.1", 200), ("3.0", 0), ("5.0", 0)])
def test_a_media_type_may_name_r4(service: Running, municipality: Header, task: str, version: str, status: int) -> None:
    form = f'application/fhir+json; fhirVersion="{version}"'
    path = f"{BASE}/Task/{task}"
    assert service.client.get(path, headers=municipality | {"Accept": form}).status_code == (status or 406)
    assert service.client.get(path, headers=municipality, params={"_format": form}).status_code == (status or 406)
    both = {"Accept": f"{form}, application/fhir+json;fhirVersion=4.0;q=0.5"}
    assert service.client.get(path, headers=municipality | both).status_code == 200
    sent = service.client.post(f"{BASE}/Task/$validate", json=need(), headers=municipality | {"Content-Type": form})
    assert sent.status_code == (status or 415)


def test_a_search_by_post_may_have_its_parameters_in_the_url_alone(
    service: Running, municipality: Header, task: str
) -> None:
    for path in (f"{BASE}/Task/_search?_id={task}", f"{BASE}/_search?_type=Task&_id={task}"):
        answer = service.client.post(path, headers=municipality)
        assert [entry["resource"]["id"] for entry in answer.json()["entry"]] == [task]
        assert service.client.post(path, content=b"{}", headers=municipality).status_code == 415


@pytest.mark.parametrize("media_type", ["application/json", "application/merge-patch+json", "application/fhir+json"])
def test_fhirpy_patches_by_merging(service: Running, municipality: Header, task: str, media_type: str) -> None:
    answer = service.client.patch(
        f"{BASE}/Task/{task}", json={"description": "x"}, headers=municipality | {"Content-Type": media_type}
    )
    assert (answer.status_code, codes(answer)) == (415, ["unsupported-media-type"])
    assert "application/json-patch+json" in answer.json()["issue"][0]["diagnostics"]
    assert "merge patch" in answer.json()["issue"][0]["diagnostics"]
    as_patch = municipality | {"Content-Type": "application/json-patch+json", "If-Match": "1"}
    body = service.client.patch(f"{BASE}/Task/{task}", json={"description": "x"}, headers=as_patch)
    assert (body.status_code, codes(body)) == (400, ["not-an-array"])


@pytest.mark.parametrize("tag", ["1", '"1"', 'W/"1"', 'W/"7", W/"1"', "*"])
def test_fhirpy_refreshes_with_a_bare_version(service: Running, municipality: Header, task: str, tag: str) -> None:
    for path in (f"Task/{task}", f"Task/{task}/_history/1"):
        answer = service.client.get(f"{BASE}/{path}", headers=municipality | {"If-None-Match": tag})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", 'W/"1"')


@pytest.mark.parametrize("parameter", ["_lastUpdated", "authored-on"])
@pytest.mark.parametrize("value", ["ge2026-03-01T00:00", "ge2026-03-01", "ge2026", "ge2026-03-01T00:00:00+01:00"])
def test_fhir_pyrate_leaves_the_zone_out(
    service: Running, municipality: Header, task: str, parameter: str, value: str
) -> None:
    answer = service.client.get(f"{BASE}/Task", params={parameter: value, "_id": task}, headers=municipality)
    assert [entry["resource"]["id"] for entry in answer.json()["entry"]] == [task]


def test_a_date_without_a_zone_is_that_of_oslo(service: Running, municipality: Header) -> None:
    made = service.post_need(municipality, need(authoredOn="2026-03-01T00:30:00+01:00")).json()["id"]
    found = {
        value: service.client.get(
            f"{BASE}/Task", params={"authored-on": value, "_id": made}, headers=municipality
        ).json()
        for value in ("ge2026-03-01T00:30", "lt2026-03-01T00:30", "2026-03-01")
    }
    assert ["entry" in bundle for bundle in found.values()] == [True, False, True]


def test_a_patient_by_id_by_type_and_id_and_by_url(service: Running, municipality: Header) -> None:
    number = {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "10915596784"}
    body = {"resourceType": "Patient", "identifier": [number]}
    patient = service.client.post(f"{BASE}/Patient", json=body, headers=municipality | FHIR).json()["id"]
    case = service.post_need(municipality).json()["id"]
    for form in (patient, f"Patient/{patient}", f"{service.origin}{BASE}/Patient/{patient}"):
        for name in ("patient", "patient:Patient"):
            answer = service.client.get(f"{BASE}/Task", params={name: form, "_count": "200"}, headers=municipality)
            assert answer.status_code == 200, answer.text
            assert case in {entry["resource"]["id"] for entry in answer.json().get("entry", [])}, (name, form)


def test_fhirclient_reads_history_entries_with_request_and_response(
    service: Running, municipality: Header, unit: Header, task: str
) -> None:
    service.client.post(f"{BASE}/Task/{task}/$accept", headers=unit)
    for path in (f"Task/{task}/_history", "Task/_history", "_history"):
        bundle = service.client.get(f"{BASE}/{path}", headers=municipality).json()
        assert bundle["type"] == "history"
        for entry in bundle["entry"]:
            assert set(entry["request"]) == {"method", "url"}
            assert {"status", "etag", "lastModified"} <= set(entry["response"])


@pytest.mark.parametrize("value", ["json", "application/json", "application/fhir+json", "application%2Ffhir%2Bjson"])
def test_formats_that_are_spoken(service: Running, municipality: Header, task: str, value: str) -> None:
    answer = service.client.get(f"{BASE}/Task/{task}?_format={value}&_pretty=true", headers=municipality)
    assert (answer.status_code, answer.json()["id"]) == (200, task)


@pytest.mark.parametrize("value", ["xml", "application/fhir+xml", "text/turtle"])
def test_formats_that_are_not(service: Running, municipality: Header, task: str, value: str) -> None:
    answer = service.client.get(f"{BASE}/Task/{task}", params={"_format": value}, headers=municipality)
    assert (answer.status_code, codes(answer)) == (406, ["not-acceptable"])
    by_header = service.client.get(f"{BASE}/Task/{task}", headers=municipality | {"Accept": "application/fhir+xml"})
    assert by_header.status_code == 406


def test_head_answers_where_get_does(service: Running, municipality: Header, task: str) -> None:
    paths = (
        "/health/live",
        f"{BASE}/metadata",
        f"{BASE}/Task/{task}",
        f"{BASE}/Task/{task}/_history/1",
        f"{BASE}/Task/{task}/_history",
        f"{BASE}/Task",
        f"{BASE}/_history",
        f"{BASE}/ValueSet",
    )
    for path in paths:
        head, get = (service.client.request(method, path, headers=municipality) for method in ("HEAD", "GET"))
        assert (head.status_code, head.content) == (200, b""), path
        assert head.headers.get("etag") == get.headers.get("etag")


def test_if_modified_since_is_passed_over(service: Running, municipality: Header, task: str) -> None:
    later = {"If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"}
    answer = service.client.get(f"{BASE}/Task/{task}", headers=municipality | later)
    assert (answer.status_code, answer.json()["id"]) == (200, task)


def test_prefer(service: Running, municipality: Header) -> None:
    def post(prefer: str) -> tuple[str, str | None]:
        answer = service.client.post(
            f"{BASE}/Task", content=json.dumps(need()), headers=municipality | FHIR | {"Prefer": prefer}
        )
        assert answer.status_code == 201
        assert answer.headers["location"]
        kind = answer.json()["resourceType"] if answer.content else ""
        return kind, answer.headers.get("preference-applied")

    assert post("return=minimal") == ("", "return=minimal")
    assert post("return=OperationOutcome") == ("OperationOutcome", "return=OperationOutcome")
    assert post("handling=lenient; return=representation") == ("Task", "return=representation")
    assert post("respond-async, return=everything") == ("Task", None)
