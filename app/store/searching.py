"""The SQL of reading: who may see it is in the text of every query, never applied to its answer.

Written once for both databases with ``$1`` marks. ``$1`` and ``$2`` of a scoped query are the viewer's
organisation and unit.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from app.fhir.declared import SearchParameter, Sight
from app.fhir.resources import RESOURCES
from app.fhir.search import Query
from app.store.changes import SHARES, Stored, Viewer
from app.store.conditions import condition
from app.store.interface import Page, Past
from app.store.sorting import order_of
from app.store.statements import RESOURCE_TABLES

_SEES: Final = (
    "EXISTS (SELECT 1 FROM party p WHERE p.organisation = {org} AND p.resource = {id}"
    " AND p.unit IN ('', {unit}) AND {until})"
)
_SEES_EACH: Final = _SEES.replace("EXISTS (SELECT 1", "(SELECT 1 = 1").replace("{until})", "{until} LIMIT 1)")
"""The same as a question about each row, in the order of an index: nothing that a planner could turn round."""
_SEES_ENCOUNTER: Final = (
    "EXISTS (SELECT 1 FROM party p WHERE p.organisation = {org} AND p.resource = {id} AND {until}"
    " AND ((p.unit = {unit} AND p.unit <> '') OR (p.unit = ''"
    " AND (NOT EXISTS (SELECT 1 FROM address_protection a WHERE a.patient = t.patient AND a.level <> '')"
    " OR EXISTS (SELECT 1 FROM task c JOIN party q ON q.resource = c.id WHERE c.patient = t.patient"
    " AND c.state IS NOT NULL AND c.status IN ('received', 'accepted') AND q.organisation = {org}"
    " AND q.unit = {unit} AND q.unit <> '' AND q.until IS NULL)))))"
)
"""Where a patient is says where the patient lives: an Encounter is the whole hospital's, but of one with a protected
address only its units' that have an open case about the patient."""
_COMMON_COLUMNS: Final = "'{type}' AS type, t.id, t.version, t.updated, t.body, t.patient"
_PAST_COLUMNS: Final = "t.id, t.version, t.updated, t.body, NULL AS state, '' AS author, '' AS author_unit"
_PAGE_COLUMNS: Final = f"{_PAST_COLUMNS}, t.patient"
"""What a page shows: the case and the author stand beside it for those who act on it, and are many bytes."""
_NOW: Final = "p.until IS NULL"
_THEN: Final = "(p.until IS NULL OR p.until >= t.version) AND p.since <= t.version"

INTAKE: Final = (
    "SELECT s.resource, s.fingerprint, k.patient,"
    " (SELECT {units} FROM participant p WHERE p.patient = k.patient"
    " AND p.start_day <= $7 AND (p.end_day IS NULL OR p.end_day >= $7))"
    " FROM (SELECT 1 AS one) one"
    " LEFT JOIN submission s ON s.organisation = $1 AND s.type = $2 AND s.system = $3 AND s.value = $4"
    " LEFT JOIN patient_identifier k ON k.system = $5 AND k.value = $6"
)
CONDITIONAL_CREATES: Final = (
    "SELECT count(*) FROM conditional_create WHERE organisation = $1 AND type = $2 AND condition = $3"
)
PATIENT_KEY: Final = "SELECT patient FROM patient_identifier WHERE system = $1 AND value = $2"
PATIENT_IDENTIFIERS: Final = "SELECT system, value FROM patient_identifier WHERE patient = $1 ORDER BY system, value"
PATIENT_OF: Final = "SELECT patient FROM {table} WHERE id = $1"
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


@lru_cache(maxsize=256)
def _sees(type_name: str, resource: str, until: str = _NOW, *, each: bool = False) -> str:
    if RESOURCES[type_name].sight is Sight.EVERYBODY:
        # The viewer is named in every query, so that all of them take the same arguments.
        return "CAST($1 AS text) IS NOT NULL AND CAST($2 AS text) IS NOT NULL"
    text = _SEES_EACH if each else _SEES_ENCOUNTER if type_name == "Encounter" else _SEES
    return text.format(org="$1", unit="$2", id=resource, until=until)


def _columns(type_name: str) -> str:
    columns = RESOURCE_TABLES[type_name].columns
    state = "t.state" if "state" in columns else "NULL AS state"
    author = "t.author, t.author_unit" if "author" in columns else "'' AS author, '' AS author_unit"
    return f"t.id, t.version, t.updated, t.body, {state}, {author}, t.patient"


def _of_past(type_name: str) -> str:
    """Whom a superseded version is about; a row from before that was kept has what the current one has."""
    table = RESOURCE_TABLES[type_name].name
    return f"COALESCE(t.patient, (SELECT c.patient FROM {table} c WHERE c.id = t.id)) AS patient"


@lru_cache(maxsize=32)
def load_statement(type_name: str) -> str:
    """Current version by id ($1), unscoped."""
    return f"SELECT {_columns(type_name)} FROM {RESOURCE_TABLES[type_name].name} t WHERE t.id = $1"


@lru_cache(maxsize=32)
def read_statement(type_name: str) -> str:
    """Current version by id ($3) for a viewer ($1, $2)."""
    row = f"SELECT {_columns(type_name)} FROM {RESOURCE_TABLES[type_name].name} t"
    return f"{row} WHERE t.id = $3 AND {_sees(type_name, 't.id')}"


def read_many_statement(type_name: str, resources: Sequence[str], viewer: Viewer) -> tuple[str, list[Any]]:
    """Current versions by ids for a viewer."""
    return _read_many(type_name, len(resources)), [viewer.organisation, viewer.unit, *resources]


@lru_cache(maxsize=256)
def _read_many(type_name: str, number: int) -> str:
    marks = ", ".join(f"${index + 3}" for index in range(number)) or "NULL"
    table = RESOURCE_TABLES[type_name].name
    return (
        f"SELECT {_columns(type_name)} FROM {table} t WHERE t.id IN ({marks}) AND {_sees(type_name, 't.id')}"
        " ORDER BY t.id"
    )


@lru_cache(maxsize=32)
def vread_statement(type_name: str) -> str:
    """One version ($4) by id ($3) for a viewer ($1, $2), current or superseded."""
    row = f"SELECT {_PAST_COLUMNS}"
    current = f"SELECT {_PAGE_COLUMNS} FROM {RESOURCE_TABLES[type_name].name} t"
    past = f"{row}, {_of_past(type_name)} FROM history t"
    seen = f"t.id = $3 AND t.version = $4 AND {_sees(type_name, 't.id', _THEN)}"
    return f"{current} WHERE {seen} UNION ALL {past} WHERE t.type = '{type_name}' AND {seen}"


HISTORY_ORDER: Final = "updated DESC, type DESC, id DESC, version DESC"


def history_statement(
    types: Sequence[str], resource: str | None, viewer: Viewer, count: int, since: int | None, before: Past | None
) -> tuple[str, list[Any]]:
    """Versions of these types for a viewer, newest first, and one more; rows begin with the type."""
    arguments: list[Any] = [viewer.organisation, viewer.unit]
    mark = _marker(arguments)
    limits = f" AND t.id = {mark(resource)}" if resource is not None else ""
    limits += f" AND t.updated >= {mark(since)}" if since is not None else ""
    if before is not None:
        place = [mark(before.updated), mark(before.type), mark(before.id), mark(before.version)]
        limits += f" AND (t.updated, {{type}}, t.id, t.version) < ({', '.join(place)})"
    selects = []
    for name in types:
        seen = _sees(name, "t.id", _THEN) + limits.format(type=f"'{name}'")
        row = f"SELECT '{name}' AS type, t.id, t.version, t.updated, t.body"
        selects.append(f"{row}, t.patient FROM {RESOURCE_TABLES[name].name} t WHERE {seen}")
        selects.append(f"{row}, {_of_past(name)} FROM history t WHERE t.type = '{name}' AND {seen}")
    versions = f"({' UNION ALL '.join(selects)}) versions"
    return f"SELECT * FROM {versions} ORDER BY {HISTORY_ORDER} LIMIT {mark(count + 1)}", arguments


@lru_cache(maxsize=64)
def shared_statement(number: int) -> str:
    """Which of some resources ($4 …) a case ($1) has opened, and whether a unit ($2, $3) sees each by another case."""
    marks = ", ".join(f"${index + 4}" for index in range(number)) or "NULL"
    elsewhere = (
        "EXISTS (SELECT 1 FROM token o"
        " JOIN party p ON p.organisation = $2 AND p.resource = o.resource AND p.unit = $3 AND p.until IS NULL"
        f" WHERE o.type = 'Task' AND o.param = '{SHARES}' AND o.value = k.value AND o.resource <> k.resource)"
    )
    return (
        f"SELECT k.system, k.value, {elsewhere} FROM token k"
        f" WHERE k.type = 'Task' AND k.param = '{SHARES}' AND k.value IN ({marks}) AND k.resource = $1"
        " ORDER BY k.value"
    )


def stored(type_name: str, row: Any) -> Stored:
    """A row of a statement about one type."""
    return Stored(
        type=type_name,
        id=row[0],
        version=row[1],
        updated=row[2],
        body=row[3],
        state=row[4],
        author=row[5],
        author_unit=row[6],
        patient=row[7] or "",
    )


def many(type_name: str, rows: Sequence[Any]) -> tuple[Stored, ...]:
    """Rows of one type."""
    return tuple(stored(type_name, row) for row in rows)


def mixed(rows: Sequence[Any]) -> tuple[Stored, ...]:
    """Rows that begin with their type."""
    return tuple(
        Stored(type=row[0], id=row[1], version=row[2], updated=row[3], body=row[4], patient=row[5] or "")
        for row in rows
    )


def search_order(query: Query) -> str:
    """The order of a page."""
    direction = "DESC" if query.descending else "ASC"
    return f"{'updated' if query.sort is None else 'place'} {direction}, id {direction}"


def cut(found: tuple[str, list[Any]], columns: str, order: str, most: int) -> tuple[str, list[Any]]:
    """On PostgreSQL, a statement whose rows have no body where ``most`` bytes or more stand before them."""
    statement, arguments = found
    before = f"sum(octet_length(body)) OVER (ORDER BY {order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    body = f"CASE WHEN COALESCE({before}, 0) < ${len(arguments) + 1} THEN body END AS body"
    return f"SELECT {columns.format(body=body)} FROM ({statement}) whole", [*arguments, most]


OF_TYPE: Final = "id, version, updated, {body}, state, author, author_unit, patient"
OF_TYPES: Final = "type, id, version, updated, {body}, patient"
"""The columns of a page that goes over several types."""


def page_columns(query: Query) -> str:
    """The columns of a page of a search; ``{body}`` among them."""
    return f"{OF_TYPE if query.type else OF_TYPES}{', place' if query.sort is not None else ''}"


def search_statement(query: Query, viewer: Viewer, *, each: bool = False) -> tuple[str, list[Any]]:
    """The page that a query asks for, and one row more to know whether another follows.

    ``each``: who may see it is asked of row after row, in their order; for a query that ``is_bounded``.
    """
    arguments: list[Any] = [viewer.organisation, viewer.unit]
    mark = _marker(arguments)
    if query.sort is not None:
        return _sorted_statement(query, query.sort, mark), arguments
    behind = ""
    if query.position is not None:
        compare = "<" if query.descending else ">"
        place = f"({mark(query.position.place)}, {mark(query.position.id)})"
        behind = f" AND (t.updated, t.id) {compare} {place} AND t.updated <= {mark(query.position.bound)}"
    order = f"ORDER BY {search_order(query)}"
    selects = [f"{row} WHERE {where}{behind}" for row, where in _selects(query, mark, each=each)]
    last = f"{order} LIMIT {mark(query.count + 1)}"
    if query.type:
        return f"{selects[0]} {last}", arguments
    return f"SELECT * FROM ({' UNION ALL '.join(selects)}) found {last}", arguments


def _sorted_statement(query: Query, key: SearchParameter, mark: Callable[[object], str]) -> str:
    """By another key than ``updated``: the place stands last in each row, for the position of the next page."""
    compare = "<" if query.descending else ">"
    selects = []
    for name in (query.type,) if query.type else query.types:
        join, place = order_of(key, name, descending=query.descending)
        columns = _PAGE_COLUMNS if query.type else _COMMON_COLUMNS.format(type=name)
        behind = ""
        if query.position is not None:
            after = f"({mark(query.position.place)}, {mark(query.position.id)})"
            behind = f" AND ({place}, t.id) {compare} {after} AND t.updated <= {mark(query.position.bound)}"
        table = RESOURCE_TABLES[name].name
        selects.append(
            f"SELECT {columns}, {place} AS place FROM {table} t{join} WHERE {_where(query, name, mark)}{behind}"
        )
    order = f"ORDER BY {search_order(query)} LIMIT {mark(query.count + 1)}"
    return f"SELECT * FROM ({' UNION ALL '.join(selects)}) found {order}"


def _selects(query: Query, mark: Callable[[object], str], *, each: bool) -> list[tuple[str, str]]:
    """(SELECT … FROM …, condition) for each type of a query; with several, rows begin with the type."""
    found = []
    for name in (query.type,) if query.type else query.types:
        columns = _PAGE_COLUMNS if query.type else _COMMON_COLUMNS.format(type=name)
        found.append((f"SELECT {columns} FROM {RESOURCE_TABLES[name].name} t", _where(query, name, mark, each=each)))
    return found


def count_statement(query: Query, viewer: Viewer) -> tuple[str, list[Any]]:
    """How many resources match, for the viewer."""
    arguments: list[Any] = [viewer.organisation, viewer.unit]
    mark = _marker(arguments)
    counts = [
        f"(SELECT count(*) FROM {RESOURCE_TABLES[name].name} t WHERE {_where(query, name, mark)})"
        for name in ((query.type,) if query.type else query.types)
    ]
    return f"SELECT {' + '.join(counts)}", arguments


def wants_total(query: Query) -> bool:
    """A count of 0 asks for the number only (R4 3.1.1.5.5)."""
    return query.total or query.count == 0


def page(query: Query, rows: Sequence[Any], total: int | None) -> Page:
    """The rows without the one too many."""
    first = read_of(rows, query.count, 3 if query.type else 4)
    shown = many(query.type, first) if query.type else mixed(first)
    places = tuple(row[-1] for row in first) if query.sort else ()
    return Page(rows=shown, more=len(rows) > len(first) and query.count > 0, total=total, places=places)


def page_of_type(type_name: str, rows: Sequence[Any]) -> Page:
    """The same of resources that are asked for one by one."""
    first = read_of(rows, len(rows), 3)
    return Page(rows=many(type_name, first), more=len(rows) > len(first))


def history_page(rows: Sequence[Any], count: int) -> Page:
    """The same of a history."""
    first = read_of(rows, count, 4)
    return Page(rows=mixed(first), more=len(rows) > len(first))


def read_of(rows: Sequence[Any], count: int, body: int) -> Sequence[Any]:
    """The first rows that are whole: where a page has become too large, those behind its end have no body."""
    first = rows[:count]
    return first if not first or first[-1][body] is not None else [row for row in first if row[body] is not None]


def _where(query: Query, type_name: str, mark: Callable[[object], str], *, each: bool = False) -> str:
    conditions = [_sees(type_name, "t.id", each=each)]
    conditions += [condition(criterion, type_name, mark) for criterion in query.criteria]
    return " AND ".join(conditions)


def _marker(arguments: list[Any]) -> Callable[[object], str]:
    """Numbers the arguments in the order in which they are named."""

    def mark(argument: object) -> str:
        arguments.append(argument)
        return f"${len(arguments)}"

    return mark
