"""Provenance (R4 6.3) of one event of a case: who did what, when, and why where the reader may know.

A reader of the hospital that has the case reads every reason. For others the reason stands only where the Task's
own ``statusReason`` tells it, and for what they did themselves (docs/decisions.md). A person is named to the person's
own organisation only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from app.clock import instant
from app.fhir import codes
from app.fhir.rendering import organisation_reference
from app.routing.directory import Directory, Unit

AUTHOR: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
TOLD: Final = frozenset({"decline", "withdraw", "lapse", "enter-in-error", "abort", "abort-rejected"})
"""What is told to the sender with its reason by the Task itself, or by the Task that asked for it."""
_DEVICES: Final = {"service": "Samband", "ehr": "Journalsystemet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of a case; ``at`` in milliseconds UTC, units by key, the rest as ``app.store.tables.case_event``."""

    case_id: str
    version: int
    number: int
    at: int
    move: str
    actor: str
    organisation: str
    person: str
    from_unit: str
    unit: str
    reason_code: str
    reason: str

    @property
    def id(self) -> str:
        """The logical id: of the case, its version, and the event's place in that."""
        return f"{self.case_id}-{self.version}-{self.number}"


def event_key(resource: str) -> tuple[str, int, int] | None:
    """Case, version and number that a logical id means; None for one that is not ours."""
    case_id, *numbers = resource.rsplit("-", 2)
    if len(numbers) < 2 or not all(text.isascii() and text.isdigit() and len(text) < 10 for text in numbers):
        return None
    version, number = map(int, numbers)
    # One id for one event: no other way to write its numbers.
    return (case_id, version, number) if resource == f"{case_id}-{version}-{number}" else None


def provenance(event: Event, directory: Directory, organisation: str) -> dict[str, Any]:
    """The content, less ``id`` and ``meta``, as a reader of ``organisation`` (a number) sees it."""
    content: dict[str, Any] = {
        "target": [{"reference": f"Task/{event.case_id}/_history/{event.version}", "type": "Task"}],
        "occurredDateTime": instant(event.at),
        "recorded": instant(event.at),
        "activity": codes.concept(codes.MOVE, event.move, codes.MOVE_DISPLAY.get(event.move, "")),
        "agent": list(_agents(event, directory, organisation)),
    }
    if reason := _reason(event, directory, organisation):
        content["reason"] = [reason]
    return content


def _reason(event: Event, directory: Directory, organisation: str) -> dict[str, Any]:
    own = event.organisation == organisation and event.actor not in _DEVICES
    if not (own or event.move in TOLD or organisation == _hospital(event, directory)):
        return {}
    system = codes.REASON_SYSTEM.get(event.move)
    coded = codes.concept(system, event.reason_code) if system else {}
    return coded | ({"text": event.reason} if event.reason else {})


def _hospital(event: Event, directory: Directory) -> str:
    """Organisation number of the trust that has the case; empty where its unit has left the directory."""
    unit = directory.unit(event.unit or event.from_unit)
    return directory.trusts[unit.trust].organisation_number if unit else ""


def _agents(event: Event, directory: Directory, organisation: str) -> Iterator[dict[str, Any]]:
    """The unit or organisation, and behind it the person where the reader is shown one."""
    author = {"type": codes.concept(AUTHOR, "author")}
    if event.actor in _DEVICES:
        yield author | {"who": {"type": "Device", "display": _DEVICES[event.actor]}}
        return
    place = _place(event, directory)
    yield author | {"who": place}
    if event.person and event.organisation == organisation:
        yield author | {"who": _person(event.person, directory), "onBehalfOf": place}


def _person(hpr: str, directory: Directory) -> dict[str, Any]:
    known = directory.practitioner(hpr)
    who: dict[str, Any] = {"type": "Practitioner", "identifier": {"system": codes.HPR, "value": hpr}}
    return who | ({"display": known.name} if known else {})


def _place(event: Event, directory: Directory) -> dict[str, Any]:
    """The unit that acted, or the organisation where no unit did."""
    unit = acting_unit(event, directory)
    if unit:
        return organisation_reference(codes.RESH, unit.resh, unit.name)
    known = directory.municipality_by_organisation_number(event.organisation) or directory.trust_by_organisation_number(
        event.organisation
    )
    return organisation_reference(codes.ORGANISATION, event.organisation, known.name if known else "")


def acting_unit(event: Event, directory: Directory) -> Unit | None:
    """The unit whose move it was; None for a sender, and for a unit that has left the directory."""
    trust = directory.trust_by_organisation_number(event.organisation)
    if event.actor == "owner":
        return directory.unit(event.from_unit)
    if trust and event.actor == "coordinating-unit":
        return directory.coordinating_unit(trust.key)
    if trust and event.actor == "decision-group":
        return directory.decision_group(trust.key)
    return None
