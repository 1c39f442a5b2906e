"""On PostgreSQL, a viewer's statement tells the database first whose rows it may see (migration 0003).

In the statement itself, for the time of its transaction: a statement before it would be one more round trip wherever
connections serve another party than before. What is read depends on the row of ``scope``, so it is read after.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

_SCOPE: Final = (
    "scope AS MATERIALIZED (SELECT set_config('samband.sees', 'party', true)"
    " || set_config('samband.organisation', $1, true) || set_config('samband.unit', $2, true) AS told{more})"
)
_TYPES: Final = {int: "bigint", str: "text"}
_MARK: Final = re.compile(r"\$(\d+)")


@lru_cache(maxsize=1024)
def seen(statement: str) -> str:
    """``WITH …, t AS (…)`` around a statement whose ``$1`` and ``$2`` are the viewer's organisation and unit."""
    return _wrapped(statement, "")


def seen_alike(statement: str, arguments: Sequence[Any]) -> str:
    """The same, with one plan for all values: PostgreSQL plans it once for a connection, where else it would anew.

    Planning takes three times as long as running a search of ten hits. For a search to which an index leads,
    whoever asks; for others the best plan is another one for a small party than for a large one.
    """
    return _alike(statement, tuple(_TYPES[type(one)] for one in arguments))


@lru_cache(maxsize=256)
def _alike(statement: str, types: tuple[str, ...]) -> str:
    # The planner does not look into a materialized CTE, so no plan is better than the one for any value.
    values = "".join(f", ${number}::{kind} AS a{number}" for number, kind in enumerate(types, 1))
    return _wrapped(_MARK.sub(r"scope.a\1", statement), values)


def _wrapped(statement: str, values: str) -> str:
    # OFFSET 0 keeps the planner from joining what is inside with what is outside.
    return (
        f"WITH {_SCOPE.format(more=values)}, t AS (SELECT f.* FROM scope CROSS JOIN LATERAL"
        f" (SELECT q.* FROM ({statement}) q WHERE scope.told IS NOT NULL OFFSET 0) f)"
    )


def shown(found: str, order: str = "") -> str:
    """The statement that answers what ``seen`` has found; without an ``order`` it is one row."""
    return f"{found} SELECT * FROM t{f' ORDER BY {order}' if order else ''}"
