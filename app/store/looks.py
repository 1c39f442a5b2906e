"""The audit rows of reading: in the statement of the read itself, so that nothing is read without them.

One row for each patient among what is shown, and for each whom a search names, also where it finds nothing. A patient
who is not known gets a row without a patient: a search must not be quicker when nobody of that name is there.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from app.fhir.criteria import PatientKey
from app.fhir.declared import Kind, Sight
from app.fhir.resources import RESOURCES
from app.fhir.search import NOBODY, Query
from app.security.caller import Caller
from app.store.changes import AuditRow, Look, Stored

_LOOK: Final = ", ".join(Look._fields)
_COLUMNS: Final = f"{_LOOK}, type, resource, version, patient, query, others"


def about_patients(type_name: str) -> bool:
    """Whether resources of a type are about a patient; those of the directory are not."""
    return RESOURCES[type_name].sight is not Sight.EVERYBODY


def named_patients(query: Query) -> tuple[str, ...]:
    """Internal keys of the patients that a search is for; "" for one who is not known."""
    keys = (
        value.key
        for criterion in query.criteria
        if criterion.parameter.kind is Kind.PATIENT and criterion.modifier != "not"
        for value in criterion.values
        if isinstance(value, PatientKey)
    )
    return tuple(dict.fromkeys("" if key == NOBODY else key for key in keys))


def names_of(query: Query) -> str:
    """What a search was by, without the values."""
    return "&".join(
        f"{one.parameter.name}:{one.modifier}" if one.modifier else one.parameter.name for one in query.criteria
    )


@lru_cache(maxsize=256)
def of_one(found: str, type_name: str, after: int) -> str:
    """On PostgreSQL, ``WITH … t AS`` of at most one row, with its audit row; a Look's values from ``$after+1``."""
    return (
        f"{found}, a AS (INSERT INTO audit_event ({_COLUMNS})"
        f" SELECT {_look_marks(after)}, '{type_name}', id, version, patient, '', '' FROM t WHERE patient <> '')"
        " SELECT * FROM t"
    )


@lru_cache(maxsize=1024)
def of_many(found: str, type_name: str, order: str, after: int, named: int) -> str:
    """On PostgreSQL, ``WITH … t AS`` that finds a page, with its audit rows.

    Behind its own arguments come the Look's values, the names of the query, how many rows are shown, and the keys of
    ``named`` patients.
    """
    query, shown = after + len(Look._fields) + 1, after + len(Look._fields) + 2
    kind = f"'{type_name}'" if type_name else "type"
    # Not the bodies themselves: they would be sorted along.
    page = (
        f"SELECT patient, {kind} || '/' || id || '/' || version AS version, body IS NOT NULL AS is_here"
        f" FROM t ORDER BY {order} LIMIT ${shown}::bigint"
    )
    touched = "SELECT patient, others FROM s"
    if named:
        keys = ", ".join(f"(${shown + 1 + index}::text)" for index in range(named))
        touched += (
            f" UNION ALL SELECT n.patient, '' FROM (VALUES {keys}) n(patient)"
            " WHERE n.patient NOT IN (SELECT patient FROM s)"
        )
    return (
        f"{found},"
        f" s AS (SELECT patient, string_agg(version, ' ') AS others FROM ({page}) f"
        " WHERE patient <> '' AND is_here GROUP BY patient),"
        f" a AS (INSERT INTO audit_event ({_COLUMNS})"
        f" SELECT {_look_marks(after)}, '{type_name}', '', 0, w.patient, ${query}::text, w.others FROM ({touched}) w)"
        f" SELECT * FROM t ORDER BY {order}"
    )


def _look_marks(after: int) -> str:
    kinds = ("bigint" if name == "at" else "text" for name in Look._fields)
    return ", ".join(f"${after + number}::{kind}" for number, kind in enumerate(kinds, 1))


def look_of(caller: Caller, at: int, interaction: str) -> Look:
    """The look of a caller; ``at`` in milliseconds UTC, ``interaction`` as in ``Look``."""
    return Look(
        at=at,
        organisation=caller.organisation,
        unit=caller.unit,
        person=caller.person,
        client=caller.client,
        role=caller.role,
        interaction=interaction,
        request=caller.request,
        purpose=caller.purpose,
    )


def rows_of(
    look: Look, type_name: str, shown: Sequence[Stored], query: str = "", named: Sequence[str] = ()
) -> list[AuditRow]:
    """The same rows made here: for SQLite, and for what was read by more than one statement."""
    found: dict[str, list[str]] = {}
    for row in shown:
        if row.patient:
            found.setdefault(row.patient, []).append(f"{row.type}/{row.id}/{row.version}")
    for patient in named:
        found.setdefault(patient, [])
    return [
        row_of(look, type_name, patient=patient, query=query, others=" ".join(others))
        for patient, others in found.items()
    ]


def row_of(
    look: Look,
    type_name: str,
    resource: str = "",
    version: int = 0,
    patient: str = "",
    status: int = 200,
    query: str = "",
    others: str = "",
) -> AuditRow:
    """One row."""
    return AuditRow(
        at=look.at,
        organisation=look.organisation,
        unit=look.unit,
        person=look.person,
        client=look.client,
        role=look.role,
        interaction=look.interaction,
        type=type_name,
        resource=resource,
        version=version,
        patient=patient,
        status=status,
        request=look.request,
        purpose=look.purpose,
        query=query,
        others=others,
    )
