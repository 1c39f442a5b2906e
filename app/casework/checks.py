"""What a partner's content may name: resources that it can read, and its own organisation as the requester."""

from typing import Any, Final

from app.casework.context import Context, viewer_of
from app.errors import InvalidContent, Problems
from app.fhir import codes
from app.fhir.document import Document
from app.fhir.identifiers import ORGANISATION_OLD
from app.fhir.need import identifier_of
from app.fhir.resources import STORED
from app.fhir.walk import literals
from app.security.caller import Caller

_READABLE: Final = frozenset(one.name for one in STORED)
_AT_ONCE: Final = 200


async def check_references(context: Context, caller: Caller, type_name: str, document: Document) -> None:
    """Literal references of ours must lead to something that the caller can read.

    :raises InvalidContent: ``reference-not-found``, the same for what does not exist and what is not the caller's.
    """
    if b'"reference"' not in document.raw:
        return
    base = f"{context.settings.base_url.rstrip('/')}/fhir/v1/"
    named = literals(document.value, type_name, base)
    readable = await _readable(context, caller, {(found.type, found.id) for _, found in named})
    problems = Problems()
    for path, found in named:
        if (found.type, found.id) not in readable:
            problems.add("reference-not-found", path, "There is no such resource, or it is not yours to see.")
    problems.raise_if_any()


async def _readable(context: Context, caller: Caller, named: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those (type, id) that the caller can read: a statement for many, as a need may name thousands."""
    found: set[tuple[str, str]] = set()
    for name in sorted({name for name, _ in named} & _READABLE):
        ids = sorted(key for other, key in named if other == name)
        for start in range(0, len(ids), _AT_ONCE):
            page = await context.store.read_many(name, ids[start : start + _AT_ONCE], viewer_of(caller))
            found |= {(row.type, row.id) for row in page.rows}
    return found


def check_requester(context: Context, caller: Caller, content: dict[str, Any]) -> None:
    """The sending organisation comes from the token; a Task cannot say another.

    :raises InvalidContent: ``requester-contradicts-token``.
    """
    system, value = identifier_of(content.get("requester"))
    named = value if system in {codes.ORGANISATION, ORGANISATION_OLD} else ""
    if system == codes.RESH:
        unit = context.directory.unit_by_resh(value)
        named = context.directory.trusts[unit.trust].organisation_number if unit else ""
    if named not in {"", caller.organisation}:
        raise InvalidContent(
            "The organisation is another than the one that the access token is for.",
            code="requester-contradicts-token",
            expression="Task.requester.identifier",
        )
    display = reference.get("display", "") if isinstance(reference := content.get("requester"), dict) else ""
    called = context.directory.called(display) if display else frozenset()
    if called and caller.organisation not in called:
        raise InvalidContent(
            "This is the name of another organisation than the one that the access token is for.",
            code="requester-contradicts-token",
            expression="Task.requester.display",
        )
