"""An entry of a Bundle as an HTTP request to the routes of this application."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Message

from app.api.answers import BASE
from app.api.call import Service
from app.api.entries import Entry
from app.api.negotiate import PATCH_TYPES, READ_TYPES
from app.errors import NotFound, Unreadable
from app.security.caller import Caller

_PASSED_ON: Final = ("accept-language", "prefer")
"""Headers of the Bundle's own request that hold for its entries."""
_OF_BOTH: Final = ("type", "http_version", "scheme", "server", "client", "app", "request_id")
_READS: Final = ("GET", "HEAD")
"""At the base a search of several types; a Bundle in a Bundle is none."""
_READABLE: Final = "/?:@!$&'()*+,;=%-._~|"


class _Binary(msgspec.Struct):
    """How R4 puts a JSON Patch into a Bundle (3.1.0.8.1)."""

    resource_type: str = msgspec.field(name="resourceType", default="")
    content_type: str = msgspec.field(name="contentType", default="")
    data: str = ""


def request_of(outer: Request, entry: Entry) -> Request:
    """The request that an entry stands for, by the caller of the Bundle.

    :raises Unreadable: the patch in a Binary is not one
    """
    path, _, query = entry.url.partition("?")
    body, media_type = entry.body, READ_TYPES[0]
    if entry.method == "PATCH":
        body, media_type = _patch(body)
    scope = {
        **{name: outer.scope[name] for name in _OF_BOTH},
        "method": entry.method,
        "root_path": "",
        "path": f"{BASE}/{path}",
        "query_string": quote(query, safe=_READABLE).encode("ascii"),
        "headers": list(_headers(outer, entry, media_type)),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(scope, receive)


def _headers(outer: Request, entry: Entry, media_type: str) -> Iterator[tuple[bytes, bytes]]:
    for name, value in outer.scope["headers"]:
        if name.decode("latin-1") in _PASSED_ON:
            yield name, value
    for header, text in entry.headers.items():
        # What a header cannot hold is percent-encoded, as it would be in the header of a single request.
        yield header.encode(), quote(text, safe=f'{_READABLE}" /').encode("latin-1")
    yield b"content-type", media_type.encode()


def _patch(body: bytes) -> tuple[bytes, str]:
    """The JSON Patch in a Binary; another resource is what a patch is not, and is refused as such."""
    binary = msgspec.json.decode(body, type=_Binary, strict=False)
    if binary.resource_type != "Binary":
        return body, READ_TYPES[0]
    if binary.content_type.partition(";")[0] not in PATCH_TYPES:
        return b"", binary.content_type if binary.content_type.isascii() else READ_TYPES[0]
    try:
        return b64decode(binary.data, validate=True), PATCH_TYPES[0]
    except (NotBase64, ValueError):
        raise Unreadable("The Binary's data is not base64.", code="wrong-format", expression="Binary.data") from None


async def send(service: Service, request: Request, caller: Caller) -> Response:
    """The answer of the route that the request leads to, with ``service`` in the place of the application's.

    The Bundle's own request has shown who calls: a token may have a proof for that one request only.

    :raises NotFound: unknown-path
    """
    scope: Any = request.scope
    scope["state"] = {"service": service, "caller": caller}
    for route in scope["app"].routes:
        if not isinstance(route, Route) or not route.path.startswith(BASE):
            continue
        match, found = route.matches(scope)
        if match is Match.FULL and (scope["method"] in _READS or route.path.rstrip("/") != BASE):
            scope |= found
            answer: Response = await route.endpoint(request)
            return answer
    raise NotFound("There is nothing at this path.", code="unknown-path", expression="Bundle.entry.request.url")
