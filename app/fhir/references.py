"""Reference (R4 2.3.0): what a literal reference may look like and point to."""

import re
from typing import Any, Final, NamedTuple

from app.fhir.primitives import Fault

_TYPE_AND_ID = r"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?"
_RELATIVE = re.compile(_TYPE_AND_ID).fullmatch
_ABSOLUTE = re.compile(rf"https?://[^\s#]+?(?:/{_TYPE_AND_ID})?").fullmatch
_OTHER = re.compile(r"urn:(?:uuid|oid):\S+").fullmatch
_LOCAL = re.compile(r"#([A-Za-z0-9.-]{1,64})?").fullmatch
_DEFINITION: Final = "http://hl7.org/fhir/StructureDefinition/"

_FORM: Final = Fault(
    "wrong-format",
    "must be Type/id, an absolute URL, urn:uuid:, urn:oid: or # and the id of a contained resource",
)
_UNKNOWN_TYPE: Final = Fault("wrong-reference-target", "must name a resource type of R4")
_CONTRADICTION: Final = Fault("wrong-reference-target", "contradicts the type in reference")


class Local(NamedTuple):
    """A reference to a contained resource; empty id: to the container itself."""

    id: str
    targets: frozenset[str] | None


class Literal(NamedTuple):
    """Type and id of a literal reference to a resource of a FHIR server."""

    type: str
    id: str


def literal(reference: str) -> Literal | None:
    """``Patient/1``, ``https://…/Patient/1``, either with ``/_history/2`` → type and id; None for another form."""
    found = _RELATIVE(reference) or _ABSOLUTE(reference)
    return Literal(found.group(1), found.group(2)) if found and found.group(1) else None


def check_reference(
    value: dict[str, Any], targets: frozenset[str] | None, known: frozenset[str]
) -> Local | tuple[str, Fault] | None:
    """A local reference to be resolved, or the member at fault, or None.

    :param targets: allowed types, None for any.
    :param known: all resource types of R4.
    """
    reference, stated = value.get("reference"), value.get("type")
    if type(stated) is str:
        stated = stated.removeprefix(_DEFINITION)
        if fault := _type_fault(stated, targets, known):
            return "type", fault
    if type(reference) is not str:
        return None
    if local := _LOCAL(reference):
        return Local(local.group(1) or "", targets if local.group(1) else None)
    found = literal(reference)
    if found is None:
        return None if _OTHER(reference) or _ABSOLUTE(reference) else ("reference", _FORM)
    if fault := _type_fault(found.type, targets, known):
        return "reference", fault
    return ("type", _CONTRADICTION) if stated not in (None, found.type) else None


def _type_fault(name: str, targets: frozenset[str] | None, known: frozenset[str]) -> Fault | None:
    if targets is not None and name not in targets:
        return Fault("wrong-reference-target", "must point to an allowed type", tuple(sorted(targets)))
    return None if name in known else _UNKNOWN_TYPE
