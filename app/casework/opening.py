"""What a Task opens to the parties of its case: the sender's own resources that it references (DESIGN 4.1)."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from app.casework.context import Context, viewer_of
from app.fhir.indexing import own_reference
from app.security.caller import Caller
from app.store.changes import SHARES, Changes, Party, Token, Viewer

OPENED: Final = frozenset(
    {"ServiceRequest", "QuestionnaireResponse", "Consent", "Communication", "Patient", "RelatedPerson"}
)
"""Types that a Task opens. An Encounter stays in the hospital; Task, CareTeam and CarePlan have their own rules."""
_SINGLE: Final = ("for", "focus", "requester", "reasonReference")


def references_of(task: dict[str, Any], base: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """(FHIRPath, (type, id)) of the references to resources of ours whose sight a Task can give."""
    for name in _SINGLE:
        if target := own_reference(task.get(name), base):
            yield f"Task.{name}.reference", target
    for index, entry in enumerate(task.get("basedOn", ())):
        if target := own_reference(entry, base):
            yield f"Task.basedOn[{index}].reference", target
    for index, entry in enumerate(task.get("input", ())):
        if target := own_reference(entry.get("valueReference"), base):
            yield f"Task.input[{index}].value.reference", target


async def open_to(
    context: Context, caller: Caller, resource: str, task: dict[str, Any], parties: Iterable[Party], changes: Changes
) -> None:
    """Add to ``changes`` the parties' sight of what the Task references and the caller's organisation made."""
    targets = {target for _, target in references_of(task, context.base) if target[0] in OPENED}
    for type_name, key in sorted(targets):
        stored = await context.store.read(type_name, key, viewer_of(caller))
        if stored is None or stored.author != caller.organisation:
            continue
        changes.tokens.append(Token("Task", SHARES, key, type_name, resource))
        add_parties(changes, (party._replace(resource=key, since=1) for party in parties if party.until is None))


async def hand_over(
    context: Context, resource: str, task: dict[str, Any], owner: Party, before: Party, changes: Changes
) -> None:
    """The new owner sees what the case has opened; the one before keeps the versions up to now.

    A unit that sees it by another case as well goes on seeing it.
    """
    targets = sorted({target for _, target in references_of(task, context.base) if target[0] in OPENED})
    if not targets:
        return
    leaving = Viewer(organisation=before.organisation, unit=before.unit)
    shared = await context.store.shared(resource, leaving, [key for _, key in targets])
    for one in shared:
        add_parties(changes, [owner._replace(resource=one.id)])
        stored = None if one.elsewhere or before.until is None else await context.store.load(one.type, one.id)
        if stored is not None:
            add_parties(changes, [before._replace(resource=one.id, until=stored.version)])


def add_parties(changes: Changes, parties: Iterable[Party]) -> None:
    """One row for each organisation, resource and unit: PostgreSQL writes none twice in one statement."""
    known = {party[:3] for party in changes.parties}
    for party in parties:
        if party[:3] not in known:
            known.add(party[:3])
            changes.parties.append(party)
