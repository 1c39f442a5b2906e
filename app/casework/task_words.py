"""A move by PUT or JSON Patch lacks something: told at the Task's element, not at the operation's parameter."""

from collections.abc import Awaitable
from dataclasses import replace
from typing import Final

from app.casework.persist import Decided
from app.coordination.arguments import parameter
from app.errors import InvalidContent, Issue

_ELEMENTS: Final = {
    parameter("reason"): "Task.statusReason.text",
    parameter("question"): "Task.statusReason.text",
    parameter("answer"): "Task.statusReason.text",
    parameter("reasonCode"): "Task.statusReason.coding.code",
    parameter("outcome"): "Task.statusReason.coding.code",
    parameter("unit"): "Task.owner.identifier",
}
"""Where a Task says what an operation takes as a parameter."""


async def in_words_of_task(moving: Awaitable[Decided]) -> Decided:
    """What an operation misses in a parameter, an update misses in an element."""
    try:
        return await moving
    except InvalidContent as invalid:
        raise InvalidContent(issues=tuple(_in_task(issue) for issue in invalid.issues)) from None


def _in_task(issue: Issue) -> Issue:
    return replace(issue, expression=_ELEMENTS.get(issue.expression, issue.expression))
