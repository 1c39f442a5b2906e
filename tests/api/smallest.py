"""The smallest valid resource of each type that partners or the hospital write, under a number of its own."""

from typing import Any
from uuid import uuid4

from tests.api.running import need

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"
_PATIENT = {"type": "Patient", "identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "10915596784"}}
_SMALLEST: dict[str, dict[str, Any]] = {
    "CareTeam": {"status": "active"},
    "CarePlan": {"status": "active", "intent": "plan", "subject": _PATIENT},
    "ServiceRequest": {"status": "active", "intent": "order", "subject": _PATIENT},
    "QuestionnaireResponse": {"status": "completed"},
    "Consent": {
        "status": "active",
        "scope": {"text": "behandling"},
        "category": [{"text": "koordinator"}],
        "policyRule": {"text": "samtykke"},
        "patient": _PATIENT,
    },
    "Communication": {"status": "completed"},
    "Encounter": {"status": "in-progress", "class": {"code": "IMP"}},
    "Patient": {"active": True},
    "RelatedPerson": {"patient": _PATIENT},
    "Organization": {"name": "Prøveenheten"},
    "HealthcareService": {"name": "Prøvetjenesten"},
    "Practitioner": {"active": True},
    "PractitionerRole": {"active": True},
    "Endpoint": {
        "status": "active",
        "connectionType": {"code": "hl7-fhir-rest"},
        "payloadType": [{"text": "any"}],
        "address": "https://fjordvik.example/fhir",
    },
}
WITHOUT_IDENTIFIER = frozenset({"Subscription"})
"""Types that R4 gives no identifier."""
ONE_IDENTIFIER = frozenset({"QuestionnaireResponse"})
"""Types whose identifier does not repeat."""


def smallest(type_name: str, **more: Any) -> dict[str, Any]:
    """A fresh one; ``more`` are further members."""
    if type_name == "Task":
        return need(requester=None, **more)
    if type_name == "Subscription":
        return subscription(**more)
    number = {"system": "https://fjordvik.example/nummer", "value": uuid4().hex}
    content = {"resourceType": type_name, "identifier": number if type_name in ONE_IDENTIFIER else [number]}
    return content | _SMALLEST[type_name] | more


def subscription(endpoint: str = "http://127.0.0.1:9/notify", content: str = "id-only", **more: Any) -> dict[str, Any]:
    """A Subscription to what happens to cases; ``more``: further members of it, or of its channel as ``channel``."""
    channel = {
        "type": "rest-hook",
        "endpoint": endpoint,
        "payload": "application/fhir+json",
        "_payload": {"extension": [{"url": f"{BACKPORT}/backport-payload-content", "valueCode": content}]},
    }
    given = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "Saksbehandler varsles",
        "criteria": "https://samband.example/fhir/SubscriptionTopic/case-changed",
    }
    return given | more | {"channel": channel | more.get("channel", {})}
