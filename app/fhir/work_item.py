"""The ``ehr-registration`` Task: the work item behind a registration in the EHR (DESIGN 4.4)."""

from typing import Any

import msgspec

from app.clock import instant
from app.fhir import codes


def render_work_item(
    *,
    resource: str,
    created: int,
    team: str,
    participant: str,
    subject: dict[str, Any],
    owner: dict[str, Any],
    requester: dict[str, Any],
    deadline: str,
) -> bytes:
    """Version 1: requested, until the EHR confirms; ``deadline`` is an ISO day."""
    task = {
        "resourceType": "Task",
        "id": resource,
        "meta": {"versionId": "1", "lastUpdated": instant(created)},
        "identifier": [{"system": codes.PARTICIPANT, "value": participant}],
        "status": "requested",
        "businessStatus": codes.concept(codes.STAGE, "ehr-pending", codes.STAGE_DISPLAY["ehr-pending"]),
        "intent": "order",
        "code": codes.concept(
            codes.COORDINATION_TASK,
            codes.EHR_REGISTRATION,
            "Registrer rolle overfor pasient i journalsystemet",
        ),
        "focus": {"reference": f"CareTeam/{team}"},
        "for": subject,
        "authoredOn": instant(created),
        "lastModified": instant(created),
        "requester": requester,
        "owner": owner,
        "restriction": {"period": {"end": deadline}},
    }
    return msgspec.json.encode(task)


def work_item_members(state: str, updated: int, reason: str = "", *, status: str = "") -> dict[str, bytes | None]:
    """What an answer changes: the EHR's yes completes the work item, its no hands it to a person.

    ``status``: as a person has closed it.
    """
    dump = msgspec.json.encode
    return {
        "status": dump(status or ("completed" if state == "ehr-confirmed" else "requested")),
        "businessStatus": dump(codes.concept(codes.STAGE, state, codes.STAGE_DISPLAY[state])),
        "statusReason": dump({"text": reason}) if reason else None,
        "lastModified": dump(instant(updated)),
    }
