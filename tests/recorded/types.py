"""Every type that is served, by every interaction that it has, after the resource table."""

import json
import re
from typing import Any

from app.api.operations import operations_of
from app.fhir.resources import RESOURCES, Interaction, ResourceType, Sight
from tests.api.running import EXAMPLES
from tests.recorded.cases import AUDITOR, EMPTY, FJORDVIK, OFFICE, PATIENT
from tests.recorded.recorder import FORM, PATCH, Recorder


def play_types(record: Recorder) -> None:
    """Task has a story of its own."""
    for resource in RESOURCES.values():
        if resource.name == "Task":
            continue
        if Interaction.CREATE in resource.interactions:
            _written(record, resource)
        else:
            _looked_at(record, resource)


def kebab(type_name: str) -> str:
    """``CarePlan`` → ``care-plan``: how its example is called."""
    return re.sub("(?<=.)([A-Z])", r"-\1", type_name).lower()


def _written(record: Recorder, resource: ResourceType) -> None:
    name, stem, say = resource.name, kebab(resource.name), record.fhir
    who = FJORDVIK if "sender" in resource.writers else OFFICE
    file = f"{stem}.json"
    content = json.loads((EXAMPLES / file).read_text(encoding="utf-8"))
    made = say(f"{stem}-create", f"A {name} is stored", who, f"POST {name}", expect=201, file=file)
    one = f"{name}/{made.json()['id']}"
    say(f"{stem}-read", f"A {name} is read", who, f"GET {one}")
    changed: dict[str, Any] = {"body": content | {"language": "nn"}}
    version = {"headers": {"If-Match": 'W/"1"'}}
    say(f"{stem}-update", "With another language", who, f"PUT {one}", **changed, **version)
    _search(record, resource, who, made.json()["id"])
    match = f"PUT {name}?_id={made.json()['id']}"
    more: dict[str, Any] = {"headers": {"If-Match": 'W/"2"'}, "body": content | {"language": "nb"}}
    say(f"{stem}-update-matching", "The one that the search finds", who, match, **more)
    if Interaction.PATCH in resource.interactions:
        change = [{"op": "add", "path": "/language", "value": "en"}]
        more = {"media": PATCH, "headers": {"If-Match": 'W/"3"'}}
        say(f"{stem}-patch", "With another language", who, f"PATCH {one}", body=change, **more)
    _looked_back(record, resource, who, one)
    if resource.name == "Subscription":
        _told(record, one, content)
    wrong = {key: value for key, value in content.items() if key != "status"} | {"colour": "red"}
    say(f"{stem}-validate", "As it would be stored", who, f"POST {name}/$validate", file=file)
    say(f"{stem}-validate-faults", "All faults at once", who, f"POST {name}/$validate", body=wrong)
    say(f"{stem}-validate-stored", "What is stored already", who, f"POST {one}/$validate", body=EMPTY)


def _told(record: Recorder, one: str, content: dict[str, Any]) -> None:
    """What a subscription is asked, and its end."""
    say = record.fhir
    number = {"name": "eventsSinceNumber", "valueString": "1"}
    say("subscription-status", "How it is", FJORDVIK, f"GET {one}/$status")
    say("subscription-status-by-post", "The same", FJORDVIK, f"POST {one}/$status", body=EMPTY)
    say("subscription-status-of-several", "Those that failed", FJORDVIK, "GET Subscription/$status?status=error")
    wanted = EMPTY | {"parameter": [{"name": "status", "valueCode": "off"}]}
    say("subscription-status-of-several-by-post", "Those off", FJORDVIK, "POST Subscription/$status", body=wanted)
    say("subscription-events", "What was notified", FJORDVIK, f"GET {one}/$events?content=id-only")
    say(
        "subscription-events-by-post",
        "From the first",
        FJORDVIK,
        f"POST {one}/$events",
        body=EMPTY | {"parameter": [number]},
    )
    again: dict[str, Any] = {"body": EMPTY | {"parameter": [number]}}
    say("subscription-resend", "Once more, all of them", FJORDVIK, f"POST {one}/$resend", **again)
    channel = content["channel"] | {"type": "websocket", "header": ["Content-Type: text/plain"]}
    wrong = content | {"criteria": "Task?status=completed", "channel": channel}
    more: dict[str, Any] = {"body": wrong, "expect": 422}
    say("subscription-not-done-here", "Three things at once", FJORDVIK, "POST Subscription", **more)
    off: dict[str, Any] = {"body": content | {"status": "off"}}
    say("subscription-off", "No more", FJORDVIK, f"PUT {one}", **off)
    say("subscription-resend-off", "Nothing is sent then", FJORDVIK, f"POST {one}/$resend", **again, expect=409)


def _search(record: Recorder, resource: ResourceType, who: str, key: str) -> None:
    name, stem = resource.name, kebab(resource.name)
    record.fhir(f"{stem}-search", "By its id", who, f"GET {name}?_id={key}&_summary=true")
    form = {"_summary": "count"}
    record.fhir(f"{stem}-search-by-post", "How many match", who, f"POST {name}/_search", body=form, media=FORM)


def _looked_back(record: Recorder, resource: ResourceType, who: str, one: str) -> None:
    name, stem, say = resource.name, kebab(resource.name), record.fhir
    if Interaction.VREAD in resource.interactions:
        say(f"{stem}-version", "The first version", who, f"GET {one}/_history/1")
    if Interaction.HISTORY in resource.interactions:
        say(f"{stem}-history", "Newest first", who, f"GET {one}/_history?_count=1")
    if Interaction.HISTORY_TYPE in resource.interactions:
        say(f"{stem}-type-history", "Of all that you see", who, f"GET {name}/_history?_count=1")


def _patient_log(record: Recorder) -> None:
    system, _, number = PATIENT.partition("|")
    patient = {"name": "patient", "valueIdentifier": {"system": system, "value": number}}
    page = {"name": "count", "valuePositiveInt": 3}
    call = "POST AuditEvent/$patient-log"
    body = EMPTY | {"parameter": [patient, page]}
    record.fhir("patient-log", "Who has looked, for the patient", AUDITOR, call, body=body)
    record.fhir("patient-log-of-nobody", "Whose log?", AUDITOR, call, body=EMPTY | {"parameter": [page]}, expect=422)


def _looked_at(record: Recorder, resource: ResourceType) -> None:
    """A type that nobody writes."""
    name, stem, say = resource.name, kebab(resource.name), record.fhir
    shipped = resource.sight is Sight.SHIPPED
    who, cut = (FJORDVIK, "_elements=url,name,status") if shipped else (OFFICE, "_summary=false")
    who = AUDITOR if name == "AuditEvent" else who
    page = say(f"{stem}-search", "A page of one", who, f"GET {name}?_count=1&{cut}").json()
    form = {"_summary": "count"}
    say(f"{stem}-search-by-post", "How many there are", who, f"POST {name}/_search", body=form, media=FORM)
    one = page["entry"][0]["resource"]
    say(f"{stem}-read", f"A {name} is read", who, f"GET {name}/{one['id']}?{cut}")
    offered = {(operation.name, operation.level) for operation in operations_of(resource)}
    if ("patient-log", "type") in offered:
        _patient_log(record)
    if ("validate", "type") in offered:
        # What was read is marked as a part, and no part is valid.
        whole = {member: value for member, value in one.items() if member != "meta"}
        say(f"{stem}-validate", "Is it valid?", who, f"POST {name}/$validate", body=whole)
    if ("validate", "instance") in offered:
        say(f"{stem}-validate-stored", "What is there already", who, f"POST {name}/{one['id']}/$validate", body=EMPTY)
