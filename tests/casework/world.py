"""The trust of ``directory.toml``, its callers, and partners that write through casework as the routes do."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Table

from app.casework import create as creating
from app.casework import update as updating
from app.casework.context import Context, Result
from app.casework.moves import case_of
from app.casework.operate import operate
from app.config import IdentityMode, Settings
from app.coordination.case import Case, actors_of
from app.coordination.decide import AvailableMove, available
from app.coordination.states import Actor, Move, Stage
from app.fhir import codes
from app.fhir.document import read
from app.fhir.identifiers import Mode, validate_identifiers
from app.fhir.search import Query, parse
from app.fhir.validation import validate
from app.routing.directory import Directory, read_directory
from app.security.caller import Caller, Role
from app.store.changes import AUTHOR_ONLY, Stored, Viewer
from app.store.interface import Store
from app.store.tables import case_event, party

PROJECT = Path(__file__).parents[2]
NOON = 1_795_258_800_000
"""2026-11-21T12:00:00+01:00"""
DAY = 86_400_000
FJORDVIK, DALHEIM, TRUST = "310471437", "310471569", "310470007"
PATIENT, OTHER_PATIENT = "10915596784", "15848010070"
KE, GROUP = "coordinating-unit", "decision-group"
UNITS = ("neurology-outpatient", "neurology-ward", "rehabilitation", "oncology")
NURSE = {
    "neurology-outpatient": "9900011",
    "neurology-ward": "9900038",
    "rehabilitation": "9900046",
    "oncology": "9900089",
}
TEXTS = count(1)
"""Makes every reason another one: an update that repeats the reason that stands there gives none."""
NOT_HEALTH_PERSONNEL = "9900119"


@cache
def directory(closed: frozenset[str] = frozenset()) -> Directory:
    """The committed directory, with some units closed."""
    document = tomllib.loads((PROJECT / "directory.toml").read_text(encoding="utf-8"))
    for key in closed:
        document["units"][key]["open"] = False
    return read_directory(document)


def sender(organisation: str = FJORDVIK) -> Caller:
    """A municipality's case system."""
    return Caller(organisation=organisation, role=Role.SENDER, client="case-system")


def at(unit: str) -> Caller:
    """Somebody at a unit of the trust."""
    role = {KE: Role.COORDINATING_UNIT, GROUP: Role.DECISION_GROUP, "ehr": Role.EHR}.get(unit, Role.UNIT)
    return Caller(organisation=TRUST, role=role, unit=unit, person="9900011", client="worklist")


def resh(unit: str) -> dict[str, Any]:
    """A logical reference to a unit."""
    found = directory().units[unit]
    return {"type": "Organization", "identifier": {"system": codes.RESH, "value": found.resh}}


def need(number: str = "1", **members: Any) -> dict[str, Any]:
    """A coordinator-need Task; a member given as None is left out."""
    content: dict[str, Any] = {
        "resourceType": "Task",
        "identifier": [{"system": "https://fjordvik.example/saker", "value": number}],
        "status": "requested",
        "intent": "order",
        "code": codes.concept(codes.COORDINATION_TASK, codes.COORDINATOR_NEED),
        "description": "Trenger koordinator",
        "for": {"identifier": {"system": codes.NATIONAL_NUMBER, "value": PATIENT}},
        "owner": resh("neurology-outpatient"),
        "input": [consent()],
    } | {name.rstrip("_"): value for name, value in members.items()}
    return {name: value for name, value in content.items() if value is not None}


def consent(given: bool = True) -> dict[str, Any]:
    """The input that tells of the patient's consent."""
    return entry("consent", "valueBoolean", given)


def entry(name: str, kind: str, value: Any) -> dict[str, Any]:
    """An input of a type of ours."""
    return {"type": codes.concept(codes.TASK_INPUT, name), kind: value}


def parameters(**given: Any) -> dict[str, Any]:
    """A Parameters resource; keys are parameter names with ``_`` for ``-``, values as the operation takes them."""
    entries: list[dict[str, Any]] = []
    for name, value in given.items():
        if name == "unit":
            entries.append({"name": "unit", "valueReference": resh(value)})
        elif name in ("outcome", "reasonCode"):
            entries.append({"name": name, "valueCode": value})
        elif name == "practitioner":
            who = {"type": "Practitioner", "identifier": {"system": codes.HPR, "value": value}}
            entries.append({"name": name, "valueReference": who})
        elif name == "role":
            entries.append({"name": name, "valueCoding": {"system": codes.ROLE, "code": value}})
        elif name in ("start", "end"):
            entries.append({"name": name, "valueDate": value})
        elif name == "consent":
            entries.append({"name": name, "part": [{"name": "given", "valueBoolean": value}]})
        elif name == "assessment":
            parts = [{"name": letter, "valueBoolean": answer} for letter, answer in value.items()]
            entries.append({"name": name, "part": parts})
        elif name == "patient":
            entries.append({"name": name, "valueIdentifier": {"system": codes.NATIONAL_NUMBER, "value": value}})
        else:
            entries.append({"name": name, "valueString": value})
    return {"resourceType": "Parameters"} | ({"parameter": entries} if entries else {})


@dataclass
class World:
    """A context on a store, and what partners do in it."""

    store: Store
    now: int = NOON
    directory: Directory = field(default_factory=directory)
    settings: Settings = field(
        default_factory=lambda: Settings(
            sandbox=True, identity_numbers=IdentityMode.TEST, ehr_url="http://127.0.0.1:9/fhir", ehr_token="secret"
        )
    )
    ids: Iterator[str] = field(default_factory=lambda: iter(lambda: str(uuid4()), ""))

    @property
    def context(self) -> Context:
        """What casework is given."""
        return Context(
            store=self.store,
            directory=self.directory,
            clock=lambda: self.now,
            new_id=lambda: next(self.ids),
            settings=self.settings,
        )

    async def post(
        self,
        content: dict[str, Any] | bytes | None = None,
        caller: Caller | None = None,
        type_name: str = "Task",
        condition: Query | None = None,
    ) -> Result:
        """A create as the route does it: read, validated, handed to casework."""
        raw = content if isinstance(content, bytes) else json.dumps(need() if content is None else content).encode()
        document = read(raw)
        validate(document.value, type_name)
        validate_identifiers(document.value, Mode(self.settings.identity_numbers))
        return await creating.create(self.context, caller or sender(), type_name, document, condition)

    async def put(
        self,
        caller: Caller,
        resource: str,
        content: dict[str, Any] | bytes,
        if_match: int | None = None,
        type_name: str = "Task",
    ) -> Result:
        """An update as the route does it."""
        document = read(content if isinstance(content, bytes) else json.dumps(content).encode())
        validate(document.value, type_name)
        validate_identifiers(document.value, Mode(self.settings.identity_numbers))
        return await updating.update(self.context, caller, type_name, resource, document, if_match)

    async def patch(
        self, caller: Caller, resource: str, operations: list[Any], if_match: int | None, type_name: str = "Task"
    ) -> Result:
        """A JSON Patch as the route does it."""
        return await updating.patch(self.context, caller, type_name, resource, operations, if_match)

    async def act(
        self, caller: Caller, resource: str, operation: str, if_match: int | None = None, **given: Any
    ) -> Result:
        """An operation on a Task."""
        arguments = parameters(**given)
        validate(arguments, "Parameters")
        return await operate(self.context, caller, "Task", resource, operation, arguments, if_match)

    async def on_team(self, caller: Caller, team: str | None, operation: str, **given: Any) -> Result:
        """An operation on CareTeam."""
        arguments = parameters(**given)
        validate(arguments, "Parameters")
        return await operate(self.context, caller, "CareTeam", team, operation, arguments, None)

    async def load(self, resource: str, type_name: str = "Task") -> Stored:
        """The current version, whoever may see it."""
        stored = await self.store.load(type_name, resource)
        assert stored is not None
        return stored

    async def case(self, resource: str) -> Case:
        """The case beside a Task."""
        return case_of(await self.load(resource))

    async def body(self, resource: str, type_name: str = "Task") -> dict[str, Any]:
        """The current version's content."""
        content: dict[str, Any] = msgspec.json.decode((await self.load(resource, type_name)).body)
        return content

    async def sees(self, caller: Caller, resource: str, type_name: str = "Task") -> bool:
        """Whether a caller sees a resource now."""
        viewer = Viewer(organisation=caller.organisation, unit=caller.unit)
        return await self.store.read(type_name, resource, viewer) is not None

    async def versions(self, caller: Caller, resource: str, type_name: str = "Task") -> list[int]:
        """Versions that a caller sees, oldest first."""
        viewer = Viewer(organisation=caller.organisation, unit=caller.unit)
        return [row.version for row in (await self.store.history(type_name, resource, viewer, 200)).rows][::-1]

    def close(self, *units: str) -> None:
        """Close units: a new snapshot of the directory."""
        self.directory = directory(frozenset(units))

    def moves(self, case: Case, caller: Caller) -> tuple[AvailableMove, ...]:
        """What the state table offers a caller."""
        actors = actors_of(case, caller.role, caller.unit, caller.organisation, self.directory)
        return available(case, actors, self.directory, self.context.limits)

    def callers(self, case: Case) -> list[Caller]:
        """Everybody who may have a move: the sender, the owner, both offices."""
        return [sender(case.sender), *(at(unit) for unit in dict.fromkeys((case.owner, KE, GROUP)))]

    async def found(self, caller: Caller, **given: str) -> list[str]:
        """Ids of the Tasks that a caller finds."""
        viewer = Viewer(organisation=caller.organisation, unit=caller.unit)
        return [row.id for row in (await self.store.search(parse("Task", list(given.items())), viewer)).rows]

    async def rows(self, table: Table) -> list[dict[str, Any]]:
        """All rows of a table."""
        return await self.store.run(lambda c: [dict(row) for row in c.execute(table.select()).mappings()])

    async def events(self, resource: str) -> list[dict[str, Any]]:
        """The case's events, oldest first."""
        statement = (
            case_event.select()
            .where(case_event.c.case_id == resource)
            .order_by(case_event.c.version, case_event.c.number)
        )
        return await self.store.run(lambda c: [dict(row) for row in c.execute(statement).mappings()])

    async def parties(self, resource: str) -> set[tuple[str, str, int | None]]:
        """(organisation, unit, until) of a resource; without the mark of a draft, which is nobody."""
        statement = party.select().where(party.c.resource == resource, party.c.organisation != AUTHOR_ONLY)
        return await self.store.run(lambda c: {(r.organisation, r.unit, r.until) for r in c.execute(statement)})


def actor_names(world: World, case: Case, caller: Caller) -> frozenset[Actor]:
    """What a caller is to a case."""
    return actors_of(case, caller.role, caller.unit, caller.organisation, world.directory)


def arguments_of(entry: AvailableMove, owner: str, choose: Any = lambda options: options[0]) -> dict[str, Any]:
    """Valid arguments for a move that is offered; ``choose`` picks among what may be named."""
    given: dict[str, Any] = {}
    for name in entry.requires:
        if name == "unit":
            given["unit"] = choose(entry.units)
        elif name == "outcome":
            outcomes = entry.targets if entry.move is Move.CONCLUDE else (Stage.COORDINATOR_APPOINTED, Stage.TEAM)
            given["outcome"] = str(choose(outcomes))
        elif name == "reasonCode":
            given["reasonCode"] = choose(entry.reasons)
        elif name == "practitioner":
            given["practitioner"] = NURSE.get(owner, "9900097")
        elif name == "consent":
            given["consent"] = True
        else:
            given[name] = f"Fordi: {entry.move} {next(TEXTS)}"
    return given
