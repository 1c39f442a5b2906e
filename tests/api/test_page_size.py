"""Over HTTP: a page that has become large ends, its next link goes on, and a client that follows it loses nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.ledger import BASE, NATIONAL, A, B
from tests.api.running import FHIR, Running, codes, running, settings_on
from tests.api.smallest import smallest

PAGE = 4_000
LONG = "x" * 1_000
"""In each resource: four fill a page."""
REQUESTS = 9
Json = dict[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def small(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, create_database: Callable[[str], str]
) -> Iterator[Running]:
    """The sandbox on each database, with pages of some resources."""
    folder: Path = tmp_path_factory.mktemp("pages")
    with running(settings_on(request.param, folder, create_database, max_page=PAGE)) as started:
        yield started


@pytest.fixture(scope="module")
def sender(small: Running) -> dict[str, str]:
    """A municipality with a patient, requests for that patient, and a resource that all of them point to."""
    return small.token("municipality", organisation="fjordvik") | FHIR


@pytest.fixture(scope="module")
def there(small: Running, sender: dict[str, str]) -> dict[str, list[str]]:
    """Type → ids: a Patient, requests that point to it, and the first of them in three versions."""
    who = {"resourceType": "Patient", "identifier": [{"system": NATIONAL, "value": A}], "name": [{"text": LONG}]}
    patient = _made(small, sender, who)
    found = {"Patient": [patient], "ServiceRequest": []}
    for number in range(REQUESTS):
        note = [{"text": f"{number} {LONG}"}]
        content = smallest("ServiceRequest") | {"subject": {"reference": f"Patient/{patient}"}, "note": note}
        found["ServiceRequest"].append(_made(small, sender, content))
    first = small.client.get(f"{BASE}/ServiceRequest/{found['ServiceRequest'][0]}", headers=sender).json()
    for text in ("en", "to", "tre", "fire", "fem"):
        first["note"] = [{"text": text + LONG}]
        answer = small.client.put(f"{BASE}/ServiceRequest/{first['id']}", json=first, headers=sender)
        assert answer.status_code == 200, answer.text
    return found


def _made(small: Running, sender: dict[str, str], content: Json) -> str:
    answer = small.client.post(f"{BASE}/{content['resourceType']}", json=content, headers=sender)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _walk(small: Running, sender: dict[str, str], page: httpx.Response) -> Iterator[Json]:
    """A page and those that its next links lead to."""
    while True:
        assert page.status_code == 200, page.text
        content = page.json()
        assert content["entry"]
        # The last resource may reach over the end; what stands around each is some hundred bytes.
        assert len(page.content) < PAGE + 6_000
        yield content
        following = [link["url"] for link in content["link"] if link["relation"] == "next"]
        if not following:
            return
        page = small.client.get(following[0].replace(following[0].partition(BASE)[0], ""), headers=sender)


def _keys(pages: list[Json], mode: str = "") -> list[str]:
    entries = [one for page in pages for one in page["entry"] if one.get("search", {}).get("mode", "") == mode]
    return [f"{one['resource']['id']}/{one['resource']['meta']['versionId']}" for one in entries]


def _all_once(pages: list[Json], ids: list[str], mode: str = "match") -> None:
    keys = [key.partition("/")[0] for key in _keys(pages, mode)]
    assert len(pages) > 2
    assert len(keys) == len(set(keys))
    assert sorted(keys) == sorted(ids)


@pytest.mark.parametrize("asked", ["", "_sort=_lastUpdated", "_sort=-authored", "_count=2", "_total=accurate"])
def test_a_search(small: Running, sender: dict[str, str], there: dict[str, list[str]], asked: str) -> None:
    page = small.client.get(f"{BASE}/ServiceRequest?{asked}", headers=sender)
    _all_once(list(_walk(small, sender, page)), there["ServiceRequest"])


def test_a_search_by_post(small: Running, sender: dict[str, str], there: dict[str, list[str]]) -> None:
    form = {"patient:identifier": f"{NATIONAL}|{A}"}
    headers = {"Authorization": sender["Authorization"]}
    page = small.client.post(f"{BASE}/ServiceRequest/_search", data=form, headers=headers)
    _all_once(list(_walk(small, sender, page)), there["ServiceRequest"])
    page = small.client.post(f"{BASE}/_search", data={"_type": "ServiceRequest,Patient"}, headers=headers)
    _all_once(list(_walk(small, sender, page)), there["ServiceRequest"] + there["Patient"])


@pytest.mark.parametrize("path", ["/ServiceRequest/{id}/_history", "/ServiceRequest/_history", "/_history"])
def test_a_history(small: Running, sender: dict[str, str], there: dict[str, list[str]], path: str) -> None:
    first = there["ServiceRequest"][0]
    page = small.client.get(BASE + path.replace("{id}", first), headers=sender)
    pages = list(_walk(small, sender, page))
    keys = _keys(pages)
    assert len(pages) > 1
    assert len(keys) == len(set(keys))
    assert [key for key in keys if key.startswith(first)] == [f"{first}/{number}" for number in (6, 5, 4, 3, 2, 1)]
    others = 0 if "{id}" in path else REQUESTS - 1 if "Request" in path else REQUESTS
    assert len(keys) == 6 + others


def test_what_is_brought_along_counts(small: Running, sender: dict[str, str], there: dict[str, list[str]]) -> None:
    """Each page has room for fewer requests beside their patient, who comes with each of the pages."""
    page = small.client.get(f"{BASE}/ServiceRequest?_include=ServiceRequest:patient", headers=sender)
    pages = list(_walk(small, sender, page))
    _all_once(pages, there["ServiceRequest"])
    for one in pages:
        assert _keys([one], "include") == [f"{there['Patient'][0]}/1"]
    alone = small.client.get(f"{BASE}/ServiceRequest", headers=sender)
    assert len(pages) > len(list(_walk(small, sender, alone)))


def test_entries_of_a_batch(small: Running, sender: dict[str, str], there: dict[str, list[str]]) -> None:
    urls = ["ServiceRequest", f"ServiceRequest/{there['ServiceRequest'][0]}/_history"]
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    answer = small.client.post(BASE, json={"resourceType": "Bundle", "type": "batch", "entry": entries}, headers=sender)
    for one in answer.json()["entry"]:
        assert "next" in {link["relation"] for link in one["resource"]["link"]}
        assert 0 < len(one["resource"]["entry"]) < 5


def test_views_too(small: Running, sender: dict[str, str], there: dict[str, list[str]]) -> None:
    assert there
    for _ in range(8):
        assert small.post_need(sender).status_code == 201
    page = small.client.get(f"{BASE}/Provenance", headers=sender)
    pages = list(_walk(small, sender, page))
    ids = [one["resource"]["id"] for each in pages for one in each["entry"]]
    assert len(pages) > 1
    assert len(ids) == len(set(ids)) == 16
    definitions = small.client.get(f"{BASE}/StructureDefinition", headers=sender).json()
    assert len(definitions["entry"]) == 1
    assert "next" in {link["relation"] for link in definitions["link"]}


def test_one_entry_that_would_bring_more_than_a_page(small: Running, sender: dict[str, str]) -> None:
    large = {"resourceType": "Patient", "identifier": [{"system": NATIONAL, "value": B}], "name": [{"text": LONG * 5}]}
    about = {"subject": {"reference": f"Patient/{_made(small, sender, large)}"}}
    key = _made(small, sender, smallest("ServiceRequest") | about)
    answer = small.client.get(f"{BASE}/ServiceRequest?_id={key}&_include=ServiceRequest:patient", headers=sender)
    assert (answer.status_code, codes(answer)) == (400, ["too-many-includes"])
    assert LONG not in answer.text
    assert small.client.get(f"{BASE}/{about['subject']['reference']}", headers=sender).status_code == 200
