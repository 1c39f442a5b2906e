"""What subscribers are sent and told: Bundles of the R5 Subscriptions Backport guide for R4."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from app.clock import instant
from app.fhir.subscriptions import BACKPORT, TOPICS

_PROFILE: Final = f"{BACKPORT}/StructureDefinition/backport-subscription-status-r4"
_URLS: Final = {name: url for url, name in TOPICS.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a subscriber may know it now: ``at`` in milliseconds UTC.

    ``focus`` is empty where it is out of sight, or not told; ``body`` is there where the resource goes along.
    """

    number: int
    at: int
    focus: str = ""
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a subscription is: ``type`` why it is told, ``events`` how many there were, ``problems`` in words."""

    subscription: str
    topic: str
    status: str
    type: str
    events: int
    told: Sequence[Told] = ()
    problems: Sequence[str] = ()


def parameters_of(status: Status) -> dict[str, Any]:
    """The Parameters that a Bundle begins with (profile backport-subscription-status-r4)."""
    return {
        "resourceType": "Parameters",
        "meta": {"profile": [_PROFILE]},
        "parameter": [
            {"name": "subscription", "valueReference": {"reference": f"Subscription/{status.subscription}"}},
            {"name": "topic", "valueCanonical": _URLS.get(status.topic, status.topic)},
            {"name": "status", "valueCode": status.status},
            {"name": "type", "valueCode": status.type},
            {"name": "events-since-subscription-start", "valueString": str(status.events)},
            *({"name": "notification-event", "part": _parts(one)} for one in status.told),
            *({"name": "error", "valueCodeableConcept": {"text": text}} for text in status.problems),
        ],
    }


def _parts(event: Told) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [
        {"name": "event-number", "valueString": str(event.number)},
        {"name": "timestamp", "valueInstant": instant(event.at)},
    ]
    return parts + ([{"name": "focus", "valueReference": {"reference": event.focus}}] if event.focus else [])


def notification(status: Status, *, bundle: str, at: int, base: str) -> bytes:
    """A history Bundle: the status first, then what the events are about, each once; ``base``: our FHIR base."""
    address = f"Subscription/{status.subscription}/$status"
    about = {one.focus: one.body for one in status.told if one.focus}
    entries = [
        _entry(f"{base}/{address}", address, parameters_of(status)),
        *(
            _entry(f"{base}/{focus}", focus, None if body is None else msgspec.Raw(body))
            for focus, body in about.items()
        ),
    ]
    content = {"resourceType": "Bundle", "id": bundle, "type": "history", "timestamp": instant(at), "entry": entries}
    return msgspec.json.encode(content)


def _entry(full_url: str, url: str, resource: Any) -> dict[str, Any]:
    """Entries of a history Bundle need request and response (bdl-3, bdl-4)."""
    here = {"resource": resource} if resource is not None else {}
    return {"fullUrl": full_url} | here | {"request": {"method": "GET", "url": url}, "response": {"status": "200"}}


def status_bundle(found: Sequence[Status], *, base: str, address: str) -> bytes:
    """The answer of ``$status``: a searchset of Parameters; ``address``: what was asked."""
    entries = [
        {
            "fullUrl": f"{base}/Subscription/{one.subscription}/$status",
            "resource": parameters_of(one),
            "search": {"mode": "match"},
        }
        for one in found
    ]
    content: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    content["link"] = [{"relation": "self", "url": address}]
    return msgspec.json.encode(content | ({"entry": entries} if entries else {}))
