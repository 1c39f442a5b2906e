"""Provenance of what happened to cases: rows of ``case_event``, for those who see that version of the case.

Who may see an event is in the text of the query. That the hospital has assessed is for the hospital alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, exists, false, func, not_, or_, select, true

from app.casework.context import Context, viewer_of
from app.fhir import codes
from app.fhir.criteria import PatientKey, Token
from app.fhir.provenance import Event, event_key, provenance
from app.fhir.search import Criterion, Query
from app.reports.instants import meets, within
from app.reports.view import View, made
from app.routing.directory import Directory, Unit, UnitKind
from app.security.caller import Caller
from app.store.changes import RowScope, Stored, party_rows
from app.store.interface import Page
from app.store.tables import case_event, party, task

Condition = ColumnElement[bool]
_E: Final = case_event.c
_EVENT: Final = tuple(_E[name] for name in Event.__dataclass_fields__)
_ID: Final = _E.case_id + "-" + cast(_E.version, Text) + "-" + cast(_E.number, Text)
_NOT_TOLD: Final = "assess"
_NOBODYS: Final = ("service", "ehr")
"""Actors that are no person and no organisation."""


async def _read(context: Context, caller: Caller, resource: str) -> Stored | None:
    wanted = select(*_EVENT).where(_visible(caller), _has_key(resource))
    rows = await context.store.run(lambda c: c.execute(wanted).mappings().all(), _rows_of(caller))
    return next(iter(await _stored(context, caller, rows)), None)


async def _search(context: Context, caller: Caller, query: Query) -> Page:
    cases = await _cases_of(context, query)
    where = and_(_visible(caller), *(_holds(each, context.directory, caller, cases) for each in query.criteria))
    rows, total = await context.store.run(lambda c: _found(c, query, where), _rows_of(caller))
    shown = await _stored(context, caller, rows[: query.count])
    return Page(rows=tuple(shown), more=len(rows) > query.count > 0, total=total)


def _rows_of(caller: Caller) -> RowScope:
    return party_rows(viewer_of(caller))


async def _cases_of(context: Context, query: Query) -> dict[str, list[str]]:
    """Patient → ids of all cases: an earlier owner sees events of a case, and not the case by which they are found."""
    keys = [one.key for each in query.criteria for one in each.values if isinstance(one, PatientKey)]
    wanted = select(task.c.patient, task.c.id).where(task.c.patient.in_(keys))
    found: dict[str, list[str]] = {key: [] for key in keys}
    for patient, case in await context.store.run(lambda c: c.execute(wanted).all()) if keys else ():
        found[patient].append(case)
    return found


async def _patient_of(context: Context, resource: str) -> str:
    key = event_key(resource)
    return await context.store.patient_of("Task", key[0]) if key else ""


VIEW: Final = View(read=_read, search=_search, patient_of=_patient_of)


def _found(connection: Connection, query: Query, where: Condition) -> tuple[list[Any], int | None]:
    order = [column.desc() if query.descending else column.asc() for column in (_E.at, _ID)]
    page = select(*_EVENT).where(where, _behind(query)).order_by(*order).limit(query.count + 1)
    rows = list(connection.execute(page).mappings())
    if not (query.total or query.count == 0):
        return rows, None
    return rows, connection.execute(select(func.count()).select_from(case_event).where(where)).scalar_one()


def _behind(query: Query) -> Condition:
    """What comes after the page before, and is not newer than the first one."""
    if query.position is None:
        return true()
    at, last, bound = query.position.place, query.position.id, query.position.bound
    behind = or_(_E.at < at, and_(_E.at == at, last > _ID)) if query.descending else None
    ahead = or_(_E.at > at, and_(_E.at == at, last < _ID))
    return and_(_E.at <= bound, ahead if behind is None else behind)


async def _stored(context: Context, caller: Caller, rows: Sequence[Any]) -> list[Stored]:
    wanted = select(task.c.id, task.c.patient).where(task.c.id.in_({row["case_id"] for row in rows}))
    found = await context.store.run(lambda c: c.execute(wanted).all()) if rows else []
    patients = {case: patient or "" for case, patient in found}
    events = (Event(**row) for row in rows)
    return [
        made(
            "Provenance",
            one.id,
            one.at,
            provenance(one, context.directory, caller.organisation),
            patients.get(one.case_id, ""),
        )
        for one in events
    ]


def _visible(caller: Caller) -> Condition:
    """Whoever sees that version of the case."""
    sees = exists().where(
        party.c.organisation == caller.organisation,
        party.c.resource == _E.case_id,
        party.c.unit.in_(("", caller.unit)),
        or_(party.c.until.is_(None), party.c.until >= _E.version),
        party.c.since <= _E.version,
    )
    return and_(sees, or_(_E.move != _NOT_TOLD, _E.organisation == caller.organisation))


def _has_key(resource: str) -> Condition:
    key = event_key(resource)
    if key is None:
        return false()
    return and_(_E.case_id == key[0], _E.version == key[1], _E.number == key[2])


def _holds(criterion: Criterion, directory: Directory, caller: Caller, cases: Mapping[str, list[str]]) -> Condition:
    conditions: dict[str, Callable[[Any], Condition]] = {
        "_id": lambda value: _has_key(value.code),
        "_lastUpdated": lambda value: within(_E.at, value),
        "recorded": lambda value: meets(_E.at, value),
        "target": _has_target,
        "patient": lambda value: _E.case_id.in_(cases[value.key]),
        "agent": lambda value: _by(value, directory, caller),
    }
    return or_(*map(conditions[criterion.parameter.name], criterion.values))


def _has_target(value: Token) -> Condition:
    case_id, _, version = value.code.partition("/_history/")
    if value.system not in {None, "Task"}:
        return false()
    if not version:
        return _E.case_id == case_id
    # A version that we never give leads nowhere; one too large would not fit the column.
    known = version.isascii() and version.isdigit() and len(version) < 10
    return and_(_E.case_id == case_id, _E.version == int(version)) if known else false()


def _by(value: Token, directory: Directory, caller: Caller) -> Condition:
    """Who acted, as far as the reader is shown it."""
    acted = _E.actor.not_in(_NOBODYS)
    found: list[Condition] = []
    if value.system in {None, codes.HPR}:
        named = _E.person == value.code if value.code else _E.person != ""
        found.append(and_(named, acted, _E.organisation == caller.organisation))
    if value.system in {None, codes.RESH}:
        found += [_by_unit(one, directory) for one in directory.units.values() if value.code in {"", one.resh}]
    if value.system in {None, codes.ORGANISATION}:
        named = _E.organisation == value.code if value.code else _E.organisation != ""
        offices = [_by_unit(one, directory) for one in directory.units.values()]
        found.append(and_(named, acted, not_(or_(*offices))))
    return or_(false(), *found)


def _by_unit(unit: Unit, directory: Directory) -> Condition:
    """As ``app.fhir.provenance.acting_unit``."""
    if unit.kind is UnitKind.WARD:
        return and_(_E.actor == "owner", _E.from_unit == unit.key)
    office = and_(_E.actor == unit.kind, _E.organisation == directory.trusts[unit.trust].organisation_number)
    return or_(office, and_(_E.actor == "owner", _E.from_unit == unit.key))
