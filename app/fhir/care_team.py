"""The coordination CareTeam as we write it (DESIGN 4.4): one a patient and trust, a row a stint."""

from dataclasses import dataclass
from typing import Any

import msgspec

from app.clock import instant
from app.fhir import codes
from app.fhir.rendering import organisation_reference, practitioner_reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Stint:
    """A coordinator's row: days are ISO, ``end`` is the last day of it."""

    id: str
    hpr: str
    name: str
    role: str
    unit_resh: str
    unit_name: str
    phone: str
    start: str
    end: str | None
    end_reason: str
    ehr_state: str
    active: bool


def is_coordination_team(team: dict[str, Any]) -> bool:
    """Whether a CareTeam is one for coordination, which the rules of 4.4 hold for."""
    return any(
        entry.get("system") == "http://loinc.org" and entry.get("code") == codes.LONGITUDINAL_CARE["code"]
        for entry in codes.codings(team.get("category"))
    )


def render_team(
    *,
    resource: str,
    version: int,
    updated: int,
    subject: dict[str, Any],
    trust: tuple[str, str],
    stints: tuple[Stint, ...],
) -> bytes:
    """The resource; ``trust`` is (organisation number, name). Active while one of its stints is."""
    team = {
        "resourceType": "CareTeam",
        "id": resource,
        "meta": {"versionId": str(version), "lastUpdated": instant(updated)},
        "status": "active" if any(stint.active for stint in stints) else "inactive",
        "category": [{"coding": [codes.LONGITUDINAL_CARE]}],
        "subject": subject,
        "participant": [_participant(stint) for stint in stints],
        "managingOrganization": [organisation_reference(codes.ORGANISATION, *trust)],
    }
    return msgspec.json.encode(team)


def _participant(stint: Stint) -> dict[str, Any]:
    extensions = [{"url": codes.EHR_STATE_EXTENSION, "valueCode": stint.ehr_state}]
    if stint.end_reason:
        extensions.append({"url": codes.END_REASON_EXTENSION, "valueCode": stint.end_reason})
    return {
        "id": stint.id,
        "extension": extensions,
        "role": [codes.role_concept(stint.role)],
        "member": practitioner_reference(stint.hpr, stint.name),
        "onBehalfOf": organisation_reference(codes.RESH, stint.unit_resh, stint.unit_name),
        "period": {"start": stint.start} | ({"end": stint.end} if stint.end else {}),
    }
