"""What can be wrong with ``directory.toml``: everything is found and told at once."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

KINDS: Final = ("ward", "coordinating-unit", "decision-group")
ROLES: Final = ("sender", "unit", "coordinating-unit", "decision-group", "ehr", "auditor", "operator")
_ANYWHERE: Final = ("sender", "auditor", "operator")
_WEIGHTS: Final = (3, 2, 7, 6, 5, 4, 3, 2)
_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_FIELDS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "trusts": (frozenset({"name", "organisation_number"}), frozenset()),
    "clinics": (frozenset({"name", "trust"}), frozenset()),
    "units": (
        frozenset({"name", "resh", "organisation_number", "kind"}),
        frozenset({"clinic", "trust", "phone", "open"}),
    ),
    "municipalities": (frozenset({"name", "organisation_number", "number", "catchment"}), frozenset()),
    "practitioners": (frozenset({"hpr", "name", "category", "unit"}), frozenset({"phone"})),
    "clients": (frozenset({"id", "role"}), frozenset({"unit", "organisation"})),
}
"""Table to (required, optional) fields; all are text but ``open``."""

_LISTS: Final = ("practitioners", "clients")
_NEEDED: Final = ("trusts", "units", "municipalities")


class DirectoryFaults(Exception):
    """The directory cannot be used; ``faults`` says why, one text for each fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def organisation_number_holds(number: str) -> bool:
    """Nine digits with a right mod-11 check digit (Brønnøysundregistrene)."""
    if not re.fullmatch(r"[0-9]{9}", number):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return (11 - total % 11) % 11 == int(number[8])


def faults_of(document: Mapping[str, Any]) -> list[str]:
    """Every fault in the tables; empty when they can be used.

    Shape comes first: references between rows are only followed when each row has its fields.
    """
    rows = {name: list(_rows(name, document.get(name, {}))) for name in _FIELDS}
    shape = [f"{name}: there is no such table" for name in document if name not in _FIELDS]
    shape += [f"{name}: at least one is needed" for name in _NEEDED if not document.get(name)]
    for name, pairs in rows.items():
        for where, row in pairs:
            shape += _shape(name, where, row)
    return shape or [
        *_values(rows),
        *_references(rows),
        *_special_units(rows),
        *_repeats(rows),
        *_clients(rows),
    ]


def _rows(name: str, table: Any) -> Iterator[tuple[str, Any]]:
    """(where, row) for each row; those of a list are told by position and not by number or name."""
    if isinstance(table, Mapping):
        yield from ((f"{name}.{key}", row) for key, row in table.items())
    elif isinstance(table, list):
        yield from ((f"{name}[{index}]", row) for index, row in enumerate(table))
    else:
        yield name, None


def _shape(name: str, where: str, row: Any) -> Iterator[str]:
    if not isinstance(row, Mapping):
        yield f"{where}: must be a table"
        return
    required, optional = _FIELDS[name]
    yield from (f"{where}: {field} is missing" for field in sorted(required - set(row)))
    yield from (f"{where}: {field} is not a field" for field in sorted(set(row) - required - optional))
    for field in sorted((required | optional) & set(row)):
        kind = bool if field == "open" else str
        if not isinstance(row[field], kind):
            yield f"{where}: {field} must be {'true or false' if kind is bool else 'text'}"
    key = where.partition(".")[2]
    if name not in _LISTS and not _SLUG.fullmatch(key):
        yield f"{where}: the key must be lower-case words joined by hyphens"


_PATTERNS: Final = {
    "name": (re.compile(r".*\S.*"), "must not be empty"),
    "resh": (re.compile(r"[1-9][0-9]{0,9}"), "must be a whole number as text"),
    "number": (re.compile(r"[0-9]{4}"), "must be four digits"),
    "hpr": (re.compile(r"0*[1-9][0-9]{0,8}"), "must be one to nine digits"),
    "category": (re.compile(r"([A-Z]{2}[0-9]?)?"), "must be a code of Volven 9060, or empty"),
    "kind": (re.compile("|".join(KINDS)), f"must be one of {', '.join(KINDS)}"),
    "id": (re.compile(r"[!-~]+"), "must be visible ASCII characters"),
    "role": (re.compile("|".join(ROLES)), f"must be one of {', '.join(ROLES)}"),
    "phone": (re.compile(r"(\+?[0-9 ]{3,})?"), "must be digits and spaces"),
}


def _values(rows: Mapping[str, list[tuple[str, Any]]]) -> Iterator[str]:
    for where, row in (pair for pairs in rows.values() for pair in pairs):
        for field, (pattern, rule) in _PATTERNS.items():
            if field in row and not pattern.fullmatch(row[field]):
                yield f"{where}: {field} {rule}"
        for field in ("organisation_number", "organisation"):
            if field in row and not organisation_number_holds(row[field]):
                yield f"{where}: {field} must be nine digits with a right check digit"


def _references(rows: Mapping[str, list[tuple[str, Any]]]) -> Iterator[str]:
    keys = {name: {where.partition(".")[2] for where, _ in pairs} for name, pairs in rows.items()}
    for name, field, target in (
        ("clinics", "trust", "trusts"),
        ("units", "trust", "trusts"),
        ("units", "clinic", "clinics"),
        ("municipalities", "catchment", "trusts"),
        ("practitioners", "unit", "units"),
        ("clients", "unit", "units"),
    ):
        for where, row in rows[name]:
            if field in row and row[field] not in keys[target]:
                yield f"{where}: {field} names nothing in {target}"


def _special_units(rows: Mapping[str, list[tuple[str, Any]]]) -> Iterator[str]:
    for where, row in rows["units"]:
        needed, other = ("clinic", "trust") if row["kind"] == "ward" else ("trust", "clinic")
        if needed not in row or other in row:
            yield f"{where}: a {row['kind']} has {needed} and not {other}"
        if row["kind"] != "ward" and not row.get("open", True):
            yield f"{where}: a {row['kind']} cannot be closed"
    for where, _ in rows["trusts"]:
        trust = where.partition(".")[2]
        for kind in KINDS[1:]:
            count = sum(row["kind"] == kind and row.get("trust") == trust for _, row in rows["units"])
            if count != 1:
                yield f"{where}: needs exactly one {kind}, has {count}"


def _repeats(rows: Mapping[str, list[tuple[str, Any]]]) -> Iterator[str]:
    for field in ("organisation_number", "resh", "number", "hpr", "id"):
        rows_with = [(where, row) for pairs in rows.values() for where, row in pairs if field in row]
        counts = Counter(_same(field, row[field]) for _, row in rows_with)
        for where, row in rows_with:
            if counts[_same(field, row[field])] > 1:
                yield f"{where}: {field} is used more than once"


def _same(field: str, value: str) -> str:
    """What a value is compared by; zeros in front make no other number."""
    return value if field == "id" else value.lstrip("0")


def _clients(rows: Mapping[str, list[tuple[str, Any]]]) -> Iterator[str]:
    trusts = {where.partition(".")[2]: row["organisation_number"] for where, row in rows["trusts"]}
    kinds = {where.partition(".")[2]: row["kind"] for where, row in rows["units"]}
    clinics = {where.partition(".")[2]: trusts.get(row["trust"], "") for where, row in rows["clinics"]}
    homes = {where.partition(".")[2]: clinics.get(row.get("clinic", ""), "") for where, row in rows["units"]}
    for where, row in rows["clients"]:
        unit, organisation = row.get("unit", ""), row.get("organisation", "")
        if unit and (row["role"] != "unit" or kinds.get(unit, "ward") != "ward"):
            yield f"{where}: only role unit has a unit, a clinical one; the others follow from role and organisation"
        if organisation and row["role"] not in _ANYWHERE and organisation not in trusts.values():
            yield f"{where}: organisation must be that of a trust for this role"
        elif organisation and homes.get(unit, "") not in ("", organisation):
            yield f"{where}: the unit belongs to another organisation"
