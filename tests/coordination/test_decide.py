"""What a unit, a coordinating unit, a decision group and a sender meet when they act on a case."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from app.coordination.case import Case, actors_of
from app.coordination.command import Command
from app.coordination.criteria import assess
from app.coordination.decide import available, decide, open_case, operation
from app.coordination.states import STATUS, TERMINAL, Actor, Move, Stage
from app.errors import InvalidContent, Refused
from app.routing.rules import RoutingFacts, route
from tests.coordination.situations import (
    BY_SERVICE,
    DIRECTORY,
    FROM_GROUP,
    FROM_KE,
    FROM_SENDER,
    LIMITS,
    NO,
    OWNER,
    SENDER,
    YES,
    after,
    appointment,
    command,
    directory_of,
    new_case,
    new_draft,
    placed,
)

ACCEPT, ESCALATE = command(Move.ACCEPT), command(Move.ESCALATE)
ASK, ANSWER = command(Move.REQUEST_INFORMATION), command(Move.ANSWER)
APPEAL = command(Move.APPEAL)


def transfer(unit: str) -> Command:
    return command(Move.TRANSFER, unit=unit)


def refusal(case: Case, step: Command, actors: frozenset[Actor], closed: str = "") -> Refused:
    directory = directory_of(frozenset({closed} - {""}))
    with pytest.raises(Refused) as caught:
        decide(case, step, actors, directory, LIMITS)
    now = tuple(operation(entry.move) for entry in available(case, actors, directory, LIMITS))
    assert caught.value.issues[0].allowed == now
    return caught.value


def test_a_new_need_is_received_and_routed_in_one_step() -> None:
    placement = route(RoutingFacts(trust="fjord", wish_unit="beta"), DIRECTORY)
    case, (submitted, routed) = open_case(
        number="2026ABCDEFGH7",
        sender=SENDER,
        patient="p-1",
        municipality=SENDER,
        placement=placement,
        directory=DIRECTORY,
        consent=YES,
    )
    assert (case.stage, case.owner, case.status, case.visited) == (
        Stage.IN_QUEUE,
        "beta",
        "received",
        ("beta",),
    )
    assert case.consent == YES
    assert (submitted.from_stage, submitted.to_stage) == (None, Stage.RECEIVED)
    assert (routed.from_stage, routed.to_stage, routed.unit) == (Stage.RECEIVED, Stage.IN_QUEUE, "beta")
    assert (routed.rule, routed.reason) == ("wished-unit", "The sender asked for Beta.")


def test_without_a_clinical_unit_it_starts_at_the_coordinating_unit() -> None:
    case = new_case("ke")
    assert (case.stage, case.owner, case.visited) == (Stage.AT_COORDINATING_UNIT, "ke", ())


def test_a_draft_that_is_submitted_is_the_case_that_a_need_becomes_at_once() -> None:
    placement = route(RoutingFacts(trust="fjord", wish_unit="beta"), DIRECTORY)
    submit = Command(move=Move.SUBMIT, placement=placement, consent=YES)
    decision = decide(new_draft(), submit, FROM_SENDER, DIRECTORY, LIMITS)
    case, events = open_case(
        number="", sender=SENDER, patient="p-1", municipality=SENDER, placement=placement, directory=DIRECTORY,
        consent=YES,
    )  # fmt: skip
    assert (decision.case, decision.events) == (case, events)


def test_a_draft_is_nobody_elses() -> None:
    for role, unit in (("coordinating-unit", "ke"), ("decision-group", "group"), ("unit", "alpha")):
        assert actors_of(new_draft(), role, unit, "310470007", DIRECTORY) == frozenset()
    assert actors_of(new_draft(), "sender", "", SENDER, DIRECTORY) == FROM_SENDER


def test_a_case_survives_json() -> None:
    case = after(placed(), (OWNER, command(Move.ACCEPT, consent=YES, assessment=assess({"A": True, "B": False}))))
    assert msgspec.json.decode(msgspec.json.encode(case), type=Case) == case


def test_accepted_assessed_and_appointed() -> None:
    case = after(new_case(), (OWNER, ACCEPT))
    answers = assess({"A": True, "B": True, "D": True})
    decision = decide(case, command(Move.APPOINT, consent=YES, assessment=answers), OWNER, DIRECTORY, LIMITS)
    assert (decision.case.stage, decision.case.status) == (Stage.COORDINATOR_APPOINTED, "completed")
    assert (decision.case.consent, decision.case.assessment) == (YES, answers)
    assert (decision.event.from_stage, decision.event.actor) == (Stage.ASSESSING, Actor.OWNER)
    assert (case.stage, case.consent) == (Stage.ASSESSING, None), "the case before is not changed"


@pytest.mark.parametrize(
    ("recorded", "brought", "code"),
    [
        (None, None, "consent-missing"),
        (NO, None, "consent-refused"),
        (YES, NO, "consent-refused"),
        (YES, None, ""),
        (NO, YES, ""),
    ],
)
def test_a_coordinator_needs_the_consent_that_was_given_last(recorded: Any, brought: Any, code: str) -> None:
    case = after(new_case(consent=recorded), (OWNER, ACCEPT))
    step = command(Move.APPOINT, consent=brought)
    if code:
        assert refusal(case, step, OWNER).error == code
    else:
        assert after(case, (OWNER, step)).stage is Stage.COORDINATOR_APPOINTED


def test_the_hop_limit_leaves_a_decision_or_escalation() -> None:
    case = after(new_case(), *[(OWNER, transfer(unit)) for unit in ("beta", "gamma", "delta")])
    assert (case.hops, case.owner, case.visited) == (3, "delta", ("alpha", "beta", "gamma", "delta"))
    refused = refusal(case, transfer("alpha"), OWNER)
    assert refused.error == "hop-limit-reached"
    assert refused.issues[0].allowed == (
        "$accept",
        "$request-information",
        "$escalate",
        "$conclude",
        "$decline",
        "$lapse",
    )
    at_ke = after(case, (OWNER, ESCALATE))
    assert refusal(at_ke, transfer("alpha"), FROM_KE).error == "hop-limit-reached"
    assert after(at_ke, (FROM_KE, command(Move.PLACE, unit="alpha", outcome=Stage.TEAM))).binding


def test_a_case_does_not_go_back_to_a_unit_that_had_it() -> None:
    case = after(new_case(), (OWNER, transfer("beta")))
    assert refusal(case, transfer("alpha"), OWNER).error == "unit-had-the-case"
    assert refusal(case, transfer("beta"), OWNER).error == "unit-had-the-case"


def test_the_coordinating_unit_may_send_it_back_to_a_unit_that_had_it() -> None:
    case = after(new_case(), (OWNER, ESCALATE), (FROM_KE, transfer("alpha")))
    assert (case.stage, case.owner, case.hops, case.visited) == (Stage.IN_QUEUE, "alpha", 1, ("alpha",))


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        (None, "parameter-missing"),
        ("", "parameter-missing"),
        ("nowhere", "unit-unknown"),
        ("ke", "unit-unknown"),
    ],
)
def test_a_receiver_must_be_a_clinical_unit(unit: str | None, code: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        decide(new_case(), command(Move.TRANSFER, unit=unit), OWNER, DIRECTORY, LIMITS)
    issue = caught.value.issues[0]
    assert (issue.code, issue.expression) == (code, "Parameters.parameter.where(name='unit')")
    assert [text.partition(" ")[0] for text in issue.allowed] == [
        DIRECTORY.units[key].resh for key in ("beta", "gamma", "delta")
    ]


def test_a_closed_unit_gets_nothing() -> None:
    with pytest.raises(InvalidContent) as caught:
        decide(new_case(), transfer("beta"), OWNER, directory_of(frozenset({"beta"})), LIMITS)
    assert caught.value.issues[0].code == "unit-closed"


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(InvalidContent) as caught:
        decide(new_case("ke"), Command(move=Move.PLACE), FROM_KE, DIRECTORY, LIMITS)
    names = [issue.expression.split("'")[1] for issue in caught.value.issues]
    assert names == ["reason", "unit", "outcome"]


def test_a_placement_binds_the_unit_to_its_outcome() -> None:
    case = after(placed(Stage.TEAM), (OWNER, ACCEPT))
    assert refusal(case, command(Move.CONCLUDE, outcome=Stage.OTHER_MEASURE), OWNER).error == "outcome-not-placed"
    assert refusal(case, command(Move.APPOINT, consent=YES), OWNER).error == "outcome-not-placed"
    assert refusal(case, transfer("alpha"), OWNER).error == "move-not-allowed"
    assert refusal(case, ESCALATE, OWNER).error == "move-not-allowed"
    assert after(case, (OWNER, command(Move.CONCLUDE, outcome=Stage.TEAM))).stage is Stage.TEAM


def test_under_placement_only_the_patients_own_no_declines() -> None:
    case = after(placed(), (OWNER, ACCEPT))
    refused = refusal(case, command(Move.DECLINE, reason_code="no-need"), OWNER)
    assert refused.error == "reason-not-allowed-when-placed"
    declined = after(case, (OWNER, command(Move.DECLINE, reason_code="patient-does-not-want")))
    assert (declined.stage, declined.status) == (Stage.DECLINED, "rejected")


def test_while_consent_is_awaited_only_its_refusal_declines() -> None:
    case = after(new_case(), (OWNER, ACCEPT), (OWNER, command(Move.AWAIT_CONSENT)))
    assert refusal(case, command(Move.DECLINE, reason_code="no-need"), OWNER).error == "reason-not-allowed-here"
    refused = after(case, (OWNER, command(Move.DECLINE, reason_code="consent-refused", consent=NO)))
    assert (refused.stage, refused.consent) == (Stage.DECLINED, NO)


def test_a_decline_needs_a_known_code_and_a_text() -> None:
    with pytest.raises(InvalidContent) as caught:
        decide(
            new_case(),
            Command(move=Move.DECLINE, reason_code="wrong-unit", reason=" "),
            OWNER,
            DIRECTORY,
            LIMITS,
        )
    assert [issue.code for issue in caught.value.issues] == ["parameter-missing", "reason-unknown"]
    assert "not-entitled" in caught.value.issues[1].allowed


def test_an_appeal_is_made_once_before_accepting_and_closes_the_easy_ways_out() -> None:
    assert refusal(after(placed(), (OWNER, ACCEPT)), APPEAL, OWNER).error == "move-not-allowed"
    appealed = after(placed(), (OWNER, APPEAL))
    assert (appealed.stage, appealed.owner) == (Stage.AT_COORDINATING_UNIT, "ke")
    assert (appealed.binding, appealed.placed_outcome) == (False, None)
    assert refusal(appealed, transfer("gamma"), FROM_KE).error == "not-after-appeal"
    assert refusal(appealed, command(Move.WITHDRAW), FROM_SENDER).error == "not-after-appeal"
    again = after(appealed, (FROM_KE, command(Move.PLACE, unit="beta", outcome=Stage.TEAM)))
    assert refusal(again, APPEAL, OWNER).error == "appeal-used"


@pytest.mark.parametrize(
    ("case", "asker"),
    [
        (new_case(), OWNER),
        (after(new_case(), (OWNER, ACCEPT)), OWNER),
        (new_case("ke"), FROM_KE),
        (after(new_case("ke"), (FROM_KE, ESCALATE)), FROM_GROUP),
        (placed(), OWNER),
        (after(placed(), (OWNER, ACCEPT)), OWNER),
    ],
)
def test_a_question_goes_back_to_the_one_who_asked(case: Case, asker: frozenset[Actor]) -> None:
    asked = after(case, (asker, ASK))
    assert (asked.stage, asked.status) == (Stage.AWAITING_INFORMATION, case.status)
    overdue = command(Move.INFORMATION_OVERDUE)
    for actors, step in ((FROM_SENDER, ANSWER), (asker, command(Move.RESUME)), (BY_SERVICE, overdue)):
        assert after(asked, (actors, step)) == replace(case, questions=1)


def test_questions_run_out() -> None:
    case = after(new_case(), *[step for _ in range(3) for step in ((OWNER, ASK), (FROM_SENDER, ANSWER))])
    assert refusal(case, ASK, OWNER).error == "question-limit-reached"


def test_a_sender_withdraws_where_the_asking_stage_allows_it() -> None:
    asked = after(new_case(), (OWNER, ASK))
    assert after(asked, (FROM_SENDER, command(Move.WITHDRAW))).status == "cancelled"
    asked = after(new_case(), (OWNER, ACCEPT), (OWNER, ASK))
    refused = refusal(asked, command(Move.WITHDRAW), FROM_SENDER)
    assert (refused.error, refused.issues[0].allowed) == ("withdrawal-not-direct", ("$answer", "abort Task"))


def test_a_unit_that_closes_loses_its_cases() -> None:
    closed = directory_of(frozenset({"alpha"}))
    step = command(Move.UNIT_CLOSED)
    assert refusal(new_case(), step, BY_SERVICE).error == "unit-still-open"
    assert after(new_case(), (BY_SERVICE, step), directory=closed).owner == "ke"
    waiting = after(new_case(), (OWNER, ACCEPT), (OWNER, command(Move.AWAIT_CONSENT)))
    assert refusal(waiting, ESCALATE, FROM_KE).error == "unit-still-open"
    assert after(waiting, (FROM_KE, ESCALATE), directory=closed).owner == "ke"


@pytest.mark.parametrize("steps", [(), (ACCEPT,), (ACCEPT, command(Move.AWAIT_CONSENT))])
def test_a_placed_case_is_placed_elsewhere_only_when_its_unit_has_closed(steps: tuple[Command, ...]) -> None:
    case = after(placed(), *[(OWNER, step) for step in steps])
    elsewhere = command(Move.PLACE, unit="gamma", outcome=Stage.TEAM)
    ke = frozenset({Actor.COORDINATING_UNIT})
    assert refusal(case, elsewhere, ke).error == "unit-still-open"
    moved = after(case, (ke, elsewhere), directory=directory_of(frozenset({"beta"})))
    assert (moved.stage, moved.owner, moved.placed_outcome) == (Stage.PLACED, "gamma", Stage.TEAM)


@pytest.mark.parametrize(
    ("case", "move", "stage"),
    [
        (new_case(), Move.OVERDUE, Stage.AT_COORDINATING_UNIT),
        (after(new_case(), (OWNER, ACCEPT)), Move.OVERDUE, Stage.AT_COORDINATING_UNIT),
        (new_case("ke"), Move.OVERDUE, Stage.AT_DECISION_GROUP),
        (placed(), Move.APPEAL_TIME_OVER, Stage.ASSESSING),
    ],
)
def test_time_moves_a_case(case: Case, move: Move, stage: Stage) -> None:
    assert after(case, (BY_SERVICE, Command(move=move))).stage is stage


def test_the_decision_group_places_what_the_coordinating_unit_could_not() -> None:
    case = after(new_case("ke"), (FROM_KE, ESCALATE))
    assert (case.stage, case.owner) == (Stage.AT_DECISION_GROUP, "group")
    assert refusal(case, transfer("alpha"), FROM_GROUP).error == "move-not-allowed"
    step = command(Move.PLACE, unit="alpha", outcome=Stage.CONTACT_PHYSICIAN)
    assert after(case, (FROM_GROUP, step)).placed_outcome is Stage.CONTACT_PHYSICIAN


def test_wrong_patient_is_corrected_even_after_the_end() -> None:
    ended = after(new_case(), (FROM_SENDER, command(Move.WITHDRAW)))
    ke = frozenset({Actor.COORDINATING_UNIT})
    corrected = after(ended, (ke, command(Move.ENTER_IN_ERROR)))
    assert corrected.status == "entered-in-error"
    assert refusal(corrected, command(Move.ENTER_IN_ERROR), ke).error == "move-not-allowed"
    assert refusal(ended, ACCEPT, OWNER).issues[0].allowed == ()


def test_from_the_queue_only_an_existing_coordinator_concludes() -> None:
    assert refusal(new_case(), command(Move.CONCLUDE, outcome=Stage.TEAM), OWNER).error == "outcome-not-allowed"
    done = after(new_case(), (OWNER, command(Move.CONCLUDE, outcome=Stage.EXISTING_COORDINATOR)))
    assert done.status == "completed"


def test_only_the_trust_assesses_the_criteria() -> None:
    asked = after(new_case(), (OWNER, ASK))
    with pytest.raises(InvalidContent) as caught:
        decide(asked, command(Move.ANSWER, assessment=assess({"A": True})), FROM_SENDER, DIRECTORY, LIMITS)
    assert caught.value.issues[0].code == "assessment-by-sender"


@pytest.mark.parametrize(
    ("role", "unit", "organisation", "actors"),
    [
        ("sender", "", SENDER, {Actor.SENDER}),
        ("sender", "", "310471569", set()),
        ("unit", "alpha", SENDER, {Actor.OWNER}),
        ("unit", "beta", "310470007", set()),
        ("coordinating-unit", "ke", "310470007", {Actor.COORDINATING_UNIT}),
        ("unit", "ke", "310470007", set()),
        ("decision-group", "group", "310470007", {Actor.DECISION_GROUP}),
        ("ehr", "ehr", "310470007", set()),
        ("auditor", "alpha", "310470007", set()),
        ("operator", "", SENDER, set()),
    ],
)
def test_who_a_caller_is_to_a_case(role: str, unit: str, organisation: str, actors: set[Actor]) -> None:
    assert actors_of(new_case(), role, unit, organisation, DIRECTORY) == actors


def test_the_coordinating_unit_that_has_a_case_is_its_owner_too() -> None:
    assert actors_of(new_case("ke"), "coordinating-unit", "ke", "310470007", DIRECTORY) == FROM_KE


def test_the_status_follows_the_stage() -> None:
    assert {STATUS[stage] for stage in TERMINAL} == {"completed", "rejected", "cancelled", "entered-in-error"}
    assert set(STATUS) == set(Stage) - {Stage.AWAITING_INFORMATION}


def test_an_appointment_must_name_somebody() -> None:
    case = after(new_case(consent=YES), (OWNER, ACCEPT))
    assert available(case, OWNER, DIRECTORY, LIMITS)[2].requires == ("practitioner",)
    with pytest.raises(InvalidContent):
        decide(case, command(Move.APPOINT, appointment=None), OWNER, DIRECTORY, LIMITS)
    step = command(Move.APPOINT, appointment=appointment(role="8"))
    assert after(case, (OWNER, step)).stage is Stage.COORDINATOR_APPOINTED


def test_who_cannot_withdraw_asks_the_owner_and_the_owners_yes_withdraws() -> None:
    wanted = command(Move.REQUEST_ABORT, abort="t-1")
    refused = refusal(new_case(), wanted, FROM_SENDER)
    assert (refused.error, refused.issues[0].allowed) == ("move-not-allowed", ("$withdraw",))
    accepted = after(new_case(), (OWNER, ACCEPT))
    assert refusal(accepted, wanted, OWNER).error == "move-not-allowed"
    assert refusal(accepted, command(Move.ABORT), OWNER).error == "abort-not-open"
    asked = decide(accepted, wanted, FROM_SENDER, DIRECTORY, LIMITS)
    assert asked.case == replace(accepted, abort="t-1")
    assert (asked.event.from_stage, asked.event.to_stage) == (Stage.ASSESSING, Stage.ASSESSING)
    refused = refusal(asked.case, command(Move.REQUEST_ABORT, abort="t-2"), FROM_SENDER)
    assert (refused.error, refused.issues[0].allowed) == ("abort-already-open", ())
    moved = after(asked.case, (OWNER, command(Move.TRANSFER, unit="beta")))
    assert (moved.stage, moved.abort) == (Stage.IN_QUEUE, "t-1"), "what is asked goes with the case"
    ended = decide(moved, command(Move.ABORT, reason="Because."), OWNER, DIRECTORY, LIMITS)
    assert (ended.case.stage, ended.case.abort, ended.event.reason) == (Stage.WITHDRAWN, "", "Because.")


def test_a_question_stays_that_of_the_stage_that_asked_when_the_sender_asks_to_cancel() -> None:
    asked = after(new_case(), (OWNER, ACCEPT), (OWNER, ASK))
    wanted = command(Move.REQUEST_ABORT, abort="t-1")
    assert after(asked, (FROM_SENDER, wanted)) == replace(asked, abort="t-1")
    answered = after(asked, (FROM_SENDER, wanted), (FROM_SENDER, command(Move.ANSWER)))
    assert (answered.stage, answered.abort) == (Stage.ASSESSING, "t-1")
