"""The ids by which one need is followed through the logs of all: carried from a request to what it causes.

A request's own (``app.api.correlation`` has checked their form) are kept with each outgoing row, sent with it, and kept
again with what its answer causes.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

CORRELATION: Final = "x-correlation-id"
EVENT: Final = "nhn-event-id"
TRACE: Final = "traceparent"
_REQUEST: Final = "x-request-id"
_KEPT: Final = (CORRELATION, EVENT, TRACE)
_PAIR = re.compile(r"([a-z-]+)=([A-Za-z0-9-]{1,64})").fullmatch

Ids = Sequence[tuple[bytes, bytes]]
"""Header name, in small letters, and value."""
_NONE: Final[Ids] = ()
_CURRENT: ContextVar[Ids] = ContextVar("correlation", default=_NONE)


def begin(ids: Ids) -> None:
    """What is done from here on, in this task, is because of a request with these ids."""
    _CURRENT.set(ids)


@contextmanager
def following(kept: str) -> Iterator[None]:
    """What is done inside is because of an outgoing row that kept these ids."""
    before = _CURRENT.set([(name.encode(), value.encode()) for name, value in headers(kept).items()])
    try:
        yield
    finally:
        _CURRENT.reset(before)


def current() -> str:
    """The ids as a row keeps them, ``name=value`` with spaces between; empty where time alone is the cause."""
    given = {name.decode(): value.decode() for name, value in _CURRENT.get()}
    trace = given.get(TRACE, "").split("-")[1:2]
    one = given.get(CORRELATION) or given.get(EVENT) or "".join(trace) or given.get(_REQUEST)
    told = given | ({CORRELATION: one} if one else {})
    return " ".join(f"{name}={told[name]}" for name in _KEPT if name in told)


def headers(kept: str) -> dict[str, str]:
    """What a row kept, as headers of what is sent."""
    found = (_PAIR(pair) for pair in kept.split())
    return {pair.group(1): pair.group(2) for pair in found if pair and pair.group(1) in _KEPT}
