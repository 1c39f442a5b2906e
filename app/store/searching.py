"""The SQL of reading: who may see it is in the text of every query, never applied to its answer.

Written once for both databases with ``$1`` marks. ``$1`` and ``$2`` of a scoped query are the viewer's
organisation and unit.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from app.fhir.instants import Span
from app.fhir.resources import Kind
from app.fhir.search import Criterion, PatientKey, Query, Token
from app.store.changes import Stored, Viewer
from app.store.interface import Page
from app.store.statements import RESOURCE_TABLES

_SEES: Final = (
    "EXISTS (SELECT 1 FROM party p WHERE p.organisation = {org} AND p.resource = {id}"
    " AND p.unit IN ('', {unit}) AND {until})"
)
_NOW: Final = "p.until IS NULL"

INTAKE: Final = (
    "SELECT s.resource, s.fingerprint, k.patient,"
    " (SELECT {units} FROM participant p WHERE p.patient = k.patient"
    " AND p.start_day <= $7 AND (p.end_day IS NULL OR p.end_day >= $7))"
    " FROM (SELECT 1 AS one) one"
    " LEFT JOIN submission s ON s.organisation = $1 AND s.type = $2 AND s.system = $3 AND s.value = $4"
    " LEFT JOIN patient_identifier k ON k.system = $5 AND k.value = $6"
)
PATIENT_KEY: Final = "SELECT patient FROM patient_identifier WHERE system = $1 AND value = $2"
PATIENT_IDENTIFIERS: Final = "SELECT system, value FROM patient_identifier WHERE patient = $1 ORDER BY system, value"
TEAM_OF: Final = "SELECT id FROM care_team WHERE patient = $1 AND trust = $2"
_STINT: Final = (
    "SELECT id, care_team, patient, trust, unit, role, hpr, name, phone, start_day, end_day, end_reason, ehr_state,"
    " case_id, work_item, due_day FROM participant"
)
PARTICIPANTS: Final = f"{_STINT} WHERE care_team = $1 ORDER BY start_day, id"
PARTICIPANT: Final = f"{_STINT} WHERE id = $1"


def numbered(statement: str) -> str:
    """The same text with SQLite's marks: ``?1`` for ``$1``."""
    return _marks(statement)


@lru_cache(maxsize=512)
def _marks(statement: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", statement)


def _sees(resource: str, until: str = _NOW, first: int = 1) -> str:
    return _SEES.format(org=f"${first}", unit=f"${first + 1}", id=resource, until=until)


def _columns(type_name: str) -> str:
    state = "t.state" if type_name == "Task" else "NULL"
    return f"t.id, t.version, t.updated, t.body, {state}"


@lru_cache(maxsize=32)
def load_statement(type_name: str) -> str:
    """Current version by id ($1), unscoped."""
    return f"SELECT {_columns(type_name)} FROM {RESOURCE_TABLES[type_name].name} t WHERE t.id = $1"


@lru_cache(maxsize=32)
def read_statement(type_name: str) -> str:
    """Current version by id ($1) for a viewer ($2, $3)."""
    return f"{load_statement(type_name)} AND {_sees('t.id', first=2)}"


@lru_cache(maxsize=32)
def vread_statement(type_name: str) -> str:
    """One version ($4) by id ($1) for a viewer ($2, $3), current or superseded."""
    until = "(p.until IS NULL OR p.until >= t.version)"
    current = f"SELECT t.id, t.version, t.updated, t.body FROM {RESOURCE_TABLES[type_name].name} t"
    past = "SELECT t.id, t.version, t.updated, t.body FROM history t"
    seen = f"t.id = $1 AND t.version = $4 AND {_sees('t.id', until, 2)}"
    return f"{current} WHERE {seen} UNION ALL {past} WHERE t.type = '{type_name}' AND {seen}"


@lru_cache(maxsize=32)
def history_statement(type_name: str, *, one: bool) -> str:
    """Versions for a viewer ($1, $2), newest first, at most $3; of one resource ($4) or of the type."""
    until = "(p.until IS NULL OR p.until >= t.version)"
    seen = _sees("t.id", until) + (" AND t.id = $4" if one else "")
    current = f"SELECT t.id, t.version, t.updated, t.body FROM {RESOURCE_TABLES[type_name].name} t WHERE {seen}"
    past = f"SELECT t.id, t.version, t.updated, t.body FROM history t WHERE t.type = '{type_name}' AND {seen}"
    order = "version DESC" if one else "updated DESC, id, version DESC"
    return f"SELECT * FROM ({current} UNION ALL {past}) versions ORDER BY {order} LIMIT $3"


def stored(type_name: str, row: Any) -> Stored:
    """A row of any of these statements."""
    return Stored(
        type=type_name,
        id=row[0],
        version=row[1],
        updated=row[2],
        body=row[3],
        state=row[4] if len(row) > 4 else None,
    )


def search_statement(query: Query, viewer: Viewer) -> tuple[str, list[Any]]:
    """The page that a query asks for, and one row more to know whether another follows."""
    where, arguments = _where(query, viewer)
    if query.position is not None:
        compare = "<" if query.descending else ">"
        first = len(arguments) + 1
        arguments += [query.position.updated, query.position.id, query.position.bound]
        where += f" AND (t.updated, t.id) {compare} (${first}, ${first + 1}) AND t.updated <= ${first + 2}"
    direction = "DESC" if query.descending else "ASC"
    arguments.append(query.count + 1)
    table = RESOURCE_TABLES[query.type].name
    order = f"t.updated {direction}, t.id {direction}"
    statement = f"SELECT {_columns(query.type)} FROM {table} t WHERE {where} ORDER BY {order}"
    return f"{statement} LIMIT ${len(arguments)}", arguments


def count_statement(query: Query, viewer: Viewer) -> tuple[str, list[Any]]:
    """How many resources match, for the viewer."""
    where, arguments = _where(query, viewer)
    return f"SELECT count(*) FROM {RESOURCE_TABLES[query.type].name} t WHERE {where}", arguments


def wants_total(query: Query) -> bool:
    """A count of 0 asks for the number only (R4 3.1.1.5.5)."""
    return query.count == 0


def page(query: Query, rows: Sequence[Any], total: int | None) -> Page:
    """The rows without the one too many."""
    shown = tuple(stored(query.type, row) for row in rows[: query.count])
    return Page(rows=shown, more=len(rows) > query.count and query.count > 0, total=total)


def _where(query: Query, viewer: Viewer) -> tuple[str, list[Any]]:
    arguments: list[Any] = [viewer.organisation, viewer.unit]
    conditions = [_sees("t.id")]
    for criterion in query.criteria:
        alternatives = [_condition(criterion, value, query.type, arguments) for value in criterion.values]
        conditions.append(alternatives[0] if len(alternatives) == 1 else f"({' OR '.join(alternatives)})")
    return " AND ".join(conditions), arguments


def _condition(criterion: Criterion, value: object, type_name: str, arguments: list[Any]) -> str:
    column = f"t.{criterion.parameter.column}"

    def mark(argument: object) -> str:
        arguments.append(argument)
        return f"${len(arguments)}"

    match value:
        case PatientKey(key):
            return f"{column} = {mark(key)}"
        case Span():
            return _in_span(column, value, mark)
        case Token(system, code) if criterion.parameter.kind is Kind.TOKENS:
            return _has_token(criterion.parameter.name, type_name, system, code, mark)
        case Token(system, code) if criterion.parameter.kind is Kind.CODES:
            return _code_lines(column, system, code, mark)
        case Token(system, code) if criterion.parameter.kind is Kind.TOKEN:
            return _token_column(column, system, code, mark)
        case Token(_, code):
            return f"{column} = {mark(code)}"
    raise TypeError("patients are resolved before a search")


def _in_span(column: str, value: Span, mark: Any) -> str:
    conditions = []
    if value.low is not None:
        conditions.append(f"{column} >= {mark(value.low)}")
    if value.high is not None:
        conditions.append(f"{column} < {mark(value.high)}")
    text = f"({' AND '.join(conditions)})" if conditions else "1 = 1"
    return f"NOT {text}" if value.outside else text


def _has_token(name: str, type_name: str, system: str | None, code: str, mark: Any) -> str:
    conditions = [f"k.type = '{type_name}'", f"k.param = '{name}'"]
    if code:
        conditions.append(f"k.value = {mark(code)}")
    if system is not None:
        conditions.append(f"k.system = {mark(system)}")
    return f"t.id IN (SELECT k.resource FROM token k WHERE {' AND '.join(conditions)})"


def _token_column(column: str, system: str | None, code: str, mark: Any) -> str:
    if system is not None and code:
        return f"{column} = {mark(f'{system}|{code}')}"
    pattern = f"%|{_literal(code)}" if system is None else f"{_literal(system)}|%"
    return f"{column} LIKE {mark(pattern)} ESCAPE '!'"


def _code_lines(column: str, system: str | None, code: str, mark: Any) -> str:
    """Nearly all Tasks share a code, so it is looked at row by row: an index would be read for nothing."""
    before = "%|" if system is None else f"%\n{_literal(system)}|"
    after = f"{_literal(code)}\n%" if code else "%"
    return f"{column} LIKE {mark(before + after)} ESCAPE '!'"


def _literal(text: str) -> str:
    return re.sub(r"([!%_])", r"!\1", text)
