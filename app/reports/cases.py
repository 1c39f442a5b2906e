"""The trace of one case: every move with its reason, as it was committed."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, or_, select

from app.clock import instant
from app.store.tables import case_event

_SHOWN: Final = (
    "version",
    "from_stage",
    "to_stage",
    "move",
    "actor",
    "organisation",
    "from_unit",
    "unit",
    "rule",
    "reason_code",
    "reason",
)


_NOT_TOLD: Final = "assess"
"""That a hospital has assessed is for that hospital."""


def events(connection: Connection, case_id: str, organisation: str) -> list[dict[str, Any]]:
    """The events of a case in order; ``assessment`` is what the decision was made on, None elsewhere."""
    told = or_(case_event.c.move != _NOT_TOLD, case_event.c.organisation == organisation)
    wanted = select(case_event).where(case_event.c.case_id == case_id, told)
    rows = connection.execute(wanted.order_by(case_event.c.version, case_event.c.number))
    return [
        {
            "at": instant(row["at"]),
            **{name: row[name] for name in _SHOWN},
            "assessment": msgspec.json.decode(row["assessment"]) if row["assessment"] else None,
        }
        for row in rows.mappings()
    ]
