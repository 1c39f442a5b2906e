"""What a token's scopes let it do: letters, types and versions of SMART, at every interaction of the service."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.errors import Forbidden
from app.fhir.resources import RESOURCES, Interaction
from app.security.caller import Caller, Role
from app.security.scopes import require
from tests.api.running import FHIR, Running, codes, need
from tests.api.smallest import smallest

Scoped = Callable[[str], dict[str, str]]
TYPES = ("Task", "CareTeam", "CarePlan", "Patient", "AuditEvent")
GRANTS = {
    **{f"system/{{type}}.{letter}": letter for letter in "cruds"},
    "system/{type}.cruds": "cruds",
    "system/{type}.rs": "rs",
    "system/{type}.cu": "cu",
    "system/{type}.read": "rs",
    "system/{type}.write": "cud",
    "system/{type}.*": "cruds",
    "system/*.cruds": "cruds",
    "system/*.rs": "rs",
    "system/*.read": "rs",
    "system/*.write": "cud",
    "system/*.*": "cruds",
    "system/{type}.c system/{type}.s": "cs",
    "openid system/{type}.r offline_access": "r",
    # Understood wholly, or not at all.
    "system/{type}.sr": "",
    "system/{type}.sruc": "",
    "system/{type}.rr": "",
    "system/{type}.CRUDS": "",
    "system/{type}.reads": "",
    "system/{type}.rs?status=active": "",
    "system/{type}.cruds?_id=1": "",
    "system/{type}.": "",
    "system/{type}": "",
    "system/{type}s.cruds": "",
    "system/Organization.cruds": "",
    "patient/{type}.cruds": "",
    "user/{type}.*": "",
    "System/{type}.cruds": "",
    "system/{type}.rs,system/{type}.cud": "",
    "": "",
}


def _is_granted(scope: str, type_name: str, letters: str) -> bool:
    try:
        require(_caller(scope), type_name, letters)
    except Forbidden:
        return False
    return True


def _caller(scope: str) -> Caller:
    return Caller(organisation="310470007", role=Role.UNIT, scopes=frozenset(scope.split()))


def test_a_refusal_says_which_scope_would_do() -> None:
    with pytest.raises(Forbidden) as refused:
        require(_caller("system/Task.r"), "Task", "rs")
    assert refused.value.error == "insufficient-scope"
    wanted = 'Bearer error="insufficient_scope", scope="system/Task.rs"'
    assert refused.value.headers == {"WWW-Authenticate": wanted}


@pytest.mark.parametrize("scope", GRANTS)
@pytest.mark.parametrize("type_name", TYPES)
def test_letters(scope: str, type_name: str) -> None:
    said = scope.format(type=type_name)
    assert {letter for letter in "cruds" if _is_granted(said, type_name, letter)} == set(GRANTS[scope])
    assert _is_granted(said, type_name, "rs") == {"r", "s"}.issubset(GRANTS[scope])
    other = "*" in said.partition(".")[0]
    assert _is_granted(said, "Consent", "r") == (other and "r" in GRANTS[scope])


ID = "6a1f0c52-53f5-4d1c-9a52-2f3b7f0f9c11"
REQUESTS: dict[str, tuple[Interaction, str, str, dict[str, Any], str]] = {
    "read": (Interaction.READ, "GET", f"/{ID}", {}, "r"),
    "head": (Interaction.READ, "HEAD", f"/{ID}", {}, "r"),
    "vread": (Interaction.VREAD, "GET", f"/{ID}/_history/1", {}, "r"),
    "history": (Interaction.HISTORY, "GET", f"/{ID}/_history", {}, "r"),
    "history of the type": (Interaction.HISTORY_TYPE, "GET", "/_history", {}, "s"),
    "search": (Interaction.SEARCH, "GET", "", {}, "s"),
    "search by POST": (Interaction.SEARCH, "POST", "/_search", {"data": {"_id": ID}}, "s"),
    "count": (Interaction.SEARCH, "GET", "?_summary=count", {}, "s"),
    "create": (Interaction.CREATE, "POST", "", {"content": "{}", "headers": FHIR}, "c"),
    "conditional create": (
        Interaction.CREATE,
        "POST",
        "",
        {"content": "{}", "headers": FHIR | {"If-None-Exist": f"_id={ID}"}},
        "cs",
    ),
    "create by identifier": (Interaction.CREATE, "POST", "?identifier=1", {"content": "{}", "headers": FHIR}, "cs"),
    "update": (Interaction.UPDATE, "PUT", f"/{ID}", {"content": "{}", "headers": FHIR}, "u"),
    "conditional update": (Interaction.UPDATE, "PUT", f"?_id={ID}", {"content": "{}", "headers": FHIR}, "cus"),
    "patch": (
        Interaction.PATCH,
        "PATCH",
        f"/{ID}",
        {"content": "[]", "headers": {"Content-Type": "application/json-patch+json"}},
        "u",
    ),
}
SERVED = [name for name in TYPES if name in RESOURCES]


def _refused_for_scope(answer: httpx.Response) -> bool:
    if answer.status_code != 403:
        return False
    challenged: str = answer.headers.get("www-authenticate", "")
    return challenged.startswith('Bearer error="insufficient_scope"')


@pytest.mark.parametrize("scope", GRANTS)
@pytest.mark.parametrize("type_name", SERVED)
def test_interactions(service: Running, scoped: Scoped, scope: str, type_name: str) -> None:
    token = scoped(scope.format(type=type_name))
    wrong = []
    for name, (interaction, method, path, sent, letters) in REQUESTS.items():
        if interaction not in RESOURCES[type_name].interactions:
            continue
        headers = token | sent.get("headers", {})
        more = {key: value for key, value in sent.items() if key != "headers"}
        answer = service.client.request(method, f"/fhir/v1/{type_name}{path}", headers=headers, **more)
        assert answer.status_code < 500
        if _refused_for_scope(answer) == set(letters).issubset(GRANTS[scope]):
            wrong.append((name, answer.status_code))
    assert not wrong


OPERATIONS = [
    *(
        (f"Task/{ID}/${one.name}", one.method, "r" if one.method == "GET" else "u")
        for one in RESOURCES["Task"].operations
    ),
    ("CareTeam/$register-coordinator", "POST", "c"),
    (f"CareTeam/{ID}/$deregister-coordinator", "POST", "u"),
    (f"Task/{ID}/$validate", "POST", "r"),
]


@pytest.mark.parametrize(("path", "method", "letter"), OPERATIONS)
def test_operations(service: Running, scoped: Scoped, path: str, method: str, letter: str) -> None:
    name = path.partition("/")[0]
    for granted in "cruds":
        answer = service.client.request(method, f"/fhir/v1/{path}", headers=scoped(f"system/{name}.{granted}"))
        assert _refused_for_scope(answer) == (granted != letter), (granted, answer.text)


def test_checking_a_write_needs_what_the_write_needs(service: Running, scoped: Scoped) -> None:
    for mode, letter in (("create", "c"), ("create", "r")):
        path = f"/fhir/v1/Task/$validate?mode={mode}"
        answer = service.client.post(path, content=json.dumps(need()), headers=scoped(f"system/Task.{letter}") | FHIR)
        assert ("insufficient-scope" in codes(answer)) == (letter != "c")


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("Task?_include=Task:patient", ("Patient",)),
        ("Task?_include=Task:focus:ServiceRequest", ("ServiceRequest",)),
        ("ServiceRequest?_revinclude=Task:focus", ("Task",)),
        ("?_type=Task,CarePlan", ("Task", "CarePlan")),
    ],
)
def test_types_that_come_along(service: Running, scoped: Scoped, path: str, needed: tuple[str, ...]) -> None:
    own = "" if path.startswith("?") else f"system/{path.partition('?')[0]}.s "
    full = own + " ".join(f"system/{name}.rs" for name in needed)
    assert service.client.get(f"/fhir/v1/{path}".replace("/?", "?"), headers=scoped(full)).status_code == 200
    for name in needed:
        for less in ("c", "r"):
            scope = full.replace(f"system/{name}.rs", f"system/{name}.{less}")
            assert _refused_for_scope(service.client.get(f"/fhir/v1/{path}".replace("/?", "?"), headers=scoped(scope)))


def test_all_history_is_of_the_types_that_the_scopes_cover(service: Running, scoped: Scoped) -> None:
    own = json.dumps(need(requester=None))
    made = service.client.post("/fhir/v1/Task", content=own, headers=scoped("system/Task.c") | FHIR)
    assert made.status_code == 201, made.text
    seen = service.client.get("/fhir/v1/_history", headers=scoped("system/Task.s")).json()
    assert {entry["resource"]["resourceType"] for entry in seen["entry"]} == {"Task"}
    assert "entry" not in service.client.get("/fhir/v1/_history", headers=scoped("system/CarePlan.s")).json()
    assert codes(service.client.get("/fhir/v1/_history", headers=scoped("system/Task.r"))) == ["insufficient-scope"]


def _bundle(kind: str, *entries: tuple[str, str, Any]) -> str:
    listed = [
        {"request": {"method": method, "url": url}} | ({"resource": resource} if resource else {})
        for method, url, resource in entries
    ]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": listed})


def _count(service: Running, scoped: Scoped) -> int:
    answer = service.client.get("/fhir/v1/ServiceRequest?_summary=count", headers=scoped("system/ServiceRequest.s"))
    return int(answer.json()["total"])


def test_each_entry_of_a_batch_is_asked(service: Running, scoped: Scoped) -> None:
    before = _count(service, scoped)
    order = smallest("ServiceRequest")
    body = _bundle("batch", ("POST", "ServiceRequest", order), ("GET", "Task", None), ("GET", f"Task/{ID}", None))
    token = scoped("system/ServiceRequest.c system/Task.r") | FHIR
    answer = service.client.post("/fhir/v1", content=body, headers=token)
    assert [entry["response"]["status"][:3] for entry in answer.json()["entry"]] == ["201", "403", "404"]
    assert _count(service, scoped) == before + 1


@pytest.mark.parametrize(
    "entry",
    [
        ("POST", "CarePlan", smallest("CarePlan")),
        ("PUT", f"Task/{ID}", need()),
        ("GET", "Task", None),
        ("GET", f"Task/{ID}", None),
        ("GET", f"Task/{ID}/_history", None),
        ("GET", "Task/_history", None),
        ("GET", "?_type=Task", None),
        ("GET", "_history", None),
        ("GET", "ServiceRequest?_revinclude=Task:focus", None),
    ],
)
def test_a_transaction_without_a_scope_is_refused_whole(
    service: Running, scoped: Scoped, entry: tuple[str, str, Any]
) -> None:
    before = _count(service, scoped)
    scope = "system/ServiceRequest.c" + (" system/ServiceRequest.s" if entry[1].startswith("Serv") else "")
    body = _bundle("transaction", ("POST", "ServiceRequest", smallest("ServiceRequest")), entry)
    answer = service.client.post("/fhir/v1", content=body, headers=scoped(scope) | FHIR)
    assert (answer.status_code, codes(answer)) == (403, ["insufficient-scope"])
    assert _count(service, scoped) == before
