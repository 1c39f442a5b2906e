"""``AuditEvent/$patient-log``: the patient's own log, asked for by the front end of a hospital or municipality."""

from typing import Any, Final

import msgspec
from starlette.responses import Response

from app.api.answers import fhir
from app.api.audited import in_one
from app.api.call import Call
from app.api.negotiate import no_more
from app.casework.context import viewer_of
from app.casework.patients import patient_argument, resolve_patients
from app.errors import InvalidContent, Unreadable
from app.fhir.audit_event import Touch
from app.fhir.commands import Arguments, where
from app.fhir.cursor import decode_cursor, encode_cursor
from app.fhir.derived import AUDIT_EVENT
from app.fhir.instants import DateRange, covered
from app.fhir.operations import AUDIT_EVENT_OPERATIONS
from app.fhir.patient_log import patient_log
from app.fhir.resources import Interaction
from app.fhir.search import DEFAULT_COUNT, LARGEST_COUNT, Criterion, Position, Query, Token
from app.reports.audit_events import require_auditor, touches
from app.store.looks import named_patients, names_of, row_of

_NAMES: Final = AUDIT_EVENT_OPERATIONS[0].parameters
_EDGES: Final = {"start": "ge", "end": "le"}


async def answered(call: Call) -> Response:
    """A page of the log of one patient, newest first; of one who is not known it is empty.

    :raises Forbidden: insufficient-scope, role-not-allowed
    :raises InvalidContent: 422, a parameter
    :raises Unreadable: bad-cursor
    """
    call.require_scope("s")
    require_auditor(call.caller)
    no_more(call.query)
    arguments = Arguments(await call.parameters(), _NAMES)
    query = await _query(call, arguments)
    # An operation that finds: the audit and the log itself tell it as a search.
    call.attempt.interaction = Interaction.SEARCH.value
    found, more = await in_one(call, lambda inside: _told(inside, query))
    cursor = _cursor(call, query, found[-1]) if more else ""
    return fhir(msgspec.json.encode(patient_log(found, call.context.directory, cursor)))


async def _query(call: Call, arguments: Arguments) -> Query:
    """The search of AuditEvent that is meant."""
    patient = Token(*patient_argument(call.context, arguments))
    criteria = (Criterion(AUDIT_EVENT.parameter("patient"), "identifier", (patient,)), *_within(arguments))
    query = Query(AUDIT_EVENT.name, criteria, _count(arguments), position=None)
    query = await resolve_patients(call.context.store, viewer_of(call.caller), query)
    return _behind(call, query, arguments.text("cursor"))


def _within(arguments: Arguments) -> list[Criterion]:
    given: dict[str, Any] = arguments.value("period", "valuePeriod") or {}
    edges = {name: covered(given.get(name)) for name in _EDGES}
    return [
        Criterion(AUDIT_EVENT.parameter("date"), "", (DateRange(_EDGES[name], *edge),))
        for name, edge in edges.items()
        if edge
    ]


def _count(arguments: Arguments) -> int:
    count = arguments.value("count", "valuePositiveInt")
    if count is None:
        return DEFAULT_COUNT
    if not 0 < count <= LARGEST_COUNT:
        raise InvalidContent(
            f"A page has from 1 to {LARGEST_COUNT} rows.", code="bad-count", expression=f"{where('count')}.value"
        )
    return int(count)


def _behind(call: Call, query: Query, cursor: str) -> Query:
    """From where the page before ended; the cursor is one of the same patient and period."""
    if not cursor:
        return query
    before = decode_cursor(cursor, call.service.cursor_key, query.type)
    if before.criteria != query.criteria or before.position is None:
        raise Unreadable(
            "The cursor is one of another patient or period; repeat those of the first page.", code="bad-cursor"
        )
    return query.after(before.position.place, before.position.id, before.position.bound)


def _cursor(call: Call, query: Query, last: Touch) -> str:
    bound = query.position.bound if query.position else call.context.clock()
    position = Position(last.at, str(last.id), bound)
    return encode_cursor(query.after(position.place, position.id, position.bound), call.service.cursor_key)


async def _told(call: Call, query: Query) -> tuple[list[Touch], bool]:
    found, more = await touches(call.context, call.caller, query)
    await _record(call, query, found)
    return found, more


async def _record(call: Call, query: Query, found: list[Touch]) -> None:
    """The audit of the audit: one row for the patient, before anything is told."""
    (patient,) = named_patients(query)
    shown = " ".join(f"{AUDIT_EVENT.name}/{touch.id}/0" for touch in found)
    row = row_of(call.look, AUDIT_EVENT.name, patient=patient, query=names_of(query), others=shown)
    await call.context.store.record_looks([row])
