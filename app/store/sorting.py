"""What rows are sorted by as SQL, over the alias ``t`` of their type's table, with ``s`` for what is joined."""

from typing import Final, NamedTuple

from app.fhir.declared import Kind, SearchParameter
from app.fhir.sorts import place_of_none

_SIDE: Final = (
    " LEFT JOIN (SELECT x.resource, {first}({value}) AS place FROM {table} x WHERE x.type = '{type}'"
    " AND x.param = '{param}'{some} GROUP BY x.resource) s ON s.resource = t.id"
)


class Order(NamedTuple):
    """``join`` follows the FROM clause; ``place`` is an expression that is never NULL."""

    join: str
    place: str


def order_of(key: SearchParameter, type_name: str, *, descending: bool) -> Order:
    """The order of a type's rows by a key.

    The side tables are grouped once and joined: asked row by row, each would read all values of the parameter.
    """
    if key.kind is Kind.ID:
        return Order("", "t.id")
    absent = place_of_none(key, descending=descending)
    none = f"'{absent}'" if isinstance(absent, str) else str(absent)
    if key.column:
        return Order("", f"COALESCE(t.{key.column}{'_low' if key.kind is Kind.DATE else ''}, {none})")
    dated = key.kind is Kind.DATE
    join = _SIDE.format(
        first="max" if descending else "min",
        value="x.low" if dated else "x.value",
        table="date_range" if dated else "token",
        type=type_name,
        param=key.name,
        some="" if dated else " AND x.value <> ''",
    )
    return Order(join, f"COALESCE(s.place, {none})")
