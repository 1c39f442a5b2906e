"""A token that has every scope but one: what needs that one is refused, all over the resource table."""

import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.api.operations import operations_of
from app.fhir.resources import RESOURCES, ResourceType, pairs_leading_to
from tests.api.running import FHIR, Running, codes, need
from tests.security.test_scopes import ID, REQUESTS

Scoped = Callable[[str], dict[str, str]]
Asked = tuple[str, str, dict[str, Any], str, frozenset[str]]
"""Name, method, path behind the type, what is sent, needed scopes as ``Type.letter``."""


def _of(name: str, letters: str) -> frozenset[str]:
    return frozenset(f"{name}.{letter}" for letter in letters)


def _letter(resource: ResourceType, operation: Any) -> str:
    if operation.name == "patient-log" or (operation.name, operation.level) == ("status", "type"):
        return "s"
    return "r" if operation.reads else "u" if operation.level == "instance" else "c"


def _asked_of(resource: ResourceType) -> dict[str, tuple[str, str, dict[str, Any], frozenset[str]]]:
    """Everything that the table offers of a type, and the scopes that it needs."""
    name = resource.name
    found = {
        what: (method, path, sent, _of(name, letters))
        for what, (interaction, method, path, sent, letters) in REQUESTS.items()
        if interaction in resource.interactions
        and (what != "create by identifier" or any(one.name == "identifier" for one in resource.search))
    }
    for one in operations_of(resource):
        if one.name == "validate" and one.level == "type":
            continue  # needs any letter
        place = f"/{ID}" if one.level == "instance" else ""
        found[f"${one.name} of {one.level}"] = (
            one.method,
            f"{place}/${one.name}",
            {},
            _of(name, _letter(resource, one)),
        )
    if "search" in found:
        for parameter in resource.includes:
            targets = [one for one in resource.parameter(parameter).targets if one in RESOURCES]
            needed = _of(name, "s").union(*(_of(target, "rs") for target in targets))
            found[f"_include {parameter}"] = ("GET", f"?_include={name}:{parameter}", {}, needed)
        for source, parameter in pairs_leading_to(name):
            needed = _of(name, "s") | _of(source, "rs")
            found[f"_revinclude {source}:{parameter}"] = ("GET", f"?_revinclude={source}:{parameter}", {}, needed)
    return found


def _is_told_of_role(name: str, what: str, missing: str) -> bool:
    """A caller whose role does not write the type is told so before its condition is looked at."""
    return what in CONDITIONAL and missing.endswith(".s") and "unit" not in RESOURCES[name].writers


CONDITIONAL = ("conditional create", "create by identifier")
TABLE = {name: _asked_of(resource) for name, resource in RESOURCES.items()}
ALL = frozenset(f"{name}.{letter}" for name in RESOURCES for letter in "cruds")


def _but(*missing: str) -> str:
    """Every scope of every type but these."""
    left = ALL - set(missing)
    return " ".join(
        f"system/{name}.{letters}"
        for name in RESOURCES
        if (letters := "".join(letter for letter in "cruds" if f"{name}.{letter}" in left))
    )


def _is_refused(answer: httpx.Response) -> bool:
    if answer.status_code != 403:
        return False
    if answer.request.method != "HEAD" and codes(answer) != ["insufficient-scope"]:
        return False
    challenge = str(answer.headers.get("www-authenticate", ""))
    return challenge.startswith('Bearer error="insufficient_scope", scope="system/')


def test_the_table_is_whole() -> None:
    """So that nothing is left out because its name was changed."""
    assert sum(map(len, TABLE.values())) > 350
    for resource in RESOURCES.values():
        interactions = {REQUESTS[what][0] for what in TABLE[resource.name] if what in REQUESTS}
        assert interactions == resource.interactions


@pytest.mark.parametrize("name", RESOURCES)
def test_what_needs_the_missing_scope_is_refused_and_nothing_else(service: Running, scoped: Scoped, name: str) -> None:
    wrong = []
    for what, (method, path, sent, needed) in TABLE[name].items():
        given = {key: value for key, value in sent.items() if key != "headers"}
        for missing in (*sorted(needed), ""):
            headers = scoped(_but(missing)) | sent.get("headers", {})
            answer = service.client.request(method, f"/fhir/v1/{name}{path}", headers=headers, **given)
            assert answer.status_code < 500
            told = bool(missing) and not _is_told_of_role(name, what, missing)
            if _is_refused(answer) != told or (missing and answer.status_code != 403):
                wrong.append((what, missing, answer.status_code))
    assert not wrong


def _entry(name: str, method: str, path: str, sent: dict[str, Any]) -> dict[str, Any]:
    request = {"method": method, "url": f"{name}{path}"}
    headers = sent.get("headers", {})
    if "If-None-Exist" in headers:
        request["ifNoneExist"] = headers["If-None-Exist"]
    if method in ("POST", "PUT"):
        return {"request": request, "resource": {"resourceType": name, "id": ID}}
    if method == "PATCH":
        return {
            "request": request,
            "resource": {"resourceType": "Binary", "contentType": "application/json-patch+json"},
        }
    return {"request": request}


def _entries(name: str) -> dict[str, tuple[dict[str, Any], frozenset[str]]]:
    """What of a type can be an entry of a Bundle."""
    left_out = ("search by POST", "head", "create by identifier")
    return {
        what: (_entry(name, method, path, sent), needed)
        for what, (method, path, sent, needed) in TABLE[name].items()
        if what not in left_out and not what.startswith("$")
    }


def _posted(service: Running, token: dict[str, str], kind: str, entries: list[dict[str, Any]]) -> httpx.Response:
    body = json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries})
    return service.client.post("/fhir/v1", content=body, headers=token | FHIR)


@pytest.mark.parametrize("name", RESOURCES)
def test_in_a_batch_each_entry_needs_what_it_needs_alone(service: Running, scoped: Scoped, name: str) -> None:
    entries = _entries(name)
    missing_ones = sorted(frozenset().union(*(needed for _, needed in entries.values())))
    for missing in missing_ones:
        answer = _posted(service, scoped(_but(missing)), "batch", [entry for entry, _ in entries.values()])
        assert answer.status_code == 200, answer.text
        refused = {
            what
            for what, one in zip(entries, answer.json()["entry"], strict=True)
            if "insufficient-scope" in json.dumps(one["response"].get("outcome", {}))
        }
        wanted = {what for what, (_, needed) in entries.items() if missing in needed}
        assert refused == {what for what in wanted if not _is_told_of_role(name, what, missing)}, missing


@pytest.mark.parametrize("name", RESOURCES)
def test_a_transaction_is_refused_whole_for_one_of_its_entries(service: Running, scoped: Scoped, name: str) -> None:
    wrong = []
    for what, (entry, needed) in _entries(name).items():
        missing = min(needed) if "unit" not in RESOURCES[name].writers else max(needed)
        if not _is_refused(_posted(service, scoped(_but(missing)), "transaction", [entry])):
            wrong.append((what, missing))
    assert not wrong


@pytest.mark.parametrize("kind", ["Patient", "Encounter", "CarePlan"])
def test_a_conditional_reference_is_a_search(service: Running, scoped: Scoped, kind: str) -> None:
    content = need(requester=None, focus={"reference": f"{kind}?identifier=x|y"})
    entry = {"resource": content, "request": {"method": "POST", "url": "Task"}}
    assert _is_refused(_posted(service, scoped(_but(f"{kind}.s")), "transaction", [entry]))
    answer = _posted(service, scoped(_but()), "transaction", [entry])
    assert (answer.status_code, codes(answer)) == (412, ["no-match"])


def test_a_next_link_is_no_scope(service: Running, scoped: Scoped) -> None:
    """What a link of another token brings along is asked of the token that follows it."""
    for _ in range(2):
        assert service.post_need(scoped(_but()), need(requester=None)).status_code == 201
    page = service.client.get("/fhir/v1/Task?_include=Task:patient&_count=1", headers=scoped(_but())).json()
    (link,) = [one["url"] for one in page["link"] if one["relation"] == "next"]
    follow = link[link.index("/fhir/v1/") :]
    assert service.client.get(follow, headers=scoped(_but())).status_code == 200
    for missing in ("Patient.r", "Patient.s", "Task.s"):
        assert _is_refused(service.client.get(follow, headers=scoped(_but(missing)))), missing


def test_a_write_shows_nothing_to_a_token_that_may_not_read(service: Running, scoped: Scoped) -> None:
    full, blind = scoped(_but()), scoped(_but("Task.r"))
    kind = {"Content-Type": "application/json-patch+json"}
    for preferred in ({}, {"Prefer": "return=representation"}):
        made = service.post_need(blind | preferred, need(requester=None))
        assert (made.status_code, made.content) == (201, b"")
        assert "preference-applied" not in made.headers
        where = f"/fhir/v1/Task/{made.headers['location'].split('/')[-3]}"
        stored = service.client.get(where, headers=full)
        changed = stored.json() | {"description": "Endret"}
        put = service.client.put(where, json=changed, headers=blind | preferred | FHIR)
        assert (put.status_code, put.content) == (200, b""), put.text
        note = json.dumps([{"op": "replace", "path": "/description", "value": "Endret igjen"}])
        patched = service.client.patch(
            where, content=note, headers=blind | preferred | kind | {"If-Match": put.headers["etag"]}
        )
        assert (patched.status_code, patched.content) == (200, b""), patched.text
        seen = service.client.patch(
            where,
            content=note.replace("igjen", "en gang til"),
            headers=full | kind | {"If-Match": patched.headers["etag"]},
        )
        assert seen.json()["description"] == "Endret en gang til"
    told = service.post_need(blind | {"Prefer": "return=OperationOutcome"}, need(requester=None))
    assert told.json()["resourceType"] == "OperationOutcome"


def test_a_finer_scope_is_refused_and_that_is_told(
    service: Running, scoped: Scoped, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = service.client.get("/fhir/v1/Task", headers=scoped("system/Task.rs?status=requested"))
        plain = service.client.get("/fhir/v1/Task", headers=scoped("system/Patient.rs"))
    assert _is_refused(answer)
    assert "query part" in answer.text
    assert "query part" not in plain.text
    (line,) = [one.getMessage() for one in caplog.records if one.name == "samband.tokens"]
    assert "1 scopes with a query part" in line
    assert "Task.rs?" not in caplog.text


def test_a_check_of_a_type_needs_a_scope_on_it(service: Running, scoped: Scoped) -> None:
    path = "/fhir/v1/Task/$validate"
    assert _is_refused(service.client.post(path, content="{}", headers=scoped(_but(*_of("Task", "cruds"))) | FHIR))
    for letter in "cruds":
        answer = service.client.post(path, content="{}", headers=scoped(f"system/Task.{letter}") | FHIR)
        assert answer.status_code != 403
