"""What somebody asks of a case. An operation, a PUT and a JSON Patch all become the same command."""

from dataclasses import dataclass

from app.coordination.consent import Consent
from app.coordination.criteria import Assessment
from app.coordination.states import Move, Stage
from app.routing.rules import Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """The person who is to be coordinator, and from when.

    ``hpr`` is the HPR number, ``category`` the health personnel category (Volven 9060), ``unit`` a unit key,
    ``role`` a code of Volven 9034 or ours, ``start`` an ISO day.
    """

    hpr: str
    name: str
    category: str
    unit: str
    role: str
    start: str
    phone: str = ""
    municipality_informed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A move with its arguments. ``reason`` also carries the text of a question and of its answer.

    ``placement`` is where a draft that is submitted is routed to, by ``app.routing.rules``.
    """

    move: Move
    unit: str | None = None
    outcome: Stage | None = None
    reason_code: str = ""
    reason: str = ""
    consent: Consent | None = None
    assessment: Assessment | None = None
    appointment: Appointment | None = None
    placement: Placement | None = None
    abort: str = ""
    """Id of the Task that asks to cancel the case."""
