"""The elements that the service owns, as bytes to be spliced into what a partner sent."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from app.clock import instant
from app.fhir import codes
from app.fhir.document import Opened, members_in, splice

Members = dict[str, bytes | None]
dump = msgspec.json.encode


def parsed(raw: bytes) -> dict[str, Any]:
    """The resource as plain values; for reading only, its bytes stay the truth."""
    content: dict[str, Any] = msgspec.json.decode(raw)
    return content


def exact(raw: bytes) -> dict[str, Any]:
    """The resource as ``document.read`` gives one, fractions as ``Decimal``: for comparing it with another."""
    content: dict[str, Any] = _EXACT.decode(raw)
    return content


_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_EXACT = msgspec.json.Decoder(float_hook=Decimal)


def raw_members(raw: bytes) -> dict[str, bytes]:
    """The members of the root object, each as the bytes that it was written in."""
    content = members_in(raw)
    return {name: bytes(value) for name, value in content.items()}


def member_names(raw: bytes | Opened) -> frozenset[str]:
    """Names of the members of the root object."""
    return frozenset(members_in(raw))


def organisation_reference(system: str, value: str, display: str = "") -> dict[str, Any]:
    """A logical reference to an Organization: a unit by RESH, an organisation by its number."""
    reference: dict[str, Any] = {
        "type": "Organization",
        "identifier": {"system": system, "value": value},
    }
    return reference | ({"display": display} if display else {})


def practitioner_reference(hpr: str, name: str) -> dict[str, Any]:
    """A logical reference to a Practitioner by HPR number."""
    return {"type": "Practitioner", "identifier": {"system": codes.HPR, "value": hpr}, "display": name}


def version_members(raw: bytes | Opened, resource: str, version: int, updated: int) -> Members:
    """``id`` and ``meta``: the sender's other members of meta keep their bytes."""
    content = members_in(raw)
    meta: Members = {"versionId": dump(str(version)), "lastUpdated": dump(instant(updated))}
    return {"id": dump(resource), "meta": splice(bytes(content.get("meta", b"{}")), meta)}


def with_case_number(raw: bytes | Opened, number: str) -> bytes:
    """``identifier`` with the case number (FILL) behind the sender's own, whose bytes are kept."""
    content = members_in(raw)
    own = _ITEMS.decode(content["identifier"]) if "identifier" in content else []
    filler = {
        "type": codes.concept(codes.IDENTIFIER_TYPE, "FILL"),
        "system": codes.CASE_NUMBER,
        "value": number,
    }
    return dump([*own, msgspec.Raw(dump(filler))])


def case_members(
    *, status: str, stage: str, owner: dict[str, Any] | None, reason: dict[str, Any] | None, updated: int
) -> Members:
    """What a stage looks like in a Task; without a reason an earlier one goes, without an owner the wish stays."""
    members: Members = {
        "status": dump(status),
        "businessStatus": dump(codes.concept(codes.STAGE, stage, codes.STAGE_DISPLAY.get(stage, ""))),
        "statusReason": dump(reason) if reason else None,
        "lastModified": dump(instant(updated)),
    }
    return members | {"owner": dump(owner)} if owner else members


def output(name: str, kind: str, value: object) -> dict[str, Any]:
    """One ``Task.output``: ``kind`` is the value[x] element, e.g. ``valueString``."""
    return {"type": codes.concept(codes.TASK_OUTPUT, name), kind: value}


def outputs_with(raw: bytes, fresh: Iterable[dict[str, Any]]) -> bytes:
    """``output`` with entries of the same type replaced and new ones behind."""
    content = members_in(raw)
    old = msgspec.json.decode(content["output"]) if "output" in content else []
    new = list(fresh)
    named = {codes.code_in(entry["type"], codes.TASK_OUTPUT) for entry in new}
    kept = [entry for entry in old if codes.code_in(entry["type"], codes.TASK_OUTPUT) not in named]
    return dump(kept + new)


def parameters(entries: list[dict[str, Any]]) -> bytes:
    """A Parameters resource."""
    return dump({"resourceType": "Parameters"} | ({"parameter": entries} if entries else {}))
