"""What is there before the pairs begin: municipality A's own, the same in both worlds, and what only the second has."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from app.fhir import codes
from app.fhir.resources import RESOURCES
from benchmarks.needs import patients
from tests.api.running import EXAMPLES
from tests.api.smallest import ONE_IDENTIFIER, WITHOUT_IDENTIFIER, smallest
from tests.isolation.worlds import Answer, Sent, World

A: Final = ("municipality", "fjordvik")
B: Final = ("municipality", "dalheim")
EHR: Final = ("ehr", "ehr")
_UNIT: Final = ("clinical-unit", "neurology-outpatient")
_RESH: Final = {"neurology-outpatient": "4900101", "rehabilitation": "4900103", "oncology": "4900301"}
_NUMBERS: Final = patients(seed=7)
SHARED: Final = tuple(next(_NUMBERS) for _ in range(8))
"""Patients of both municipalities and of the hospital."""
OTHERS: Final = tuple(next(_NUMBERS) for _ in range(4))
"""Patients whom A has nothing about. Some have a coordinator: a need about one of them would rightly be led to the
coordinator's unit, so A posts none."""
WRITABLE: Final = tuple(
    one.name for one in RESOURCES.values() if one.writers and "sender" in one.writers and one.name != "Task"
)
_HOSPITALS: Final = ("CareTeam", "CarePlan", "Encounter", "Communication", "ServiceRequest", "Patient", "Consent")


@dataclass(slots=True)
class Known:
    """What a curious client could name: ids, numbers, versions, cursors."""

    own: dict[str, list[str]] = field(default_factory=dict)
    foreign: dict[str, list[str]] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    """``system|value`` of identifiers, its own and others'."""
    cursors: list[str] = field(default_factory=list)
    """Paths with a query that answers have given."""
    posted: list[Sent] = field(default_factory=list)
    """Creates that A has sent."""

    def add(self, answer: Answer, *, own: bool) -> str:
        """Take in what an answer shows; its id."""
        content: dict[str, Any] = json.loads(answer.body)
        kept = self.own if own else self.foreign
        kept.setdefault(content["resourceType"], []).append(content["id"])
        if content["resourceType"] == "Task":
            kept.setdefault("Provenance", []).append(f"{content['id']}-1-0")
        listed = content.get("identifier", [])
        for one in listed if isinstance(listed, list) else [listed]:
            self.numbers.append(f"{one.get('system', '')}|{one['value']}")
        return str(content["id"])


def created(content: dict[str, Any], kind: str = "create") -> Sent:
    """The request that creates a resource."""
    path = f"/fhir/v1/{content['resourceType']}"
    return Sent(kind, "POST", path, (("content-type", "application/fhir+json"),), json.dumps(content).encode())


def need(number: str, patient: str, unit: str, place: str, **more: Any) -> dict[str, Any]:
    """The example need about a patient, to a unit, under a number of a municipality."""
    content: dict[str, Any] = json.loads((EXAMPLES / "task-need.json").read_text(encoding="utf-8"))
    content["identifier"][0] |= {"system": f"https://{place}.example/fhir/saksnummer", "value": number}
    content["for"]["identifier"]["value"] = patient
    content.pop("requester")
    for entry in content["input"]:
        if "valueReference" in entry:
            entry["valueReference"] = {"identifier": {"system": codes.RESH, "value": _RESH[unit]}}
    return content | more


def abort(number: str, focus: str, place: str, **more: Any) -> dict[str, Any]:
    """A request to cancel a case (its Task's id), under a number of a municipality."""
    return {
        "resourceType": "Task",
        "identifier": [{"system": f"https://{place}.example/fhir/saksnummer", "value": number}],
        "status": "requested",
        "intent": "order",
        "code": codes.concept(codes.COORDINATION_TASK, codes.ABORT),
        "description": "Prøve: ikke aktuelt lenger",
        "focus": {"reference": f"Task/{focus}"},
    } | more


def about(type_name: str, number: str, patient: str, **more: Any) -> dict[str, Any]:
    """The smallest resource of a type about a patient, under a number; a Subscription is about nobody."""
    content = smallest(type_name)
    if type_name in WITHOUT_IDENTIFIER:
        return content | more
    one = {"system": "https://numbers.example", "value": number}
    content["identifier"] = one if type_name in ONE_IDENTIFIER else [one]
    who = {"type": "Patient", "identifier": {"system": codes.NATIONAL_NUMBER, "value": patient}}
    if type_name == "Patient":
        content["identifier"] = [one, who["identifier"]]
    elif type_name in ("Consent", "RelatedPerson"):
        content["patient"] = who
    else:
        content["subject"] = who
    return content | more


def example(name: str) -> dict[str, Any]:
    """A Parameters resource of ``examples/``."""
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def moved(task: str, operation: str, given: str = "") -> Sent:
    """A move of a case, with the parameters of an example."""
    content = example(given) if given else {"resourceType": "Parameters"}
    headers = (("content-type", "application/fhir+json"),)
    return Sent("operation", "POST", f"/fhir/v1/Task/{task}/${operation}", headers, json.dumps(content).encode())


async def _made(here: World, sent: Sent, who: tuple[str, str], label: str = "") -> Answer:
    answer = await here.send(sent, *who, label)
    assert answer.status in {200, 201}, (sent.path, who, answer.status, answer.body)
    here.now += 1000
    return answer


async def settle_own(here: World) -> Known:
    """A's cases at many stages, moved by the hospital, a draft, and one of each other type."""
    known = Known()
    moves: tuple[tuple[tuple[str, str], ...], ...] = (
        (),
        (("accept", ""),),
        (("accept", ""), ("assess", "assess"), ("appoint", "appoint")),
        (("accept", ""), ("decline", "decline")),
        (("request-information", "request-information"),),
        (("transfer", "transfer-1-oncology"),),
        (("escalate", "escalate"),),
    )
    for index, steps in enumerate(moves):
        first = need(f"A-{index}", SHARED[index], "neurology-outpatient", "fjordvik")
        task = known.add(await _made(here, created(first), A), own=True)
        known.posted.append(created(first))
        for operation, given in steps:
            await _made(here, moved(task, operation, given), _UNIT, "for A")
        if steps == (("accept", ""),):
            known.add(await _made(here, created(abort("A-abort", task, "fjordvik")), A), own=True)
    kept = created(need("A-7", SHARED[7], "neurology-outpatient", "fjordvik", status="draft"))
    known.add(await _made(here, kept, A), own=True)
    known.posted.append(kept)
    for index, name in enumerate(WRITABLE):
        known.add(await _made(here, created(about(name, f"A-{name}", SHARED[index % 8])), A), own=True)
    return known


async def settle_others(here: World, known: Known) -> None:
    """The same things of municipality B and of the hospital, about A's patients and about others."""
    for index, patient in enumerate((*SHARED, *OTHERS)):
        # The same number as A's, from another sender, and one of its own.
        unit = ("rehabilitation", "oncology")[index % 2]
        task = ""
        for number in (f"A-{index}", f"B-{index}"):
            task = known.add(await _made(here, created(need(number, patient, unit, "dalheim")), B), own=False)
        kept = need(f"D-{index}", patient, unit, "dalheim", status="draft")
        known.add(await _made(here, created(kept), B), own=False)
        if index % 3 == 0:
            await _made(here, moved(task, "accept"), ("clinical-unit", unit))
            known.add(await _made(here, created(abort(f"A-abort-{index}", task, "dalheim")), B), own=False)
        if patient in OTHERS:
            registered = example("register-coordinator")
            registered["parameter"][0]["valueIdentifier"]["value"] = patient
            path = "/fhir/v1/CareTeam/$register-coordinator"
            body = json.dumps(registered).encode()
            sent = Sent("operation", "POST", path, (("content-type", "application/fhir+json"),), body)
            known.add(await _made(here, sent, ("coordinating-unit", "coordinating-unit")), own=False)
        for name in WRITABLE:
            known.add(await _made(here, created(about(name, f"A-{name}-{index}", patient)), B), own=False)
        known.add(await _made(here, created(about("Subscription", "", patient)), ("clinical-unit", unit)), own=False)
        for name in _HOSPITALS:
            content = about(name, f"H-{name}-{index}", patient)
            known.add(await _made(here, created(content), _UNIT), own=False)
        known.add(await _made(here, created(about("Encounter", f"E-{index}", patient)), EHR), own=False)
