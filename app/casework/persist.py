"""The one loop round every write: load, decide, commit; when somebody was faster, all of it again."""

from collections.abc import Awaitable, Callable
from typing import Final

from app.casework.context import Context, Result, unchanged
from app.casework.rows import one_for_each_patient
from app.errors import Stale, Unavailable
from app.security.caller import Caller
from app.store.changes import Changes, Conflict, Stored
from app.store.looks import look_of, row_of

_TRIES: Final = 8
Decided = tuple[Changes, Result]


async def persist(context: Context, attempt: Callable[[], Awaitable[Decided | Result]]) -> Result:
    """Run ``attempt`` until its changes are committed; without changes there was nothing to do, and nobody is shown it.

    :raises Unavailable: when others are faster every time.
    """
    for _ in range(_TRIES):
        decided = await attempt()
        if isinstance(decided, Result):
            return decided
        changes, result = decided
        changes.audits = one_for_each_patient(changes.audits, result)
        try:
            await context.store.commit(changes)
        except Conflict:
            continue
        return result
    raise Unavailable("Too many writers at once.", headers={"Retry-After": "1"})


def check_version(stored: Stored, expected: int | None) -> None:
    """The precondition of a write.

    :raises Stale: 412, with the current version named.
    """
    if expected is not None and expected != stored.version:
        raise Stale(
            f"The current version is {stored.version}.",
            expression=f"{stored.type}.meta.versionId",
            allowed=(f'W/"{stored.version}"',),
            headers={"ETag": f'W/"{stored.version}"'},
        )


def shown_again(context: Context, caller: Caller, interaction: str, stored: Stored) -> Decided:
    """The answer 200 with a version that was there, and its audit row."""
    look = look_of(caller, context.clock(), interaction)
    row = row_of(look, stored.type, stored.id, stored.version, stored.patient)
    return Changes(audits=[row]), unchanged(stored)
