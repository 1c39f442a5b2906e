"""The text of a commit on PostgreSQL: one CTE for all of a transaction's writes.

Separate inserts cost three times as much. Commits of the same shape, kinds and numbers of rows, share one prepared
statement; there are few shapes. Rows travel as plain values: arrays cost the driver far more CPU.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, Final, TypeAlias

from sqlalchemy import Table

from app.store.changes import Changes, Notice, Write
from app.store.statements import NOTICE, PARTS, RESOURCE_TABLES, Part

_PARTS: Final = {part.field: part for part in PARTS}
_FIELDS: Final = (*_PARTS, "untoken", "undate", "notices", "settled")
_CELLS: Final = {name: tuple(column.name for column in table.columns)[4:] for name, table in RESOURCE_TABLES.items()}
"""The columns of each type behind id, version, updated and body."""
_OF_A_RESOURCE: Final = frozenset({"tokens", "dates", "parties"})
_NOTICE_TYPES: Final = {"created": "bigint"}
KindOfCommit: TypeAlias = tuple[tuple[tuple[str, bool], ...], tuple[int, ...]]
_FEW: Final = 32
"""Rows; a case's are 10 to 20. PostgreSQL takes 32,767 arguments, and eight Bundles of a hundred entries have more."""
_TYPES: Final = {"Text": "text", "BigInteger": "bigint", "Integer": "integer", "LargeBinary": "bytea"}


def commit_statement(changes: Changes) -> tuple[str, list[Any]]:
    """The statement that writes ``changes`` and its arguments; equal shapes give equal, preparable texts."""
    arguments: list[Any] = []
    for write in changes.writes:
        if write.version > 1:
            arguments += [write.id, write.version - 1]
        arguments += [write.id, write.version, write.updated, write.body, *map(write.columns.get, _CELLS[write.type])]
    rows: list[tuple[str, int, bool]] = []
    for name in _FIELDS:
        if found := getattr(changes, name):
            rows.append((name, len(found), _is_new(name, found, changes.writes)))
            for row in found:
                arguments += row
    shape = tuple((write.type, write.version > 1) for write in changes.writes)
    return _text(shape, tuple(rows)), arguments


def kind_of(changes: Changes) -> KindOfCommit | None:
    """Equal for commits of the same kinds and numbers of rows, so that several are one text; None for a large one."""
    writes = tuple((one.type, one.version > 1) for one in changes.writes)
    rows = tuple(len(getattr(changes, name)) for name in _FIELDS)
    return (writes, rows) if len(writes) + sum(rows) <= _FEW else None


def _is_new(name: str, rows: Sequence[Any], writes: Sequence[Write]) -> bool:
    """Whether none of the rows can be there yet: they belong to a resource, or a version, that this commit makes.

    Looking for a double first costs PostgreSQL as much as the insert. Should a stranger's id be ours all the same, the
    error that PostgreSQL writes to its log names that id, and nothing of a patient.
    """
    if name == "events":
        versions = {(write.id, write.version) for write in writes}
        return all((row.case_id, row.version) in versions for row in rows)
    if name not in _OF_A_RESOURCE:
        return False
    made = {write.id for write in writes if write.version == 1}
    return all(row.resource in made for row in rows)


@lru_cache(maxsize=1024)
def _text(writes: tuple[tuple[str, bool], ...], rows: tuple[tuple[str, int, bool], ...]) -> str:
    text = _Text()
    for index, (type_name, supersede, count) in enumerate(_runs(writes)):
        table = RESOURCE_TABLES[type_name]
        if supersede:
            text.replace(index, type_name, table)
        else:
            text.insert(index, table, count)
    for name, count, is_new in rows:
        part = _PARTS.get(name)
        if part is not None:
            text.part(part, count, is_new=is_new)
        elif name == "untoken":
            text.untoken(count)
        elif name == "undate":
            text.undate(count)
        elif name == "notices":
            text.notices(count)
        else:
            text.settled(count)
    return text.whole()


def _runs(writes: tuple[tuple[str, bool], ...]) -> Iterator[tuple[str, bool, int]]:
    """Type, whether a version is superseded, and how many: new resources of a type in a row are one insert."""
    for (type_name, supersede), run in groupby(writes):
        count = len(list(run))
        yield from [(type_name, True, 1)] * count if supersede else [(type_name, False, count)]


class _Text:
    """A statement being written: numbers its arguments in the order in which they are asked for."""

    def __init__(self) -> None:
        self._number = 0
        self._steps: list[str] = []
        self._checked: list[str] = []
        self._expected = 0

    def add(self, name: str, body: str) -> None:
        self._steps.append(f"{name} AS ({body.rstrip()})")

    def marks(self, types: list[str]) -> list[str]:
        start = self._number + 1
        self._number += len(types)
        return [f"${start + index}::{kind}" for index, kind in enumerate(types)]

    def values(self, types: list[str], count: int) -> str:
        return ", ".join(f"({', '.join(self.marks(types))})" for _ in range(count))

    def check(self, name: str, rows: int = 1) -> None:
        # Without its one row a sum is NULL, which equals nothing: cheaper than counting.
        self._checked.append(f"(SELECT {'1' if rows == 1 else 'count(*)'} FROM {name})")
        self._expected += rows

    def part(self, part: Part, count: int, *, is_new: bool) -> None:
        values = self.values([_type(part.table, column) for column in part.columns], count)
        name, insert = f"p_{part.field}", f"{part.insert} VALUES {values}"
        if part.conflict or part.is_numbered or is_new:
            self.add(name, insert if is_new else f"{insert} {part.conflict}")
            return
        # A double is a Conflict by the count: PostgreSQL's own error would write the key to its log, and a
        # patient's is an identity number.
        self.add(name, f"{insert} ON CONFLICT DO NOTHING RETURNING 1")
        self.check(name, count)

    def insert(self, index: int, table: Table, count: int) -> None:
        names = [column.name for column in table.columns]
        values = self.values([_type(table, name) for name in names], count)
        self.add(f"w{index}", f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {values}")

    def replace(self, index: int, type_name: str, table: Table) -> None:
        names = [column.name for column in table.columns]
        resource, version = self.marks(["text", "integer"])
        self.add(
            f"h{index}",
            "INSERT INTO history (type, id, version, updated, body, patient)"
            f" SELECT '{type_name}', id, version, updated, body, patient FROM {table.name}"
            f" WHERE id = {resource} AND version = {version}",
        )
        marks = self.marks([_type(table, name) for name in names])
        cells = ", ".join(f"{name} = {mark}" for name, mark in zip(names, marks, strict=True))
        self.add(
            f"w{index}",
            f"UPDATE {table.name} SET {cells} WHERE id = {resource} AND version = {version} RETURNING 1",
        )
        self.check(f"w{index}")

    def untoken(self, count: int) -> None:
        values = self.values(["text"] * 5, count)
        row = "t.type, t.param, t.value, t.system, t.resource"
        self.add("untoken", f"DELETE FROM token t WHERE ({row}) IN (VALUES {values})")

    def undate(self, count: int) -> None:
        values = self.values(["text", "text", "text", "bigint", "bigint"], count)
        row = "d.type, d.param, d.resource, d.low, d.high"
        self.add("undate", f"DELETE FROM date_range d WHERE ({row}) IN (VALUES {values})")

    def notices(self, count: int) -> None:
        columns = Notice._fields
        values = self.values([_NOTICE_TYPES.get(name, "text") for name in columns], count)
        source = f"(VALUES {values}) AS n({', '.join(columns)}) JOIN subscription s ON"
        self.add("notices", NOTICE.format(source=source, **{name: f"n.{name}" for name in columns}))

    def settled(self, count: int) -> None:
        values = self.values(["bigint", "integer", "text", "bigint", "bigint", "text"], count)
        self.add(
            "settled",
            "UPDATE outbox o SET state = u.state, next_at = u.next_at, lease_until = 0, settled = u.settled,"
            f" problem = u.problem FROM (VALUES {values}) AS u(id, attempts, state, next_at, settled, problem)"
            " WHERE o.id = u.id AND o.attempts = u.attempts AND o.state = 'waiting' RETURNING 1",
        )
        self.check("settled", count)

    def whole(self) -> str:
        if not self._checked:
            return f"WITH {', '.join(self._steps)} SELECT 1"
        # A CASE round the division, not in it: PostgreSQL would work out a constant 1 / 0 while planning.
        counted = f"CASE WHEN {' + '.join(self._checked)} = {self._expected} THEN 1 ELSE 0 END"
        return f"WITH {', '.join(self._steps)} SELECT 1 / ({counted})"


def _type(table: Table, name: str) -> str:
    return _TYPES[type(table.c[name].type).__name__]
