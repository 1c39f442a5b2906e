"""Reads that take several statements: one transaction of one instant with their audit rows, answered or refused."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from starlette.requests import Request

from app.api.call import Call, Service, attempt_of
from app.api.refusals import record_refusal
from app.errors import SambandError, Unavailable

Answer = TypeVar("Answer")


async def in_one(call: Call, read: Callable[[Call], Awaitable[Answer]]) -> Answer:
    """What ``read`` answers; the call that it is given asks inside the transaction. Raises what ``read`` raises."""
    return await by_service(call.service, call.request, lambda service: read(replace(call, service=service)))


async def by_service(service: Service, request: Request, read: Callable[[Service], Awaitable[Answer]]) -> Answer:
    """The same by the service alone."""
    async with service.context.store.together() as store:
        inside = replace(service, context=replace(service.context, store=store))
        try:
            return await read(inside)
        except Unavailable:
            raise
        except SambandError as refusal:
            # What was read stays read: the rows of the refusal are committed with it, and then it is told.
            attempt = attempt_of(request)
            await record_refusal(inside, attempt, request.path_params, refusal)
            attempt.is_recorded = True
            refused = refusal
    raise refused
