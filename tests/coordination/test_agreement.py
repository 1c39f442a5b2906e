"""What ``available`` offers is accepted, and everything else is refused with exactly that offer."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coordination.case import Case
from app.coordination.command import Command
from app.coordination.decide import available, decide, operation
from app.coordination.states import BY_TASK, OTHER_OUTCOMES, PLACEABLE_OUTCOMES, SERVICE_MOVES, Actor, Move, Stage
from app.errors import Refused
from app.routing.directory import Directory
from tests.coordination.situations import LIMITS, UNITS, YES, command, commands_for, directory_of, new_case, new_draft

ACTORS = [frozenset(actors) for count in range(3) for actors in itertools.combinations(Actor, count)]
OF_THE_TRUST = frozenset({Actor.OWNER, Actor.COORDINATING_UNIT, Actor.DECISION_GROUP})
WELL_FORMED: list[Command] = [
    *(command(move, consent=YES) for move in Move if move not in {Move.PLACE, Move.TRANSFER, Move.CONCLUDE}),
    *(command(Move.TRANSFER, unit=unit) for unit in UNITS),
    *(command(Move.PLACE, unit=unit, outcome=outcome) for unit in UNITS for outcome in PLACEABLE_OUTCOMES),
    *(command(Move.CONCLUDE, outcome=outcome) for outcome in OTHER_OUTCOMES),
    *(command(Move.DECLINE, reason_code=code) for code in ("no-need", "consent-refused")),
]


def check_agreement(case: Case, actors: frozenset[Actor], directory: Directory) -> list[Case]:
    """The cases that an offered move leads to; fails where offer and decision disagree."""
    offered = available(case, actors, directory, LIMITS)
    reached = []
    for entry in offered:
        for step in commands_for(entry):
            decision = decide(case, step, actors, directory, LIMITS)
            assert decision.case.stage in entry.targets
            assert decision.events[0].actor in actors
            reached.append(decision.case)
    if actors <= OF_THE_TRUST:
        targets = [target for entry in offered for target in entry.targets]
        assert len(targets) == len(set(targets)), "an update that names the stage names the move"
    moves = {entry.move for entry in offered}
    names = tuple(operation(entry.move) for entry in offered)
    for step in WELL_FORMED:
        if step.move not in moves and directory.units[step.unit or "ke"].open:
            with pytest.raises(Refused) as caught:
                decide(case, step, actors, directory, LIMITS)
            assert caught.value.issues[0].allowed == names
    return reached


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_along_any_walk_the_offer_is_what_is_accepted(data: st.DataObject) -> None:
    closed = frozenset[str]()
    case = data.draw(st.sampled_from([new_draft(), new_case("alpha"), new_case("ke")]))
    for _ in range(14):
        if data.draw(st.integers(0, 5)) == 0:
            closed |= {data.draw(st.sampled_from(UNITS))}
        directory = directory_of(closed)
        some = data.draw(st.sampled_from(ACTORS))
        check_agreement(case, some, directory)
        onward = [
            reached
            for reached in check_agreement(case, frozenset(Actor), directory)
            if reached.stage is not Stage.ENTERED_IN_ERROR
        ]
        # An end is rarely chosen while the case can still go on, so that walks get long.
        going = [reached for reached in onward if not reached.ended] or onward
        if not going:
            break
        case = data.draw(st.sampled_from(going))


def test_a_stranger_is_offered_nothing() -> None:
    assert check_agreement(new_case(), frozenset(), directory_of()) == []


def test_a_move_of_the_service_is_no_operation() -> None:
    assert {operation(move)[0] for move in Move if move not in SERVICE_MOVES and move not in BY_TASK} == {"$"}
    assert operation(Move.REQUEST_ABORT) == "abort Task"
    assert operation(Move.OVERDUE) == "overdue"
