"""The provider's process and its clients: ``private_key_jwt``, client credentials, tokens for one API (RFC 8707)."""

import json
import ssl
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.ports import free_port
from tests.provider.certificate import Certificate, certificate

AUDIENCE = "nhn:samband"
RESOURCE = "https://samband.example/fhir/v1"
SCOPES = (
    *("system/Task.cruds", "system/Task.rs", "system/CareTeam.rs", "system/*.rs", "system/Task.read"),
    *("nhn:samband/task.read", "nhn:samband/task.write"),
)
PATIENCE = 30
"""Seconds that a process gets to start."""


@dataclass
class System:
    """A client: its keys for authentication and for DPoP, and what the provider says of it in tokens."""

    id: str
    claims: dict[str, Any] = field(default_factory=dict)
    dpop: bool = False
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True))
    holder: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))


class Provider:
    """oidc-provider in a process that can be stopped and started with other keys, at the same address."""

    def __init__(self, program: Path, folder: Path, systems: list[System]) -> None:
        self._program = program
        self._folder = folder
        self._systems = {system.id: system for system in systems}
        self._tls: Certificate = certificate()
        self._process: subprocess.Popen[str] | None = None
        self.port = free_port()
        self.issuer = f"https://127.0.0.1:{self.port}"
        self.authority = folder / "authority.pem"
        """The certificate that a client of the provider must trust."""
        self.authority.write_text(self._tls.cert, encoding="utf-8")
        trust = ssl.create_default_context(cafile=str(self.authority))
        self._client = httpx.Client(base_url=self.issuer, verify=trust, trust_env=False, timeout=20)

    def start(self, signing: list[ECKey]) -> None:
        """Run with these keys; the first one signs."""
        given = {
            "issuer": self.issuer,
            "port": self.port,
            "tls": {"key": self._tls.key, "cert": self._tls.cert},
            "jwks": {"keys": [key.as_dict(private=True) for key in signing]},
            "audience": AUDIENCE,
            "scopes": SCOPES,
            "clients": [
                {
                    "client_id": system.id,
                    "jwks": {"keys": [system.key.as_dict(private=False)]},
                    "dpop": system.dpop,
                    "claims": system.claims,
                }
                for system in self._systems.values()
            ],
        }
        path = self._folder / "provider.json"
        path.write_text(json.dumps(given), encoding="utf-8")
        with (self._folder / "provider.log").open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                ["node", str(self._program), str(path)], stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout
        said = self._process.stdout.readline()
        assert said == "ready\n", (self._folder / "provider.log").read_text(encoding="utf-8")

    def stop(self) -> None:
        """End the process, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=PATIENCE)
            self._process = None

    def close(self) -> None:
        """End all."""
        self.stop()
        self._client.close()

    def token(self, system: System, scope: str) -> str:
        """An access token by the provider's own token endpoint."""
        endpoint = f"{self.issuer}/token"
        now = int(time.time())
        assertion = jwt.encode(
            {"alg": "ES256", "kid": system.key.kid},
            {"iss": system.id, "sub": system.id, "aud": self.issuer, "jti": str(uuid4()), "iat": now, "exp": now + 30},
            system.key,
            algorithms=["ES256"],
        )
        form = {
            "grant_type": "client_credentials",
            "resource": RESOURCE,
            "scope": scope,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        }
        headers = {"DPoP": proof(system.holder, "POST", endpoint)} if system.dpop else {}
        answer = self._client.post("/token", data=form, headers=headers)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        assert said["token_type"] == ("DPoP" if system.dpop else "Bearer")
        return str(said["access_token"])


def proof(holder: ECKey, method: str, address: str, **claims: Any) -> str:
    """A DPoP proof of now."""
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": holder.as_dict(private=False)}
    said = {"jti": str(uuid4()), "htm": method, "htu": address, "iat": int(time.time())} | claims
    return jwt.encode(header, said, holder, algorithms=["ES256"])
