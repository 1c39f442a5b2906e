"""The whole story, in its order."""

from pathlib import Path

from tests.recorded import cases, refusals, surroundings, types
from tests.recorded.recorder import Json, recording


def played(folder: Path) -> dict[str, Json]:
    """All records by name; the same at each call. ``folder`` is empty and gets the database."""
    with recording(folder) as record:
        surroundings.play_opening(record)
        cases.play_answered(record)
        cases.play_handed_over(record)
        cases.play_other_ends(record)
        cases.play_by_hand(record)
        cases.play_drafted(record)
        cases.play_cancelled(record)
        surroundings.play_coordinators(record)
        types.play_types(record)
        surroundings.play_bundles(record)
        refusals.play_refusals(record)
        surroundings.play_closing(record)
        return record.records
