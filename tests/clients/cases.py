"""What every client sends: the example need, several of one group, and bundles of them."""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec

from tests.api.running import need
from tests.api.smallest import smallest

SYSTEM = "https://fjordvik.example/fhir/samling"
NATIONAL = "urn:oid:2.16.578.1.12.4.1.4.1"
PROFILE = "https://samband.example/fhir/StructureDefinition/coordinator-need-task"


@dataclass(slots=True)
class Sent:
    """Needs of one group, so that a search finds these and no others."""

    group: str = field(default_factory=lambda: uuid4().hex)

    @property
    def token(self) -> str:
        """What ``group-identifier`` asks for."""
        return f"{SYSTEM}|{self.group}"

    def need(self, **more: Any) -> dict[str, Any]:
        """One of the group, under a number of its own."""
        return need(groupIdentifier={"system": SYSTEM, "value": self.group}, **more)

    def transaction(self) -> dict[str, Any]:
        """An order and a need which points at it by its urn; the need comes first."""
        order, case = (f"urn:uuid:{uuid4()}" for _ in range(2))
        return bundle(
            "transaction",
            entry("POST", "Task", self.need(focus={"reference": order}), case),
            entry("POST", "ServiceRequest", smallest("ServiceRequest"), order),
        )


def number(content: dict[str, Any]) -> str:
    """The sender's number of a need, as a search asks for it."""
    first = content["identifier"][0]
    return f"{first['system']}|{first['value']}"


def bundle(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    """A batch or transaction."""
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(
    method: str, url: str, resource: dict[str, Any] | None = None, full_url: str = "", **conditions: str
) -> dict[str, Any]:
    """One request of a bundle."""
    content: dict[str, Any] = {"request": {"method": method, "url": url, **conditions}}
    if full_url:
        content["fullUrl"] = full_url
    return content | ({"resource": resource} if resource else {})


def json_patch(path: str, value: str) -> list[dict[str, str]]:
    """A JSON Patch that replaces one element."""
    return [{"op": "replace", "path": path, "value": value}]


def as_binary(patch: list[dict[str, str]]) -> dict[str, Any]:
    """A JSON Patch as an entry of a bundle carries it."""
    data = b64encode(msgspec.json.encode(patch)).decode()
    return {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
