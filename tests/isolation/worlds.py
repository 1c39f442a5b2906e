"""One world: the service in this process on a database of its own, with chance and time in the test's hands.

Ids depend on who asks for the how-manieth time and on the place in the code, not on what others did before: in both
worlds the same request of the same party is given the same ids.
"""

import hashlib
import sys
from collections import Counter
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import httpx
from pydantic import SecretStr

from app.config import IdentityMode, Settings
from app.main import create_app
from app.store.opening import open_store
from tests.api.running import PROJECT
from tests.store.databases import quick

START = 1_795_258_800_000
"""2026-11-21T12:00:00+01:00"""
TOKEN_MILLIS = 60_000
"""A token is used for so long; the sandbox's live a little longer."""
BASE = "http://127.0.0.1:8400"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request: ``kind`` for the table of a run, the headers without those that every request has."""

    kind: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """All of an answer that a client can compare."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(slots=True)
class World:
    """A running service; ``actor`` is whoever asks now, ``now`` milliseconds UTC."""

    client: httpx.AsyncClient
    now: int = START
    actor: str = ""
    turns: Counter[str] = field(default_factory=Counter)
    tokens: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    async def token(self, persona: str, place: str) -> str:
        """An access token of a sandbox persona at an organisation or a unit."""
        since, kept = self.tokens.get((persona, place), (0, ""))
        if self.now - since > TOKEN_MILLIS:
            name = "organisation" if persona == "municipality" else "unit"
            answer = await self.client.post("/sandbox/token", data={"persona": persona, name: place})
            kept = str(answer.json()["access_token"])
            self.tokens[persona, place] = (self.now, kept)
        return kept

    async def send(self, sent: Sent, persona: str, place: str, label: str = "") -> Answer:
        """Send a request as a persona; ``label`` sets chance apart where one persona plays two parts."""
        self.actor = f"{label or persona}/{place}"
        self.turns[self.actor] += 1
        _ASKING[:] = [self]
        headers = {"authorization": f"Bearer {await self.token(persona, place)}", "x-request-id": "isolation"}
        headers |= dict(sent.headers)
        # No character is escaped again: the path is sent as it was made.
        url = httpx.URL(BASE, raw_path=sent.path.encode())
        answer = await self.client.request(sent.method, url, headers=headers, content=sent.body)
        return Answer(answer.status_code, tuple(sorted(answer.headers.items())), answer.content)

    def drawn(self) -> bytes:
        """Sixteen bytes that depend on who asks, the turn and the place in the code, and on nothing else."""
        frame = sys._getframe(2)
        places: list[str] = []
        while frame.f_back is not None and len(places) < 3:
            places.append(frame.f_code.co_name)
            frame = frame.f_back
        key = f"{self.actor}|{self.turns[self.actor]}|{places}"
        self.turns[key] += 1
        return hashlib.sha256(f"{key}|{self.turns[key]}".encode()).digest()[:16]

    def new_id(self) -> str:
        """A UUIDv4."""
        return str(UUID(bytes=self.drawn(), version=4))


@asynccontextmanager
async def world(url: str) -> AsyncIterator[World]:
    """The service on a migrated, empty database."""
    settings = Settings(
        database_url=url,
        directory=PROJECT / "directory.toml",
        sandbox=True,
        identity_numbers=IdentityMode.TEST,
        cursor_key=SecretStr("isolation" * 4),
        base_url=BASE,
    )
    async with AsyncExitStack() as stack:
        # Chance outside the service's own source of ids: the letters of case numbers.
        stack.enter_context(patch("app.fhir.case_number.secrets", SimpleNamespace(token_bytes=_token_bytes)))
        here = World(httpx.AsyncClient())
        store = quick(open_store(url, 4))
        stack.push_async_callback(store.close)
        app = create_app(settings, store=store, clock=lambda: here.now, new_id=here.new_id, deliver=False)
        state: Any = await stack.enter_async_context(app.router.lifespan_context(app))

        async def with_state(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(state)}, receive, send)

        transport = httpx.ASGITransport(app=with_state, raise_app_exceptions=False)
        here.client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=BASE))
        yield here


_ASKING: list[World] = []


def _token_bytes(number: int) -> bytes:
    return (_ASKING[0].drawn() * number)[:number]


@asynccontextmanager
async def two_worlds(first: str, second: str) -> AsyncIterator[tuple[World, World]]:
    """Both, on migrated, empty databases of their own."""
    async with world(first) as left, world(second) as right:
        yield left, right
