"""The same number of a sender again: the first result for the same content, a refusal for other content."""

from app.casework.context import Context, viewer_of
from app.casework.persist import Decided, shown_again
from app.errors import Refused
from app.security.caller import Caller
from app.store.interface import Intake


async def repeated(context: Context, caller: Caller, intake: Intake, content: str, type_name: str) -> Decided:
    """Answer 200 with the current version of what the number already stands for.

    :raises Refused: 409 ``number-in-use``, the content is another one.
    """
    stored = await context.store.read(type_name, intake.resource, viewer_of(caller))
    if stored is None or intake.fingerprint != content:
        raise Refused(
            "This number of the sender already stands for other content; changes are made by update.",
            code="number-in-use",
            expression=f"{type_name}.identifier",
        )
    return shown_again(context, caller, "create", stored)
