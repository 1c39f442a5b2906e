"""An operator's settings, and what leaves this machine under them."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from app.config import IdentityMode, Settings
from tests.outbound.bypasses import ALLOWED, BEHIND_A_NAME, name_of

ISSUER = "https://issuer.example"
NAMES = [f"https://{name_of(number)}" for number in range(len(BEHIND_A_NAME))]
LITERALS = [f"https://[{ip}]" if ":" in ip else f"https://{ip}" for ip in BEHIND_A_NAME if "%" not in ip]
ORIGINS = frozenset({ALLOWED, *NAMES, *LITERALS})
"""An operator's list that is far too generous: only the address behind a name is wrong."""


def outside(**more: Any) -> Settings:
    """Settings outside the sandbox."""
    given: dict[str, Any] = {
        "token_issuer": ISSUER,
        "token_preset": "sandbox",
        "token_jwks_file": Path("keys.json"),
        "identity_numbers": IdentityMode.TEST,
    }
    return Settings(**(given | {"endpoint_origins": ORIGINS} | more))


def record_calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """(address, name for TLS) of each call that would leave this machine; it is answered 200 instead."""
    gone: list[tuple[str, object]] = []

    async def sent(self: object, request: httpx.Request) -> httpx.Response:
        gone.append((request.url.host, request.extensions["sni_hostname"]))
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", sent)
    return gone
