"""The second case: handed over until the limit, escalated, placed, appealed, placed again, appointed."""

from app.sandbox.demo.calls import Reply
from app.sandbox.demo.cast import Case, Cast, content_of, outcome_codes, outputs
from app.sandbox.demo.first_case import answer_of, confirm_registration, read_answer
from app.sandbox.demo.narration import expect

TRANSFERS = ("transfer-1-oncology.json", "transfer-2-rehabilitation.json", "transfer-3-neurology-ward.json")


def place_a_disputed_case(cast: Cast) -> None:
    """Plays it."""
    cast.tell.chapter("Second case: a need that nobody takes")
    case = cast.post_need("dalheim", "task-handed-over.json")
    for file in TRANSFERS:
        _move(cast, case, f"{case.owner_name} hands it over.", "$transfer", file, "in-queue")
    reply = _refused(cast, case, "wants to hand it over a fourth time: refused.", "$transfer", "transfer-4-refused")
    expect(outcome_codes(reply), ["hop-limit-reached"], "the error code")
    _move(cast, case, f"{case.owner_name} escalates.", "$escalate", "escalate.json", "at-coordinating-unit")
    file = "escalate-to-decision-group.json"
    _move(cast, case, f"{case.owner_name} brings it to the decision group.", "$escalate", file, "at-decision-group")
    _place(cast, case, f"{case.owner_name} places it, binding, with the outcome that it shall have.", "place.json")
    sentence = f"{case.owner_name} appeals, before it accepts."
    _move(cast, case, sentence, "$appeal", "appeal.json", "at-coordinating-unit")
    _place(cast, case, f"{case.owner_name} hears the appeal; the placement stands.", "place-after-appeal.json")
    reply = _refused(cast, case, "appeals again: refused, it may once.", "$appeal", "appeal")
    expect(outcome_codes(reply), ["appeal-used"], "the error code")
    _answer(cast, case)


def _answer(cast: Cast, case: Case) -> None:
    _move(cast, case, f"{case.owner_name} accepts.", "$accept", "", "assessing")
    sentence = f"{case.owner_name} appoints the coordinator."
    _move(cast, case, sentence, "$appoint", "appoint-after-placement.json", "coordinator-appointed")
    cast.tell.shows(f"answer: {answer_of(case.task)}, {outputs(case.task)['registration']}")
    confirm_registration(cast, case)
    read_answer(cast, case, "dalheim")


def _move(cast: Cast, case: Case, sentence: str, operation: str, file: str, stage: str) -> None:
    cast.tell.step(sentence)
    reply = cast.move(case, operation, file)
    expect(case.stage, stage, "the stage")
    reason = case.task.get("statusReason", {}).get("text", "")
    cast.tell.shows(reply, *([f"reason: {reason}"] if reason else []), str(case))


def _place(cast: Cast, case: Case, sentence: str, file: str) -> None:
    _move(cast, case, sentence, "$place", file, "placed")
    event = cast.events(case).body["events"][-1]
    expect((event["move"], event["to_stage"], event["unit"]), ("place", "placed", "rehabilitation"), "the placement")


def _refused(cast: Cast, case: Case, what: str, operation: str, file: str) -> Reply:
    """A move that must be refused, and must change nothing."""
    cast.tell.step(f"{case.owner_name} {what}")
    owner = cast.hospital[case.owner]
    reply = owner.post(f"{case.path}/{operation}", content_of(f"{file}.json"), expect=409)
    now = owner.get(case.path).body
    expect(now["meta"]["versionId"], case.task["meta"]["versionId"], "the version after the refusal")
    diagnostics = reply.body["issue"][0]["diagnostics"]
    cast.tell.shows(f"{reply}, {', '.join(outcome_codes(reply))}: {diagnostics}", str(case))
    return reply
