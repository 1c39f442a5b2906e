"""The entries of a batch or transaction Bundle (R4 3.1.0.11): read, checked as a whole, links between them found."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from app.errors import Problems, TooLarge
from app.fhir.document import Document
from app.fhir.validation import validate

LIMIT: Final = 100
"""Entries of a Bundle."""
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_URN = re.compile(r"urn:(?:uuid|oid):[0-9A-Za-z.\-]+").fullmatch
# A key is never the text of a value: in a value every quote is escaped.
_LINK = re.compile(
    rb'("(?:reference|uri|url|value(?:Uri|Url|Uuid|Oid|Canonical))"\s*:\s*")(urn:(?:uuid|oid):[0-9A-Za-z.\-]+)(?=")'
)
_IN_NARRATIVE = re.compile(rb"""((?:href|src)\s*=\s*(?:\\"|'))(urn:(?:uuid|oid):[0-9A-Za-z.\-]+)(?=\\"|')""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request of a Bundle; ``url`` as it was written, ``headers`` the conditions, ``body`` the very bytes."""

    number: int
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    full_url: str = ""

    @property
    def type_name(self) -> str:
        """The first part of the address."""
        return re.split("[/?]", self.url.lstrip("/"), maxsplit=1)[0]

    @property
    def creates(self) -> bool:
        """Whether this is a plain or conditional create."""
        return self.method == "POST" and "/" not in self.url.partition("?")[0].strip("/")


def entries_of(document: Document, base: str) -> tuple[Entry, ...]:
    """The entries of a Bundle, in their order.

    :param base: our own base address, which a ``request.url`` may start with.
    :raises TooLarge: too-many-entries
    :raises InvalidContent: all that is wrong with the Bundle itself; what is in a resource is its entry's matter.
    """
    content = document.value
    listed = content.get("entry", [])
    if isinstance(listed, list) and len(listed) > LIMIT:
        raise TooLarge(f"A Bundle has at most {LIMIT} entries.", code="too-many-entries", expression="Bundle.entry")
    validate(_without_resources(content), "Bundle")
    problems = Problems()
    if content["type"] not in ("batch", "transaction"):
        problems.add("unknown-code", "Bundle.type", "Only these are taken here.", ("batch", "transaction"))
    full_urls: set[str] = set()
    for number, entry in enumerate(listed):
        _check(entry, f"Bundle.entry[{number}]", full_urls, problems)
    problems.raise_if_any()
    bodies = msgspec.json.decode(document.raw, type=_Bundle).entry
    return tuple(
        _entry(number, entry, bytes(body.resource), base)
        for number, (entry, body) in enumerate(zip(listed, bodies, strict=True))
    )


class _Body(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")


class _Bundle(msgspec.Struct):
    entry: list[_Body] = []


def _without_resources(content: dict[str, Any]) -> dict[str, Any]:
    """The Bundle by itself; an entry whose resource is no object is shown as it is, so that it is refused."""
    listed = content.get("entry")
    if not isinstance(listed, list):
        return content
    return content | {
        "entry": [
            {name: value for name, value in entry.items() if name != "resource" or type(value) is not dict}
            if isinstance(entry, dict)
            else entry
            for entry in listed
        ]
    }


def _check(entry: dict[str, Any], where: str, full_urls: set[str], problems: Problems) -> None:
    request = entry.get("request")
    if request is None:
        problems.add("missing-element", f"{where}.request", "An entry says its method and url.")
        return
    has_resource = "resource" in entry
    if request["method"] in _WITH_BODY and not has_resource and "$" not in request["url"]:
        problems.add("missing-element", f"{where}.resource", "This method needs a resource.", tuple(sorted(_WITH_BODY)))
    if request["method"] not in _WITH_BODY and has_resource:
        problems.add("unknown-element", f"{where}.resource", "This method takes no resource.")
    full_url = entry.get("fullUrl")
    if full_url in full_urls:
        problems.add("invariant", f"{where}.fullUrl", "Two entries have the same fullUrl (bdl-7).")
    if full_url is not None:
        full_urls.add(full_url)


def _entry(number: int, entry: dict[str, Any], body: bytes, base: str) -> Entry:
    request = entry["request"]
    names = {"ifMatch": "if-match", "ifNoneMatch": "if-none-match", "ifNoneExist": "if-none-exist"}
    url = request["url"]
    return Entry(
        number=number,
        method=request["method"],
        url=url.removeprefix(base).lstrip("/") if url.startswith(f"{base}/") else url.lstrip("/"),
        headers={header: request[name] for name, header in names.items() if name in request},
        body=body,
        full_url=entry.get("fullUrl", ""),
    )


def links_of(body: bytes) -> frozenset[str]:
    """The ``urn:uuid:`` and ``urn:oid:`` that a resource points to."""
    return frozenset(text.decode() for text in _found(body))


def _found(body: bytes) -> Iterator[bytes]:
    for pattern in (_LINK, _IN_NARRATIVE):
        for match in pattern.finditer(body):
            yield match.group(2)


def unresolved(body: bytes) -> frozenset[str]:
    """The ``urn:uuid:`` that a resource has as references: in a transaction each must be a fullUrl."""
    found = (match for match in _LINK.finditer(body) if match.group(1).startswith(b'"reference"'))
    return frozenset(match.group(2).decode() for match in found if match.group(2).startswith(b"urn:uuid:"))


def with_links(body: bytes, places: Mapping[str, str]) -> bytes:
    """The resource with its links to other entries replaced by ``Type/id``; every other byte stays."""

    def replaced(match: re.Match[bytes]) -> bytes:
        place = places.get(match.group(2).decode())
        return match.group(0) if place is None else match.group(1) + place.encode()

    return _IN_NARRATIVE.sub(replaced, _LINK.sub(replaced, body))


def is_urn(full_url: str) -> bool:
    """Whether a fullUrl is a name for this Bundle only."""
    return bool(_URN(full_url))


def in_order(entries: tuple[Entry, ...]) -> list[Entry]:
    """Creates, then updates and patches, then reads (R4 3.1.0.11.2); a create after those that it points to."""
    ranks = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2}
    by_url = {entry.full_url: entry for entry in entries if entry.full_url}
    ordered: dict[int, Entry] = {}

    def place(entry: Entry, above: frozenset[int]) -> None:
        for link in sorted(links_of(entry.body)):
            other = by_url.get(link)
            if other is not None and other.number not in {*above, *ordered, entry.number}:
                place(other, above | {entry.number})
        ordered.setdefault(entry.number, entry)

    for entry in entries:
        place(entry, frozenset())
    return sorted(ordered.values(), key=lambda entry: ranks.get(entry.method, 3))
