"""The data of the domain: criteria, deadlines, reasons, and the drawn table."""

from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from app.coordination.coordinators import END_REASONS, ROLES
from app.coordination.criteria import CRITERIA, assess
from app.coordination.deadlines import DAYS, due, due_move
from app.coordination.diagram import mermaid
from app.coordination.reasons import DECLINE_REASONS, LAPSE_REASONS
from app.coordination.states import OPEN, TRANSITIONS, Move, Stage
from app.errors import InvalidContent
from tests.coordination.situations import FROM_SENDER, OWNER, after, command, new_case, placed


@pytest.mark.parametrize("yes", list(product([True, False], repeat=4)))
def test_a_and_at_least_two_of_the_others(yes: tuple[bool, ...]) -> None:
    assessment = assess(dict(zip("ABCD", yes, strict=True)))
    assert assessment.met == (yes[0] and sum(yes[1:]) >= 2)
    assert assessment.version == "2024-10"
    assert assessment.answers == tuple(zip("ABCD", yes, strict=True))


def test_what_is_not_answered_is_not_met_and_not_stored() -> None:
    assert assess({"D": True, "A": True}).answers == (("A", True), ("D", True))
    assert not assess({"D": True, "A": True}).met
    assert assess({"D": True, "B": True, "A": True}).met


def test_unknown_criteria_and_versions_name_the_known_ones() -> None:
    with pytest.raises(InvalidContent) as caught:
        assess({"A": True, "X": True})
    assert caught.value.issues[0].allowed == ("A", "B", "C", "D")
    with pytest.raises(InvalidContent) as caught:
        assess({"A": True}, version="1999")
    assert caught.value.issues[0].allowed == tuple(CRITERIA)


def test_every_code_has_both_languages() -> None:
    texts = [*DECLINE_REASONS.values(), *LAPSE_REASONS.values(), *ROLES.values(), *END_REASONS.values()]
    for criteria in CRITERIA.values():
        texts += [(criterion.nb, criterion.en) for criterion in criteria.criteria]
        texts += [part[1:] for criterion in criteria.criteria for part in criterion.parts]
    assert all(nb and en and nb != en for nb, en in texts)


def test_no_decline_reason_says_wrong_unit() -> None:
    assert not any(
        "unit" in code or "unit" in text[1] for code, text in [*DECLINE_REASONS.items(), *LAPSE_REASONS.items()]
    )


def test_every_open_stage_has_a_deadline() -> None:
    assert set(DAYS) == set(OPEN)
    ended = after(new_case(), (FROM_SENDER, command(Move.WITHDRAW)))
    assert due(ended, 0) is None


@pytest.mark.parametrize(
    ("entered", "midnight_oslo"),
    [
        (datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 11, 26, 23, tzinfo=UTC)),
        # 23:30 in Greenwich is the next day in Oslo
        (datetime(2026, 11, 21, 23, 30, tzinfo=UTC), datetime(2026, 11, 27, 23, tzinfo=UTC)),
        # over the change from summer time: the day is counted, not 24 hours
        (datetime(2026, 10, 23, 12, tzinfo=UTC), datetime(2026, 10, 28, 23, tzinfo=UTC)),
    ],
)
def test_a_deadline_lasts_to_the_end_of_its_day_in_norway(entered: datetime, midnight_oslo: datetime) -> None:
    assert due(new_case(), int(entered.timestamp() * 1000)) == int(midnight_oslo.timestamp() * 1000)


def test_what_happens_when_time_is_up() -> None:
    assert due_move(new_case()) is Move.OVERDUE
    assert due_move(placed()) is Move.APPEAL_TIME_OVER
    assert due_move(after(new_case(), (OWNER, command(Move.REQUEST_INFORMATION)))) is Move.INFORMATION_OVERDUE
    assert due_move(after(placed(), (OWNER, command(Move.ACCEPT)))) is None, "reminds, never moves"


def test_the_picture_shows_every_stage_and_mover() -> None:
    drawn = mermaid()
    for row in TRANSITIONS:
        if row.move is not Move.ENTER_IN_ERROR:
            assert f"{row.actor} {row.move}" in drawn
    assert all(stage in drawn for stage in Stage)


def test_the_documentation_holds_the_picture() -> None:
    page = Path(__file__).parents[2] / "docs" / "architecture.md"
    text = page.read_text(encoding="utf-8")
    assert mermaid().strip() in text, "paste what `python -m app.cli diagram` prints"
