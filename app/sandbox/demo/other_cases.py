"""The third case is declined and the fourth withdrawn; the municipality that cannot be called polls."""

from urllib.parse import urlencode

from app.sandbox.demo.cast import FHIR, Case, Cast, code
from app.sandbox.demo.narration import expect

_FORM = "application/x-www-form-urlencoded"


def decline_a_case(cast: Cast) -> None:
    """Plays the third case."""
    tell = cast.tell
    tell.chapter("Third case: a no, with its reason")
    case = cast.post_need("oyvaer", "task-declined.json")
    tell.step(f"{case.owner_name} accepts, and declines with a reason.")
    accepted = cast.move(case, "$accept")
    reply = cast.move(case, "$decline", "decline.json")
    expect((case.task["status"], case.stage), ("rejected", "declined"), "the declined Task's status")
    tell.shows(accepted, reply, str(case))
    _poll(cast, case)


def _poll(cast: Cast, case: Case) -> None:
    sender = case.sender
    cast.tell.step(f"{sender.name} takes no notifications: it polls, and reads the reason.")
    form = urlencode({"_lastUpdated": f"ge{case.received}", "status": "rejected"})
    reply = sender.post(f"{FHIR}/Task/_search", form.encode(), media_type=_FORM)
    found = [entry["resource"] for entry in reply.body["entry"]]
    expect([task["id"] for task in found], [case.task["id"]], "what the search found")
    reason = found[0]["statusReason"]
    expect(code(reason), "coordinator-in-municipality-suffices", "the reason")
    cast.tell.shows(f"{reply}, 1 match", f"reason {code(reason)}: {reason['text']}")


def withdraw_a_case(cast: Cast) -> None:
    """Plays the fourth case."""
    tell = cast.tell
    tell.chapter("Fourth case: not needed any more")
    case = cast.post_need("nordbygd", "task-withdrawn.json")
    tell.step(f"{case.sender.name} withdraws it.")
    reply = cast.move(case, "$withdraw", "withdraw.json", by=case.sender)
    expect((case.task["status"], case.stage), ("cancelled", "withdrawn"), "the withdrawn Task's status")
    tell.shows(reply, f"reason: {case.task['statusReason']['text']}", str(case))
