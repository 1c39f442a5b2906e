"""A commit on SQLite: plain statements, in the transaction that the writer's thread has opened."""

import sqlite3
from typing import Any

from app.store.changes import Changes, Conflict, Notice
from app.store.statements import NOTICE, PARTS, RESOURCE_TABLES


def apply(connection: sqlite3.Connection, changes: Changes) -> None:
    """Write ``changes`` in the transaction that is open. Raises Conflict."""
    for write in changes.writes:
        table = RESOURCE_TABLES[write.type]
        names = [column.name for column in table.columns]
        if write.version > 1:
            connection.execute(
                "INSERT INTO history (type, id, version, updated, body, patient)"
                f" SELECT ?, id, version, updated, body, patient FROM {table.name} WHERE id = ? AND version = ?",
                (write.type, write.id, write.version - 1),
            )
            cells = ", ".join(f"{name} = ?" for name in names)
            statement = f"UPDATE {table.name} SET {cells} WHERE id = ? AND version = ?"
        else:
            statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        cells_of = [write.columns.get(name) for name in names[4:]]
        arguments = [write.id, write.version, write.updated, write.body, *cells_of]
        expected = [write.id, write.version - 1] if write.version > 1 else []
        if connection.execute(statement, arguments + expected).rowcount != 1:
            raise Conflict
    connection.executemany(
        "DELETE FROM token WHERE type = ? AND param = ? AND value = ? AND system = ? AND resource = ?",
        changes.untoken,
    )
    connection.executemany(
        "DELETE FROM date_range WHERE type = ? AND param = ? AND resource = ? AND low = ? AND high = ?",
        changes.undate,
    )
    add_rows(connection, changes)
    for notice in changes.notices:
        marks_of = {name: f":{name}" for name in Notice._fields}
        connection.execute(NOTICE.format(source="subscription s WHERE", **marks_of), notice._asdict())
    for settled in changes.settled:
        _settle_row(connection, settled._asdict())


def add_rows(connection: sqlite3.Connection, changes: Changes) -> None:
    """The insert-only parts of ``changes``."""
    for part in PARTS:
        if rows := getattr(changes, part.field):
            marks = ", ".join("?" * len(part.columns))
            connection.executemany(f"{part.insert} VALUES ({marks}) {part.conflict}", rows)


def _settle_row(connection: sqlite3.Connection, row: dict[str, Any]) -> None:
    cursor = connection.execute(
        "UPDATE outbox SET state = :state, next_at = :next_at, lease_until = 0, settled = :settled,"
        " problem = :problem WHERE id = :id AND attempts = :attempts AND state = 'waiting'",
        row,
    )
    if cursor.rowcount != 1:
        raise Conflict
