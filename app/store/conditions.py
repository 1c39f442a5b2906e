"""One criterion of a search as SQL, over the alias ``t`` of its type's table."""

import re
from collections.abc import Callable
from typing import Final

from app.fhir.criteria import Beginning, Exactly, Inside, Missing, PatientKey, Token, Value, indexed
from app.fhir.declared import Kind, SearchParameter
from app.fhir.instants import DateRange, Span
from app.fhir.search import Criterion

Mark = Callable[[object], str]
"""Takes an argument and answers its mark, ``$3``."""


def condition(criterion: Criterion, type_name: str, mark: Mark) -> str:
    """The criterion: any of its values, or none of them with ``:not``."""
    parameter = criterion.parameter
    found = [_holds(parameter, criterion.modifier, value, type_name, mark) for value in criterion.values]
    whole = found[0] if len(found) == 1 else f"({' OR '.join(found)})"
    # What has no value at all is not that value either (R4 3.1.1.4.5.1).
    return f"NOT COALESCE({whole}, 1 = 0)" if criterion.modifier == "not" else whole


def _holds(parameter: SearchParameter, modifier: str, value: Value, type_name: str, mark: Mark) -> str:
    column = f"t.{parameter.column}" if parameter.column else ""
    match value:
        case Missing(absent):
            return _is_missing(parameter, type_name, absent=absent)
        case PatientKey(key):
            return f"{column} = {mark(key)}"
        case Span():
            return _in_span(column, value, mark)
        case DateRange():
            return _meets(parameter, type_name, value, mark)
        case Beginning() | Inside() | Exactly():
            return _is_named(parameter.name, type_name, value, mark)
        case Token():
            return _is_token(parameter, modifier, value, type_name, mark)
    raise TypeError("patients are resolved before a search")


def _is_named(name: str, type_name: str, value: Beginning | Inside | Exactly, mark: Mark) -> str:
    if isinstance(value, Exactly):
        return _rows(f"{name}:exact", type_name, [f"k.value = {mark(value.text)}"])
    if isinstance(value, Inside):
        return _rows(name, type_name, [f"k.value LIKE {mark(f'%{_literal(value.text)}%')} ESCAPE '!'"])
    begin = mark(value.text)
    begins = [f"k.value >= {begin}", f"substr(k.value, 1, {len(value.text)}) = {begin}"]
    return _rows(name, type_name, begins)


def _is_token(parameter: SearchParameter, modifier: str, value: Token, type_name: str, mark: Mark) -> str:
    column, system, code = f"t.{parameter.column}", value.system, value.code
    if not parameter.column:
        name = f"{parameter.name}:identifier" if modifier == "identifier" else parameter.name
        return _has_token(name, type_name, system, code, mark)
    if parameter.kind is Kind.CODES:
        return _code_lines(column, system, code, mark)
    if parameter.kind is Kind.TOKEN:
        return _token_column(column, system, code, mark)
    return f"{column} = {mark(code)}"


def _is_missing(parameter: SearchParameter, type_name: str, *, absent: bool) -> str:
    if parameter.kind is Kind.DATE and not parameter.column:
        rows = f"SELECT d.resource FROM date_range d WHERE d.type = '{type_name}' AND d.param = '{parameter.name}'"
        return f"t.id {'NOT ' if absent else ''}IN ({rows})"
    if not parameter.column:
        forms = f"k.param IN ('{parameter.name}', '{parameter.name}:identifier')"
        rows = f"SELECT k.resource FROM token k WHERE k.type = '{type_name}' AND {forms}"
        return f"t.id {'NOT ' if absent else ''}IN ({rows})"
    column = f"t.{parameter.column}_low" if parameter.kind is Kind.DATE else f"t.{parameter.column}"
    empty = f"{column} IS NULL" if parameter.kind is Kind.DATE else f"COALESCE({column}, '') = ''"
    return empty if absent else f"NOT {empty}"


def _in_span(column: str, value: Span, mark: Mark) -> str:
    conditions = []
    if value.low is not None:
        conditions.append(f"{column} >= {mark(value.low)}")
    if value.high is not None:
        conditions.append(f"{column} < {mark(value.high)}")
    text = f"({' AND '.join(conditions)})" if conditions else "1 = 1"
    return f"NOT {text}" if value.outside else text


def _meets(parameter: SearchParameter, type_name: str, value: DateRange, mark: Mark) -> str:
    """R4 3.1.1.4.7, on the range that the element covers."""
    if parameter.column:
        return _compared(value, f"t.{parameter.column}_low", f"t.{parameter.column}_high", mark)
    compared = _compared(value, "d.low", "d.high", mark)
    return (
        f"t.id IN (SELECT d.resource FROM date_range d WHERE d.type = '{type_name}'"
        f" AND d.param = '{parameter.name}' AND {compared})"
    )


_WITHIN: Final = "({low} >= {a} AND {high} <= {b})"
_COMPARED: Final = {
    "eq": _WITHIN,
    "ne": f"NOT {_WITHIN}",
    "gt": "{high} > {b}",
    "ge": f"({{high}} > {{b}} OR {_WITHIN})",
    "lt": "{low} < {a}",
    "le": f"({{low}} < {{a}} OR {_WITHIN})",
    "sa": "{low} >= {b}",
    "eb": "{high} <= {a}",
}


def _compared(value: DateRange, low: str, high: str, mark: Mark) -> str:
    text = _COMPARED[value.prefix]
    a = mark(value.low) if "{a}" in text else ""
    b = mark(value.high) if "{b}" in text else ""
    return text.format(low=low, high=high, a=a, b=b)


def _has_token(name: str, type_name: str, system: str | None, code: str, mark: Mark) -> str:
    conditions = []
    if code:
        conditions.append(f"k.value = {mark(indexed(code))}")
    if system is not None:
        conditions.append(f"k.system = {mark(indexed(system))}")
    return _rows(name, type_name, conditions)


def _rows(name: str, type_name: str, conditions: list[str]) -> str:
    # A marker of an element without anything searchable has no value.
    some = [f"k.type = '{type_name}'", f"k.param = '{name}'", "k.value <> ''", *conditions]
    return f"t.id IN (SELECT k.resource FROM token k WHERE {' AND '.join(some)})"


def _token_column(column: str, system: str | None, code: str, mark: Mark) -> str:
    if system is not None and code:
        return f"{column} = {mark(f'{system}|{code}')}"
    pattern = f"%|{_literal(code)}" if system is None else f"{_literal(system)}|%"
    return f"{column} LIKE {mark(pattern)} ESCAPE '!'"


def _code_lines(column: str, system: str | None, code: str, mark: Mark) -> str:
    """Nearly all Tasks share a code, so it is looked at row by row: an index would be read for nothing."""
    before = "%|" if system is None else f"%\n{_literal(system)}|"
    after = f"{_literal(code)}\n%" if code else "%"
    return f"{column} LIKE {mark(before + after)} ESCAPE '!'"


def _literal(text: str) -> str:
    return re.sub(r"([!%_])", r"!\1", text)
