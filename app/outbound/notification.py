"""A notification Bundle of the R5 Subscriptions Backport guide for R4, id-only: what happened, not its content."""

from typing import Final

from fhir.resources.R4B.bundle import Bundle

from app.clock import instant
from app.errors import CANONICAL
from app.store.outbox import Claimed

_PROFILE: Final = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4"


def topic_url(topic: str) -> str:
    """The canonical of a topic of ours."""
    return f"{CANONICAL}/SubscriptionTopic/{topic}"


def notification(row: Claimed, *, visible: bool, base: str) -> bytes:
    """The Bundle of a claimed row: the same id and event number on every try.

    ``base`` is our FHIR base. Where the subscriber has lost sight of the resource (``visible`` False) the number
    is sent without focus, so that it sees no gap.
    """
    event = [
        {"name": "event-number", "valueString": str(row.number)},
        {"name": "timestamp", "valueInstant": instant(row.created)},
    ]
    focus = [{"name": "focus", "valueReference": {"reference": row.focus}}] if visible else []
    status = {
        "resourceType": "Parameters",
        "meta": {"profile": [_PROFILE]},
        "parameter": [
            {"name": "subscription", "valueReference": {"reference": f"Subscription/{row.receiver}"}},
            {"name": "topic", "valueCanonical": topic_url(row.topic)},
            {"name": "status", "valueCode": "active"},
            {"name": "type", "valueCode": "event-notification"},
            {"name": "events-since-subscription-start", "valueString": str(row.number)},
            {"name": "notification-event", "part": event + focus},
        ],
    }
    entries = [_entry(f"{base}/Subscription/{row.receiver}/$status", f"Subscription/{row.receiver}/$status")]
    entries[0]["resource"] = status
    if visible:
        entries.append(_entry(f"{base}/{row.focus}", row.focus))
    bundle = {
        "resourceType": "Bundle",
        "id": row.bundle,
        "type": "history",
        "timestamp": instant(row.created),
        "entry": entries,
    }
    return Bundle.model_validate(bundle).model_dump_json().encode()


def _entry(full_url: str, url: str) -> dict[str, object]:
    """Entries of a history Bundle need request and response (bdl-3, bdl-4)."""
    return {
        "fullUrl": full_url,
        "request": {"method": "GET", "url": url},
        "response": {"status": "200"},
    }
