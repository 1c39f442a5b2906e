"""The patient's own log («innsynslogg»): rows of the audit in words for the one whom they are about.

No id of ours is in it, none of a request, and nobody else's data.
"""

from collections.abc import Sequence
from typing import Any, Final

from app.clock import instant
from app.fhir.audit_event import ACTIONS, REFUSED, Touch, organisation_of, person_of, purpose_of, unit_of
from app.routing.directory import Directory

KINDS: Final = {"looked": "Så på", "wrote": "Skrev", "refused": "Ble avvist"}
"""What somebody did, with the words for it."""
ROLES: Final = {
    "sender": "Kommune",
    "unit": "Klinisk enhet",
    "coordinating-unit": "Koordinerende enhet",
    "decision-group": "Beslutningsgruppe",
    "ehr": "Journalsystem",
    "auditor": "Innsyn og kontroll",
    "operator": "Drift",
    "service": "Samband",
}
_READING: Final = frozenset({"search-type", "search-system"} | {name for name, code in ACTIONS.items() if code == "R"})
_TYPES: Final = "http://hl7.org/fhir/resource-types"


def patient_log(touches: Sequence[Touch], directory: Directory, cursor: str) -> dict[str, Any]:
    """Parameters: an ``entry`` for each row, and ``next`` where another page follows."""
    entries = [{"name": "entry", "part": _entry(touch, directory)} for touch in touches]
    following = [{"name": "next", "valueString": cursor}] if cursor else []
    listed = {"parameter": entries + following} if entries else {}
    return {"resourceType": "Parameters", **listed}


def _entry(touch: Touch, directory: Directory) -> list[dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {
        "organization": {"valueReference": organisation_of(touch, directory) if touch.organisation else {}},
        "unit": {"valueReference": unit_of(touch, directory)},
        "practitioner": {"valueReference": person_of(touch, directory)},
        "role": {"valueCoding": {"code": touch.role, "display": ROLES.get(touch.role, touch.role)}},
        "kind": {"valueCoding": _kind(touch)},
        "about": {"valueCoding": {"system": _TYPES, "code": touch.type} if touch.type else {}},
        "purpose": {"valueCoding": purpose_of(touch)},
    }
    told = [{"name": name, **value} for name, value in values.items() if all(value.values())]
    return [{"name": "when", "valueInstant": instant(touch.at)}, *told]


def _kind(touch: Touch) -> dict[str, str]:
    code = "refused" if touch.status >= REFUSED else "looked" if touch.interaction in _READING else "wrote"
    return {"code": code, "display": KINDS[code]}
