"""Resources that are valid R4, with synthetic content; every function gives a new one."""

from copy import deepcopy
from typing import Any

DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Behov for <b>koordinator</b></p></div>'
SYNTHETIC = "10915596784"
CANONICAL = "https://samband.example/fhir"

ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}

_TASK: dict[str, Any] = {
    "resourceType": "Task",
    "meta": {"profile": [f"{CANONICAL}/StructureDefinition/coordinator-need"]},
    "text": {"status": "additional", "div": DIV},
    "contained": [{"resourceType": "QuestionnaireResponse", "id": "answers", "status": "completed"}],
    "extension": [{"url": "https://fjordvik.example/ext", "valueString": "x"}],
    "identifier": [
        {
            "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]},
            "system": "https://fjordvik.example/saker",
            "value": "2026-17",
            "assigner": {"identifier": {"value": "1"}, "display": "Fjordvik kommune"},
        }
    ],
    "basedOn": [{"reference": "ServiceRequest/1"}],
    "status": "requested",
    "intent": "order",
    "priority": "urgent",
    "code": {"coding": [{"system": f"{CANONICAL}/CodeSystem/coordination-task", "code": "coordinator-need"}]},
    "description": "Trenger koordinator",
    "for": {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": SYNTHETIC}},
    "executionPeriod": {"start": "2026-01-01", "end": "2026-02-01T10:00:00+01:00"},
    "authoredOn": "2026-11-20T10:00:00+01:00",
    "lastModified": "2026-11-20T10:00:00.123Z",
    "requester": {"reference": "https://ehr.example/fhir/Organization/1", "type": "Organization"},
    "owner": {"type": "Organization", "identifier": {"value": "2"}},
    "note": [{"authorReference": {"reference": "Practitioner/1"}, "time": "2026-11", "text": "# Hei"}],
    "restriction": {"repetitions": 1, "period": {"end": "2026-12-20"}},
    "input": [
        {"type": {"text": "consent"}, "valueBoolean": True},
        {"type": {"text": "answers"}, "valueReference": {"reference": "#answers"}},
        {
            "type": {"text": "dose"},
            "valueQuantity": {"value": 2, "system": "http://unitsofmeasure.org", "code": "mg"},
        },
        {"type": {"text": "time"}, "valueTiming": {"repeat": {"duration": 1, "durationUnit": "h"}}},
        {"type": {"text": "name"}, "valueHumanName": {"given": ["A", None], "_given": [{"id": "x"}, ABSENT]}},
        {
            "type": {"text": "file"},
            "valueAttachment": {"contentType": "text/plain", "data": "aGVpCg=="},
        },
    ],
}

_CARE_TEAM: dict[str, Any] = {
    "resourceType": "CareTeam",
    "status": "active",
    "name": "Koordinering",
    "subject": {"reference": "Patient/1"},
    "participant": [
        {
            "id": "p1",
            "role": [{"coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.9034", "code": "18"}]}],
            "member": {"reference": "Practitioner/1"},
            "onBehalfOf": {"reference": "Organization/1"},
            "period": {"start": "2026-01-01"},
        }
    ],
    "telecom": [{"system": "phone", "value": "+47 55 00 00 00"}],
}

_PARAMETERS: dict[str, Any] = {
    "resourceType": "Parameters",
    "parameter": [
        {"name": "unit", "valueString": "neurology-ward"},
        {"name": "list", "part": [{"name": "weight", "valueDecimal": 1}]},
        {"name": "task", "resource": {"resourceType": "CareTeam", "status": "active"}},
    ],
}


def task(**members: Any) -> dict[str, Any]:
    """A Task that uses many kinds of elements; a member given as None is left out."""
    return _with(_TASK, members)


def care_team(**members: Any) -> dict[str, Any]:
    """A CareTeam with one coordinator."""
    return _with(_CARE_TEAM, members)


def parameters(**members: Any) -> dict[str, Any]:
    """A Parameters with a value, parts and a resource."""
    return _with(_PARAMETERS, members)


def _with(base: dict[str, Any], members: dict[str, Any]) -> dict[str, Any]:
    merged = {**deepcopy(base), **members}
    return {name: value for name, value in merged.items() if value is not None}
