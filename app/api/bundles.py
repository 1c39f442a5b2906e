"""Bundles by joining stored bytes: what a partner sent is never parsed on its way out (R4 3.1.1.1, 2.36)."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec

from app.api.answers import etag
from app.clock import instant
from app.store.changes import Stored

Shown = Callable[[str, bytes], bytes]
"""Type and stored body → what is shown of it."""


def whole(_: str, body: bytes) -> bytes:
    """All of a body."""
    return body


def searchset(
    base: str,
    rows: Sequence[Stored],
    links: dict[str, str],
    total: int | None,
    outcome: bytes = b"",
    *,
    included: Sequence[Stored] = (),
    shown: Shown = whole,
) -> bytes:
    """A page of a search; ``links`` relation → address, ``base`` the FHIR base address."""
    entries = [_found(base, row, shown(row.type, row.body), b"match") for row in rows]
    entries += [_found(base, row, shown(row.type, row.body), b"include") for row in included]
    if outcome:
        entries.append(b'{"resource":%b,"search":{"mode":"outcome"}}' % outcome)
    return _bundle(b"searchset", b",".join(entries), links, total)


def history(
    base: str, rows: Sequence[Stored], links: dict[str, str], shown: Shown = whole, total: int | None = None
) -> bytes:
    """Versions, newest first; each entry with request and response (bdl-3, bdl-4)."""
    entries = b",".join(_version_entry(base, row, shown(row.type, row.body)) for row in rows)
    return _bundle(b"history", entries, links, total)


def _found(base: str, row: Stored, body: bytes, mode: bytes) -> bytes:
    return b'{"fullUrl":%b,"resource":%b,"search":{"mode":"%b"}}' % (_full_url(base, row), body, mode)


def _version_entry(base: str, row: Stored, body: bytes) -> bytes:
    created = row.version == 1
    request = {
        "method": "POST" if created else "PUT",
        "url": row.type if created else f"{row.type}/{row.id}",
    }
    response = {
        "status": "201" if created else "200",
        "etag": etag(row.version),
        "lastModified": instant(row.updated),
    }
    parts = (_full_url(base, row), body, msgspec.json.encode(request), msgspec.json.encode(response))
    return b'{"fullUrl":%b,"resource":%b,"request":%b,"response":%b}' % parts


def _full_url(base: str, row: Stored) -> bytes:
    # An id has no character that JSON would escape (R4 2.24.0.1).
    return b'%b%b"' % (_beginning(base, row.type), row.id.encode())


@lru_cache(maxsize=128)
def _beginning(base: str, type_name: str) -> bytes:
    return msgspec.json.encode(f"{base}/{type_name}/").removesuffix(b'"')


def _bundle(kind: bytes, entries: bytes, links: dict[str, str], total: int | None) -> bytes:
    link = msgspec.json.encode([{"relation": name, "url": url} for name, url in links.items()])
    counted = b"" if total is None else b',"total":%d' % total
    # R4 forbids an empty list: no entries, no member.
    listed = b',"entry":[%b]' % entries if entries else b""
    return b'{"resourceType":"Bundle","type":"%b"%b,"link":%b%b}' % (kind, counted, link, listed)
