"""A hand-over of a case: who sees it from then on, and what the sender has opened with it."""

from dataclasses import dataclass

from app.casework.context import Context
from app.casework.opening import hand_over
from app.casework.rows import case_parties
from app.coordination.case import Case, CaseEvent
from app.fhir import rendering
from app.store.changes import Changes, Party, Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A case before and after, and the bytes that its next version is made from."""

    stored: Stored
    case: Case
    event: CaseEvent
    base: bytes


def handed_over(context: Context, motion: Motion, version: int) -> list[Party]:
    """The new owner sees the case; the one before keeps the versions up to its own hand-over."""
    case = motion.case
    # Of a need they see what was submitted; its Task alone has the case beside it.
    since = 1 if motion.stored.state is None else case.submitted
    parties = case_parties(case, motion.stored.id, context.directory, since)
    trust = context.directory.trusts[case.trust].organisation_number
    before = Party(trust, motion.stored.id, motion.event.from_unit, version - 1, since)
    return parties if any(before[:3] == party[:3] for party in parties) else [*parties, before]


async def hand_over_opened(context: Context, motion: Motion, changes: Changes) -> None:
    """What the sender opened with the case goes with it to the new owner."""
    case = motion.case
    if motion.event.from_unit in ("", case.owner):
        return
    resource = motion.stored.id
    trust = context.directory.trusts[case.trust].organisation_number
    stays = motion.event.from_unit == context.directory.coordinating_unit(case.trust).key
    owner = Party(trust, resource, case.owner, None)
    before = Party(trust, resource, motion.event.from_unit, None if stays else motion.stored.version)
    await hand_over(context, resource, rendering.parsed(motion.base), owner, before, changes)
