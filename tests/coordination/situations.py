"""A small trust and cases in it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from app.coordination.case import Case, Limits, draft_case
from app.coordination.command import Appointment, Command
from app.coordination.consent import Consent
from app.coordination.decide import AvailableMove, decide, open_case
from app.coordination.states import PLACEABLE_OUTCOMES, Actor, Move, Stage
from app.routing.directory import Directory, read_directory
from app.routing.rules import Placement

TRUST, KE, GROUP = "fjord", "ke", "group"
UNITS = ("alpha", "beta", "gamma", "delta")
ROUTED_TO = ("alpha", "gamma", KE)
"""Where drafts are routed to: a unit that may close, one that does not, and the coordinating unit."""
LIMITS = Limits()
SENDER = "310471437"
YES = Consent(given=True, date="2026-11-20", source="the municipality")
NO = Consent(given=False, date="2026-11-20", source="the patient")

OWNER = frozenset({Actor.OWNER})
FROM_SENDER = frozenset({Actor.SENDER})
FROM_KE = frozenset({Actor.COORDINATING_UNIT, Actor.OWNER})
FROM_GROUP = frozenset({Actor.DECISION_GROUP, Actor.OWNER})
BY_SERVICE = frozenset({Actor.SERVICE})

_NUMBERS = ("310470139", "310470260", "310470392", "310470651", "310470783", "310470910")


@cache
def directory_of(closed: frozenset[str] = frozenset(), units: int = 4) -> Directory:
    """A trust with this many clinical units, of which some have closed."""
    return read_directory(document_of(closed, units))


def document_of(closed: frozenset[str] = frozenset(), units: int = 4) -> dict[str, Any]:
    """The tables of that directory."""
    rows: dict[str, dict[str, Any]] = {
        key: {"name": key.title(), "kind": "ward", "clinic": "clinic", "open": key not in closed}
        for key in UNITS[:units]
    }
    rows[KE] = {"name": "Koordinerende enhet", "kind": "coordinating-unit", "trust": TRUST}
    rows[GROUP] = {"name": "Beslutningsgruppen", "kind": "decision-group", "trust": TRUST}
    for index, row in enumerate(rows.values()):
        row |= {"resh": str(4900101 + index), "organisation_number": _NUMBERS[index]}
    return {
        "trusts": {TRUST: {"name": "Fjord HF", "organisation_number": "310470007"}},
        "clinics": {"clinic": {"name": "Klinikken", "trust": TRUST}},
        "units": rows,
        "municipalities": {"vik": {"name": "Vik", "organisation_number": SENDER, "number": "4691", "catchment": TRUST}},
        "practitioners": [
            {
                "hpr": "9900011",
                "name": "Ingrid Solvang",
                "category": "SP",
                "unit": "alpha",
                "phone": "55500000",
            },
            {"hpr": "9900119", "name": "Geir Nesbakken", "category": "", "unit": "alpha"},
        ],
    }


DIRECTORY = directory_of()


def appointment(**changes: Any) -> Appointment:
    """A nurse at alpha who becomes coordinator."""
    facts: dict[str, Any] = {
        "hpr": "9900011",
        "name": "Ingrid Solvang",
        "category": "SP",
        "unit": "alpha",
        "role": "18",
        "start": "2026-11-21",
    }
    return Appointment(**(facts | changes))


def new_case(unit: str = "alpha", consent: Consent | None = None, directory: Directory = DIRECTORY) -> Case:
    """A case just routed to a unit."""
    case, _ = open_case(
        number="2026ABCDEFGH7",
        sender=SENDER,
        patient="p-1",
        municipality=SENDER,
        placement=placement_at(unit),
        directory=directory,
        consent=consent,
    )
    return case


def placement_at(unit: str) -> Placement:
    """What the routing says of a need whose sender wished a unit."""
    return Placement(unit=unit, rule="wished-unit", reason="The sender asked for it.", trust=TRUST)


def new_draft() -> Case:
    """What a sender has not submitted yet."""
    return draft_case(sender=SENDER, sender_unit="", patient="p-1")


def command(move: Move, **arguments: Any) -> Command:
    """A command with a reason, and a sound appointment where one is needed."""
    facts: dict[str, Any] = {"reason": "Because."}
    if move is Move.REQUEST_ABORT:
        facts["abort"] = "asked"
    if move is Move.APPOINT:
        facts["appointment"] = appointment()
    return Command(move=move, **(facts | arguments))


def after(case: Case, *steps: tuple[frozenset[Actor], Command], directory: Directory = DIRECTORY) -> Case:
    """The case after these steps, each of which must be allowed."""
    for actors, step in steps:
        case = decide(case, step, actors, directory, LIMITS).case
    return case


def placed(outcome: Stage = Stage.COORDINATOR_APPOINTED, unit: str = "beta") -> Case:
    """A case that the coordinating unit has placed at a unit with an outcome."""
    place = command(Move.PLACE, unit=unit, outcome=outcome)
    return after(new_case(KE), (FROM_KE, place))


def commands_for(entry: AvailableMove) -> Iterator[Command]:
    """Every command that an available move invites to."""
    consent = YES if "consent" in entry.requires else None
    if entry.move is Move.SUBMIT:
        yield from (command(entry.move, placement=placement_at(unit)) for unit in ROUTED_TO)
    elif entry.move is Move.PLACE:
        pairs = ((unit, outcome) for unit in entry.units for outcome in PLACEABLE_OUTCOMES)
        yield from (command(entry.move, unit=unit, outcome=outcome) for unit, outcome in pairs)
    elif entry.move is Move.TRANSFER:
        yield from (command(entry.move, unit=unit) for unit in entry.units)
    elif entry.move is Move.CONCLUDE:
        yield from (command(entry.move, outcome=outcome) for outcome in entry.targets)
    elif entry.move in {Move.DECLINE, Move.LAPSE}:
        yield from (command(entry.move, reason_code=code) for code in entry.reasons)
    else:
        yield command(entry.move, consent=consent)
