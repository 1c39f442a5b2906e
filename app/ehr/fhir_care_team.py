"""An EHR that takes CareTeams over FHIR: conditional create on our participant identifier, end by PUT.

An EHR that says 201 may still have lost it: a registration is confirmed by reading it back.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import httpx
import msgspec

from app.ehr.port import EhrAnswer, Outcome, Stint
from app.fhir import codes
from app.fhir.rendering import organisation_reference, practitioner_reference

_JSON: Final = "application/fhir+json"
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")


class FhirCareTeamEhr:
    """Adapter «FHIR with CareTeam»: one CareTeam for each stint. ``ids``: headers by which the call is followed."""

    def __init__(self, client: httpx.AsyncClient, base: str, token: str, ids: Mapping[str, str]) -> None:
        self._client = client
        self._base = base.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}", "accept": _JSON, "content-type": _JSON, **ids}

    async def register(self, stint: Stint) -> EhrAnswer:
        """Conditional create (R4 3.1.0.8.1), then read back. An end is an order of its own, and comes after."""
        opened = replace(stint, row=stint.row._replace(end_day=None))
        answer = await self._send(
            "POST",
            "CareTeam",
            content=msgspec.json.encode(care_team(opened)),
            headers={"If-None-Exist": f"identifier={_identifier(stint)}"},
        )
        if answer.status_code not in (200, 201):
            return _refused(answer)
        return await self._read_back(opened)

    async def end(self, stint: Stint) -> EhrAnswer:
        """Set the end on what the EHR holds, under its own version."""
        found = await self._find(stint)
        if isinstance(found, EhrAnswer):
            return found
        if found is None:
            # It was lost there: the EHR shall hold the stint with its end all the same; the next try ends it.
            await self.register(stint)
            return EhrAnswer(outcome=Outcome.UNAVAILABLE, status=200, reason="registered-anew")
        wanted = care_team(stint) | {"id": found["id"]}
        version = found.get("meta", {}).get("versionId", "")
        answer = await self._send(
            "PUT",
            f"CareTeam/{found['id']}",
            content=msgspec.json.encode(wanted),
            headers={"If-Match": f'W/"{version}"'},
        )
        if answer.status_code == httpx.codes.PRECONDITION_FAILED:
            return EhrAnswer(outcome=Outcome.UNAVAILABLE, status=answer.status_code, reason="stale-version")
        return await self._read_back(stint) if answer.is_success else _refused(answer)

    async def _read_back(self, stint: Stint) -> EhrAnswer:
        found = await self._find(stint)
        if isinstance(found, EhrAnswer):
            return found
        if found is None or _held(found) != _held(care_team(stint)):
            return EhrAnswer(outcome=Outcome.UNAVAILABLE, status=200, reason="not-found-on-read-back")
        return EhrAnswer(outcome=Outcome.CONFIRMED, status=200)

    async def _find(self, stint: Stint) -> dict[str, Any] | EhrAnswer | None:
        answer = await self._send("GET", "CareTeam", params={"identifier": _identifier(stint)})
        if not answer.is_success:
            return _refused(answer)
        bundle = msgspec.json.decode(answer.content)
        entries = [entry["resource"] for entry in bundle.get("entry", ()) if "resource" in entry]
        team = next((team for team in entries if team.get("resourceType") == "CareTeam"), None)
        if team is not None and not _is_id(team.get("id")):
            # It would become part of an address that our token is sent to.
            return EhrAnswer(outcome=Outcome.UNAVAILABLE, status=answer.status_code, reason="bad-id")
        return team

    async def _send(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> httpx.Response:
        return await self._client.request(
            method,
            f"{self._base}/{path}",
            content=content,
            params=params,
            headers=self._headers | (headers or {}),
        )


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value)) and value.strip(".") != ""


def _identifier(stint: Stint) -> str:
    return f"{codes.PARTICIPANT}|{stint.row.id}"


def care_team(stint: Stint) -> dict[str, Any]:
    """The stint as the EHR's CareTeam."""
    row = stint.row
    system, value = stint.patient[0]
    period = {"start": row.start_day} | ({"end": row.end_day} if row.end_day else {})
    return {
        "resourceType": "CareTeam",
        "identifier": [{"system": codes.PARTICIPANT, "value": row.id}],
        "status": "inactive" if row.end_day and row.end_day < stint.today else "active",
        "category": [{"coding": [codes.LONGITUDINAL_CARE]}],
        "subject": {"type": "Patient", "identifier": {"system": system, "value": value}},
        "period": period,
        "participant": [
            {
                "role": [codes.role_concept(row.role)],
                "member": practitioner_reference(row.hpr, row.name),
                "onBehalfOf": organisation_reference(codes.RESH, stint.unit_resh, stint.unit_name),
                "period": period,
            }
        ],
        "managingOrganization": [
            organisation_reference(codes.ORGANISATION, stint.trust_organisation, stint.trust_name)
        ],
    }


def _held(team: dict[str, Any]) -> tuple[Any, ...]:
    """What must be the same on both sides for a registration to count."""
    participant: dict[str, Any] = next(iter(team.get("participant", ())), {})
    return (
        team.get("status"),
        team.get("subject", {}).get("identifier", {}).get("value"),
        participant.get("member", {}).get("identifier", {}).get("value"),
        participant.get("period"),
        [coding.get("code") for coding in codes.codings(participant.get("role"))],
    )


def _refused(answer: httpx.Response) -> EhrAnswer:
    """A 4xx is the EHR's no; of its words only codes and elements are kept, its texts may name a patient."""
    status = answer.status_code
    if status < 400 or status >= 500 or status in (401, 403, 408, 425, 429):
        return EhrAnswer(outcome=Outcome.UNAVAILABLE, status=status, reason=f"HTTP {status}")
    try:
        issues = msgspec.json.decode(answer.content).get("issue", [])
        said = [f"{issue.get('code', '')} {' '.join(issue.get('expression', ()))}".strip() for issue in issues]
    except (msgspec.DecodeError, AttributeError, TypeError):
        said = []
    return EhrAnswer(outcome=Outcome.REJECTED, status=status, reason="; ".join([f"HTTP {status}", *said[:5]]))
