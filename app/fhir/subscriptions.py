"""A Subscription of the R5 Subscriptions Backport guide for R4: what of it this service does, and what it refuses.

Every element either is honoured or is refused: a subscription that is taken and never fires is worse than none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from app.correlation import CORRELATION, EVENT, TRACE
from app.errors import CANONICAL, Problems
from app.fhir.document import splice
from app.fhir.identifiers import holds_national_number
from app.fhir.instants import covered
from app.fhir.rendering import Members, dump, raw_members

BACKPORT: Final = "http://hl7.org/fhir/uv/subscriptions-backport"
CASE_CHANGED: Final = "case-changed"
"""The topic of all that happens to a case."""
TOPICS: Final[Mapping[str, str]] = MappingProxyType({f"{CANONICAL}/SubscriptionTopic/{CASE_CHANGED}": CASE_CHANGED})
"""Canonical of each topic that the service emits, and its name here."""
EMPTY: Final = "empty"
ID_ONLY: Final = "id-only"
FULL: Final = "full-resource"
CONTENTS: Final = (EMPTY, ID_ONLY, FULL)
REQUESTED: Final = "requested"
ACTIVE: Final = "active"
ERROR: Final = "error"
OFF: Final = "off"
CLIENTS: Final = (REQUESTED, OFF)
"""What a client may set ``status`` to."""
SHORTEST_HEARTBEAT: Final = 60
LONGEST_HEARTBEAT: Final = 604_800
"""Seconds."""
FHIR_JSON: Final = "application/fhir+json"

_EXTENSION: Final = f"{BACKPORT}/StructureDefinition"
_FILTER: Final = f"{_EXTENSION}/backport-filter-criteria"
_CONTENT: Final = f"{_EXTENSION}/backport-payload-content"
_HEARTBEAT: Final = f"{_EXTENSION}/backport-heartbeat-period"
_TIMEOUT: Final = f"{_EXTENSION}/backport-timeout"
_MAX_COUNT: Final = f"{_EXTENSION}/backport-max-count"
_GUIDES: Final = (BACKPORT, "http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription.")
_PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        _CONTENT: "Subscription.channel.payload",
        _HEARTBEAT: "Subscription.channel",
        _TIMEOUT: "Subscription.channel",
        # Of events in a notification: one is sent in each, so any number from 1 is kept to.
        _MAX_COUNT: "Subscription.channel",
    }
)
_ANY: Final = 2**31 - 1
_HEADERS: Final = 10
_LONGEST: Final = 2000
_NOT_THEIRS: Final = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", CORRELATION, EVENT, TRACE}
)


Found = dict[str, tuple[Any, str]]
"""URL of an extension → its value, and where it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a Subscription asks for; ``timeout`` and ``heartbeat`` in seconds, ``end`` in milliseconds."""

    topic: str
    endpoint: str
    headers: tuple[str, ...] | None
    """``Name: value``; None where the element is absent."""
    content: str
    heartbeat: int | None
    timeout: int | None
    end: int | None


def read_subscription(content: Mapping[str, Any], longest_timeout: float, problems: Problems) -> Wanted:
    """A Subscription that is valid R4; what is not done here is added to ``problems``."""
    channel = content["channel"]
    _check_shape(content, channel, problems)
    found = _asked(content, problems)
    _number(found, _MAX_COUNT, 1, _ANY, problems)
    return Wanted(
        topic=TOPICS.get(content["criteria"], ""),
        endpoint=channel.get("endpoint", ""),
        headers=_headers(channel, problems),
        content=_content(found, problems),
        heartbeat=_number(found, _HEARTBEAT, SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT, problems),
        timeout=_number(found, _TIMEOUT, 1, int(longest_timeout), problems),
        end=(covered(content.get("end")) or (None,))[0],
    )


def _check_shape(content: Mapping[str, Any], channel: Mapping[str, Any], problems: Problems) -> None:
    if content["criteria"] not in TOPICS:
        problems.add("unknown-topic", "Subscription.criteria", "There is no such topic.", tuple(TOPICS))
    if channel["type"] != "rest-hook":
        text = "Only one channel is served."
        problems.add("channel-not-supported", "Subscription.channel.type", text, ("rest-hook",))
    endpoint = channel.get("endpoint", "")
    if not endpoint:
        problems.add("missing-element", "Subscription.channel.endpoint", "A rest-hook needs an endpoint.")
    if len(endpoint) > _LONGEST or holds_national_number(endpoint):
        problems.add("bad-endpoint", "Subscription.channel.endpoint", "The endpoint is too long, or names a person.")
    if channel.get("payload") != FHIR_JSON:
        problems.add("payload-not-supported", "Subscription.channel.payload", "One format is sent.", (FHIR_JSON,))


def _asked(content: Mapping[str, Any], problems: Problems) -> Found:
    """The guide's extensions by their URL; one that is not done here is refused, others than the guide's are left."""
    found: Found = {}
    for at, one in _extensions(content, "Subscription"):
        url = one["url"]
        if url == _FILTER:
            problems.add("filter-not-supported", at, "Filters are not supported: all events of the topic are sent.")
        elif url in found or _PLACES.get(url) != at.rpartition(".extension[")[0]:
            allowed = tuple(f"{name} in {place}" for name, place in _PLACES.items())
            problems.add("extension-not-supported", at, "This extension is not done here, or not twice.", allowed)
        else:
            value = next((value for name, value in one.items() if name.startswith("value")), None)
            found[url] = value, at
    return found


def _extensions(value: Any, at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Place and content of every extension of the guide, wherever it stands."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _extensions(item, f"{at}[{index}]")
    elif isinstance(value, dict):
        if str(value.get("url", "")).startswith(_GUIDES):
            yield at, value
        for name, item in value.items():
            yield from _extensions(item, f"{at}.{name.removeprefix('_')}")


def _content(found: Found, problems: Problems) -> str:
    value, at = found.get(_CONTENT, (None, _PLACES[_CONTENT]))
    if value not in CONTENTS:
        text = "The extension backport-payload-content says how much is sent."
        problems.add("content-not-supported", at, text, CONTENTS)
        return ""
    return str(value)


def _number(found: Found, url: str, least: int, most: int, problems: Problems) -> int | None:
    if url not in found:
        return None
    value, at = found[url]
    if type(value) is not int or not least <= value <= most:
        problems.add("number-not-allowed", at, f"A whole number from {least} to {most}.")
        return None
    return value


def _headers(channel: Mapping[str, Any], problems: Problems) -> tuple[str, ...] | None:
    given = channel.get("header")
    if given is None:
        return None
    names = [str(one).partition(":")[0].strip().lower() for one in given]
    if len(given) > _HEADERS or len(set(names)) < len(names):
        text = f"At most {_HEADERS} headers, each name once."
        problems.add("bad-header", "Subscription.channel.header", text)
    for index, one in enumerate(given):
        if not is_header(one):
            text = "A header is one line, Name: value; some names are the service's own."
            problems.add("bad-header", f"Subscription.channel.header[{index}]", text)
    return tuple(one for one in given if isinstance(one, str))


def is_header(text: object) -> bool:
    """Whether it is ``Name: value`` that a subscriber may ask to be sent."""
    if not isinstance(text, str) or len(text) > _LONGEST or not text.isascii() or not text.isprintable():
        return False
    name, colon, value = text.partition(":")
    return bool(colon and value.strip()) and name.replace("-", "").isalnum() and name.lower() not in _NOT_THEIRS


def state_members(status: str, error: str) -> Members:
    """``status`` and ``error``: the service's own."""
    return {"status": dump(status), "error": dump(error) if error else None}


def without_headers(raw: bytes) -> Members:
    """``channel`` as everybody may read it: a header is a secret, and is in no version."""
    channel = raw_members(raw)["channel"]
    held = raw_members(channel).keys() & {"header", "_header"}
    return {"channel": splice(channel, dict.fromkeys(held))} if held else {}


def subscription_of(topic: str, endpoint: str, header: str, reason: str) -> bytes:
    """A Subscription, id-only, as a partner would send it."""
    channel = {
        "type": "rest-hook",
        "endpoint": endpoint,
        "payload": FHIR_JSON,
        "_payload": {"extension": [{"url": _CONTENT, "valueCode": ID_ONLY}]},
    } | ({"header": [header]} if header else {})
    return dump(
        {
            "resourceType": "Subscription",
            "status": REQUESTED,
            "reason": reason,
            "criteria": next(url for url, name in TOPICS.items() if name == topic),
            "channel": channel,
        }
    )
