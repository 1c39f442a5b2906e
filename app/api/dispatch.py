"""The short way to our own routes: inside the guard, past the framework's rounds for what these routes do not have.

FastAPI's stack for dependencies and Starlette's two handlers of exceptions cost a request as much as its validation;
the guard answers every failure with the same words. Any other path goes on to the framework.
"""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send


class Dispatch:
    """ASGI middleware; ``routes`` take every method, and have convertors that leave a text as it is."""

    def __init__(self, app: ASGIApp, routes: Iterable[Route]) -> None:
        self._app = app
        self._found: list[tuple[Any, Route]] = [(route.path_regex.match, route) for route in routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to one of the routes."""
        if scope["type"] == "http":
            path = scope["path"]
            for match, route in self._found:
                if found := match(path):
                    scope["path_params"] = found.groupdict()
                    scope["route"] = route
                    response = await route.endpoint(Request(scope, receive, send))
                    await response(scope, receive, send)
                    return
        await self._app(scope, receive, send)
