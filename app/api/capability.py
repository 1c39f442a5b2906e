"""The CapabilityStatement (R4 5.2), made from the resource table: what it says is what is routed."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.api import validate
from app.api.answers import BASE, fhir
from app.api.call import Service
from app.api.entries import LIMIT
from app.api.negotiate import no_more, pairs, require_json
from app.api.operations import operations_of
from app.errors import CANONICAL
from app.fhir.profiles import profiles_of
from app.fhir.resources import Interaction, Operation, ResourceType, SearchParameter, Sight, pairs_leading_to
from app.fhir.subscriptions import BACKPORT, TOPICS

CHANGED: Final = "2026-11-22"
"""Day of the last change to what is offered; not of the request, or each answer would be a new version."""
ANSWER_PARAMETERS: Final = {
    "_summary": "true, text, data, count (searches) or false.",
    "_elements": "Top-level elements, with commas between; those that R4 requires come too.",
}
"""What shapes an answer, on reads, searches and histories."""
SOFTWARE: Final = {"name": "Samband", "version": "0.1.0"}


async def metadata(service: Service, request: Request) -> Response:
    """``GET metadata``: open to all, so that a client can find out how to log in."""
    no_more(require_json(request.headers, pairs(request.scope["query_string"], "URL")), ("mode",))
    return fhir(service.capability)


def capability_statement(resources: dict[str, ResourceType], origin: str, security: dict[str, Any]) -> bytes:
    """The statement of this instance at ``origin`` (scheme, host, port), with its ``rest.security``."""
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
        "rest": [_rest(resources, security)],
    }
    return msgspec.json.encode(statement)


def _rest(resources: dict[str, ResourceType], security: dict[str, Any]) -> dict[str, Any]:
    return {
        "mode": "server",
        "documentation": (
            "Search by a national identity number with POST [type]/_search only: no URL may hold one. "
            "Prefer return=minimal, representation or OperationOutcome, and handling=strict or lenient. If-None-Match "
            "is honoured; If-Modified-Since is not: two versions may be of the same second. HEAD answers where GET "
            f"does. Nothing is deleted. Errors carry a stable code of {CANONICAL}/CodeSystem/error."
        ),
        "security": security,
        "resource": [_resource(one) for one in resources.values()],
        "interaction": [
            {"code": "batch", "documentation": f"At most {LIMIT} entries, each answered for itself."},
            {
                "code": "transaction",
                "documentation": f"At most {LIMIT} entries, all or nothing: creates, updates, patches, reads; "
                "urn:uuid: references are resolved. Operations and two writes of one resource are refused.",
            },
            {"code": "search-system", "documentation": "_type is required; by _id and _lastUpdated; by GET or POST."},
            {"code": "history-system", "documentation": "Of the types that the token's scopes cover."},
        ],
        "searchParam": [
            {"name": name, "type": "special", "documentation": text} for name, text in ANSWER_PARAMETERS.items()
        ],
    }


def _resource(resource: ResourceType) -> dict[str, Any]:
    offered = resource.interactions
    content: dict[str, Any] = {
        "extension": _topics() if resource.name == "Subscription" else [],
        "type": resource.name,
        "profile": profiles_of(resource.name)[0],
        "supportedProfile": list(profiles_of(resource.name)[1:]),
        "interaction": [{"code": one.value} for one in Interaction if one in offered],
        "versioning": _versioning(resource),
        "readHistory": Interaction.VREAD in offered,
        "updateCreate": False,
        "conditionalCreate": Interaction.CREATE in offered,
        "conditionalRead": "not-match",
        "conditionalUpdate": Interaction.UPDATE in offered,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "logical"],
        "searchInclude": [f"{resource.name}:{name}" for name in resource.includes],
        "searchRevInclude": [":".join(pair) for pair in pairs_leading_to(resource.name)],
        "searchParam": [_parameter(resource, one) for one in resource.search],
        "operation": [_operation(resource, one) for one in _once(operations_of(resource))],
    }
    return {name: value for name, value in content.items() if value != []}


def _topics() -> list[dict[str, str]]:
    """What may be subscribed to, as the Subscriptions guide has it said."""
    url = f"{BACKPORT}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical"
    return [{"url": url, "valueCanonical": topic} for topic in TOPICS]


def _versioning(resource: ResourceType) -> str:
    if resource.versioned_update:
        return "versioned-update"
    return "no-version" if resource.sight in {Sight.SHIPPED, Sight.DERIVED} else "versioned"


def _once(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """An operation of both levels has one definition."""
    return tuple({operation.name: operation for operation in operations}.values())


def _parameter(resource: ResourceType, parameter: SearchParameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.fhir_type,
        "documentation": "; ".join(_notes(resource, parameter)),
    }


def _notes(resource: ResourceType, parameter: SearchParameter) -> Iterator[str]:
    yield parameter.path
    for modifier in parameter.modifiers:
        yield f"{parameter.name}:{modifier}"
    if parameter in resource.sorts:
        yield f"_sort={parameter.name} or -{parameter.name}"


def _operation(resource: ResourceType, operation: Operation) -> dict[str, Any]:
    return {
        "name": operation.name,
        "definition": (
            "http://hl7.org/fhir/OperationDefinition/Resource-validate"
            if operation in validate.OPERATIONS
            else f"{CANONICAL}/OperationDefinition/{resource.name}-{operation.name}"
        ),
        "documentation": operation.summary,
    }
