"""The docs page: Swagger UI served by us, with nothing from anybody else's address."""

import gzip
from collections.abc import Awaitable, Callable, Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.openapi import rendered
from app.errors import MethodNotAllowed, NotFound

STATIC: Final = Path(__file__).resolve().parent / "static"
_TYPES: Final = {
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "LICENSE-swagger-ui": "text/plain; charset=utf-8",
    "NOTICE-swagger-ui": "text/plain; charset=utf-8",
    "swagger-ui-bundle.js.LICENSE.txt": "text/plain; charset=utf-8",
}
_POLICY: Final = (
    # Swagger UI sets style attributes and shows its icons as data: URLs.
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_REVALIDATE: Final = "public, max-age=300, must-revalidate"


def docs_routes(*, sandbox: bool) -> Iterator[Route]:
    """``/docs``, ``/docs/[file]`` and ``/openapi.json``; persona buttons are there in the sandbox only."""

    async def page(request: Request) -> Response:
        request.scope["template"] = "/docs"
        return _served(request, _page(sandbox=sandbox), "text/html; charset=utf-8")

    async def static(request: Request) -> Response:
        request.scope["template"] = "/docs/{file}"
        name = request.path_params["file"]
        if name not in _TYPES:
            raise NotFound
        return _served(request, (STATIC / name).read_bytes(), _TYPES[name])

    async def openapi(request: Request) -> Response:
        request.scope["template"] = "/openapi.json"
        return _served(request, _openapi(sandbox=sandbox), "application/json")

    for path, endpoint in (("/docs", page), ("/docs/{file}", static), ("/openapi.json", openapi)):
        route = Route(path, _reading(endpoint))
        route.methods = None  # the endpoint itself says which are offered
        yield route


def _reading(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowed("This is a page to read.", headers={"Allow": "GET, HEAD"})
        return await endpoint(request)

    return answer


def _served(request: Request, content: bytes, media_type: str) -> Response:
    packed, tag = _packed(content)
    headers = {
        "Cache-Control": _REVALIDATE,
        "Content-Security-Policy": _POLICY,
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(b"", 304, headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, 200, headers | {"Content-Encoding": "gzip"}, media_type=media_type)
    return Response(content, 200, headers, media_type=media_type)


@lru_cache(maxsize=16)
def _packed(content: bytes) -> tuple[bytes, str]:
    return gzip.compress(content, 6, mtime=0), f'"{sha256(content).hexdigest()[:32]}"'


@lru_cache(maxsize=2)
def _openapi(*, sandbox: bool) -> bytes:
    return rendered(sandbox=sandbox).encode()


def _page(*, sandbox: bool) -> bytes:
    mark = ' data-sandbox="yes"' if sandbox else ""
    return _HTML.replace("<body>", f"<body{mark}>").encode()


_HTML: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Samband: API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/docs.css">
</head>
<body>
<div id="personas" hidden></div>
<nav id="parts" aria-label="Parts of the API" hidden></nav>
<div id="page">
<noscript>This page needs JavaScript; the document is <a href="/openapi.json">/openapi.json</a>.</noscript>
</div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/docs.js"></script>
</body>
</html>
"""
