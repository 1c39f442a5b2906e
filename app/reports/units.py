"""Figures for each unit, counted from case events: what came in, what became of it."""

from collections.abc import Container
from typing import Any, Final

from sqlalchemy import Connection, case, func, select

from app.store.tables import case_event

_OTHER: Final = ("contact-physician", "team", "other-measure", "existing-coordinator")


def figures(connection: Connection, shown: Container[str] | None = None) -> list[dict[str, Any]]:
    """A row a unit key, in order: events of the unit's own cases; only units in ``shown``, if it is given.

    ``received`` counts cases that came to the unit by routing, transfer, escalation or placement; ``handed_over``
    those that it sent on; the rest are its decisions. ``registered`` and ``deregistered`` are the EHR's
    confirmations. Moves within a unit (questions, answers) are not counted.
    """
    event = case_event.c
    came = (event.unit != event.from_unit) & (event.unit != "")
    left = (event.unit != event.from_unit) & (event.from_unit != "")
    arrived = _by(connection, event.unit, {"received": came, "placed": came & (event.to_stage == "placed")})
    gone = _by(connection, event.from_unit, {"handed_over": left})
    decided = _by(
        connection,
        event.unit,
        {
            "accepted": event.move == "accept",
            "appointed": event.move == "appoint",
            "other_outcome": (event.move == "conclude") & event.to_stage.in_(_OTHER),
            "declined": event.to_stage == "declined",
            "withdrawn": event.to_stage == "withdrawn",
            "lapsed": event.to_stage == "lapsed",
            "registered": event.move == "registration-confirmed",
            "deregistered": event.move == "deregistration-confirmed",
        },
    )
    units = sorted(arrived.keys() | gone.keys() | decided.keys())
    return [
        {"unit": unit, **arrived.get(unit, {}), **gone.get(unit, {}), **decided.get(unit, {})}
        for unit in units
        if unit and (shown is None or unit in shown)
    ]


def _by(connection: Connection, unit: Any, counted: dict[str, Any]) -> dict[str, dict[str, int]]:
    sums = [func.sum(case((condition, 1), else_=0)).label(name) for name, condition in counted.items()]
    rows = connection.execute(select(unit.label("unit"), *sums).group_by(unit)).mappings()
    return {row["unit"]: {name: int(row[name]) for name in counted} for row in rows}
