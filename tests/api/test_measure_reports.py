"""Figures over HTTP: who gets which report, and what a search must not ask."""

from urllib.parse import urlsplit

import pytest

from tests.api.running import Running, codes

Header = dict[str, str]
BASE = "/fhir/v1/MeasureReport"


@pytest.fixture(scope="module")
def hospital(service: Running) -> Header:
    """The coordinating unit."""
    return service.token("coordinating-unit")


def test_a_report_leads_to_its_measure(service: Running, hospital: Header, task: str) -> None:
    search = f"{BASE}?measure=open-cases&reporter:identifier=310470007&_count=1"
    report = service.client.get(search, headers=hospital).json()["entry"][0]["resource"]
    assert report["group"][0]["population"][0]["count"] > 0
    assert task not in str(report)
    url, _, version = report["measure"].partition("|")
    found = service.client.get(f"/fhir/v1/Measure?url={url}", headers=hospital).json()["entry"][0]["resource"]
    assert (found["version"], found["group"][0]["code"]) == (version, report["group"][0]["code"])


def test_a_report_changes_with_what_it_counts(service: Running, unit: Header, municipality: Header) -> None:
    search = f"{BASE}?measure=open-cases&_count=1"
    key = service.client.get(search, headers=unit).json()["entry"][0]["resource"]["id"]
    first = service.client.get(f"{BASE}/{key}", headers=unit)
    same = service.client.get(f"{BASE}/{key}", headers=unit | {"If-None-Match": first.headers["etag"]})
    assert same.status_code == 304
    assert service.post_need(municipality).status_code == 201
    later = service.client.get(f"{BASE}/{key}", headers=unit | {"If-None-Match": first.headers["etag"]})
    count = [answer.json()["group"][0]["population"][0]["count"] for answer in (first, later)]
    assert (later.status_code, count[1]) == (200, count[0] + 1)


def test_every_page_once(service: Running, hospital: Header) -> None:
    address, found, totals = f"{BASE}?_count=4&_total=accurate", [], set()
    while address:
        page = service.client.get(address, headers=hospital).json()
        found += [entry["resource"]["id"] for entry in page["entry"]]
        totals.add(page["total"])
        link = next((one["url"] for one in page["link"] if one["relation"] == "next"), "")
        address = f"{BASE}?{urlsplit(link).query}" if link else ""
    assert totals == {len(found)} == {len(set(found))}


def test_a_unit_reads_its_own(service: Running, unit: Header, hospital: Header) -> None:
    own = service.client.get(BASE, headers=unit).json()["entry"]
    assert {entry["resource"]["reporter"]["identifier"]["value"] for entry in own} == {"4900101"}
    key = own[0]["resource"]["id"].replace("4900101", "4900301")
    assert service.client.get(f"{BASE}/{key}", headers=hospital).status_code == 200
    theirs, nobodys = (service.client.get(f"{BASE}/{one}", headers=unit) for one in (key, "open-cases-1999-01-1"))
    assert (theirs.status_code, theirs.content) == (404, nobodys.content)


@pytest.mark.parametrize("persona", ["auditor", "operator", "decision-group"])
def test_others_who_lead_and_look_after(service: Running, hospital: Header, persona: str) -> None:
    numbers = [
        service.client.get(f"{BASE}?_summary=count", headers=headers).json()["total"]
        for headers in (hospital, service.token(persona))
    ]
    assert numbers[0] == numbers[1] > 0


def test_not_for_a_municipality(service: Running, municipality: Header, hospital: Header) -> None:
    key = service.client.get(f"{BASE}?_count=1", headers=hospital).json()["entry"][0]["resource"]["id"]
    for path in (BASE, f"{BASE}/{key}", f"{BASE}/nobody"):
        nobody = service.client.get(path)
        assert (nobody.status_code, codes(nobody)) == (401, ["token-missing"])
        for headers in (municipality, service.token("ehr")):
            refused = service.client.get(path, headers=headers)
            assert (refused.status_code, codes(refused)) == (403, ["insufficient-scope"])


@pytest.mark.parametrize(
    ("search", "code"),
    [
        ("measure=Task/1", "bad-value"),
        ("period=november", "bad-date"),
        ("reporter=4900101", "bad-modifier"),
        ("patient=Patient/1", "unknown-parameter"),
        ("subject=Patient/1", "unknown-parameter"),
        ("_sort=period", "bad-sort"),
    ],
)
def test_a_search_that_cannot_be_read(service: Running, hospital: Header, search: str, code: str) -> None:
    answer = service.client.get(f"{BASE}?{search}", headers=hospital)
    assert (answer.status_code, codes(answer)) == (400, [code])
