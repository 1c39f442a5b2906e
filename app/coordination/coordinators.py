"""Who is coordinator for a patient at a trust, and when: the rules for the participants of a CareTeam.

Days are ISO text (``2026-11-21``) in Europe/Oslo; an end includes that day. A new stint is a new participant.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.coordination.command import Appointment
from app.coordination.consent import Consent, consent_refusal
from app.coordination.health_personnel import HEALTH_PERSONNEL
from app.errors import InvalidContent, Problems, Refused
from app.routing.directory import Directory

CHILD_COORDINATOR: Final = "child-coordinator"
"""A code of ours: Volven 9034 has none for barnekoordinator."""

ROLES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "18": ("Koordinator (spesialisthelsetjenesteloven)", "Coordinator in specialist care"),
        "8": ("Koordinator Individuell plan", "Coordinator of an individual plan"),
        "17": ("Forløpskoordinator kreft", "Cancer pathway coordinator"),
        "19": ("Kontaktlege", "Contact physician"),
        "20": ("Kontaktpsykolog", "Contact psychologist"),
        CHILD_COORDINATOR: ("Barnekoordinator", "Child coordinator"),
    }
)
"""Role code (Volven 9034, and ours) to (bokmål, English)."""

SINGLE_ROLES: Final = frozenset(ROLES) - {"17"}
"""Roles with one holder at a time for a patient at a trust: each is the patient's one named person. A patient
may follow two cancer pathways, and then has a pathway coordinator for each."""

END_REASONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "need-ended": ("Behovet er opphørt", "The need has ended"),
        "patient-does-not-want": ("Pasienten ønsker det ikke lenger", "The patient no longer wants it"),
        "consent-withdrawn": ("Samtykket er trukket tilbake", "The consent is withdrawn"),
        "replaced": ("En annen overtar", "Somebody else takes over"),
        "left-position": ("Koordinatoren har sluttet i stillingen", "The coordinator has left the position"),
        "patient-moved": ("Pasienten har flyttet", "The patient has moved"),
        "patient-dead": ("Pasienten er død", "The patient has died"),
        "entered-in-error": ("Registrert ved en feil", "Registered in error"),
    }
)
"""Why a coordinator is deregistered: code to (bokmål, English)."""


EARLIEST: Final = "1990-01-01"
YEARS_AHEAD: Final = 5
"""A start or end lies between these; a day further off is a slip of the hand."""
_IN_ERROR: Final = "entered-in-error"


class EhrState(StrEnum):
    """What the EHR has said about a registration; only a confirmed one is called registered."""

    PENDING = "ehr-pending"
    CONFIRMED = "ehr-confirmed"
    REJECTED = "ehr-rejected"
    DRIFT = "ehr-drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One stint of one person in one role. ``end`` None: no end is set."""

    id: str
    hpr: str
    name: str
    unit: str
    role: str
    start: str
    end: str | None = None
    end_reason: str = ""
    ehr_state: EhrState = EhrState.PENDING
    category: str = ""
    phone: str = ""

    def active(self, day: str) -> bool:
        """Whether the stint covers this day."""
        return self.start <= day and (self.end is None or day <= self.end)


Participants = tuple[Participant, ...]


def active(participants: Participants, day: str) -> Participants:
    """The stints that cover this day."""
    return tuple(participant for participant in participants if participant.active(day))


def register(
    participants: Participants,
    appointment: Appointment,
    consent: Consent | None,
    directory: Directory,
    *,
    trust: str,
    new_id: str,
) -> Participants:
    """All participants with the new one last; it is ``ehr-pending``.

    Raises InvalidContent (unit-unknown, unit-closed, role-unknown, date-invalid, hpr-invalid), and Refused
    (consent-missing, consent-refused, not-health-personnel, already-registered, single-role-taken).
    """
    _check_appointment(appointment, trust, directory)
    if refusal := consent_refusal(consent):
        raise Refused(refusal[1], code=refusal[0])
    person = directory.practitioner(appointment.hpr)
    # The trust's own records know better than whoever fills in the form.
    category = person.category if person else appointment.category
    if category not in HEALTH_PERSONNEL:
        raise Refused("A coordinator must be health personnel (Volven 9060).", code="not-health-personnel")
    new = Participant(
        id=new_id,
        hpr=appointment.hpr.lstrip("0"),
        name=appointment.name,
        unit=appointment.unit,
        role=appointment.role,
        start=appointment.start,
        category=category,
        phone=appointment.phone or (person.phone if person else ""),
    )
    _check_others(participants, new)
    return (*participants, new)


def deregister(
    participants: Participants, participant: str, *, end: str | None, reason: str, today: str
) -> Participants:
    """The participants with an end and its reason on one; an end that has not come yet can be moved.

    ``participant`` is an id, ``end`` the last day; None is today, or the first day of a stint that lies ahead.
    The EHR has to confirm the end too: pending again. Said again of one that has ended so, it changes nothing:
    the answer is ``participants`` itself.
    Raises InvalidContent (participant-unknown, date-invalid, end-before-start, end-reason-unknown), and
    Refused (already-ended).
    """
    found = next((row for row in participants if row.id == participant), None)
    if found is None:
        raise InvalidContent(
            "There is no such participant in this care team.",
            code="participant-unknown",
            expression="Parameters.parameter.where(name='participant')",
            allowed=tuple(row.id for row in participants),
        )
    last = end or max(found.start, today)
    _check_end(found, last, reason, today)
    over = found.end is not None and found.end < today
    if found.end_reason == reason and (found.end == last or (over and end is None)):
        return participants
    if over:
        raise Refused("This participant has already ended; a new stint is a new row.", code="already-ended")
    ended = replace(found, end=last, end_reason=reason, ehr_state=EhrState.PENDING)
    return tuple(ended if row is found else row for row in participants)


def end_in_error(participants: Participants, wrong: Collection[str], today: str) -> Participants:
    """The participants with the ``wrong`` ones (ids) ended yesterday, or on their first day when that is later.

    Whoever should not have been registered must not keep the role for the rest of the day. One that is over stays.
    """
    yesterday = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    for row in participants:
        if row.id in wrong and (row.end is None or row.end >= today):
            participants = deregister(
                participants, row.id, end=max(yesterday, row.start), reason=_IN_ERROR, today=today
            )
    return participants


def with_ehr_state(participants: Participants, participant: str, state: EhrState) -> Participants:
    """The participants with what the EHR said about one of them."""
    return tuple(replace(row, ehr_state=state) if row.id == participant else row for row in participants)


def changes(participants: Participants, *, after: str, until: str) -> tuple[tuple[str, str, bool], ...]:
    """(day, id, begins) for each start and end that falls due after one day and up to another, by day.

    A stint that ends on a day is over on the next: that next day is the day of the change.
    """
    due = [(row.start, row.id, True) for row in participants]
    due += [(_next_day(row.end), row.id, False) for row in participants if row.end]
    return tuple(sorted(change for change in due if after < change[0] <= until))


def due_day(participant: Participant, today: str) -> str | None:
    """The next day after today on which the stint begins or is over; None where neither lies ahead."""
    return next((day for day, _, _ in changes((participant,), after=today, until=date.max.isoformat())), None)


def _next_day(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def is_day(text: str) -> bool:
    """A real calendar day written as FHIR ``date`` with all three parts."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_start(start: str, today: str) -> None:
    """Refuse a start that is too far off. Raises InvalidContent (date-invalid)."""
    if not _in_reach(start, today):
        raise InvalidContent(
            f"The start must be a day from {EARLIEST} up to {YEARS_AHEAD} years ahead.",
            code="date-invalid",
            expression="Parameters.parameter.where(name='start')",
        )


def _in_reach(day: str, today: str) -> bool:
    # Days compare as text; the 29th of February five years ahead is no day, and yet in the right place.
    return EARLIEST <= day <= f"{int(today[:4]) + YEARS_AHEAD:04}{today[4:]}"


def _check_appointment(appointment: Appointment, trust: str, directory: Directory) -> None:
    problems = Problems()

    def add(code: str, part: str, text: str, allowed: tuple[str, ...] = ()) -> None:
        problems.add(code, f"Parameters.parameter.where(name='{part}')", text, allowed)

    unit = directory.unit(appointment.unit)
    units = tuple(row.key for row in directory.clinical_units(trust))
    if unit is None or unit.trust != trust:
        add("unit-unknown", "unit", "This is not a unit of the trust.", units)
    elif not unit.open:
        add("unit-closed", "unit", "This unit has closed.", units)
    if appointment.role not in ROLES:
        add("role-unknown", "role", "There is no such coordinator role.", tuple(ROLES))
    if not is_day(appointment.start):
        add("date-invalid", "start", "The start must be a real day, YYYY-MM-DD.")
    digits = appointment.hpr.lstrip("0")
    if not (digits.isascii() and digits.isdigit() and len(appointment.hpr) <= 9):
        add("hpr-invalid", "hpr", "An HPR number has one to nine digits.")
    problems.raise_if_any()


def _check_end(participant: Participant, end: str, reason: str, today: str) -> None:
    problems = Problems()
    where = "Parameters.parameter.where(name='{}')".format
    if not is_day(end):
        problems.add("date-invalid", where("end"), "The end must be a real day, YYYY-MM-DD.")
    elif not _in_reach(end, today):
        text = f"The end must be a day from {EARLIEST} up to {YEARS_AHEAD} years ahead."
        problems.add("date-invalid", where("end"), text)
    elif end < participant.start:
        problems.add("end-before-start", where("end"), "The end cannot be before the start.")
    if reason not in END_REASONS:
        problems.add("end-reason-unknown", where("reasonCode"), "There is no such end reason.", tuple(END_REASONS))
    problems.raise_if_any()


def _check_others(participants: Participants, new: Participant) -> None:
    """A single role has one holder on any day, and nobody holds the same role twice at once."""
    rivals = [
        row
        for row in participants
        if row.role == new.role and (row.end is None or row.end >= new.start) and not _undone(row)
    ]
    if any(row.hpr == new.hpr for row in rivals):
        raise Refused("This person already has this role for the patient.", code="already-registered")
    if rivals and new.role in SINGLE_ROLES:
        raise Refused(
            "Somebody holds this role for the patient: deregister that person first, or start afterwards.",
            code="single-role-taken",
        )


def _undone(row: Participant) -> bool:
    """Whether a stint was an error from its first day, which has to be its last too: the role is free at once."""
    return row.end_reason == _IN_ERROR and row.end == row.start
