"""The OpenAPI 3.1 document, made from the resource table and the hand-cut schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.api import openapi_parts as parts
from app.api import openapi_paths as fixed
from app.api import openapi_subscriptions, openapi_tags, recorded, schemas, validate
from app.api import openapi_texts as texts
from app.api.answers import BASE
from app.api.capability import SOFTWARE
from app.api.operations import operations_of
from app.api.parameters import parameters_schema
from app.api.table_schemas import table_schemas
from app.api.task_schemas import task_schemas
from app.fhir.operations import SUBSCRIPTION_OPERATIONS
from app.fhir.resources import RESOURCES, Interaction, Operation, ResourceType

ROOT: Final = Path(__file__).resolve().parents[2]
COMMITTED: Final = ROOT / "openapi" / "openapi.json"

Json = dict[str, Any]


def document(*, sandbox: bool) -> Json:
    """The whole document; with ``sandbox`` the sandbox's own operations are in it."""
    paths, responses = dict(_paths(sandbox=sandbox)), parts.errors()
    if not sandbox:
        _offer_proofs(paths)
    examples = recorded.put_into(paths, responses)
    components = {
        "schemas": table_schemas() | schemas.data_types() | schemas.resources() | task_schemas() | _operation_schemas(),
        "responses": responses,
        "parameters": parts.parameters(),
        "examples": examples,
        "headers": parts.headers(),
        "securitySchemes": openapi_tags.SECURITY_SCHEMES,
    }
    about = {"title": "Samband", "version": SOFTWARE["version"], "description": texts.introduction(sandbox=sandbox)}
    return {
        "openapi": "3.1.0",
        "info": about,
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in openapi_tags.tags(sandbox=sandbox)],
        "x-tagGroups": list(openapi_tags.tag_groups(sandbox=sandbox)),
        "security": [{"token": []}] if sandbox else [{"token": []}, {"dpop": []}],
        "paths": paths,
        "components": components,
    }


def _offer_proofs(paths: Json) -> None:
    """DPoP as the alternative to Bearer, with the same scopes."""
    for path in paths.values():
        for operation in path.values():
            if token := [one["token"] for one in operation.get("security", []) if "token" in one]:
                operation["security"] = [{"token": token[0]}, {"dpop": token[0]}]


def rendered(*, sandbox: bool) -> str:
    """The document as it is committed and served: a line for each operation and component, the same every time."""
    return _broken(document(sandbox=sandbox), 3) + "\n"


def _broken(value: Any, levels: int) -> str:
    """JSON with a line for each member of the first ``levels`` levels of objects."""
    if levels == 0 or not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    lines = (f"{json.dumps(name)}:{_broken(one, levels - 1)}" for name, one in value.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _operation_schemas() -> dict[str, Json]:
    return {
        f"{resource.name}-{operation.name}": parameters_schema(operation)
        for resource in RESOURCES.values()
        for operation in resource.operations
        if "POST" in operation.methods
    } | {"Validate": VALIDATE_SCHEMA}


def _paths(*, sandbox: bool) -> Iterator[tuple[str, Json]]:
    if sandbox:
        yield "/sandbox/token", {"post": fixed.SANDBOX_TOKEN}
    else:
        yield f"{BASE}/.well-known/smart-configuration", {"get": fixed.SMART_CONFIGURATION}
    for resource in RESOURCES.values():
        yield from _of_type(resource)
    yield f"{BASE}/metadata", {"get": fixed.METADATA}
    yield BASE, {"get": fixed.SEARCH_OF_ALL, "post": fixed.BUNDLE_POST}
    yield f"{BASE}/_search", {"post": fixed.SEARCH_OF_ALL_BY_POST}
    yield f"{BASE}/_history", {"get": fixed.HISTORY_OF_ALL}
    yield from fixed.OTHER_PATHS.items()


def _of_type(resource: ResourceType) -> Iterator[tuple[str, Json]]:
    base, one = f"{BASE}/{resource.name}", f"{BASE}/{resource.name}/{{id}}"
    offered = {interaction: _INTERACTIONS[interaction](resource) for interaction in resource.interactions}
    search_by_post = parts.search_by_post(resource) if Interaction.SEARCH in offered else None
    update_matching = _update_matching(resource) if Interaction.UPDATE in offered else None
    yield (
        base,
        _methods(get=offered.get(Interaction.SEARCH), post=offered.get(Interaction.CREATE), put=update_matching),
    )
    yield f"{base}/_search", _methods(post=search_by_post)
    yield (
        one,
        _methods(
            get=offered.get(Interaction.READ),
            put=offered.get(Interaction.UPDATE),
            patch=offered.get(Interaction.PATCH),
        ),
    )
    for operation in operations_of(resource):
        path = one if operation.level == "instance" else base
        yield f"{path}/${operation.name}", _of_operation(resource, operation)
    versions = {
        f"{one}/_history": _methods(get=offered.get(Interaction.HISTORY)),
        f"{one}/_history/{{version}}": _methods(get=offered.get(Interaction.VREAD)),
        f"{base}/_history": _methods(get=offered.get(Interaction.HISTORY_TYPE)),
    }
    yield from ((path, methods) for path, methods in versions.items() if methods)


def _methods(**methods: Json | None) -> Json:
    return {method: operation for method, operation in methods.items() if operation is not None}


def _create(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"create{resource.name}",
        f"Post a {resource.name}",
        texts.of_writers(resource, _CREATE),
        parameters=("IfNoneExist", "ConditionalIdentifier", "Prefer"),
        body=parts.json_body("NewTask" if resource.name == "Task" else resource.name),
        answers={
            "201": parts.written(resource.name, "Created"),
            "200": parts.written(resource.name, "It was there already"),
        },
        errors=("400", "401", "403", "409", "412", "413", "415", "422"),
        scopes=(texts.scope(resource.name, "c"),),
    )


def _read(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"read{resource.name}",
        f"Read a {resource.name}",
        texts.of_readers(resource, "The current version. With If-None-Match: 304 when that is still the version."),
        parameters=("Id", "IfNoneMatch", "Summary", "Elements"),
        answers={
            "200": parts.stored(resource.name, "The current version"),
            "304": parts.not_modified(),
        },
        errors=("400", "401", "403", "404", "406"),
        scopes=(texts.scope(resource.name, "r"),),
    )


def _vread(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"vread{resource.name}",
        f"Read a version of a {resource.name}",
        texts.of_readers(resource, "One version, as it was."),
        parameters=("Id", "Version", "IfNoneMatch", "Summary", "Elements"),
        answers={
            "200": parts.stored(resource.name, "The version"),
            "304": parts.not_modified(),
        },
        errors=("400", "401", "403", "404", "406"),
        scopes=(texts.scope(resource.name, "r"),),
    )


def _update(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"update{resource.name}",
        f"Update a {resource.name}",
        texts.of_writers(resource, _PRECONDITION[resource.versioned_update]),
        parameters=("Id", "IfMatch", "Prefer"),
        body=parts.json_body(resource.name),
        answers={"200": parts.written(resource.name, "The new version")},
        errors=("400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428"),
        scopes=(texts.scope(resource.name, "u"),),
    )


def _update_matching(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"update{resource.name}Matching",
        f"Update the one {resource.name} that matches",
        texts.of_writers(resource, _MATCHING),
        parameters=("Condition", "IfMatch", "Prefer"),
        body=parts.json_body(resource.name),
        answers={
            "200": parts.written(resource.name, "The new version"),
            "201": parts.written(resource.name, "Created"),
        },
        errors=("400", "401", "403", "405", "409", "412", "413", "415", "422", "428"),
        scopes=(texts.scope(resource.name, "cus"),),
    )


def _validate(resource: ResourceType, operation: Operation) -> Json:
    instance = operation.level == "instance"
    return parts.operation(
        resource.name,
        f"validate{resource.name}{'Instance' if instance else ''}",
        f"Check a {resource.name}",
        "The resource, or Parameters with resource, mode and profile. All issues at once, or «All OK»; nothing is "
        "written. With mode create or update the write itself is decided, and forgotten.",
        parameters=(*(("Id",) if instance else ()), "Mode", "Profile"),
        body=parts.json_body("Validate") | {"required": not instance},
        answers={"200": parts.plain("What was found", schemas.ref("OperationOutcome"))},
        errors=("400", "401", "403", *(["404"] if instance else []), "406", "413", "415"),
    )


def _patch(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"patch{resource.name}",
        f"Patch a {resource.name}",
        texts.of_writers(
            resource, "JSON Patch (RFC 6902); the result meets the same rules as an update. Needs If-Match."
        ),
        parameters=("Id", "IfMatch", "Prefer"),
        body=parts.body("application/json-patch+json", schemas.ref("JsonPatch")),
        answers={"200": parts.written(resource.name, "The new version")},
        errors=("400", "401", "403", "404", "409", "412", "413", "415", "422", "428"),
        scopes=(texts.scope(resource.name, "u"),),
    )


def _history(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"history{resource.name}",
        f"All versions of a {resource.name}",
        texts.of_readers(resource, "Newest first; the next link leads to older ones."),
        parameters=("Id", *_HISTORY),
        answers={"200": parts.bundle()},
        errors=("400", "401", "403", "404", "406"),
        scopes=(texts.scope(resource.name, "r"),),
    )


def _history_type(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"history{resource.name}Type",
        f"Versions of every {resource.name}",
        "Those that you may see, newest first.",
        parameters=_HISTORY,
        answers={"200": parts.bundle()},
        errors=("400", "401", "403", "406"),
        scopes=(texts.scope(resource.name, "r"),),
    )


def _of_operation(resource: ResourceType, operation: Operation) -> Json:
    if operation in SUBSCRIPTION_OPERATIONS:
        return openapi_subscriptions.methods_of(operation)
    return {operation.method.lower(): _operation(resource, operation)}


def _operation(resource: ResourceType, operation: Operation) -> Json:
    if operation in validate.OPERATIONS:
        return _validate(resource, operation)
    names = ("Id",) if operation.level == "instance" else ()
    word = "".join(word.capitalize() for word in operation.name.split("-"))
    name = f"{resource.name.lower()}{word}"
    if operation.method == "GET":
        return parts.operation(
            resource.name,
            name,
            operation.summary,
            texts.of_operation(operation),
            parameters=names,
            answers={"200": parts.plain("The moves that you have now", {"type": "object"})},
            errors=("400", "401", "403", "404", "406", "409"),
            scopes=(texts.scope(resource.name, "r"),),
        )
    if operation.reads:
        return parts.operation(
            resource.name,
            name,
            operation.summary,
            texts.of_operation(operation),
            body=parts.json_body(f"{resource.name}-{operation.name}"),
            answers={"200": parts.plain("Parameters: entry, and next where more follows", {"type": "object"})},
            errors=("400", "401", "403", "406", "413", "415", "422"),
            scopes=(texts.scope(resource.name, "s"),),
        )
    answers = {"200": parts.written(resource.name, "The new version", located=False)}
    if operation.level != "instance":
        answers["201"] = parts.written(resource.name, "Created, with this as its first version")
    return parts.operation(
        resource.name,
        name,
        operation.summary,
        texts.of_operation(operation),
        parameters=(*names, "IfMatch", "Prefer"),
        body=parts.json_body(f"{resource.name}-{operation.name}") | {"required": False},
        answers=answers,
        errors=("400", "401", "403", "404", "409", "412", "413", "415", "422"),
        scopes=(texts.scope(resource.name, "u" if operation.level == "instance" else "c"),),
    )


_HISTORY: Final = ("Count", "Since", "Cursor", "Summary", "Elements")
_CREATE: Final = (
    "The same number from the same sender again gives the first result: 200 instead of 201. "
    "The same number with other content is 409. All faults of the content come at once (422)."
)
_MATCHING: Final = (
    "The URL holds a search. One match: it is updated, under the rules of an update. None: it is created. Several: 412."
)
_PRECONDITION: Final = {
    True: "Read it first, change it, send all of it back. Needs If-Match, or meta.versionId in the body: 428 without, "
    "412 when there is a newer version. A changed status of a case must equal one allowed move: 409 if not.",
    False: "The whole resource, with what you changed. If-Match is honoured: 412 when there is a newer version.",
}
VALIDATE_SCHEMA: Final = {
    "type": "object",
    "description": "The resource itself, or Parameters with resource, mode and profile.",
    "required": ["resourceType"],
    "properties": {
        "resourceType": {"type": "string"},
        "parameter": schemas.array({"type": "object", "required": ["name"]}),
    },
}
_INTERACTIONS: Final = {
    Interaction.CREATE: _create,
    Interaction.READ: _read,
    Interaction.VREAD: _vread,
    Interaction.UPDATE: _update,
    Interaction.PATCH: _patch,
    Interaction.SEARCH: parts.search_by_get,
    Interaction.HISTORY: _history,
    Interaction.HISTORY_TYPE: _history_type,
}
