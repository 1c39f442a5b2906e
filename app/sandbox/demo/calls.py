"""Asking over HTTP: a caller with a token, answers that are checked at once, and waiting with a deadline."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx

PATIENCE: Final = 60.0
"""Seconds until something that should happen by itself counts as not happening; a busy machine is slow."""
_PAUSE: Final = 0.05
_FHIR: Final = "application/fhir+json"

Seen = TypeVar("Seen")


class WentWrong(Exception):
    """An answer is not what the story says; the text says what was expected and what came."""


class Stopped(Exception):
    """Somebody asked the demonstration to end."""


@dataclass(slots=True)
class Stop:
    """The number of the signal that asked for the end, 0 until then. Set by a signal handler, so: no lock."""

    signal: int = 0

    def check(self) -> None:
        """Raises Stopped once somebody has asked."""
        if self.signal:
            raise Stopped

    def until(self, look: Callable[[], Seen | None], what: str, patience: float = PATIENCE) -> Seen:
        """The first answer of ``look`` that is not None. WentWrong when ``what`` does not come in time."""
        deadline = time.monotonic() + patience
        while (seen := look()) is None:
            self.check()
            if time.monotonic() > deadline:
                raise WentWrong(f"{what} did not come within {patience:.0f} s")
            time.sleep(_PAUSE)
        return seen


@dataclass(frozen=True, slots=True)
class Reply:
    """One exchange: what was asked, and the answer."""

    method: str
    path: str
    status: int
    body: dict[str, Any]
    headers: httpx.Headers

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status}"


class Web:
    """One HTTP client for all addresses of the demonstration, loopback only, without proxies."""

    def __init__(self, stop: Stop) -> None:
        self.stop = stop
        self._client = httpx.Client(trust_env=False, timeout=30)

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def ask(self, method: str, url: str, expect: int = 200, **more: Any) -> Reply:
        """One exchange. WentWrong when the status is another than ``expect``, or nobody answers."""
        self.stop.check()
        path = urlsplit(url).path
        try:
            answer = self._client.request(method, url, **more)
            body = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError) as error:
            self.stop.check()  # Ctrl-C ends the processes too: then their silence is no news
            raise WentWrong(f"{method} {path}: no readable answer ({type(error).__name__})") from None
        reply = Reply(method, path, answer.status_code, body, answer.headers)
        if reply.status != expect:
            raise WentWrong(f"{reply}, expected {expect}{_said(body)}")
        return reply


class Caller:
    """One persona of the sandbox at the service ``origin``; its token is fetched when it is first needed."""

    def __init__(self, web: Web, origin: str, name: str, **persona: str) -> None:
        self.name = name
        self._web = web
        self._origin = origin
        self._persona = persona
        self._token = ""

    def get(self, path: str, expect: int = 200) -> Reply:
        """``GET`` with the persona's token."""
        return self._web.ask("GET", self._origin + path, expect, headers=self._headers())

    def post(self, path: str, content: bytes = b"", expect: int = 200, media_type: str = _FHIR) -> Reply:
        """``POST`` of these very bytes."""
        headers = self._headers() | ({"Content-Type": media_type} if content else {})
        return self._web.ask("POST", self._origin + path, expect, content=content, headers=headers)

    def _headers(self) -> dict[str, str]:
        if not self._token:
            answer = self._web.ask("POST", f"{self._origin}/sandbox/token", data=self._persona)
            self._token = answer.body["access_token"]
        return {"Authorization": f"Bearer {self._token}", "Accept": _FHIR}


def _said(body: dict[str, Any]) -> str:
    """What an OperationOutcome says, for the message."""
    found = [str(issue.get("diagnostics", "")) for issue in body.get("issue", ()) if isinstance(issue, dict)]
    return f": {' '.join(found)}" if found else ""
