"""The OpenAPI 3.1 document, made from the resource table and the hand-cut schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.api import openapi_parts as parts
from app.api import schemas
from app.api.answers import BASE
from app.api.capability import SOFTWARE
from app.api.parameters import parameters_schema
from app.fhir.resources import RESOURCES, Interaction, Operation, ResourceType

ROOT: Final = Path(__file__).resolve().parents[2]
COMMITTED: Final = ROOT / "openapi" / "openapi.json"
EXAMPLES: Final = ROOT / "examples"

Json = dict[str, Any]


def document(*, sandbox: bool) -> Json:
    """The whole document; with ``sandbox`` the sandbox's own operations are in it."""
    components = {
        "schemas": schemas.data_types() | schemas.resources() | _operation_schemas(),
        "responses": parts.errors(),
        "parameters": parts.parameters(),
        "headers": parts.headers(),
        "securitySchemes": parts.SECURITY_SCHEMES,
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Samband", "version": SOFTWARE["version"], "description": parts.INTRODUCTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in parts.tags(sandbox=sandbox)],
        "security": [{"token": []}],
        "paths": dict(_paths(sandbox=sandbox)),
        "components": components,
    }


def rendered(*, sandbox: bool) -> str:
    """The document as it is committed and served: readable, the same every time."""
    return json.dumps(document(sandbox=sandbox), ensure_ascii=False, indent=1) + "\n"


def _operation_schemas() -> dict[str, Json]:
    return {
        f"{resource.name}-{operation.name}": parameters_schema(operation)
        for resource in RESOURCES.values()
        for operation in resource.operations
        if operation.method == "POST"
    }


def _paths(*, sandbox: bool) -> Iterator[tuple[str, Json]]:
    if sandbox:
        yield "/sandbox/token", {"post": parts.SANDBOX_TOKEN}
    for resource in RESOURCES.values():
        yield from _of_type(resource)
    yield f"{BASE}/metadata", {"get": parts.METADATA}
    yield from parts.OTHER_PATHS.items()


def _of_type(resource: ResourceType) -> Iterator[tuple[str, Json]]:
    base, one = f"{BASE}/{resource.name}", f"{BASE}/{resource.name}/{{id}}"
    offered = {interaction: _INTERACTIONS[interaction](resource) for interaction in resource.interactions}
    search_by_post = parts.search_by_post(resource) if Interaction.SEARCH in offered else None
    yield base, _methods(get=offered.get(Interaction.SEARCH), post=offered.get(Interaction.CREATE))
    yield f"{base}/_search", _methods(post=search_by_post)
    yield (
        one,
        _methods(
            get=offered.get(Interaction.READ),
            put=offered.get(Interaction.UPDATE),
            patch=offered.get(Interaction.PATCH),
        ),
    )
    for operation in resource.operations:
        path = one if operation.level == "instance" else base
        yield f"{path}/${operation.name}", {operation.method.lower(): _operation(resource, operation)}
    yield f"{one}/_history", _methods(get=offered.get(Interaction.HISTORY))
    yield f"{one}/_history/{{version}}", _methods(get=offered.get(Interaction.VREAD))
    yield f"{base}/_history", _methods(get=offered.get(Interaction.HISTORY_TYPE))


def _methods(**methods: Json | None) -> Json:
    return {method: operation for method, operation in methods.items() if operation is not None}


def _create(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"create{resource.name}",
        f"Post a {resource.name}",
        "The same number from the same sender again gives the first result: 200 instead of 201. "
        "The same number with other content is 409.",
        parameters=("IfNoneExist",),
        body=parts.json_body(resource.name, _examples("task-" if resource.name == "Task" else "care-team-")),
        answers={
            "201": parts.stored(resource.name, "Created"),
            "200": parts.stored(resource.name, "It was there already"),
        },
        errors=("400", "401", "403", "409", "412", "413", "415", "422"),
    )


def _read(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"read{resource.name}",
        f"Read a {resource.name}",
        "The current version. With If-None-Match: 304 when that is still the version.",
        parameters=("Id", "IfNoneMatch"),
        answers={
            "200": parts.stored(resource.name, "The current version"),
            "304": {"description": "Not modified"},
        },
        errors=("400", "401", "403", "404", "406"),
    )


def _vread(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"vread{resource.name}",
        f"Read a version of a {resource.name}",
        "One version, as it was.",
        parameters=("Id", "Version"),
        answers={"200": parts.stored(resource.name, "The version")},
        errors=("400", "401", "403", "404", "406"),
    )


def _update(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"update{resource.name}",
        f"Update a {resource.name}",
        "Needs If-Match, or meta.versionId in the body. A changed status must equal one allowed move.",
        parameters=("Id", "IfMatch"),
        body=parts.json_body(resource.name, {}),
        answers={"200": parts.stored(resource.name, "The new version")},
        errors=("400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428"),
    )


def _patch(resource: ResourceType) -> Json:
    example = {"withdraw": {"value": [{"op": "replace", "path": "/status", "value": "cancelled"}]}}
    return parts.operation(
        resource.name,
        f"patch{resource.name}",
        f"Patch a {resource.name}",
        "JSON Patch (RFC 6902); the result meets the same rules as an update. Needs If-Match.",
        parameters=("Id", "IfMatch"),
        body=parts.body(
            "application/json-patch+json",
            schemas.ref("JsonPatch"),
            example if resource.name == "Task" else {},
        ),
        answers={"200": parts.stored(resource.name, "The new version")},
        errors=("400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428"),
    )


def _history(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"history{resource.name}",
        f"All versions of a {resource.name}",
        "Newest first.",
        parameters=("Id", "Count"),
        answers={"200": parts.bundle()},
        errors=("400", "401", "403", "404", "406"),
    )


def _history_type(resource: ResourceType) -> Json:
    return parts.operation(
        resource.name,
        f"history{resource.name}Type",
        f"Versions of every {resource.name}",
        "Those that you may see, newest first.",
        parameters=("Count",),
        answers={"200": parts.bundle()},
        errors=("400", "401", "403", "406"),
    )


def _operation(resource: ResourceType, operation: Operation) -> Json:
    names = ("Id",) if operation.level == "instance" else ()
    name = "".join(word.capitalize() for word in operation.name.split("-"))
    if operation.method == "GET":
        return parts.operation(
            resource.name,
            f"{resource.name.lower()}{name}",
            operation.summary,
            "From the same table that decides.",
            parameters=names,
            answers={"200": parts.plain("The moves that you have now", {"type": "object"})},
            errors=("400", "401", "403", "404", "406"),
        )
    return parts.operation(
        resource.name,
        f"{resource.name.lower()}{name}",
        operation.summary,
        "A move that the case does not allow is 409 and lists those that it does.",
        parameters=(*names, "IfMatch"),
        body=parts.json_body(f"{resource.name}-{operation.name}", _examples(operation.name)) | {"required": False},
        answers={"200": parts.stored(resource.name, "The new version")},
        errors=("400", "401", "403", "404", "409", "412", "413", "415", "422"),
    )


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


def _examples(prefix: str) -> Json:
    """The files under ``examples/`` whose name starts so: the very bytes that the demo posts; the plainest first."""
    stem = {"deregister-coordinator": "deregister", "await-consent": "assess"}.get(prefix, prefix)
    paths = sorted(EXAMPLES.glob(f"{stem}*.json"), key=lambda path: (path.stem not in {stem, "task-need"}, path.stem))
    return {path.stem: _example(path) for path in paths}


def _example(path: Path) -> Json:
    content = json.loads(path.read_text(encoding="utf-8"))
    sender = content.get("requester", {}).get("display")
    return {"summary": f"{path.stem}, from {sender}" if sender else path.stem, "value": content}
