"""The text of a commit on PostgreSQL: one CTE for all of a transaction's writes.

Separate inserts cost three times as much. Side rows travel as arrays, so that commits of the same shape share
one prepared statement whatever their number of rows.
"""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table

from app.store.changes import Changes
from app.store.statements import NOTICE, PARTS, RESOURCE_TABLES

_ARRAYS: Final = ("untoken", "undate", "notices", "settled")
_TYPES: Final = {"Text": "text", "BigInteger": "bigint", "Integer": "integer", "LargeBinary": "bytea"}


def commit_statement(changes: Changes) -> tuple[str, list[Any]]:
    """The statement that writes ``changes`` and its arguments; equal shapes give equal, preparable texts."""
    arguments: list[Any] = []
    for write in changes.writes:
        if write.version > 1:
            arguments += [write.id, write.version - 1]
        cells = [write.columns.get(column.name) for column in list(RESOURCE_TABLES[write.type].columns)[4:]]
        arguments += [write.id, write.version, write.updated, write.body, *cells]
    fields = tuple(name for name in (*(p.field for p in PARTS), *_ARRAYS) if getattr(changes, name))
    for name in fields:
        arguments += zip(*getattr(changes, name), strict=True)
    shape = tuple((write.type, write.version > 1) for write in changes.writes)
    return _text(shape, fields, len(changes.settled)), arguments


@lru_cache(maxsize=512)
def _text(writes: tuple[tuple[str, bool], ...], fields: tuple[str, ...], settled: int) -> str:
    text = _Text()
    for index, (type_name, supersede) in enumerate(writes):
        table = RESOURCE_TABLES[type_name]
        if supersede:
            text.replace(index, type_name, table)
        else:
            text.insert(index, table)
    for part in PARTS:
        if part.field in fields:
            arrays = text.arrays([_type(part.table, name) for name in part.columns])
            text.add(f"p_{part.field}", f"{part.insert} SELECT * FROM unnest({arrays}) {part.conflict}")
    if "untoken" in fields:
        text.untoken()
    if "undate" in fields:
        text.undate()
    if "notices" in fields:
        text.notices()
    if "settled" in fields:
        text.settled(settled)
    return text.whole()


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

    def arrays(self, types: list[str]) -> str:
        return ", ".join(self.marks([f"{kind}[]" for kind in types]))

    def check(self, name: str, rows: int = 1) -> None:
        self._checked.append(f"(SELECT count(*) FROM {name})")
        self._expected += rows

    def insert(self, index: int, table: Table) -> None:
        names = [column.name for column in table.columns]
        cells = ", ".join(self.marks([_type(table, name) for name in names]))
        self.add(f"w{index}", f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({cells})")

    def replace(self, index: int, type_name: str, table: Table) -> None:
        names = [column.name for column in table.columns]
        resource, version = self.marks(["text", "integer"])
        self.add(
            f"h{index}",
            "INSERT INTO history (type, id, version, updated, body)"
            f" SELECT '{type_name}', id, version, updated, body FROM {table.name}"
            f" WHERE id = {resource} AND version = {version}",
        )
        marks = self.marks([_type(table, name) for name in names])
        cells = ", ".join(f"{name} = {mark}" for name, mark in zip(names, marks, strict=True))
        self.add(
            f"w{index}",
            f"UPDATE {table.name} SET {cells} WHERE id = {resource} AND version = {version} RETURNING 1",
        )
        self.check(f"w{index}")

    def untoken(self) -> None:
        arrays = self.arrays(["text"] * 5)
        self.add(
            "untoken",
            f"DELETE FROM token t USING unnest({arrays}) AS u(type, param, value, system, resource)"
            " WHERE (t.type, t.param, t.value, t.system, t.resource)"
            " = (u.type, u.param, u.value, u.system, u.resource)",
        )

    def undate(self) -> None:
        arrays = self.arrays(["text", "text", "text", "bigint", "bigint"])
        self.add(
            "undate",
            f"DELETE FROM date_range d USING unnest({arrays}) AS u(type, param, resource, low, high)"
            " WHERE (d.type, d.param, d.resource, d.low, d.high) = (u.type, u.param, u.resource, u.low, u.high)",
        )

    def notices(self) -> None:
        arrays = self.arrays(["text", "text", "text", "text", "bigint"])
        columns = ("organisation", "topic", "order_key", "focus", "created")
        source = f"unnest({arrays}) AS n({', '.join(columns)}) JOIN subscription s ON"
        self.add("notices", NOTICE.format(source=source, **{name: f"n.{name}" for name in columns}))

    def settled(self, rows: int) -> None:
        arrays = self.arrays(["bigint", "integer", "text", "bigint", "bigint", "text"])
        self.add(
            "settled",
            "UPDATE outbox o SET state = u.state, next_at = u.next_at, lease_until = 0, settled = u.settled,"
            f" problem = u.problem FROM unnest({arrays}) AS u(id, attempts, state, next_at, settled, problem)"
            " WHERE o.id = u.id AND o.attempts = u.attempts AND o.state = 'waiting' RETURNING 1",
        )
        self.check("settled", rows)

    def whole(self) -> str:
        if not self._checked:
            return f"WITH {', '.join(self._steps)} SELECT 1"
        # A CASE round the division, not in it: PostgreSQL would work out a constant 1 / 0 while planning.
        counted = f"CASE WHEN {' + '.join(self._checked)} = {self._expected} THEN 1 ELSE 0 END"
        return f"WITH {', '.join(self._steps)} SELECT 1 / ({counted})"


def _type(table: Table, name: str) -> str:
    return _TYPES[type(table.c[name].type).__name__]
