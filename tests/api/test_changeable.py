"""Each actor, at each stage, with each element of a Task, in each way: exactly what the table says can be changed."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from app.coordination.states import Actor, Stage
from app.fhir import codes
from app.fhir.changeable import How, changeable
from app.fhir.shapes import table
from tests.api.running import FHIR, Running, need
from tests.casework.world import parameters, resh

Header = dict[str, str]
Json = dict[str, Any]
REFERENCE: Final = {"display": "Et annet sted"}
FILE: Final = {"resourceType": "Basic", "id": "b", "code": {"text": "vedlegg"}}
MOVING: Final = {"status", "statusReason", "businessStatus", "owner"}
"""What asks for a move is met by the state table: ``tests/casework/test_three_ways.py``."""
OTHER: Final[dict[str, Any]] = {
    "id": "another",
    "implicitRules": "https://fjordvik.example/rules",
    "language": "nn",
    "text": {"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Ny</div>'},
    "extension": [{"url": "https://fjordvik.example/x", "valueString": "ny"}],
    "modifierExtension": [{"url": "https://fjordvik.example/not", "valueBoolean": True}],
    "identifier": [{"system": "https://fjordvik.example/saker", "value": "en annen"}],
    "instantiatesCanonical": "https://fjordvik.example/ActivityDefinition/1",
    "instantiatesUri": "https://fjordvik.example/guide",
    "basedOn": [REFERENCE],
    "groupIdentifier": {"value": "en annen"},
    "partOf": [REFERENCE],
    "intent": "plan",
    "priority": "stat",
    "code": {"text": "noe annet"},
    "description": "Noe annet",
    "focus": REFERENCE,
    "for": {"identifier": {"system": codes.NATIONAL_NUMBER, "value": "15848010070"}},
    "encounter": REFERENCE,
    "executionPeriod": {"start": "2026-01-01"},
    "authoredOn": "2026-01-01",
    "lastModified": "2027-01-01",
    "requester": REFERENCE,
    "performerType": [{"text": "noen"}],
    "location": REFERENCE,
    "reasonCode": {"text": "en annen grunn"},
    "reasonReference": REFERENCE,
    "insurance": [REFERENCE],
    "relevantHistory": [REFERENCE],
    "restriction": {"period": {"end": "2027-01-01"}},
    "output": [{"type": {"text": "svar"}, "valueString": "vårt"}],
    "meta.profile": ["https://fjordvik.example/StructureDefinition/ny"],
    "meta.source": "https://fjordvik.example/#ny",
    "meta.extension": [{"url": "https://fjordvik.example/x", "valueString": "ny"}],
    "meta.tag": [{"system": "https://fjordvik.example/tags", "code": "ny"}],
    "_description": {"extension": [{"url": "https://fjordvik.example/x", "valueString": "ny"}]},
    "_language": {"extension": [{"url": "https://fjordvik.example/x", "valueString": "ny"}]},
}
"""Another value for each element that is not a list to add to."""
ENTRIES: Final[dict[str, list[Json]]] = {
    "note": [{"text": "Først"}, {"text": "Så"}],
    "input": [
        {"type": {"text": "dose"}, "valueQuantity": {"value": 1}},
        {"type": {"text": "fil"}, "valueReference": {"reference": "#b"}},
        {"type": {"text": "mål"}, "valueString": "se vedlegg"},
    ],
    "contained": [FILE],
    "meta.security": [{"system": "https://fjordvik.example/labels", "code": "a"}],
}
"""What stands in the lists to add to when a case begins."""


@dataclass(frozen=True)
class Situation:
    """A case at a stage, and a caller that is some of its actors."""

    stage: Stage
    actors: frozenset[Actor]
    persona: str
    moves: tuple[tuple[str, str, Json], ...] = ()
    """(persona, operation, arguments) that lead there."""


def _situations() -> Iterator[Situation]:
    ask = ("unit", "request-information", {"question": "Hva er prøvd?"})
    end = ("unit", "decline", {"reasonCode": "no-need", "reason": "Dekkes"})
    for stage, moves in (
        (Stage.IN_QUEUE, ()),
        (Stage.AWAITING_INFORMATION, (ask,)),
        (Stage.DECLINED, (("unit", "accept", {}), end)),
    ):
        yield Situation(stage, frozenset({Actor.SENDER}), "sender", moves)
        yield Situation(stage, frozenset({Actor.OWNER}), "unit", moves)
        yield Situation(stage, frozenset({Actor.COORDINATING_UNIT}), "office", moves)
    up = (("unit", "escalate", {"reason": "Uenighet"}), ("office", "escalate", {"reason": "Uenighet"}))
    group = frozenset({Actor.OWNER, Actor.DECISION_GROUP})
    yield Situation(Stage.AT_DECISION_GROUP, group, "group", up)
    yield Situation(
        Stage.AWAITING_INFORMATION, group, "group", (*up, ("group", "request-information", {"question": "Hva?"}))
    )
    yield Situation(Stage.DRAFT, frozenset({Actor.SENDER}), "sender")
    yield Situation(Stage.TEAM, group, "group", (*up, ("group", "conclude", {"outcome": "team", "reason": "Team"})))


SITUATIONS: Final = tuple(_situations())


@pytest.fixture(scope="session")
def people(each_store: Running) -> dict[str, Header]:
    """The callers of a case."""
    return {
        "sender": each_store.token("municipality", organisation="fjordvik"),
        "unit": each_store.token("clinical-unit", unit="neurology-outpatient"),
        "office": each_store.token("coordinating-unit"),
        "group": each_store.token("decision-group"),
    }


def test_every_element_of_a_task_is_tried() -> None:
    tried = {name.partition(".")[0] for name in (*OTHER, *ENTRIES)} | MOVING
    assert {one["name"] for one in table("Task")["Task"]["elements"]} <= tried


def _post(service: Running, people: dict[str, Header], situation: Situation) -> str:
    content = need(note=ENTRIES["note"], contained=ENTRIES["contained"], owner=resh("neurology-outpatient"))
    content["input"] = [*content["input"], *ENTRIES["input"]]
    if situation.stage is Stage.DRAFT:
        content["status"] = "draft"
    content["meta"] = {"security": ENTRIES["meta.security"], "tag": [{"code": "gammel"}]}
    # A fraction that no float holds, and a client that writes it in another way: see the last test.
    body = json.dumps(content).replace('"value": 1}', '"value": 1.10}')
    answer = service.client.post("/fhir/v1/Task", content=body, headers=people["sender"] | FHIR)
    assert answer.status_code == 201, answer.text
    task = f"/fhir/v1/Task/{answer.json()['id']}"
    for persona, operation, given in situation.moves:
        done = service.client.post(
            f"{task}/${operation}", content=json.dumps(parameters(**given)), headers=people[persona] | FHIR
        )
        assert done.status_code == 200, done.text
    return task


def _set(content: Json, name: str, value: Any) -> None:
    holder, _, member = name.rpartition(".")
    place = content.setdefault(holder, {}) if holder else content
    if value is None:
        place.pop(member, None)
    else:
        place[member] = value


def _value(content: Json, name: str) -> Any:
    for part in name.split("."):
        content = content.get(part) or {}
    return content or None


Way = Callable[[Running, Header, str, Json, Json, str], httpx.Response]


def _put(service: Running, who: Header, task: str, now: Json, wanted: Json, name: str) -> httpx.Response:
    return service.client.put(task, content=json.dumps(wanted), headers=who | FHIR | _match(now))


def _patch(service: Running, who: Header, task: str, now: Json, wanted: Json, name: str) -> httpx.Response:
    patch = []
    for one in {name, *(("input",) if name == "contained" else ())}:
        path, value = f"/{one.replace('.', '/')}", _value(wanted, one)
        patch.append({"op": "remove", "path": path} if value is None else {"op": "add", "path": path, "value": value})
    headers = who | _match(now) | {"Content-Type": "application/json-patch+json"}
    return service.client.patch(task, content=json.dumps(patch), headers=headers)


def _transaction(service: Running, who: Header, task: str, now: Json, wanted: Json, name: str) -> httpx.Response:
    request = {"method": "PUT", "url": task.removeprefix("/fhir/v1/"), "ifMatch": _match(now)["If-Match"]}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": wanted, "request": request}]}
    return service.client.post("/fhir/v1", content=json.dumps(bundle), headers=who | FHIR)


WAYS: Final[dict[str, Way]] = {"put": _put, "patch": _patch, "transaction": _transaction}


def _match(now: Json) -> Header:
    return {"If-Match": f'W/"{now["meta"]["versionId"]}"'}


def _attempts(now: Json) -> Iterator[tuple[str, str, Json]]:
    """(element, what is done with it, the Task that is wanted): as many whatever stands in ``now``."""
    for name, value in OTHER.items():
        yield name, "set", _with(now, name, value)
    for name in ENTRIES:
        stands = _value(now, name)
        fresh, file = _fresh(stands[-1], len(stands)), name == "contained"
        added = _with(now, name, [*stands, fresh])
        if file:
            entry = {"type": {"text": "fil"}, "valueReference": {"reference": f"#{fresh['id']}"}}
            added["input"] = [*added["input"], entry]
        yield name, "add", added
        other = stands[-1] | {"code": {"text": "et annet"}} if file else _fresh(stands[-1], 99)
        yield name, "alter", _with(now, name, [*stands[:-1], other])
        if name in {"note", "input"}:
            yield name, "take away", _with(now, name, stands[1:])
            yield name, "take the last away", _with(now, name, stands[:-1])
            yield name, "put before", _with(now, name, [other, *stands])


def _with(now: Json, name: str, value: Any) -> Json:
    wanted = copy.deepcopy(now)
    _set(wanted, name, value)
    return wanted


def _fresh(entry: Json, number: int) -> Json:
    """An entry that is like this one, and not it."""
    members = ("text", "valueString", "code", "id")
    same = {name: f"{value}x{number}" for name, value in entry.items() if name in members}
    return entry | (same or {"id": f"x{number}"})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: f"{one.stage}-{one.persona}")
def test_exactly_what_the_table_says(
    each_store: Running, people: dict[str, Header], situation: Situation, way: str
) -> None:
    task, who = _post(each_store, people, situation), people[situation.persona]
    may = changeable(situation.actors, situation.stage)
    now = each_store.client.get(task, headers=who).json()
    assert now["businessStatus"]["coding"][0]["code"] == situation.stage
    passed = set()
    attempts = list(_attempts(now))
    for number in range(len(attempts)):
        name, done, wanted = attempts[number]
        answer = WAYS[way](each_store, who, task, now, wanted, name)
        how = may.get(name.removeprefix("_"))
        allowed = how is How.SET or (how is How.ADD and done == "add")
        case = f"{name}: {done} was answered {answer.status_code} {answer.text[:400]}"
        if not allowed:
            # Had it changed anything, the next attempt would not match the version, nor the last look what stands.
            assert answer.status_code in {400, 409, 422}, case
            # An id that is another is an address that is another.
            told = [path for issue in answer.json()["issue"] for path in issue.get("expression", ())]
            assert any(name.lstrip("_") in path for path in told), case
            continue
        assert answer.status_code == 200, case
        after = each_store.client.get(task, headers=who).json()
        assert _value(after, name) == _value(wanted, name), case
        passed.add(name)
        # The next attempt is made on what stands now.
        now, attempts = after, list(_attempts(after))
    assert each_store.client.get(task, headers=who).json() == now
    assert passed == {name for name in (*OTHER, *ENTRIES) if name.removeprefix("_") in may}


def test_a_client_that_writes_numbers_anew_changes_nobody_elses(each_store: Running, people: dict[str, Header]) -> None:
    task = _post(each_store, people, SITUATIONS[0])
    now = each_store.client.get(task, headers=people["unit"])
    assert '"value":1.10}' in now.text.replace(" ", "")
    wanted = now.json()
    wanted["note"] = [*wanted["note"], {"text": "Vi ser på det"}]
    done = each_store.client.put(task, content=json.dumps(wanted), headers=people["unit"] | FHIR | _match(now.json()))
    assert done.status_code == 200, done.text
    assert '"value":1.10}' in done.text.replace(" ", "")
    assert done.json()["note"][-1] == {"text": "Vi ser på det"}
