"""A PUT of a coordination CareTeam beside the version that stands: an end that is set is all that may differ."""

from dataclasses import dataclass
from typing import Any

from app.errors import Problems, Refused
from app.fhir import codes


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEnd:
    """The end that a PUT gives a participant, and the FHIRPath of its row."""

    end: str
    reason: str
    path: str


def wanted_ends(now: dict[str, Any], wanted: dict[str, Any]) -> dict[str, WantedEnd]:
    """The ends that ``wanted`` sets and ``now`` has not, by the participant's id.

    :raises InvalidContent: 422, all rows and elements that are left out, twice there or changed otherwise.
    :raises Refused: 409, a participant that is not there yet.
    """
    problems = Problems()
    for name in sorted(now.keys() | wanted.keys()):
        if name not in ("participant", "meta", "text") and now.get(name) != wanted.get(name, now.get(name)):
            problems.add("service-owned-element", f"CareTeam.{name}", "This element is set by the service.")
    known = {entry["id"]: entry for entry in now.get("participant", ())}
    brought: dict[str, tuple[str, dict[str, Any]]] = {}
    for index, entry in enumerate(wanted.get("participant", ())):
        key, path = entry.get("id"), f"CareTeam.participant[{index}]"
        if key not in known:
            raise Refused(
                "A coordinator is registered by the operation, with the patient's consent.",
                code="register-by-operation",
                expression="CareTeam.participant",
                allowed=("CareTeam/$register-coordinator",),
            )
        if key in brought:
            problems.add("participant-twice", path, "A row before this one is the same participant by its id.")
        brought.setdefault(key, (path, entry))
    ends: dict[str, WantedEnd] = {}
    for key, entry in known.items():
        if key not in brought:
            text = f"Participant {key} is missing; only period.end deregisters."
            problems.add("participant-left-out", "CareTeam.participant", text)
        elif wanted_end := _compare(entry, *brought[key], problems):
            ends[key] = wanted_end
    problems.raise_if_any()
    return ends


def _compare(entry: dict[str, Any], path: str, new: dict[str, Any], problems: Problems) -> WantedEnd | None:
    end, reason = new.get("period", {}).get("end"), _coded(new, codes.END_REASON_EXTENSION)
    now, because = entry["period"].get("end"), _coded(entry, codes.END_REASON_EXTENSION)
    if _fixed(entry) != _fixed(new | {"onBehalfOf": new.get("onBehalfOf", entry.get("onBehalfOf"))}):
        problems.add("participant-changed", path, "Only period.end and the end reason can be set.")
    elif _coded(new, codes.EHR_STATE_EXTENSION) - _coded(entry, codes.EHR_STATE_EXTENSION):
        problems.add("participant-changed", f"{path}.extension", "The state in the EHR is set by the service.")
    elif end is None and (now is not None or reason):
        problems.add("participant-changed", path, "An end is not taken back, and its reason goes with period.end.")
    elif len(reason) > 1:
        problems.add("participant-changed", f"{path}.extension", "An end has one reason.")
    elif end != now or reason - because:
        return WantedEnd(end=str(end), reason=next(iter(reason or because), "need-ended"), path=path)
    return None


def _fixed(entry: dict[str, Any]) -> tuple[Any, ...]:
    member = entry.get("member", {}).get("identifier")
    unit = (entry.get("onBehalfOf") or {}).get("identifier")
    roles = [coding.get("code") for coding in codes.codings(entry.get("role"))]
    return member, unit, roles, entry.get("period", {}).get("start")


def _coded(entry: dict[str, Any], url: str) -> set[str]:
    """The codes that a participant has in an extension; a client may leave out what it does not know."""
    return {str(x.get("valueCode")) for x in entry.get("extension", ()) if x.get("url") == url}
