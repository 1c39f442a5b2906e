"""The resource table, the CapabilityStatement, the OpenAPI document and what is really answered say the same."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from jsonschema_rs import Draft202012Validator

from app.api.openapi import COMMITTED, document
from app.api.operations import operations_of
from app.api.routes import OTHER_PATHS
from app.fhir.resources import RESOURCES, Interaction, Sight
from tests.api.running import EXAMPLES, Running, codes

Header = dict[str, str]
DOCUMENT: dict[str, Any] = document(sandbox=True)
BASE = "/fhir/v1"
OPERATIONS = [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods]


def test_the_committed_document_is_current() -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == DOCUMENT


def test_the_served_document_is_the_committed_one(service: Running) -> None:
    assert service.client.get("/openapi.json").text == COMMITTED.read_text(encoding="utf-8")


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_documented_operation_is_answered(service: Running, method: str, path: str) -> None:
    concrete = path.replace("{id}", str(uuid4())).replace("{version}", "1").replace("{delivery}", "1")
    answer = service.client.request(method, concrete)
    assert answer.status_code not in {404, 405}, answer.text
    assert answer.status_code < 500


def _paths_of_interactions() -> dict[Interaction, tuple[str, str]]:
    return {
        Interaction.READ: ("get", "/{id}"),
        Interaction.VREAD: ("get", "/{id}/_history/{version}"),
        Interaction.CREATE: ("post", ""),
        Interaction.UPDATE: ("put", "/{id}"),
        Interaction.PATCH: ("patch", "/{id}"),
        Interaction.SEARCH: ("get", ""),
        Interaction.HISTORY: ("get", "/{id}/_history"),
        Interaction.HISTORY_TYPE: ("get", "/_history"),
    }


def test_the_document_has_the_interactions_and_operations_of_the_table() -> None:
    expected = {("post", f"{BASE}/{name}/_search") for name in RESOURCES}
    expected |= {("put", f"{BASE}/{one.name}") for one in RESOURCES.values() if Interaction.UPDATE in one.interactions}
    expected |= {("get", BASE), ("post", BASE), ("post", f"{BASE}/_search"), ("get", f"{BASE}/_history")}
    for resource in RESOURCES.values():
        where = _paths_of_interactions()
        expected |= {(where[one][0], f"{BASE}/{resource.name}{where[one][1]}") for one in resource.interactions}
        for operation in operations_of(resource):
            level = "/{id}" if operation.level == "instance" else ""
            path = f"{BASE}/{resource.name}{level}/${operation.name}"
            expected |= {(method.lower(), path) for method in operation.methods}
    documented = {
        (method, path)
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
        if path.startswith(BASE) and path != f"{BASE}/metadata"
    }
    assert documented == expected


def test_every_route_of_the_service_is_documented() -> None:
    for template, offers in OTHER_PATHS:
        path = template.replace(":logical_id", "")
        assert {method.lower() for method in offers} == set(DOCUMENT["paths"][path])


def test_the_capability_statement_has_what_the_table_has(service: Running) -> None:
    statement = service.client.get(f"{BASE}/metadata").json()
    assert (statement["fhirVersion"], statement["kind"]) == ("4.0.1", "instance")
    assert statement["implementation"]["url"].endswith(BASE)
    (rest,) = statement["rest"]
    assert [one["type"] for one in rest["resource"]] == list(RESOURCES)
    for one in rest["resource"]:
        table = RESOURCES[one["type"]]
        assert {entry["code"] for entry in one["interaction"]} == {str(code) for code in table.interactions}
        assert [entry["name"] for entry in one["searchParam"]] == [entry.name for entry in table.search]
        operations = dict.fromkeys(entry.name for entry in operations_of(table))
        assert [entry["name"] for entry in one.get("operation", [])] == list(operations)
        unversioned, versioned = table.sight in {Sight.SHIPPED, Sight.DERIVED}, table.versioned_update
        versioning = "no-version" if unversioned else "versioned-update" if versioned else "versioned"
        assert (one["versioning"], one["updateCreate"]) == (versioning, False)
        assert one.get("searchInclude", []) == [f"{table.name}:{name}" for name in table.includes]
    assert {one["code"] for one in rest["interaction"]} == {
        "batch",
        "transaction",
        "search-system",
        "history-system",
    }


def test_the_capability_statement_is_valid_r4(service: Running) -> None:
    from fhir.resources.R4B.capabilitystatement import CapabilityStatement

    CapabilityStatement.model_validate(service.client.get(f"{BASE}/metadata").json())


_VALUES = {
    "id": "1",
    "code": "active",
    "token": "a|b",
    "tokens": "a|b",
    "codes": "a|b",
    "reference": "Task/1",
    "uri": "https://a.example/x",
    "string": "a",
    "date": "ge2026-01",
    "patient": "Patient/1",
    "last-updated": "ge2026",
}


@pytest.mark.parametrize("name", list(RESOURCES))
def test_every_declared_search_parameter_is_taken(service: Running, unit: Header, name: str) -> None:
    reader = service.token("auditor") if name == "AuditEvent" else unit
    for parameter in RESOURCES[name].search:
        plain = f"{parameter.targets[0]}/1" if parameter.kind == "reference" else _VALUES[parameter.kind]
        forms = {
            parameter.name: plain,
            **{
                f"{parameter.name}:{one}": {"missing": "true", "identifier": "a|b"}.get(one, plain)
                for one in parameter.modifiers
            },
        }
        for form, value in forms.items():
            answer = service.client.post(f"{BASE}/{name}/_search", data={form: value}, headers=reader)
            if parameter.only_by_identifier and form == parameter.name:
                assert codes(answer) == ["bad-modifier"]
            else:
                assert answer.status_code == 200, (form, answer.text)


def _references(value: Any) -> set[str]:
    return set(re.findall(r'"\$ref": "#/components/([^"]+)"', json.dumps(value)))


def test_every_reference_of_the_document_leads_somewhere() -> None:
    for reference in _references(DOCUMENT):
        section, _, name = reference.partition("/")
        assert name in DOCUMENT["components"][section]


def test_no_operation_is_named_twice_and_all_are_tagged() -> None:
    operations = [one for methods in DOCUMENT["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert {tag for one in operations for tag in one["tags"]} == {one["name"] for one in DOCUMENT["tags"]}


def test_every_example_file_is_shown_somewhere() -> None:
    assert {f"{path.stem}-sent" for path in EXAMPLES.glob("*.json")} <= set(DOCUMENT["components"]["examples"])


def test_every_example_component_is_referred_to() -> None:
    referred = {one.removeprefix("examples/") for one in _references(DOCUMENT) if one.startswith("examples/")}
    assert referred == set(DOCUMENT["components"]["examples"])


def _closed(schema: Any) -> Any:
    """Where members are named, no others."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: one if name in {"contains", "not"} else _closed(one) for name, one in schema.items()}
    return found | ({"additionalProperties": False} if isinstance(found.get("properties"), dict) else {})


CLOSED: dict[str, Any] = {"components": {"schemas": _closed(DOCUMENT["components"]["schemas"])}}


def _faults(value: Any, schema: dict[str, Any]) -> list[str]:
    """What of a value a schema of ours does not know."""
    return [error.message for error in Draft202012Validator(_closed(schema) | CLOSED).iter_errors(value)]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_examples_fit_their_schemas(method: str, path: str) -> None:
    body = DOCUMENT["paths"][path][method.lower()].get("requestBody", {"content": {}})
    for content in body["content"].values():
        for name, example in content.get("examples", {}).items():
            component = DOCUMENT["components"]["examples"][example["$ref"].rpartition("/")[2]]
            if "refused" not in component["summary"] and not path.endswith("$validate"):
                assert _faults(component["value"], content["schema"]) == [], name


def test_answers_fit_the_schemas(service: Running, municipality: Header, unit: Header, task: str) -> None:
    accepted = service.client.post(f"{BASE}/Task/{task}/$accept", headers=unit).json()
    bundle = service.client.get(f"{BASE}/Task?_id={task}", headers=municipality).json()
    missing = service.client.get(f"{BASE}/Task/{uuid4()}", headers=municipality).json()
    for value, name in ((accepted, "Task"), (bundle, "Bundle"), (missing, "OperationOutcome")):
        assert _faults(value, {"$ref": f"#/components/schemas/{name}"}) == []


def test_a_task_that_is_no_case_is_answered_as_documented(service: Running, municipality: Header) -> None:
    other = {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"text": "annet"}}
    key = service.client.post(f"{BASE}/Task", json=other, headers=municipality).json()["id"]
    asked = [(method, path) for method, path in OPERATIONS if path.startswith(f"{BASE}/Task/{{id}}/$")]
    assert ("GET", f"{BASE}/Task/{{id}}/$available-actions") in asked
    for method, path in asked:
        answer = service.client.request(method, path.replace("{id}", key), headers=municipality)
        documented = DOCUMENT["paths"][path][method.lower()]["responses"]
        assert str(answer.status_code) in documented, (method, path, answer.status_code)
