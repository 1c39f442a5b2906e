"""The named operations of the resource table."""

from typing import Final

from app.fhir.declared import Operation

TASK_OPERATIONS: Final = (
    Operation("submit", "instance", "The sender submits a draft; it is routed at once."),
    Operation("accept", "instance", "The owning unit takes the case to assess it."),
    Operation("request-information", "instance", "Ask the sender; the case waits for $answer.", ("question",)),
    Operation("answer", "instance", "The sender answers the question.", ("answer",)),
    Operation("resume", "instance", "The asker goes on without an answer."),
    Operation("transfer", "instance", "Hand the case over to another unit.", ("unit", "reason")),
    Operation("escalate", "instance", "To the coordinating unit; from there to the decision group.", ("reason",)),
    Operation("place", "instance", "Place the case, binding, in a unit.", ("unit", "outcome", "reason")),
    Operation("appeal", "instance", "The placed unit objects, once, before accepting.", ("reason",)),
    Operation("await-consent", "instance", "Wait for the patient's consent."),
    Operation(
        "appoint",
        "instance",
        "Appoint a coordinator; the EHR is told at once.",
        ("practitioner", "role", "telecom", "start", "consent", "assessment", "reason"),
    ),
    Operation("conclude", "instance", "End with another outcome.", ("outcome", "reason", "assessment")),
    Operation("decline", "instance", "Decline with a reason.", ("reasonCode", "reason", "assessment")),
    Operation("withdraw", "instance", "The sender takes the need back.", ("reason",)),
    Operation(
        "lapse",
        "instance",
        "Nothing is left to answer: the patient has died or moved, or the need is here twice.",
        ("reasonCode", "reason"),
    ),
    Operation("enter-in-error", "instance", "Wrong patient: ends all that the case made.", ("reason",)),
    Operation("assess", "instance", "Record the answers to the criteria A–D.", ("assessment",)),
    Operation("available-actions", "instance", "What may I do with this case now?", (), "GET", reads=True),
)
CARE_TEAM_OPERATIONS: Final = (
    Operation(
        "register-coordinator",
        "type",
        "Register a coordinator for a patient.",
        ("patient", "practitioner", "role", "telecom", "start", "consent"),
    ),
    Operation(
        "deregister-coordinator",
        "instance",
        "End a coordinator's stint; the EHR is told at once.",
        ("participant", "practitioner", "end", "reasonCode"),
    ),
)
AUDIT_EVENT_OPERATIONS: Final = (
    Operation(
        "patient-log",
        "type",
        "The patient's own log: who looked, wrote or was refused, in words for the patient.",
        ("patient", "period", "count", "cursor"),
        reads=True,
    ),
)
_RANGE: Final = ("eventsSinceNumber", "eventsUntilNumber")


def _asked(name: str, level: str, summary: str, parameters: tuple[str, ...]) -> Operation:
    return Operation(name, level, summary, parameters, "GET", reads=True, also_post=True)


_STATUS: Final = "How a subscription is, and how many events it has had; at type level of the caller's own."
SUBSCRIPTION_OPERATIONS: Final = (
    _asked("status", "instance", _STATUS, ("id", "status")),
    _asked("status", "type", _STATUS, ("id", "status")),
    _asked(
        "events",
        "instance",
        "The events under these numbers, whether they were sent or not, in the caller's present sight.",
        (*_RANGE, "content"),
    ),
    Operation(
        "resend",
        "instance",
        "Send these events once more, under their numbers; an operation of the guide's continuous build.",
        _RANGE,
    ),
)
