"""Who acts in the story, the files that they send unchanged, and the story's own count of what they did."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from app.sandbox.demo.calls import Caller, Reply, Web
from app.sandbox.demo.narration import Narration, expect
from app.sandbox.demo.processes import PROJECT, House
from app.sandbox.personas import CLINICAL_UNITS, COORDINATING_UNIT, DECISION_GROUP, MUNICIPALITIES

FHIR: Final = "/fhir/v1"
_UNITS: Final = {unit.resh: unit.key for unit in (*CLINICAL_UNITS, COORDINATING_UNIT, DECISION_GROUP)}
_COUNTED: Final = {
    "$accept": "accepted",
    "$appoint": "appointed",
    "$decline": "declined",
    "$withdraw": "withdrawn",
}


@dataclass(slots=True)
class Case:
    """A case as the last answer showed it; ``owner`` is the unit's key, ``owner_name`` its name."""

    task: dict[str, Any]
    sender: Caller
    received: str
    """The instant of the receipt, as the service said it."""

    @property
    def path(self) -> str:
        """Where the Task is."""
        return f"{FHIR}/Task/{self.task['id']}"

    @property
    def owner(self) -> str:
        """The owning unit's key."""
        return _UNITS[self.task["owner"]["identifier"]["value"]]

    @property
    def owner_name(self) -> str:
        """The owning unit's name."""
        return str(self.task["owner"]["display"])

    @property
    def stage(self) -> str:
        """The code of ``businessStatus``."""
        return code(self.task["businessStatus"])

    def __str__(self) -> str:
        task = self.task
        version = task["meta"]["versionId"]
        return f"Task/{task['id']}, version {version}: {task['status']}, {self.stage}, owner {self.owner_name}"


@dataclass(slots=True)
class Cast:
    """Everybody, with the house that they live in, the narration, and the tally."""

    web: Web
    house: House
    tell: Narration
    tally: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    senders: dict[str, Caller] = field(default_factory=dict)
    hospital: dict[str, Caller] = field(default_factory=dict)
    subscriptions: dict[str, str] = field(default_factory=dict)
    """Municipality's key → its Subscription's id."""

    def __post_init__(self) -> None:
        names = ("Fjordvik kommune", "Dalheim kommune", "Øyvær kommune", "Nordbygd kommune")
        for place, name in zip(MUNICIPALITIES, names, strict=True):
            self.senders[place.key] = self.caller(name, persona="municipality", organisation=place.number)
        for unit in CLINICAL_UNITS:
            self.hospital[unit.key] = self.caller(unit.key, persona="clinical-unit", unit=unit.key)
        for key in (COORDINATING_UNIT.key, DECISION_GROUP.key, "operator"):
            self.hospital[key] = self.caller(key, persona=key)

    def caller(self, name: str, **persona: str) -> Caller:
        """A persona of the sandbox."""
        return Caller(self.web, self.house.origins["samband"], name, **persona)

    def post_need(self, sender: str, file: str) -> Case:
        """Steps: the need is posted and gets its receipt; it was routed in the same moment, with a reason."""
        caller, tell = self.senders[sender], self.tell
        tell.step(f"{caller.name} posts examples/{file}.")
        reply = caller.post(f"{FHIR}/Task", content_of(file), expect=201)
        case = Case(reply.body, caller, reply.body["meta"]["lastUpdated"])
        tell.shows(reply, f"Location {reply.headers['location']}", f"receipt: case number {case_number(case.task)}")
        expect((case.task["status"], case.stage), ("received", "in-queue"), "the new Task's status")
        self._tell_routing(case)
        return case

    def _tell_routing(self, case: Case) -> None:
        self.tell.step(f"Samband routed it to {case.owner_name} in the same commit, and says why.")
        reply = self.events(case)
        moves = [(event["move"], event["actor"]) for event in reply.body["events"]]
        expect(moves, [("submit", "sender"), ("route", "service")], "the case's first events")
        routed = reply.body["events"][-1]
        expect((routed["unit"], routed["rule"]), (case.owner, "only-treating-unit"), "the routing")
        self.tell.shows(reply, f"rule {routed['rule']}: {routed['reason']}", str(case))
        self.tally[case.owner]["received"] += 1

    def events(self, case: Case) -> Reply:
        """The hospital's trace of the case, as its owner sees it."""
        return self.hospital[case.owner].get(f"/reports/cases/{case.task['id']}/events")

    def move(self, case: Case, operation: str, file: str = "", *, by: Caller | None = None) -> Reply:
        """One named operation, by the owner unless told otherwise; the case and the tally follow its answer."""
        before = case.owner
        sent = content_of(file) if file else b""
        reply = (by or self.hospital[before]).post(f"{case.path}/{operation}", sent)
        case.task = reply.body
        if case.owner != before:
            self.tally[before]["handed_over"] += 1
            self.tally[case.owner]["received"] += 1
            self.tally[case.owner]["placed"] += case.stage == "placed"
        if operation in _COUNTED:
            self.tally[case.owner][_COUNTED[operation]] += 1
        return reply


def content_of(file: str) -> bytes:
    """A file of ``examples/``, byte for byte."""
    return (PROJECT / "examples" / file).read_bytes()


def code(concept: dict[str, Any]) -> str:
    """The first code of a CodeableConcept."""
    return str(concept["coding"][0]["code"])


def case_number(task: dict[str, Any]) -> str:
    """The number that Samband gave the case: the identifier of type FILL."""
    return next(str(one["value"]) for one in task["identifier"] if one.get("type") and code(one["type"]) == "FILL")


def outputs(task: dict[str, Any]) -> dict[str, Any]:
    """The answer: type code → value; where a type comes again, the latest."""
    return {
        code(entry["type"]): next(value for name, value in entry.items() if name.startswith("value"))
        for entry in task.get("output", ())
    }


def outcome_codes(reply: Reply) -> list[str]:
    """The error codes of an OperationOutcome."""
    return [str(issue["details"]["coding"][0]["code"]) for issue in reply.body["issue"]]
