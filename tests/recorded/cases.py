"""The story of the needs: one for each way that a case can go."""

import json
from typing import Any, Final

from app.fhir import codes
from tests.api.running import CANARY, need
from tests.recorded.recorder import FORM, Recorder

FJORDVIK: Final = "municipality:fjordvik"
DALHEIM: Final = "municipality:dalheim"
OYVAER: Final = "municipality:oyvaer"
NORDBYGD: Final = "municipality:nordbygd"
NEUROLOGY: Final = "clinical-unit:neurology-outpatient"
REHABILITATION: Final = "clinical-unit:rehabilitation"
OFFICE: Final = "coordinating-unit"
GROUP: Final = "decision-group"
AUDITOR: Final = "auditor"
PATIENT: Final = "urn:oid:2.16.578.1.12.4.1.4.1|10915596784"

EMPTY: Final = {"resourceType": "Parameters"}
"""An operation without parameters takes this, or no body."""


def play_answered(record: Recorder) -> None:
    """A need, a question, a coordinator: the way that most cases go."""
    record.on("2026-11-02T09:20:00+01:00")
    say = record.fhir
    made = say("need", "A need is posted", FJORDVIK, "POST Task", expect=201, file="task-need.json")
    task = f"Task/{made.json()['id']}"
    say("need-repeated", "The same file again is no second case", FJORDVIK, "POST Task", file="task-need.json")
    minimal = {"Prefer": "return=minimal"}
    say("need-minimal", "Without the body", FJORDVIK, "POST Task", file="task-need.json", headers=minimal)
    _read(record, task)
    say("available-actions", "What the unit may do now", NEUROLOGY, f"GET {task}/$available-actions")
    say("accept", "The unit takes the case", NEUROLOGY, f"POST {task}/$accept", body=EMPTY)
    asked = {"file": "request-information.json"}
    say("request-information", "The unit asks the sender", NEUROLOGY, f"POST {task}/$request-information", **asked)
    say("answer", "The sender answers", FJORDVIK, f"POST {task}/$answer", file="answer.json")
    say("assess", "The criteria A, B and D are met", NEUROLOGY, f"POST {task}/$assess", file="assess.json")
    say("appoint", "The unit appoints a coordinator", NEUROLOGY, f"POST {task}/$appoint", file="appoint.json")
    told = say("task-answered", "The sender reads the answer", FJORDVIK, f"GET {task}?_elements=status,output")
    say("task-history", "The versions of a case, newest first", FJORDVIK, f"GET {task}/_history?_count=1")
    say("task-type-history", "All versions of all cases that you see", FJORDVIK, "GET Task/_history?_count=1")
    say("accept-too-late", "The case is over", NEUROLOGY, f"POST {task}/$accept", expect=409)
    record.play("case-events", "Every move of a case", NEUROLOGY, "GET", f"/reports/cases/{made.json()['id']}/events")
    _deregister(record, told.json())


def _read(record: Recorder, task: str) -> None:
    say = record.fhir
    say("task-read", "A case is read", FJORDVIK, f"GET {task}")
    check = {"file": "task-need.json"}
    say("task-validate", "A need as it would be stored", FJORDVIK, "POST Task/$validate", **check)
    say("task-validate-stored", "What is stored already", FJORDVIK, f"POST {task}/$validate", body=EMPTY)
    known = {"If-None-Match": 'W/"1"'}
    say("task-unchanged", "Nothing new since version 1", FJORDVIK, f"GET {task}", expect=304, headers=known)
    say("task-version", "The first version", FJORDVIK, f"GET {task}/_history/1?_elements=status")
    say("task-search", "By the sender's own number", FJORDVIK, "GET Task?identifier=FJV-2026-00417&_elements=status")
    form = {"patient:identifier": PATIENT, "_elements": "status"}
    say("task-search-patient", "By the patient", FJORDVIK, "POST Task/_search", body=form, media=FORM)


def _deregister(record: Recorder, task: dict[str, Any]) -> None:
    record.on("2026-11-20T12:00:00+01:00")
    output = {one["type"]["coding"][0]["code"]: one for one in task["output"]}
    team = output["care-team"]["valueReference"]["reference"]
    end = f"POST {team}/$deregister-coordinator"
    record.fhir("coordination-team", "The coordinators of a patient", NEUROLOGY, f"GET {team}")
    record.fhir("deregister", "The coordinator ends", NEUROLOGY, end, file="deregister.json")
    nobody = {"resourceType": "Parameters", "parameter": [{"name": "reasonCode", "valueCode": "bored"}]}
    record.fhir("deregister-nobody", "Whose end, and why?", NEUROLOGY, end, body=nobody, expect=422)


def play_handed_over(record: Recorder) -> None:
    """Three units hand it on; it is escalated, placed, appealed, placed again, and answered."""
    record.on("2026-11-21T09:00:00+01:00")
    say = record.fhir
    made = say("need-handed-over", "Several units", DALHEIM, "POST Task", expect=201, file="task-handed-over.json")
    task = f"POST Task/{made.json()['id']}"
    for name, owner, status in (
        ("transfer-1-oncology", "internal-medicine", 200),
        ("transfer-2-rehabilitation", "oncology", 200),
        ("transfer-3-neurology-ward", "rehabilitation", 200),
        ("transfer-4-refused", "neurology-ward", 409),
    ):
        summary = "A hand-over too many" if status == 409 else "The unit hands the case over"
        say(name, summary, f"clinical-unit:{owner}", f"{task}/$transfer", file=f"{name}.json", expect=status)
    up = f"{task}/$escalate"
    say("escalate", "To the coordinating unit", "clinical-unit:neurology-ward", up, file="escalate.json")
    say("escalate-to-decision-group", "To the decision group", OFFICE, up, file="escalate-to-decision-group.json")
    say("place", "Placed, binding, with an outcome", GROUP, f"{task}/$place", file="place.json")
    say("appeal", "The placed unit objects", REHABILITATION, f"{task}/$appeal", file="appeal.json")
    say("place-after-appeal", "The placement stands", OFFICE, f"{task}/$place", file="place-after-appeal.json")
    again = {"file": "appeal.json", "expect": 409}
    say("appeal-again", "There is one appeal", REHABILITATION, f"{task}/$appeal", **again)
    say("accept-placed", "The placed unit takes the case", REHABILITATION, f"{task}/$accept")
    answer = {"file": "appoint-after-placement.json"}
    say("appoint-after-placement", "The placed unit appoints", REHABILITATION, f"{task}/$appoint", **answer)


def play_other_ends(record: Recorder) -> None:
    """Declined, withdrawn, concluded, consent awaited, entered in error."""
    say = record.fhir
    made = say("need-declined", "A shorter need", OYVAER, "POST Task", expect=201, file="task-declined.json")
    task, unit = f"POST Task/{made.json()['id']}", "clinical-unit:oncology"
    say("accept-oncology", "The unit takes the case", unit, f"{task}/$accept")
    say("decline", "No, with the reason", unit, f"{task}/$decline", file="decline.json")
    made = say("need-withdrawn", "A need for a child", NORDBYGD, "POST Task", expect=201, file="task-withdrawn.json")
    withdraw = f"POST Task/{made.json()['id']}/$withdraw"
    say("withdraw", "The sender takes it back", NORDBYGD, withdraw, file="withdraw.json")
    task = f"POST {_another(record, 'FJV-2026-00421')}"
    asked = {"file": "request-information.json"}
    say("request-information-queued", "A question at once", NEUROLOGY, f"{task}/$request-information", **asked)
    say("resume", "The asker goes on without an answer", NEUROLOGY, f"{task}/$resume", body=EMPTY)
    say("accept-resumed", "The unit takes the case", NEUROLOGY, f"{task}/$accept")
    say("await-consent", "The patient must consent first", NEUROLOGY, f"{task}/$await-consent", body=EMPTY)
    say("conclude", "A contact physician suffices", NEUROLOGY, f"{task}/$conclude", file="conclude.json")
    moved = f"POST {_another(record, 'FJV-2026-00428')}/$lapse"
    say("lapse", "The patient has moved", NEUROLOGY, moved, file="lapse.json")
    bored = {"resourceType": "Parameters", "parameter": [{"name": "reasonCode", "valueCode": "wrong-unit"}]}
    say("lapse-wrong-unit", "A wrong unit hands on", OFFICE, f"{task}/$lapse", body=bored, expect=409)
    say("enter-in-error", "It was the wrong patient", OFFICE, f"{task}/$enter-in-error", file="enter-in-error.json")


def play_drafted(record: Recorder) -> None:
    """Begun, submitted too early, completed, submitted."""
    say = record.fhir
    made = say("need-draft", "A need is begun", FJORDVIK, "POST Task", expect=201, file="task-draft.json")
    task = f"Task/{made.json()['id']}"
    say("draft-actions", "What its author may do", FJORDVIK, f"GET {task}/$available-actions")
    say("submit-too-early", "It does not say what is needed", FJORDVIK, f"POST {task}/$submit", expect=422)
    more: dict[str, Any] = {"media": "application/json-patch+json", "headers": {"If-Match": 'W/"1"'}}
    words = [{"op": "add", "path": "/description", "value": "Lang reisevei; vi ber om hjelp til å samle timene."}]
    say("draft-patch", "A draft is changed", FJORDVIK, f"PATCH {task}", body=words, **more)
    say("submit", "The draft becomes a case", FJORDVIK, f"POST {task}/$submit", body=EMPTY)
    say("submit-again", "It is a case already", FJORDVIK, f"POST {task}/$submit", body=EMPTY, expect=409)


def play_cancelled(record: Recorder) -> None:
    """A case that has gone too far to be withdrawn: the sender asks, the owner says yes, or no."""
    say = record.fhir
    task = _taken(record, "FJV-2026-00425")
    say("available-abort", "The sender may ask to cancel", FJORDVIK, f"GET {task}/$available-actions")
    asked = _abort(task, "FJV-2026-00425-A")
    made = say("abort", "The sender asks to cancel the case", FJORDVIK, "POST Task", body=asked, expect=201)
    again = {"body": _abort(task, "FJV-2026-00425-B"), "expect": 409}
    say("abort-again", "One request at a time", FJORDVIK, "POST Task", **again)
    mine = "GET Task?owner:identifier=4900101&code=abort&status=requested&_elements=status,focus,description"
    say("abort-search", "What the unit is asked to cancel", NEUROLOGY, mine)
    request = f"Task/{made.json()['id']}"
    say("abort-answers", "What the unit may answer", NEUROLOGY, f"GET {request}/$available-actions")
    more: dict[str, Any] = {"media": "application/json-patch+json", "headers": {"If-Match": 'W/"1"'}}
    yes = [{"op": "replace", "path": "/status", "value": "completed"}]
    say("abort-completed", "Yes: the case is withdrawn", NEUROLOGY, f"PATCH {request}", body=yes, **more)
    task = _taken(record, "FJV-2026-00426")
    asked = _abort(task, "FJV-2026-00426-A")
    asked = say("abort-second", "Another request", FJORDVIK, "POST Task", body=asked, expect=201).json()
    no = asked | {"status": "rejected", "statusReason": {"text": "Koordinator oppnevnes i dag."}}
    say("abort-rejected", "No, with the reason", NEUROLOGY, f"PUT Task/{asked['id']}", body=no)
    say("abort-too-early", "What is withdrawn without asking", FJORDVIK, "POST Task", body=_early(record), expect=409)


def _taken(record: Recorder, number: str) -> str:
    """A case that its unit assesses."""
    task = _another(record, number)
    unit = record.service.token("clinical-unit", unit="neurology-outpatient")
    assert record.service.client.post(f"/fhir/v1/{task}/$accept", headers=unit).status_code == 200
    return task


def _early(record: Recorder) -> dict[str, Any]:
    return _abort(_another(record, "FJV-2026-00427"), "FJV-2026-00427-A")


def _abort(task: str, number: str) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "identifier": [{"system": "https://fjordvik.example/fhir/saksnummer", "value": number}],
        "status": "requested",
        "intent": "order",
        "code": codes.concept(codes.COORDINATION_TASK, codes.ABORT, "Be om at saken trekkes"),
        "description": "Pasienten har fått fast kontakt i kommunen.",
        "focus": {"reference": task},
        "for": {"identifier": {"system": codes.NATIONAL_NUMBER, "value": CANARY}},
    }


def play_by_hand(record: Recorder) -> None:
    """PUT and PATCH: the same moves for a client that knows no operations."""
    say = record.fhir
    task = _another(record, "FJV-2026-00422")
    took = _accepted(record, task)
    stated = {"If-Match": 'W/"1"'}
    say("task-update", "The same as $accept", NEUROLOGY, f"PUT {task}", body=took, headers=stated)
    stale = {"headers": stated, "expect": 412, "body": took}
    say("task-update-stale", "Somebody was faster", NEUROLOGY, f"PUT {task}", **stale)
    unstated = {key: value for key, value in took.items() if key != "meta"}
    blind = {"expect": 428, "body": unstated}
    say("task-update-blind", "Neither If-Match nor meta.versionId", NEUROLOGY, f"PUT {task}", **blind)
    task = _another(record, "FJV-2026-00423")
    number = "identifier=https://fjordvik.example/fhir/saksnummer|FJV-2026-00423"
    accepted = _accepted(record, task)
    say("task-update-matching", "By the sender's number", NEUROLOGY, f"PUT Task?{number}", body=accepted)
    _patch(record)


def _accepted(record: Recorder, task: str) -> dict[str, Any]:
    """The case as it stands, with what the unit wants it to become."""
    headers = record.service.token("clinical-unit", unit="neurology-outpatient")
    content: dict[str, Any] = record.service.client.get(f"/fhir/v1/{task}", headers=headers).json()
    content["status"] = "accepted"
    content["businessStatus"]["coding"][0] |= {"code": "assessing", "display": "Til vurdering"}
    return content


def _patch(record: Recorder) -> None:
    task = _another(record, "FJV-2026-00424")
    change = [{"op": "replace", "path": "/status", "value": "cancelled"}]
    reason = [{"op": "add", "path": "/statusReason", "value": {"text": "Pasienten har fått hjelp et annet sted."}}]
    more: dict[str, Any] = {"media": "application/json-patch+json", "headers": {"If-Match": 'W/"1"'}}
    say = record.fhir
    say("task-patch", "The same as $withdraw", FJORDVIK, f"PATCH {task}", body=change + reason, **more)
    more["expect"] = 409
    more["headers"] = {"If-Match": 'W/"2"'}
    back = [{"op": "replace", "path": "/status", "value": "accepted"}]
    say("task-patch-refused", "The case is over", FJORDVIK, f"PATCH {task}", body=back, **more)


def _another(record: Recorder, number: str) -> str:
    """One more need of Fjordvik's, not recorded; answers ``Task/[id]``."""
    record.story.turn_to(f"posts {number}")
    content = json.loads(json.dumps(need()))
    content["identifier"][0]["value"] = number
    made = record.service.post_need(record.service.token("municipality", organisation="fjordvik"), content)
    assert made.status_code == 201, made.text
    return f"Task/{made.json()['id']}"
