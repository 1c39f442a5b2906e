"""Every case that can come to be, from the draft on: what the state table promises, checked on all.

The model: three clinical units of which two may close at any time and do not open again, all actors, all
arguments, the usual limits. A request to cancel that the owner has refused, or the sender taken back, can be made
again: the model keeps it as asked, which allows as much.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import pytest

from app.coordination.case import Case
from app.coordination.decide import available, decide
from app.coordination.states import BY_TASK, TERMINAL, Actor, Move, Stage
from tests.coordination.situations import LIMITS, commands_for, directory_of, new_draft

MAY_CLOSE = ("alpha", "beta")

BINDING_EXITS = {
    Stage.PLACED: {Stage.ASSESSING, Stage.AWAITING_INFORMATION, Stage.AT_COORDINATING_UNIT, Stage.PLACED},
    Stage.ASSESSING: {Stage.AWAITING_INFORMATION, Stage.AWAITING_CONSENT, Stage.DECLINED, Stage.PLACED},
    Stage.AWAITING_CONSENT: {Stage.DECLINED, Stage.PLACED},
    Stage.AWAITING_INFORMATION: {Stage.PLACED, Stage.ASSESSING},
}
"""Where a case under binding placement can go, besides the outcome that was placed, lapsed and entered-in-error."""


@dataclass(frozen=True)
class State:
    """A case and which units have closed."""

    case: Case
    closed: frozenset[str]

    @cached_property
    def _hash(self) -> int:
        return hash((self.case, self.closed))

    def __hash__(self) -> int:
        """Reckoned once: a state stands in many sets, and at the ends of many steps."""
        return self._hash


@dataclass(frozen=True)
class Edge:
    """One step; ``move`` is None when a unit closes."""

    source: State
    move: Move | None
    actor: Actor | None
    target: State


class Model:
    """All states that can be reached, and all steps between them."""

    @cached_property
    def edges(self) -> list[Edge]:
        """Every step from every reachable state."""
        start = [State(new_draft(), frozenset())]
        seen, queue, edges = set(start), deque(start), []
        while queue:
            for edge in _steps(queue.popleft()):
                edges.append(edge)
                if edge.target not in seen:
                    seen.add(edge.target)
                    queue.append(edge.target)
        return edges

    @cached_property
    def states(self) -> set[State]:
        """Every reachable state."""
        return {state for edge in self.edges for state in (edge.source, edge.target)}

    @cached_property
    def ways(self) -> set[tuple[State, State]]:
        """From where to where, whatever the step is."""
        return {(edge.source, edge.target) for edge in self.edges}


def _steps(state: State) -> Iterator[Edge]:
    directory = directory_of(state.closed, units=3)
    for actor in Actor:
        actors = frozenset({actor})
        for entry in available(state.case, actors, directory, LIMITS):
            for command in commands_for(entry):
                if command.placement and command.placement.unit in state.closed:
                    continue  # the routing leads to open units
                case = decide(state.case, command, actors, directory, LIMITS).case
                yield Edge(state, entry.move, actor, State(_essence(case), state.closed))
    if not state.case.ended:
        for unit in MAY_CLOSE:
            if unit not in state.closed:
                yield Edge(state, None, None, State(state.case, state.closed | {unit}))


def _essence(case: Case) -> Case:
    """Without what cannot matter any more: who had a case is only asked before it is placed."""
    settled = case.ended or case.binding or case.appeals
    visited = () if settled else tuple(sorted(case.visited))
    if visited == case.visited and case.consent is None:
        return case
    return replace(case, visited=visited, consent=None)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


def test_the_size_is_known(model: Model) -> None:
    open_cases = {state.case for state in model.states if not state.case.ended}
    print(f"{len(model.states)} states, {len(model.edges)} steps, {len(open_cases)} different open cases")
    assert len(model.states) > 1000
    assert {state.case.stage for state in model.states} == set(Stage) - {Stage.RECEIVED}


def test_an_end_is_final_but_for_entered_in_error(model: Model) -> None:
    after_end = {(edge.move, edge.target.case.stage) for edge in model.edges if edge.source.case.ended}
    assert after_end == {(Move.ENTER_IN_ERROR, Stage.ENTERED_IN_ERROR)}
    assert not any(edge.source.case.stage is Stage.ENTERED_IN_ERROR for edge in model.edges)


def test_an_end_can_be_reached_without_the_sender(model: Model) -> None:
    """Without enter-in-error and without the sender, from every open case an end can be reached."""
    before: dict[State, set[State]] = {}
    for edge in model.edges:
        if edge.move is not Move.ENTER_IN_ERROR and edge.actor is not Actor.SENDER:
            before.setdefault(edge.target, set()).add(edge.source)
    reached = {state for state in model.states if state.case.stage in TERMINAL}
    queue = deque(reached)
    while queue:
        for state in before.get(queue.popleft(), ()):
            if state not in reached:
                reached.add(state)
                queue.append(state)
    assert reached == model.states


def test_no_case_comes_back_to_where_it_was(model: Model) -> None:
    """There is no cycle at all: each hand-over, question, appeal and closing is counted."""
    assert _longest(model) > 0


def test_owner_changes_are_bounded(model: Model) -> None:
    most = _longest(model, owner_changes_only=True)
    print(f"at most {most} changes of owner")
    # Three hand-overs with the coordinating unit between, the group, placed, appealed, the group, placed
    # again, and once more for each of the two units that may close.
    assert most == 14


def test_every_case_has_an_owner_that_fits_its_stage(model: Model) -> None:
    for state in model.states:
        case = state.case
        stage = case.asking or case.stage
        if not case.submitted:
            assert stage in {Stage.DRAFT, Stage.WITHDRAWN, Stage.ENTERED_IN_ERROR}
            assert not case.owner
            continue
        assert stage is not Stage.DRAFT
        if stage is Stage.AT_COORDINATING_UNIT:
            assert case.owner == "ke"
        elif stage is Stage.AT_DECISION_GROUP:
            assert case.owner == "group"
        elif not case.ended:
            assert case.owner in {"alpha", "beta", "gamma"}
        assert case.owner


def test_a_binding_placement_is_not_handed_on_or_escaped(model: Model) -> None:
    for edge in model.edges:
        before, target = edge.source.case, edge.target.case
        if not before.binding or before.ended or edge.move in {None, Move.ENTER_IN_ERROR, *BY_TASK}:
            continue
        if edge.move is Move.LAPSE:
            assert edge.actor is Actor.COORDINATING_UNIT
            continue
        assert target.stage in BINDING_EXITS[before.stage] | {before.placed_outcome}
        if target.owner != before.owner:
            appealed = edge.move is Move.APPEAL
            closed = before.owner in edge.source.closed and edge.move is Move.PLACE
            assert appealed or closed


def test_a_draft_is_left_by_its_sender_or_by_time_and_never_come_back_to(model: Model) -> None:
    left = {(edge.actor, edge.move, edge.target.case.stage) for edge in model.edges if _is_left(edge)}
    assert left == {
        (Actor.SENDER, Move.SUBMIT, Stage.IN_QUEUE),
        (Actor.SENDER, Move.SUBMIT, Stage.AT_COORDINATING_UNIT),
        (Actor.SENDER, Move.WITHDRAW, Stage.WITHDRAWN),
        (Actor.SENDER, Move.ENTER_IN_ERROR, Stage.ENTERED_IN_ERROR),
        (Actor.SERVICE, Move.OVERDUE, Stage.WITHDRAWN),
    }
    back = [edge for edge in model.edges if edge.target.case.stage is Stage.DRAFT and edge.move]
    assert not back


def _is_left(edge: Edge) -> bool:
    return edge.source.case.stage is Stage.DRAFT and edge.move is not None


def test_the_counters_keep_their_limits(model: Model) -> None:
    for state in model.states:
        case = state.case
        assert case.hops <= LIMITS.hops
        assert case.questions <= LIMITS.questions
        assert case.appeals <= LIMITS.appeals


def test_after_an_appeal_nothing_is_queued_or_withdrawn_but_on_request(model: Model) -> None:
    for edge in model.edges:
        if edge.source.case.appeals and not edge.source.case.ended and edge.move is not Move.ABORT:
            assert edge.target.case.stage not in {Stage.IN_QUEUE, Stage.WITHDRAWN}


def test_the_sender_of_every_open_case_can_withdraw_or_ask_to(model: Model) -> None:
    """One of the two at a time, and the owner can say yes to what is asked, wherever the case has gone since."""
    offered: dict[State, set[tuple[Actor | None, Move | None]]] = {}
    for edge in model.edges:
        offered.setdefault(edge.source, set()).add((edge.actor, edge.move))
    for state in model.states:
        if state.case.ended:
            continue
        found = offered[state]
        asks, withdraws = (Actor.SENDER, Move.REQUEST_ABORT) in found, (Actor.SENDER, Move.WITHDRAW) in found
        assert not (asks and withdraws)
        assert asks or withdraws or state.case.abort
        assert ((Actor.OWNER, Move.ABORT) in found) == bool(state.case.abort)


def test_asking_changes_nothing_else_and_ends_with_the_case(model: Model) -> None:
    for edge in model.edges:
        before, after = edge.source.case, edge.target.case
        if edge.move is Move.REQUEST_ABORT:
            assert after == replace(before, abort="asked")
        elif edge.move is not None:
            assert after.abort == ("" if after.ended else before.abort)


def _longest(model: Model, *, owner_changes_only: bool = False) -> int:
    """The longest way through the model, by Kahn's order; fails on a cycle."""
    outgoing: dict[State, list[State]] = {}
    incoming: dict[State, int] = {}
    for source, target in model.ways:
        outgoing.setdefault(source, []).append(target)
        incoming[target] = incoming.get(target, 0) + 1
    length = dict.fromkeys(model.states, 0)
    ready = [state for state in model.states if not incoming.get(state)]
    done = 0
    while ready:
        state = ready.pop()
        done += 1
        for target in outgoing.get(state, ()):
            taken_over = bool(state.case.owner) and target.case.owner != state.case.owner
            step = int(taken_over or not owner_changes_only)
            length[target] = max(length[target], length[state] + step)
            incoming[target] -= 1
            if not incoming[target]:
                ready.append(target)
    assert done == len(model.states), "there is a cycle"
    return max(length.values())
