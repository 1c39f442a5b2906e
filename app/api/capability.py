"""The CapabilityStatement (R4 5.2), made from the resource table: what it says is what is routed."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.api.answers import BASE, fhir
from app.api.call import Service
from app.api.negotiate import no_more, pairs, require_json
from app.errors import CANONICAL
from app.fhir.resources import Interaction, Operation, ResourceType, SearchParameter

CHANGED: Final = "2026-11-21"
"""Day of the last change to what is offered; not of the request, or each answer would be a new version."""
SOFTWARE: Final = {"name": "Samband", "version": "0.1.0"}


async def metadata(service: Service, request: Request) -> Response:
    """``GET metadata``: open to all, so that a client can find out how to log in."""
    no_more(require_json(request.headers, pairs(request.scope["query_string"], "URL")), ("mode",))
    return fhir(service.capability)


def capability_statement(resources: dict[str, ResourceType], origin: str) -> bytes:
    """The statement of this instance at ``origin`` (scheme, host, port)."""
    statement = {
        "resourceType": "CapabilityStatement",
        "url": f"{CANONICAL}/CapabilityStatement/samband",
        "version": SOFTWARE["version"],
        "name": "Samband",
        "title": "Samband: care coordination between municipality and hospital",
        "status": "active",
        "date": CHANGED,
        "kind": "instance",
        "software": SOFTWARE,
        "implementation": {"description": "Samband", "url": f"{origin}{BASE}"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [_rest(resources)],
    }
    return msgspec.json.encode(statement)


def _rest(resources: dict[str, ResourceType]) -> dict[str, Any]:
    oauth = {
        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
        "code": "OAuth",
        "display": "OAuth",
    }
    return {
        "mode": "server",
        "documentation": (
            "Search by a national identity number with POST [type]/_search only: no URL may hold one. "
            "Errors carry a stable code of " + f"{CANONICAL}/CodeSystem/error."
        ),
        "security": {
            "cors": False,
            "service": [{"coding": [oauth]}],
            "description": "Bearer access tokens with SMART scopes, system/[type].cruds.",
        },
        "resource": [_resource(one) for one in resources.values()],
    }


def _resource(resource: ResourceType) -> dict[str, Any]:
    return {
        "type": resource.name,
        "interaction": [{"code": one.value} for one in Interaction if one in resource.interactions],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": True,
        "conditionalRead": "not-match",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "logical"],
        "searchParam": [_parameter(one) for one in resource.search],
        "operation": [_operation(resource, one) for one in resource.operations],
    }


def _parameter(parameter: SearchParameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.fhir_type,
        "documentation": "; ".join(_notes(parameter)),
    }


def _notes(parameter: SearchParameter) -> Iterator[str]:
    yield parameter.path
    for modifier in parameter.modifiers:
        yield f"{parameter.name}:{modifier}"


def _operation(resource: ResourceType, operation: Operation) -> dict[str, Any]:
    return {
        "name": operation.name,
        "definition": f"{CANONICAL}/OperationDefinition/{resource.name}-{operation.name}",
        "documentation": operation.summary,
    }
