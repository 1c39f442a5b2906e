"""AuditEvent (R4 6.4) of one row of the audit, in the shape of HL7 Norway's trust framework profile.

The profile wants a person at a unit as the agent; where a system called without one, the agent is its organisation.
The purpose is there where the caller stated one, and only then.
"""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final

from app.clock import instant
from app.fhir import codes
from app.fhir.rendering import organisation_reference
from app.routing.directory import Directory

TYPE: Final = ("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest")
SUBTYPE: Final = "http://hl7.org/fhir/restful-interaction"
ACTIONS: Final = {
    "create": "C",
    "update": "U",
    "patch": "U",
    "read": "R",
    "vread": "R",
    "history-instance": "R",
    "history-type": "R",
    "history-system": "R",
    "search-type": "E",
    "search-system": "E",
    "operation": "E",
}
"""Interaction → ``action``."""
REFUSED: Final = 400
"""An HTTP status from here on is ``outcome`` 4."""
_PURPOSE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_PATIENT: Final = "http://hl7.no/fhir/StructureDefinition/auditevent-patient-extension"
_DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_ENTITY: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_OBJECT_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
_REQUEST: Final = ("https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "XrequestId")


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A row of ``audit_event``: see ``app.store.changes.AuditRow``."""

    id: int
    at: int
    organisation: str
    unit: str
    person: str
    client: str
    role: str
    interaction: str
    type: str
    resource: str
    version: int
    patient: str
    status: int
    request: str
    purpose: str
    query: str
    others: str


def audit_event(touch: Touch, subject: tuple[str, str], directory: Directory) -> dict[str, Any]:
    """The resource without ``id`` and ``meta``; ``subject`` is (system, value) of the patient, empty for nobody."""
    agent: dict[str, Any] = {"role": [{"text": touch.role}], "requestor": True}
    contained = _at_work(touch, directory)
    agent["who"] = {"reference": "#who"} if contained else _place(touch, directory)
    patient = _patient(touch, subject)
    content: dict[str, Any] = {
        **({"contained": [contained]} if contained else {}),
        **({"extension": [{"url": _PATIENT, "valueReference": patient}]} if patient else {}),
        "type": {"system": TYPE[0], "code": TYPE[1], "display": "RESTful Operation"},
        "subtype": [{"system": SUBTYPE, "code": touch.interaction}],
        "action": ACTIONS[touch.interaction],
        "recorded": instant(touch.at),
        "outcome": "4" if touch.status >= REFUSED else "0",
        "outcomeDesc": f"HTTP {touch.status}",
        **({"purposeOfEvent": [{"coding": [purpose_of(touch)]}]} if touch.purpose else {}),
        "agent": [agent],
        "source": {
            "observer": {"type": "Device", "display": "Samband"},
            "type": [{"system": "http://terminology.hl7.org/CodeSystem/security-source-type", "code": "4"}],
        },
    }
    if touch.client:
        program = {"coding": [{"system": _DICOM, "code": "110150", "display": "Application"}]}
        who = {"type": "Device", "display": touch.client}
        content["agent"].append({"type": program, "who": who, "altId": touch.client, "requestor": False})
    if entities := [*_entities(touch, patient)]:
        content["entity"] = entities
    return content


def purpose_of(touch: Touch) -> dict[str, str]:
    """What the caller stated, a code of v3-PurposeOfUse; empty where it stated none."""
    return {"system": _PURPOSE, "code": touch.purpose} if touch.purpose else {}


def _at_work(touch: Touch, directory: Directory) -> dict[str, Any]:
    """The person at the unit; empty where a system acted by itself."""
    if not touch.person:
        return {}
    return {
        "resourceType": "PractitionerRole",
        "id": "who",
        "practitioner": person_of(touch, directory),
        "organization": _place(touch, directory),
    }


def _place(touch: Touch, directory: Directory) -> dict[str, Any]:
    return unit_of(touch, directory) or organisation_of(touch, directory)


def person_of(touch: Touch, directory: Directory) -> dict[str, Any]:
    """Who it was, by HPR number, with the directory's name; empty where a system acted by itself."""
    if not touch.person:
        return {}
    known = directory.practitioner(touch.person)
    person: dict[str, Any] = {"type": "Practitioner", "identifier": {"system": codes.HPR, "value": touch.person}}
    return person | ({"display": known.name} if known else {})


def unit_of(touch: Touch, directory: Directory) -> dict[str, Any]:
    """The unit, by RESH id; empty where it is none of the directory's."""
    unit = directory.unit(touch.unit)
    return organisation_reference(codes.RESH, unit.resh, unit.name) if unit else {}


def organisation_of(touch: Touch, directory: Directory) -> dict[str, Any]:
    """The organisation, by number, with the directory's name."""
    number = touch.organisation
    known = directory.municipality_by_organisation_number(number) or directory.trust_by_organisation_number(number)
    return organisation_reference(codes.ORGANISATION, number, known.name if known else "")


def _patient(touch: Touch, subject: tuple[str, str]) -> dict[str, Any]:
    if all(subject):
        return {"type": "Patient", "identifier": {"system": subject[0], "value": subject[1]}}
    # Who has no national identifier is known by the Patient that a partner sent.
    return {"reference": touch.patient, "type": "Patient"} if touch.patient.startswith("Patient/") else {}


def _entities(touch: Touch, patient: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if patient:
        found.append({"what": patient, "type": _coded(_ENTITY, "1"), "role": _coded(_OBJECT_ROLE, "1")})
    one = f"{touch.type}/{touch.resource}/{touch.version}" if touch.resource else ""
    for each in (*([one] if one else []), *touch.others.split()):
        name, key, version = each.split("/")
        place = f"{name}/{key}/_history/{version}" if int(version) else f"{name}/{key}"
        what = {"reference": place}
        found.append({"what": what, "type": _coded(_ENTITY, "2"), "role": _coded(_OBJECT_ROLE, "4")})
    if touch.query or touch.interaction.startswith("search"):
        query = b64encode(f"{touch.type}?{touch.query}".encode()).decode()
        found.append({"type": _coded(_ENTITY, "2"), "role": _coded(_OBJECT_ROLE, "24"), "query": query})
    if touch.request:
        found.append({"what": {"identifier": {"value": touch.request}}, "type": _coded(*_REQUEST)})
    return found


def _coded(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}
