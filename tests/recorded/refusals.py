"""What every client meets sooner or later. These are shown at every operation that can answer so."""

import json
from typing import Any, Final

from tests.api.running import need
from tests.recorded.cases import FJORDVIK, NEUROLOGY
from tests.recorded.recorder import Recorder

_NOBODY: Final = "1f0c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"


def play_refusals(record: Recorder) -> None:
    """Each status with its codes, after ``play_answered``."""
    _unreadable(record)
    _not_allowed(record)
    _wrong_content(record)


def _unreadable(record: Recorder) -> None:
    say = record.fhir
    broken: dict[str, Any] = {"body": '{"resourceType": "Task", "status": }', "expect": 400}
    say("error-broken-json", "Broken JSON", FJORDVIK, "POST Task", **broken)
    say("error-unknown-parameter", "No such search parameter", FJORDVIK, "GET Task?colour=red", expect=400)
    number = "GET Task?patient:identifier=10915596784"
    say("error-number-in-url", "A national identity number in the URL", FJORDVIK, number, expect=400)
    xml = {"Accept": "application/fhir+xml"}
    say("error-xml", "XML is asked for", FJORDVIK, "GET Task", headers=xml, expect=406)
    text: dict[str, Any] = {"media": "text/plain", "body": "Hei", "expect": 415}
    say("error-plain-text", "The body is plain text", FJORDVIK, "POST Task", **text)
    say("error-no-delete", "Nothing is deleted", FJORDVIK, f"DELETE Task/{_NOBODY}", expect=405)


def _not_allowed(record: Recorder) -> None:
    say = record.fhir
    say("error-no-token", "No access token", "", "GET Task", expect=401)
    worn = {"Authorization": "Bearer worn-out"}
    say("error-bad-token", "The access token cannot be read", "", "GET Task", headers=worn, expect=401)
    say("error-scope", "The token has no scope for this type", "auditor", "GET Task", expect=403)
    say("error-role", "The role does not write this type", "ehr", "POST Task", file="task-need.json", expect=403)
    say("error-not-found", "It is not there, or not yours to see", FJORDVIK, f"GET Task/{_NOBODY}", expect=404)
    say("error-unknown-type", "A type that is not served", FJORDVIK, "GET Banana", expect=404)


def _wrong_content(record: Recorder) -> None:
    say = record.fhir
    wrong = need(intent="plan", for_=None)
    wrong["identifier"][0]["value"] = "FJV-2026-00431"
    say("error-content", "All faults of a body at once", FJORDVIK, "POST Task", body=wrong, expect=422)
    bokmaal = {"Accept-Language": "nb"}
    say("error-content-nb", "The same in Norwegian", FJORDVIK, "POST Task", body=wrong, expect=422, headers=bokmaal)
    other = json.loads(json.dumps(need(priority="urgent")))
    other["identifier"][0]["value"] = "FJV-2026-00417"
    say("need-number-in-use", "The number stands for other content", FJORDVIK, "POST Task", body=other, expect=409)
    several = {"If-None-Exist": "status=accepted,completed,cancelled"}
    more: dict[str, Any] = {"file": "task-need.json", "headers": several, "expect": 412}
    say("need-several-matches", "The condition matches several", FJORDVIK, "POST Task", **more)
    task = record.service.client.get(
        "/fhir/v1/Task?identifier=FJV-2026-00422", headers=record.service.token("clinical-unit")
    ).json()["entry"][0]["resource"]["id"]
    decline: dict[str, Any] = {"expect": 422, "body": {"resourceType": "Parameters"}}
    say("decline-without-reason", "The reason is missing", NEUROLOGY, f"POST Task/{task}/$decline", **decline)
    say("accept-by-sender", "Not the sender's to do", FJORDVIK, f"POST Task/{task}/$accept", expect=409)
