"""``_sort``, ``:exact``, ``:contains`` and ``POST [base]/_search`` as a client meets them."""

import json
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest

from tests.api.running import CANARY, FHIR, Running, codes, need
from tests.api.smallest import smallest

Header = dict[str, str]
BASE = "/fhir/v1"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _pages(service: Running, who: Header, path: str) -> list[dict[str, object]]:
    """The resources of all pages, by the next links, which hold a cursor and nothing else."""
    found: list[dict[str, object]] = []
    address = f"{BASE}/{path}"
    while address:
        answer = service.client.get(address, headers=who)
        assert answer.status_code == 200, answer.text
        bundle = answer.json()
        found += [entry["resource"] for entry in bundle.get("entry", ())]
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        for link in links.values():
            assert [name for name, _ in parse_qsl(urlsplit(link).query)] == ["_cursor"]
        _, _, *path_and_query = urlsplit(links.get("next", ""))
        address = "?".join(filter(None, path_and_query))
    return found


@pytest.mark.parametrize("minus", ["", "-"])
def test_a_municipality_sorts_its_needs(service: Running, minus: str) -> None:
    who = service.token("municipality", organisation="oyvaer")
    for day in ("2026-03-01", "2026-01-15T08:00:00+01:00", "2026-02", "2026-01-15T07:30:00Z", "2025-12-31"):
        content = need(authoredOn=day, priority="urgent" if "15" in day else None)
        content["requester"] = None
        answer = service.post_need(who, {name: value for name, value in content.items() if value})
        assert answer.status_code == 201, answer.text
    days = [str(one["authoredOn"]) for one in _pages(service, who, f"Task?_sort={minus}authored-on&_count=2")]
    ordered = ["2025-12-31", "2026-01-15T08:00:00+01:00", "2026-01-15T07:30:00Z", "2026-02", "2026-03-01"]
    seen = list(dict.fromkeys(days))
    assert seen == (ordered[::-1] if minus else ordered)
    ids = [str(one["id"]) for one in _pages(service, who, f"Task?_sort={minus}_id&_count=3")]
    assert ids == sorted(ids, reverse=bool(minus))
    urgent = [one.get("priority") for one in _pages(service, who, f"Task?_sort={minus}priority&_count=3")]
    assert urgent == sorted(urgent, key=lambda one: one is None), "those without come last"


def test_a_sorted_search_by_post_leaves_no_trace_of_the_patient(service: Running, municipality: Header) -> None:
    asked = {"patient:identifier": f"urn:oid:2.16.578.1.12.4.1.4.1|{CANARY}", "_sort": "authored-on", "_count": "1"}
    for _ in range(2):
        assert service.post_need(municipality).status_code == 201
    bundle = service.client.post(f"{BASE}/Task/_search", data=asked, headers=municipality).json()
    links = [link["url"] for link in bundle["link"]]
    assert len(links) == 2
    assert not any(CANARY in link or "2.16.578" in link or "authored" in link for link in links)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("Task?_sort=owner", "authored-on, -authored-on"),
        ("Task?_sort=status,_id", "status, -status"),
        ("CarePlan?_sort=authored-on", "date, -date"),
        ("Patient?_sort=birthdate", "_id, -_id"),
        ("ValueSet?_sort=url", "name, -name"),
        ("?_type=Task&_sort=status", "_id, -_id"),
    ],
)
def test_an_unknown_key_is_400_and_names_those_that_are_known(
    service: Running, municipality: Header, path: str, allowed: str
) -> None:
    answer = service.client.get(f"{BASE}/{path}".replace("/?", "?"), headers=municipality)
    assert (answer.status_code, codes(answer)) == (400, ["bad-sort"])
    assert allowed in answer.json()["issue"][0]["diagnostics"]
    assert "one key" in answer.json()["issue"][0]["diagnostics"]
    assert "_lastUpdated, -_lastUpdated" in answer.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("key", ["_id", "name", "status", "_lastUpdated"])
def test_what_is_shipped_is_sorted_too(service: Running, municipality: Header, key: str) -> None:
    up = [str(one["id"]) for one in _pages(service, municipality, f"ValueSet?_sort={key}&_count=4")]
    down = [str(one["id"]) for one in _pages(service, municipality, f"ValueSet?_sort=-{key}&_count=5")]
    assert up == down[::-1]
    assert len(up) == len(set(up)) > 5
    assert key != "_id" or up == sorted(up)


def test_names_by_the_whole_and_by_a_part(service: Running) -> None:
    administrator = service.token("coordinating-unit")
    mark = uuid4().hex[:8]
    for name in (f"Åsen {mark} Sykehjem", f"asen {mark} sykehjem", f"Nye Åsen {mark}"):
        body = json.dumps(smallest("Organization", name=name))
        made = service.client.post(f"{BASE}/Organization", content=body, headers=administrator | FHIR)
        assert made.status_code == 201, made.text

    def found(form: str, text: str) -> list[str]:
        asked = {form: text, "_sort": "name"}
        answer = service.client.post(f"{BASE}/Organization/_search", data=asked, headers=administrator)
        assert answer.status_code == 200, answer.text
        return [entry["resource"]["name"] for entry in answer.json().get("entry", ())]

    both = sorted([f"Åsen {mark} Sykehjem", f"asen {mark} sykehjem"])
    assert sorted(found("name", f"åsen {mark}")) == both
    assert found("name:exact", f"Åsen {mark} Sykehjem") == [f"Åsen {mark} Sykehjem"]
    assert found("name:exact", f"Åsen {mark}") == []
    assert sorted(found("name:contains", f"EN {mark} syk")) == both
    assert len(found("name:contains", mark)) == 3
    assert found("name:contains", f"{mark}%") == []


def test_several_types_by_post(service: Running, municipality: Header, task: str) -> None:
    by_get = service.client.get(f"{BASE}?_type=Task,Consent&_id={task}", headers=municipality)
    path = f"{BASE}/_search"
    by_post = service.client.post(path, data={"_type": "Task,Consent", "_id": task}, headers=municipality)
    assert by_post.status_code == 200, by_post.text
    assert [e["resource"]["id"] for e in by_post.json()["entry"]] == [task]
    assert by_post.json()["entry"] == by_get.json()["entry"]
    mixed = service.client.post(f"{path}?_type=Task", data={"_id": task}, headers=municipality)
    assert mixed.json()["entry"] == by_get.json()["entry"]
    assert codes(service.client.post(path, data={"_id": task}, headers=municipality)) == ["bad-value"]
    assert codes(service.client.post(path, content=b"{}", headers=municipality | FHIR)) == ["unsupported-media-type"]
    assert service.client.post(path, content=b"_type=Task", headers=FORM).status_code == 401
    refused = service.client.get(path, headers=municipality)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    auditor = service.token("auditor")
    assert service.client.post(path, data={"_type": "Task"}, headers=auditor).status_code == 403


def test_allow_names_head_where_get_is(service: Running, municipality: Header, task: str) -> None:
    refused = service.client.delete(f"{BASE}/Task/{task}", headers=municipality)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, PUT, PATCH")
    for path in (f"{BASE}?_type=Task", f"{BASE}/Task/{task}/$available-actions", f"{BASE}/Task?_sort=_id"):
        head = service.client.head(path, headers=municipality)
        assert (head.status_code, head.content) == (200, b""), path
