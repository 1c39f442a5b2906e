"""The state table against the page it comes from: who may move a case from which stage to which stages.

The table of the design is written out here a second time, by stage and without moves and conditions, so that
a row that is lost, added or aimed wrongly is seen.
"""

import pytest

from app.coordination.arguments import REQUIRED
from app.coordination.conditions import GATES
from app.coordination.states import BY_TASK, OTHER_OUTCOMES, TRANSITIONS, Actor, Condition, Move, Stage, Transition
from app.fhir.resources import RESOURCES

S, A = Stage, Actor
OTHER = set(OTHER_OUTCOMES)
MEASURES = OTHER - {S.EXISTING_COORDINATOR}
APPOINTED, ASKED = S.COORDINATOR_APPOINTED, S.AWAITING_INFORMATION
KE, GROUP = S.AT_COORDINATING_UNIT, S.AT_DECISION_GROUP
FREE_ASKERS, BOUND_ASKERS = {S.IN_QUEUE, S.ASSESSING, KE, GROUP}, {S.ASSESSING, S.PLACED}

EXPECTED: dict[tuple[Stage, bool, Actor], set[Stage]] = {
    (S.DRAFT, False, A.SENDER): {S.IN_QUEUE, KE, S.WITHDRAWN},
    (S.DRAFT, False, A.SERVICE): {S.WITHDRAWN},
    (S.RECEIVED, False, A.SERVICE): {S.IN_QUEUE, KE},
    (S.IN_QUEUE, False, A.OWNER): {S.ASSESSING, ASKED, S.IN_QUEUE, KE, S.EXISTING_COORDINATOR, S.DECLINED},
    (S.IN_QUEUE, False, A.SENDER): {S.WITHDRAWN},
    (S.IN_QUEUE, False, A.SERVICE): {KE},
    (ASKED, False, A.SENDER): {*FREE_ASKERS, S.WITHDRAWN},
    (ASKED, False, A.OWNER): FREE_ASKERS,
    (ASKED, False, A.SERVICE): FREE_ASKERS,
    (ASKED, True, A.SENDER): BOUND_ASKERS,
    (ASKED, True, A.OWNER): BOUND_ASKERS,
    (ASKED, True, A.SERVICE): BOUND_ASKERS,
    (S.ASSESSING, False, A.OWNER): {
        *(ASKED, S.AWAITING_CONSENT, APPOINTED, S.DECLINED, S.IN_QUEUE, KE),
        *OTHER,
    },
    (S.ASSESSING, False, A.SERVICE): {KE},
    (S.ASSESSING, True, A.OWNER): {ASKED, S.AWAITING_CONSENT, APPOINTED, S.DECLINED, *MEASURES},
    (S.ASSESSING, True, A.COORDINATING_UNIT): {S.PLACED},
    (S.AWAITING_CONSENT, False, A.OWNER): {APPOINTED, S.DECLINED, *OTHER},
    (S.AWAITING_CONSENT, False, A.SERVICE): {KE},
    (S.AWAITING_CONSENT, False, A.COORDINATING_UNIT): {KE},
    (S.AWAITING_CONSENT, True, A.OWNER): {APPOINTED, S.DECLINED, *MEASURES},
    (S.AWAITING_CONSENT, True, A.SERVICE): {S.PLACED},
    (S.AWAITING_CONSENT, True, A.COORDINATING_UNIT): {S.PLACED},
    (KE, False, A.COORDINATING_UNIT): {S.IN_QUEUE, S.PLACED, GROUP, ASKED, S.DECLINED, *OTHER},
    (KE, False, A.SENDER): {S.WITHDRAWN},
    (KE, False, A.SERVICE): {GROUP},
    (GROUP, False, A.DECISION_GROUP): {S.PLACED, ASKED, S.DECLINED, *OTHER},
    (S.PLACED, True, A.OWNER): {S.ASSESSING, ASKED, KE},
    (S.PLACED, True, A.SERVICE): {S.ASSESSING},
    (S.PLACED, True, A.COORDINATING_UNIT): {S.PLACED},
}


def test_the_table_is_the_designs_table() -> None:
    found: dict[tuple[Stage, bool, Actor], set[Stage]] = {}
    for row in TRANSITIONS:
        if row.targets != (S.ENTERED_IN_ERROR,) and row.move not in {Move.LAPSE, *BY_TASK}:
            assert row.binding is not None
            found.setdefault((row.source, row.binding, row.actor), set()).update(row.targets)
    assert found == EXPECTED


def test_the_coordinating_unit_can_correct_every_stage() -> None:
    rows = [row for row in TRANSITIONS if S.ENTERED_IN_ERROR in row.targets]
    by_office = [row for row in rows if row.actor is A.COORDINATING_UNIT]
    assert {row.source for row in by_office} == set(Stage) - {S.DRAFT, S.RECEIVED, S.ENTERED_IN_ERROR}
    assert {row.binding for row in by_office} == {None}
    assert {(row.actor, row.source) for row in rows if row not in by_office} == {(A.SENDER, S.DRAFT)}


OWED = {
    *((stage, False) for stage in (S.IN_QUEUE, ASKED, S.ASSESSING, S.AWAITING_CONSENT, KE, GROUP)),
    *((stage, True) for stage in (ASKED, S.ASSESSING, S.AWAITING_CONSENT, S.PLACED)),
}
"""Every open stage that a unit of the trust has."""


def test_a_case_lapses_by_its_owner_or_the_coordinating_unit_and_when_bound_by_that_alone() -> None:
    rows = {(row.source, row.binding, row.actor): row.targets for row in TRANSITIONS if row.move is Move.LAPSE}
    by_owner = {(stage, False, A.OWNER) for stage, bound in OWED if not bound}
    assert rows == dict.fromkeys(by_owner | {(*one, A.COORDINATING_UNIT) for one in OWED}, (S.LAPSED,))


def test_the_owner_can_say_yes_to_a_cancellation_at_every_open_stage() -> None:
    rows = [row for row in TRANSITIONS if row.move is Move.ABORT]
    assert {(row.source, row.binding) for row in rows} == OWED
    assert {(row.actor, row.targets, row.conditions) for row in rows} == {
        (A.OWNER, (S.WITHDRAWN,), (Condition.ABORT_OPEN,))
    }


def test_the_sender_asks_for_it_where_it_may_not_withdraw() -> None:
    rows = [row for row in TRANSITIONS if row.move is Move.REQUEST_ABORT]
    assert {(row.source, row.binding) for row in rows} == OWED - {(S.IN_QUEUE, False)}
    assert all(row.actor is A.SENDER and row.targets == (row.source,) for row in rows)
    conditions = (Condition.WITHDRAWAL_NOT_DIRECT, Condition.NO_ABORT_OPEN)
    assert {row.conditions for row in rows} == {conditions}


def test_each_row_is_there_once() -> None:
    keys = [(row.source, row.binding, row.actor, row.move) for row in TRANSITIONS]
    assert len(keys) == len(set(keys))


ALWAYS = {
    Move.REQUEST_INFORMATION: Condition.QUESTIONS_LEFT,
    Move.ANSWER: Condition.BACK_TO_ASKER,
    Move.RESUME: Condition.BACK_TO_ASKER,
    Move.INFORMATION_OVERDUE: Condition.BACK_TO_ASKER,
    Move.TRANSFER: Condition.HOPS_LEFT,
    Move.APPEAL: Condition.APPEAL_LEFT,
    Move.APPOINT: Condition.CONSENT_GIVEN,
    Move.UNIT_CLOSED: Condition.OWNER_CLOSED,
}
WHEN_BOUND = {
    Move.APPOINT: Condition.OUTCOME_PLACED,
    Move.CONCLUDE: Condition.OUTCOME_PLACED,
    Move.DECLINE: Condition.REASON_UNDER_PLACEMENT,
    Move.PLACE: Condition.OWNER_CLOSED,
}


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row.source}-{row.actor}-{row.move}")
def test_a_move_has_its_condition_wherever_it_is_made(row: Transition) -> None:
    if row.move in ALWAYS:
        assert ALWAYS[row.move] in row.conditions
    if row.binding and row.move in WHEN_BOUND:
        assert WHEN_BOUND[row.move] in row.conditions
    if row.move is Move.TRANSFER and row.actor is A.OWNER:
        assert Condition.NEW_UNIT in row.conditions


def test_every_gate_is_used_and_has_its_own_code() -> None:
    used = {condition for row in TRANSITIONS for condition in row.conditions}
    assert set(GATES) <= used == set(Condition)
    assert len({gate.code for gate in GATES.values()}) == len(GATES)


def test_what_a_move_needs_can_be_sent_to_its_operation() -> None:
    offered = {entry.name: set(entry.parameters) for entry in RESOURCES["Task"].operations}
    for move, names in REQUIRED.items():
        assert set(names) <= offered[move], move
