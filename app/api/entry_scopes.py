"""Scopes of a transaction's reads, asked before it writes: they come last, and a transaction is refused whole."""

from app.api.entries import Entry
from app.api.histories import types_granted
from app.api.includes import require_included
from app.api.negotiate import pairs
from app.errors import Forbidden, SambandError
from app.fhir.resources import RESOURCES, Interaction
from app.fhir.search import parse
from app.security.caller import Caller
from app.security.scopes import require


def require_read(caller: Caller, entry: Entry, base: str) -> None:
    """Pass when the token's scopes cover a GET entry; all else that is wrong with it, it answers itself.

    :raises Forbidden: insufficient-scope
    """
    path, _, asked = entry.url.partition("?")
    name, *more = path.strip("/").split("/")
    try:
        if name == "_history":
            types_granted(caller, "s", Interaction.HISTORY_TYPE)
        elif name in RESOURCES:
            is_one = bool(more) and not more[0].startswith("_")
            require(caller, name, "r" if is_one else "s")
            if not more:
                require_included(caller, parse(name, pairs(asked.encode(), "entry"), base=base))
        elif not name:
            for one in parse("", pairs(asked.encode(), "entry"), base=base).types:
                require(caller, one, "s")
    except Forbidden:
        raise
    except SambandError:
        return
