"""Reads an R4 notification Bundle of the Subscriptions R5 Backport guide: history, Parameters first."""

import re
from collections.abc import Iterator
from typing import Any, Final

from app.sandbox.journal import Notice

_KINDS: Final = ("handshake", "heartbeat", "event-notification", "query-status", "query-event")
_WHOLE: Final = re.compile(r"\d{1,18}", re.ASCII)


class NotANotification(ValueError):
    """The Bundle is not one; the text names the element."""


def notices(bundle: dict[str, Any]) -> list[Notice]:
    """The events of a notification Bundle; a handshake gives one with number 0. Raises NotANotification."""
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "history":
        raise NotANotification("Bundle.type must be history")
    entries = bundle.get("entry")
    if not isinstance(entries, list) or not entries:
        raise NotANotification("Bundle.entry[0] must hold the Parameters")
    if not all(isinstance(entry, dict) and {"request", "response"} <= entry.keys() for entry in entries):
        raise NotANotification("Bundle.entry needs request and response in a history (bdl-3, bdl-4)")
    status = entries[0].get("resource")
    if not isinstance(status, dict) or status.get("resourceType") != "Parameters":
        raise NotANotification("Bundle.entry[0].resource must be Parameters")
    return list(_events(status, str(bundle.get("id", ""))))


def _events(status: dict[str, Any], bundle: str) -> Iterator[Notice]:
    parameters = _named(status.get("parameter"))
    kind = _text(parameters, "type")
    subscription = _text(parameters, "subscription").rpartition("Subscription/")[2]
    if kind not in _KINDS:
        raise NotANotification(f"Parameters.parameter 'type' must be one of {', '.join(_KINDS)}")
    if not subscription:
        raise NotANotification("Parameters.parameter 'subscription' must be a reference to a Subscription")
    since_start = _number(parameters, "events-since-subscription-start")
    events = [parameter for name, parameter in parameters if name == "notification-event"]
    if kind == "event-notification" and not events:
        raise NotANotification("Parameters.parameter 'notification-event' is missing")
    for event in events or [{}]:
        parts = _named(event.get("part"))
        yield Notice(
            subscription=subscription,
            number=_number(parts, "event-number"),
            type=kind,
            topic=_text(parameters, "topic"),
            focus=_text(parts, "focus"),
            bundle=bundle,
            since_start=since_start,
        )


_Named = list[tuple[str, dict[str, Any]]]


def _named(parameters: object) -> _Named:
    if not isinstance(parameters, list):
        return []
    return [(str(one.get("name")), one) for one in parameters if isinstance(one, dict)]


def _text(parameters: _Named, wanted: str) -> str:
    """The value[x] of a parameter as text: the reference of a Reference, else what stands there."""
    for name, parameter in parameters:
        values = [value for key, value in parameter.items() if key.startswith("value")]
        if name == wanted and values:
            value = values[0].get("reference", "") if isinstance(values[0], dict) else values[0]
            return str(value)
    return ""


def _number(parameters: _Named, wanted: str) -> int:
    text = _text(parameters, wanted)
    if not text:
        return 0
    if not _WHOLE.fullmatch(text):
        raise NotANotification(f"Parameters.parameter '{wanted}' must be a whole number")
    return int(text)
