"""Where an issuer's keys come from: a file, or its metadata (RFC 8414, OpenID Connect Discovery) over https."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from app.security.keys import Fetch


def from_file(path: Path) -> Fetch:
    """The JWK Set in a file, as it is then."""

    async def fetch() -> Mapping[str, Any]:
        return _mapping(await asyncio.to_thread(path.read_bytes))

    return fetch


def from_issuer(client: httpx.AsyncClient, issuer: str, jwks_uri: str) -> Fetch:
    """The JWK Set at ``jwks_uri``, or where the issuer's metadata says that it is.

    The client is one that goes to these origins only, and bounds time and size (``app/security/outgoing.py``).
    """

    async def fetch() -> Mapping[str, Any]:
        return await _get(client, jwks_uri or await _stated(client, issuer))

    return fetch


async def _stated(client: httpx.AsyncClient, issuer: str) -> str:
    metadata = await _get(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if metadata.get("issuer") != issuer:
        raise ValueError("the metadata is another issuer's")
    return str(metadata["jwks_uri"])


async def _get(client: httpx.AsyncClient, address: str) -> Mapping[str, Any]:
    answer = await client.get(address, headers={"accept": "application/json"})
    if answer.status_code != 200:
        raise ValueError("the issuer did not answer 200")
    return _mapping(answer.content)


def _mapping(content: bytes) -> Mapping[str, Any]:
    document = json.loads(content)
    if not isinstance(document, dict):
        raise TypeError("not a JSON object")
    return document
