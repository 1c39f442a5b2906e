"""The entries of a batch or transaction Bundle (R4 3.1.0.11): read, checked as a whole, links between them found."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from app.errors import Problems, TooLarge
from app.fhir.document import Document
from app.fhir.links import Form, Link, links_of, with_texts
from app.fhir.validation import validate

LIMIT: Final = 100
"""Entries of a Bundle."""
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_URN = re.compile(r"urn:(?:uuid|oid):[0-9A-Za-z.\-]+").fullmatch
_ROOT = re.compile(r"(https?://.+/)[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}").fullmatch
_LONGEST_ROOT: Final = 2000
"""Characters of a server's address: each link of the entry is read behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request of a Bundle; ``url`` with its path decoded, ``headers`` the conditions, ``body`` the very bytes."""

    number: int
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    full_url: str = ""
    links: tuple[Link, ...] = ()
    """Every link in the body."""
    root: str = ""
    """What a relative reference of this entry is relative to (R4 2.36.4.1); empty where it cannot tell."""

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
    url, full_url = request["url"], entry.get("fullUrl", "")
    return Entry(
        number=number,
        method=request["method"],
        url=_decoded(url.removeprefix(base) if url.startswith(f"{base}/") else url).lstrip("/"),
        headers={header: request[name] for name, header in names.items() if name in request},
        body=body,
        full_url=full_url,
        links=links_of(entry["resource"]) if "resource" in entry else (),
        root=_root(full_url),
    )


def _decoded(url: str) -> str:
    """The address with its path as it will be routed: ``Task%2F1%2F%24accept`` is an operation like any other."""
    path, mark, query = url.partition("?")
    decoded = unquote(path)
    # What could be decoded once more, or read as a query, leads nowhere: it stays as it is.
    return url if "%" in decoded or "?" in decoded else f"{decoded}{mark}{query}"


def _root(full_url: str) -> str:
    found = _ROOT(full_url)
    return found.group(1) if found and len(found.group(1)) <= _LONGEST_ROOT else ""


def named_by(link: Link, entry: Entry, full_urls: Container[str]) -> str:
    """The fullUrl that a link of this entry means, empty where it leads out of the Bundle (R4 2.36.4.1)."""
    if link.text in full_urls:
        return link.text
    absolute = f"{entry.root}{link.text}" if entry.root and link.form is Form.REFERENCE else ""
    return absolute if absolute in full_urls else ""


def with_links(entry: Entry, places: Mapping[str, str], matches: Mapping[str, str]) -> Entry:
    """The entry with some links replaced by ``Type/id``; every other byte stays.

    :param places: by fullUrl, of other entries.
    :param matches: by the text of a conditional reference.
    """
    texts: dict[Link, str] = {}
    for link in entry.links:
        if link.form is Form.REFERENCE and link.text in matches:
            texts[link] = matches[link.text]
        elif url := named_by(link, entry, places):
            texts[link] = places[url]
    return replace(entry, body=with_texts(entry.body, texts)) if texts else entry


def is_urn(full_url: str) -> bool:
    """Whether a fullUrl is a name for this Bundle only."""
    return bool(_URN(full_url))


def in_order(entries: tuple[Entry, ...]) -> list[Entry]:
    """Creates, then updates and patches, then reads (R4 3.1.0.11.2); a create after those that it points to."""
    ranks = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2}
    by_url = {entry.full_url: entry for entry in entries if entry.full_url}
    leads = {entry.number: sorted({named_by(link, entry, by_url) for link in entry.links} - {""}) for entry in entries}
    ordered: dict[int, Entry] = {}

    def place(entry: Entry, above: frozenset[int]) -> None:
        for url in leads[entry.number]:
            if by_url[url].number not in {*above, *ordered, entry.number}:
                place(by_url[url], above | {entry.number})
        ordered.setdefault(entry.number, entry)

    for entry in entries:
        place(entry, frozenset())
    return sorted(ordered.values(), key=lambda entry: ranks.get(entry.method, 3))
