"""The port: what Samband asks of any EHR, and what it may answer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.store.changes import ParticipantRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Stint:
    """A coordinator's stint as an EHR needs it: names of the directory resolved, days ISO."""

    row: ParticipantRow
    today: str
    """The day in Norway: a stint is over on the day after its end."""
    patient: tuple[tuple[str, str], ...]
    """(system, value) of the patient's identifiers."""
    unit_resh: str
    unit_name: str
    trust_organisation: str
    trust_name: str


class Outcome(StrEnum):
    """Confirmed: the EHR holds it, we have read it back. Rejected: it said no. Unavailable: try again."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrAnswer:
    """``status`` is the HTTP status (0: none), ``reason`` is free of patient content."""

    outcome: Outcome
    status: int
    reason: str = ""


class Ehr(Protocol):
    """One way to an EHR. Both calls may be made again with the same stint and then change nothing."""

    async def register(self, stint: Stint) -> EhrAnswer:
        """Hold this stint."""

    async def end(self, stint: Stint) -> EhrAnswer:
        """Hold its end."""
