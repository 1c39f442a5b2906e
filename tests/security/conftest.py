"""A service outside the sandbox, for tokens that the tests sign."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.running import Running, running, sandbox_settings
from tests.security.issuing import ISSUER, JWKS, ORGANISATION, TRUST, signed


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service on SQLite; its issuer's keys are a file."""
    folder: Path = tmp_path_factory.mktemp("samband")
    keys = folder / "jwks.json"
    keys.write_text(json.dumps(JWKS), encoding="utf-8")
    named = {"token_issuer": ISSUER, "token_preset": "sandbox", "token_jwks_file": keys}
    with running(sandbox_settings(folder, sandbox=False, **named)) as started:
        yield started


@pytest.fixture(scope="session")
def scoped() -> Callable[[str], dict[str, str]]:
    """A function: the Authorization header of a unit's token with these scopes."""
    now = int(time.time())

    def header(scope: str) -> dict[str, str]:
        claims: dict[str, Any] = {"scope": scope, "exp": now + 3600, "nbf": now, "iat": now, ORGANISATION: TRUST}
        token = signed(samband_role="unit", samband_unit="rehabilitation", **claims)
        return {"Authorization": f"Bearer {token}"}

    return header
