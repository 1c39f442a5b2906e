"""AuditEvents for auditors: rows of ``audit_event``, in the order in which they were written, newest first.

An auditor sees what callers of its own organisation did, and what anybody did to patients of cases that its
organisation is party to; what a sender did with a draft is its own. No other role sees any. Looking at the audit is a
look at the patient, and leaves its own row.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, exists, false, func, not_, or_, select, true, union

from app.casework.context import Context
from app.errors import Forbidden
from app.fhir import codes
from app.fhir.audit_event import ACTIONS, REFUSED, SUBTYPE, TYPE, Touch, audit_event
from app.fhir.criteria import PatientKey, Token, Value
from app.fhir.search import Criterion, Query
from app.reports.instants import meets, within
from app.reports.view import View, made
from app.routing.directory import Directory
from app.security.caller import Caller, Role
from app.store.changes import AUTHOR_ONLY, RowScope, Stored
from app.store.interface import Page
from app.store.tables import RESOURCE_TABLES, history, party, patient_identifier, task
from app.store.tables import audit_event as table

Condition = ColumnElement[bool]
_E: Final = table.c
_SHOWN: Final = tuple(_E[name] for name in Touch.__dataclass_fields__)


async def _read(context: Context, caller: Caller, resource: str) -> Stored | None:
    wanted = and_(_visible(caller), _has_id(resource))
    rows = await _rows(context, caller, lambda c: (_page(c, caller, wanted, 1), None))
    return next(iter(rows[0]), None)


async def _search(context: Context, caller: Caller, query: Query) -> Page:
    where = and_(_visible(caller), *await _conditions(context, query))

    def find(connection: Connection) -> tuple[list[Touch], int | None]:
        found = _page(connection, caller, and_(where, _behind(query)), query.count + 1, descending=query.descending)
        if not (query.total or query.count == 0):
            return found, None
        return found, connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()

    rows, total = await _rows(context, caller, find)
    return Page(rows=tuple(rows[: query.count]), more=len(rows) > query.count > 0, total=total)


async def touches(context: Context, caller: Caller, query: Query) -> tuple[list[Touch], bool]:
    """A page of the rows themselves, and whether another one follows. Raises Forbidden: role-not-allowed."""
    require_auditor(caller)
    where = and_(_visible(caller), *await _conditions(context, query), _behind(query))
    found = await context.store.run(lambda c: _page(c, caller, where, query.count + 1), _rows_of(caller))
    return found[: query.count], len(found) > query.count


def require_auditor(caller: Caller) -> None:
    """Raises Forbidden: role-not-allowed."""
    if caller.role is not Role.AUDITOR:
        raise Forbidden("This is not for your role.", code="role-not-allowed", allowed=(Role.AUDITOR,))


async def _patient_of(context: Context, resource: str) -> str:
    wanted = select(_E.patient).where(_has_id(resource))
    found: str | None = await context.store.run(lambda c: c.execute(wanted).scalar())
    return found or ""


VIEW: Final = View(read=_read, search=_search, patient_of=_patient_of)


async def _rows(
    context: Context, caller: Caller, find: Callable[[Connection], tuple[list[Touch], int | None]]
) -> tuple[list[Stored], int | None]:
    """What is found, as resources. Raises Forbidden: role-not-allowed."""
    require_auditor(caller)

    def work(connection: Connection) -> tuple[list[Touch], int | None, dict[str, tuple[str, str]]]:
        touches, total = find(connection)
        return touches, total, _subjects(connection, {one.patient for one in touches})

    touches, total, subjects = await context.store.run(work, _rows_of(caller))
    return [_stored(one, subjects, context.directory) for one in touches], total


def _rows_of(caller: Caller) -> RowScope:
    return RowScope("auditor", caller.organisation)


def _page(
    connection: Connection, caller: Caller, where: Condition, count: int, *, descending: bool = True
) -> list[Touch]:
    order = _E.id.desc() if descending else _E.id.asc()
    found = connection.execute(select(*_SHOWN).where(where).order_by(order).limit(count)).mappings()
    return _without_drafts(connection, caller, [Touch(**row) for row in found])


def _without_drafts(connection: Connection, caller: Caller, touches: list[Touch]) -> list[Touch]:
    """Rows of others without the drafts among all that was shown to them."""
    shown = {one.id: one.others.split() for one in touches if one.organisation != caller.organisation}
    named = {key.split("/")[1] for keys in shown.values() for key in keys if key.startswith("Task/")}
    if not named:
        return touches
    marks = select(party.c.resource, party.c.until)
    marks = marks.where(party.c.organisation == AUTHOR_ONLY, party.c.resource.in_(named))
    kept: dict[str, int | None] = {row[0]: row[1] for row in connection.execute(marks)}

    def is_told(key: str) -> bool:
        _, resource, version = key.split("/")
        if resource not in kept:
            return True
        last = kept[resource]
        return last is not None and int(version) > last

    return [
        replace(one, others=" ".join(filter(is_told, shown[one.id]))) if one.id in shown else one for one in touches
    ]


def _subjects(connection: Connection, patients: set[str]) -> dict[str, tuple[str, str]]:
    """Internal key → the first identifier of the patient."""
    known = patient_identifier.c
    wanted = select(known.patient, known.system, known.value).where(known.patient.in_(patients))
    found: dict[str, tuple[str, str]] = {}
    for patient, system, value in connection.execute(wanted.order_by(known.system, known.value)):
        found.setdefault(patient, (system, value))
    return found


def _stored(touch: Touch, subjects: dict[str, tuple[str, str]], directory: Directory) -> Stored:
    content = audit_event(touch, subjects.get(touch.patient, ("", "")), directory)
    return made("AuditEvent", str(touch.id), touch.at, content, touch.patient)


def _visible(caller: Caller) -> Condition:
    mark = party.alias()
    theirs = exists().where(
        task.c.patient == _E.patient,
        party.c.resource == task.c.id,
        party.c.organisation == caller.organisation,
        task.c.state.is_not(None),
        # A draft, or what became of one that was never submitted, is no case.
        not_(_marked(mark, task.c.id, mark.c.until.is_(None))),
    )
    mark = party.alias()
    then = or_(mark.c.until.is_(None), and_(_E.version > 0, mark.c.until >= _E.version))
    kept = and_(_E.type == "Task", _marked(mark, _E.resource, then))
    return or_(_E.organisation == caller.organisation, and_(_E.patient != "", theirs, not_(kept)))


def _marked(mark: Any, resource: Any, when: Condition) -> Condition:
    """The resource has the mark of what is told to its author alone."""
    return exists().where(mark.c.organisation == AUTHOR_ONLY, mark.c.resource == resource, when)


def _behind(query: Query) -> Condition:
    """What comes after the page before, and is not newer than the first one."""
    if query.position is None:
        return true()
    last = int(query.position.id) if query.position.id.isdigit() else None
    behind = true() if last is None else _E.id < last if query.descending else _E.id > last
    return and_(_E.at <= query.position.bound, behind)


def _has_id(resource: str) -> Condition:
    """No id has another way to write its number."""
    plain = resource.isascii() and resource.isdigit() and len(resource) < 19 and str(int(resource)) == resource
    return _E.id == int(resource) if plain else false()


Subjects = Mapping[tuple[str, str], Sequence[str]]
"""(type, id) of a resource → internal keys of all whom it has ever been about."""


async def _conditions(context: Context, query: Query) -> list[Condition]:
    named = {_named(value) for each in query.criteria if each.parameter.name == "entity" for value in each.values}
    # An auditor's own rows of resources may be none: whom they are about is asked as the service.
    subjects = await context.store.run(lambda c: _about(c, named)) if named else {}
    return [_holds(each, context.directory, subjects) for each in query.criteria]


def _named(value: Any) -> tuple[str | None, str]:
    return value.system, value.code.partition("/_history/")[0]


def _about(connection: Connection, named: Collection[tuple[str | None, str]]) -> Subjects:
    found = {}
    for system, key in named:
        for name in _types(system):
            current, past = RESOURCE_TABLES[name].c, history.c
            subjects = union(
                select(current.patient).where(current.id == key, current.patient.is_not(None)),
                select(past.patient).where(past.type == name, past.id == key, past.patient.is_not(None)),
            )
            found[name, key] = connection.execute(subjects).scalars().all()
    return found


def _types(system: str | None) -> list[str]:
    return [system] if system in RESOURCE_TABLES else [*RESOURCE_TABLES] if system is None else []


def _holds(criterion: Criterion, directory: Directory, subjects: Subjects) -> Condition:
    conditions: dict[str, Callable[[Any], Condition]] = {
        "_id": lambda value: _has_id(value.code),
        "_lastUpdated": lambda value: within(_E.at, value),
        "date": lambda value: meets(_E.at, value),
        "patient": _of_patient,
        "agent": lambda value: _by(value, directory),
        "entity": lambda value: _at(value, subjects),
        "type": lambda value: true() if value.system in {None, TYPE[0]} and value.code in {"", TYPE[1]} else false(),
        "subtype": _interaction,
        "action": lambda value: _E.interaction.in_([name for name, code in ACTIONS.items() if code == value.code]),
        "outcome": _ended,
    }
    return or_(*map(conditions[criterion.parameter.name], criterion.values))


def _of_patient(value: Value) -> Condition:
    return _E.patient == value.key if isinstance(value, PatientKey) and value.key else false()


def _interaction(value: Token) -> Condition:
    if value.system not in {None, SUBTYPE}:
        return false()
    return _E.interaction == value.code if value.code else true()


def _ended(value: Token) -> Condition:
    return {"0": _E.status < REFUSED, "4": _E.status >= REFUSED}.get(value.code, false())


def _by(value: Token, directory: Directory) -> Condition:
    """A person by HPR number, a unit by RESH id, an organisation by number."""
    found: list[Condition] = []
    if value.system in {None, codes.HPR}:
        found.append(_E.person == value.code if value.code else _E.person != "")
    if value.system in {None, codes.RESH}:
        units = [unit.key for unit in directory.units.values() if value.code in {"", unit.resh}]
        found.append(_E.unit.in_(units))
    if value.system in {None, codes.ORGANISATION}:
        found.append(_E.organisation == value.code if value.code else true())
    return or_(false(), *found)


def _at(value: Token, subjects: Subjects) -> Condition:
    """A resource, or one version of it, among the rows of those whom it has ever been about: an index leads there."""
    key, _, version = value.code.partition("/_history/")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    if version and number is None:
        return false()  # a version that we never give
    return or_(false(), *(_shows(name, key, number, subjects[name, key]) for name in _types(value.system)))


def _shows(name: str, key: str, version: int | None, subjects: Sequence[str]) -> Condition:
    asked = and_(_E.type == name, _E.resource == key, true() if version is None else _E.version == version)
    listed = f" {name}/{key}/" if version is None else f" {name}/{key}/{version} "
    shown = or_(asked, (" " + _E.others + " ").contains(listed, autoescape=True))
    return and_(_E.patient.in_(subjects), shown)
