"""What the stand-in EHR demands of a CareTeam before it keeps it. R4 CareTeam, Volven 9034, HPR and RESH.

It judges by itself, from the published code systems, so that a mistake of the sender is found here.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

PERSON_NUMBERS: Final = ("urn:oid:2.16.578.1.12.4.1.4.1", "urn:oid:2.16.578.1.12.4.1.4.2")
"""Fødselsnummer and D-number."""
HPR: Final = "urn:oid:2.16.578.1.12.4.1.4.4"
ORGANISATIONS: Final = ("urn:oid:2.16.578.1.12.4.1.4.102", "urn:oid:2.16.578.1.12.4.1.4.101")
"""RESH and organisation number."""
ROLES: Final = "urn:oid:2.16.578.1.12.4.1.1.9034"
ROLE_CODES: Final = tuple(str(code) for code in range(3, 25))
STATUSES: Final = ("proposed", "active", "suspended", "inactive", "entered-in-error")
_WEIGHTS: Final = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

Fault = tuple[str, str]
"""FHIRPath of the element, and what it must be. Never what was sent."""


def faults(care_team: dict[str, Any]) -> list[Fault]:
    """Everything that is wrong with a CareTeam, in the order of its elements; empty when it may be kept."""
    found = list(_head(care_team))
    participants = care_team.get("participant")
    if not isinstance(participants, list) or not participants:
        found.append(("CareTeam.participant", "at least one participant"))
        return found
    closed = care_team.get("status") == "inactive"
    for index, participant in enumerate(participants):
        found.extend(_participant(f"CareTeam.participant[{index}]", _object(participant), closed=closed))
    return found


def _head(care_team: dict[str, Any]) -> Iterator[Fault]:
    if care_team.get("resourceType") != "CareTeam":
        yield "CareTeam.resourceType", "CareTeam"
    identifiers = care_team.get("identifier")
    if not isinstance(identifiers, list) or not identifiers or not all(map(_named, identifiers)):
        yield "CareTeam.identifier", "at least one, each with system and value"
    if care_team.get("status") not in STATUSES:
        yield "CareTeam.status", f"one of {', '.join(STATUSES)}"
    subject = _object(_object(care_team.get("subject")).get("identifier"))
    if subject.get("system") not in PERSON_NUMBERS:
        yield "CareTeam.subject.identifier.system", f"one of {', '.join(PERSON_NUMBERS)}"
    if not is_person_number(subject.get("value")):
        yield "CareTeam.subject.identifier.value", "11 digits with valid check digits"


def _participant(path: str, participant: dict[str, Any], *, closed: bool) -> Iterator[Fault]:
    member = _object(_object(participant.get("member")).get("identifier"))
    if member.get("system") != HPR:
        yield f"{path}.member.identifier.system", HPR
    if not re.fullmatch(r"\d{1,9}", str(member.get("value", "")), re.ASCII):
        yield f"{path}.member.identifier.value", "an HPR number of 1 to 9 digits"
    if not any(_is_role(coding) for coding in _codings(participant.get("role"))):
        yield f"{path}.role.coding", f"a code of {ROLES}: {', '.join(ROLE_CODES)}"
    unit = participant.get("onBehalfOf")
    if unit is not None:
        identifier = _object(_object(unit).get("identifier"))
        if identifier.get("system") not in ORGANISATIONS or not identifier.get("value"):
            yield f"{path}.onBehalfOf.identifier", f"a value of one of {', '.join(ORGANISATIONS)}"
    yield from _period(f"{path}.period", _object(participant.get("period")), closed=closed)


def _period(path: str, period: dict[str, Any], *, closed: bool) -> Iterator[Fault]:
    start, end = _day(period.get("start")), _day(period.get("end"))
    if start is None:
        yield f"{path}.start", "a date"
    if end is None and (closed or "end" in period):
        yield f"{path}.end", "a date, because the team is inactive" if closed else "a date"
    if start and end and end < start:
        yield f"{path}.end", "not before the start"


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _named(identifier: object) -> bool:
    entry = _object(identifier)
    return all(isinstance(entry.get(name), str) and entry[name] for name in ("system", "value"))


def _codings(roles: object) -> Iterator[dict[str, Any]]:
    for role in roles if isinstance(roles, list) else ():
        codings = _object(role).get("coding")
        for coding in codings if isinstance(codings, list) else ():
            yield _object(coding)


def _is_role(coding: dict[str, Any]) -> bool:
    return coding.get("system") == ROLES and coding.get("code") in ROLE_CODES


def _day(value: object) -> date | None:
    if not isinstance(value, str) or not _DATE.match(value):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def is_person_number(value: object) -> bool:
    """Whether both check digits hold; the first may leave a remainder of 0 to 3 (Skatteetaten, from 2032)."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{11}", value, re.ASCII):
        return False
    digits = [int(digit) for digit in value]
    first, second = (sum(map(int.__mul__, digits, weights)) % 11 for weights in _WEIGHTS)
    return first <= 3 and second == 0
