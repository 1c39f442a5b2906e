"""How clients get tokens: ``.well-known/smart-configuration`` (SMART 2.2) and the CapabilityStatement's security."""

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.api.call import Service
from app.api.negotiate import no_more, pairs
from app.config import Algorithm
from app.errors import NotFound

SCOPES: Final = ("system/*.cruds", "system/*.rs", "system/Task.cruds", "system/Task.rs")
_URIS: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SERVICES: Final = "http://terminology.hl7.org/CodeSystem/restful-security-service"


async def smart_configuration(service: Service, request: Request) -> Response:
    """``GET .well-known/smart-configuration``: open to all; there, where the settings name a token endpoint.

    :raises NotFound: unknown-path
    """
    no_more(pairs(request.scope["query_string"], "URL"))
    settings = service.context.settings
    if not settings.token_endpoint:
        raise NotFound("There is nothing at this path.", code="unknown-path")
    document: dict[str, Any] = {
        "issuer": settings.token_issuer,
        "token_endpoint": settings.token_endpoint,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": SCOPES,
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }
    if service.access.scheme == "DPoP":
        document["dpop_signing_alg_values_supported"] = [str(one) for one in Algorithm]
    return Response(msgspec.json.encode(document), media_type="application/json")


def security(scheme: str, token_endpoint: str) -> dict[str, Any]:
    """``CapabilityStatement.rest.security``; ``scheme`` is Bearer or DPoP."""
    code, display = ("SMART-on-FHIR", "SMART-on-FHIR") if token_endpoint else ("OAuth", "OAuth")
    found: dict[str, Any] = {
        "cors": False,
        "service": [{"coding": [{"system": _SERVICES, "code": code, "display": display}]}],
        "description": f"{scheme} access tokens with SMART scopes, system/[type].cruds.",
    }
    if token_endpoint:
        found["extension"] = [{"url": _URIS, "extension": [{"url": "token", "valueUri": token_endpoint}]}]
    return found
