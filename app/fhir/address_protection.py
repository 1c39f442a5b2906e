"""Address protection («kode 6» and «kode 7»): the label that says it, and a body without what could tell where."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from app.fhir import codes
from app.fhir.document import splice
from app.fhir.rendering import Members, dump, parsed, raw_members

CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_REDACTED: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED"}
_MASKED: Final = {"extension": [{"url": codes.DATA_ABSENT_REASON, "valueCode": "masked"}]}


class Level(StrEnum):
    """How strictly an address is protected in the national registry."""

    STRICT = "strict"
    """Strengt fortrolig, «kode 6»; abroad too, «kode 19»."""
    CONFIDENTIAL = "confidential"
    """Fortrolig, «kode 7»."""


_LABELS: Final[Mapping[str, Level]] = {
    "V": Level.STRICT,
    "R": Level.CONFIDENTIAL,
    "strengtFortrolig": Level.STRICT,
    "strengtFortroligUtland": Level.STRICT,
    "fortrolig": Level.CONFIDENTIAL,
}
"""``V`` and ``R`` of v3-Confidentiality, and the registry's own words as the EHR sends them."""

_REACHED: Final = {"address": [_MASKED], "telecom": [_MASKED]}
_TELLING: Final[Mapping[str, Mapping[str, list[dict[str, Any]]]]] = {
    # A contact has a name or the like (pat-1).
    "Patient": _REACHED | {"contact": [{"name": _MASKED}]},
    "RelatedPerson": _REACHED,
}
"""Elements that are withheld, and what stands there instead; the narrative goes with them, for it repeats them."""
_NAMES: Final = tuple(f'"{name}"'.encode() for name in _TELLING)


def level_of(content: Mapping[str, Any]) -> Level | None:
    """What the labels of a resource say, the strictest; None where they say nothing of it."""
    labels = (content.get("meta") or {}).get("security", ())
    found = [
        _LABELS[one["code"]]
        for one in labels
        if one.get("code") in _LABELS and (len(one["code"]) > 1 or one.get("system") == CONFIDENTIALITY)
    ]
    return Level.STRICT if Level.STRICT in found else next(iter(found), None)


def may_tell(type_name: str, body: bytes) -> bool:
    """Whether a body may hold a patient's address at all: cheap, for every answer is asked."""
    return type_name in _TELLING or (b'"contained"' in body and any(name in body for name in _NAMES))


def withheld(type_name: str, body: bytes) -> bytes:
    """The body without address, telecom and contact, in what is contained too; what is not there is told as masked.

    The same body where there is nothing to withhold.
    """
    members = _without(type_name, parsed(body))
    if not members:
        return body
    meta = raw_members(raw_members(body).get("meta", b"{}"))
    labels = parsed(meta["security"]) if "security" in meta else []
    kept = {name: msgspec.Raw(value) for name, value in meta.items()}
    members["meta"] = dump(kept | {"security": [*labels, _REDACTED]})
    return splice(body, members)


def _without(type_name: str, content: Mapping[str, Any]) -> Members:
    instead = _TELLING.get(type_name, {})
    members: Members = {name: dump(value) for name, value in instead.items() if name in content}
    if members and "text" in content:
        members["text"] = None
    contained = content.get("contained", ())
    masked = [_masked(one) for one in contained]
    if masked != list(contained):
        members["contained"] = dump(masked)
    if "contained" in members and "text" in content:
        members["text"] = None
    return members


def _masked(one: Mapping[str, Any]) -> dict[str, Any]:
    instead = _TELLING.get(str(one.get("resourceType")), {})
    hidden = {name: value for name, value in instead.items() if name in one}
    if not hidden:
        return dict(one)
    kept = {name: value for name, value in one.items() if name != "text"}
    return kept | hidden
