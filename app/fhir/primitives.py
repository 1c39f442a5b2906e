"""The formats of R4's primitive types (R4 2.24.0.1): one check per type, value → what is wrong with it, or None.

Dates must exist: 2024-02-30 has the format of a date and is none.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final, NamedTuple

from app.fhir.narrative import fault_in_narrative


class Fault(NamedTuple):
    """What is wrong with a value: error code, the rule, the allowed values. Never the value."""

    code: str
    rule: str
    allowed: tuple[str, ...] = ()


Check = Callable[[Any], Fault | None]

ALLOWED_LIMIT: Final = 40
"""More allowed values than this are not listed in an error."""
_LENGTH_LIMIT: Final = 1_048_576
_NO_TEXT: Final = Fault("wrong-type", "must be a JSON string")
_NO_INTEGER: Final = Fault("wrong-type", "must be a JSON number without a fraction")
_NO_DECIMAL: Final = Fault("wrong-type", "must be a JSON number")
_NO_BOOLEAN: Final = Fault("wrong-type", "must be true or false")
_BLANK: Final = Fault("empty-value", "must not be empty or blank")
_CONTROL: Final = Fault("wrong-format", "must not hold control characters other than tab, CR and LF")
_TOO_LONG: Final = Fault("wrong-format", "must not be longer than 1 048 576 characters")
_NO_DAY: Final = Fault("wrong-format", "must be a day that exists")
_BASE64: Final = Fault("wrong-format", "must be base64: A–Z a–z 0–9 + / in groups of four")

_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YEAR = r"(?!0000)[0-9]{4}"
_DATE = rf"({_YEAR})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?)?"
_DAY = rf"({_YEAR})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_TOKEN = r"[A-Za-z0-9!#$&^_.+-]{1,127}"
_WORD = r"[^\s\x00-\x1f\x7f]+"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"


def check_string(value: Any) -> Fault | None:
    """``string`` and ``markdown``."""
    if type(value) is not str:
        return _NO_TEXT
    if not value or value.isspace():
        return _BLANK
    if not value.isprintable() and _CONTROL_CHARACTER.search(value):
        return _CONTROL
    return None if len(value) <= _LENGTH_LIMIT else _TOO_LONG


def check_boolean(value: Any) -> Fault | None:
    """``boolean``; "true" as a text is none."""
    return None if type(value) is bool else _NO_BOOLEAN


def check_decimal(value: Any) -> Fault | None:
    """``decimal``, as received: ``Decimal`` keeps 1.00 apart from 1.0."""
    return None if type(value) is int or type(value) is Decimal else _NO_DECIMAL


def check_base64(value: Any) -> Fault | None:
    """``base64Binary``; R4 lets white space in."""
    if type(value) is not str:
        return _NO_TEXT
    packed = "".join(value.split())
    if not packed:
        return _BLANK
    return None if len(packed) % 4 == 0 and _IS_BASE64(packed) else _BASE64


def check_xhtml(value: Any) -> Fault | None:
    """``xhtml``: well-formed and from the allow-list."""
    if type(value) is not str:
        return _NO_TEXT
    rule = fault_in_narrative(value)
    return Fault("unsafe-narrative", rule) if rule else None


def codes(allowed: Iterable[str]) -> Check:
    """A check for a ``code`` with a required binding to these."""
    known = frozenset(allowed)
    listed = tuple(sorted(known)) if len(known) <= ALLOWED_LIMIT else ()
    fault = Fault("unknown-code", "must be a code of its required value set", listed)

    def check(value: Any) -> Fault | None:
        if type(value) is not str:
            return _NO_TEXT
        return None if value in known else fault

    return check


def concepts(allowed: Iterable[str]) -> Check:
    """A check for a CodeableConcept or Coding with a required binding to these ``system|code``.

    One coding of the value set is enough; a text alone is none. Without any content but extensions it passes.
    """
    known = [concept.rsplit("|", 1) for concept in allowed]  # a list: what is asked for may be of any type
    listed = tuple(sorted(code for _, code in known)) if len(known) <= ALLOWED_LIMIT else ()
    fault = Fault("unknown-code", "must have a coding of its required value set", listed)

    def check(value: Any) -> Fault | None:
        if type(value) is not dict or not value.keys() - {"id", "extension"}:
            return None
        is_concept = "coding" in value or "text" in value
        codings = value.get("coding", []) if is_concept else [value]
        rows = codings if type(codings) is list else []
        found = ([one.get("system"), one.get("code")] for one in rows if type(one) is dict)
        return None if any(pair in known for pair in found) else fault

    return check


def _pattern(expression: str, rule: str, code: str = "wrong-format") -> Check:
    matches = re.compile(expression).fullmatch
    fault = Fault(code, rule)

    def check(value: Any) -> Fault | None:
        if type(value) is not str:
            return _NO_TEXT
        return None if matches(value) else fault

    return check


def _moment(expression: str, rule: str) -> Check:
    """A date or time of which day 29 and later are looked up in the calendar."""
    matches = re.compile(expression).fullmatch
    fault = Fault("wrong-format", rule)

    def check(value: Any) -> Fault | None:
        if type(value) is not str:
            return _NO_TEXT
        found = matches(value)
        if found is None:
            return fault
        year, month, day = found.groups()[:3]
        if day is not None and day > "28" and int(day) > monthrange(int(year), int(month))[1]:
            return _NO_DAY
        return None

    return check


def _integer(low: int) -> Check:
    high = 2**31 - 1
    fault = Fault("wrong-format", f"must be between {low} and {high}")

    def check(value: Any) -> Fault | None:
        if type(value) is not int:
            return _NO_INTEGER
        return None if low <= value <= high else fault

    return check


_IS_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}").fullmatch
_URI_RULE: Final = "must be a URI without white space"
_uri = _pattern(_WORD, _URI_RULE)

CHECKS: Final[dict[str, Check]] = {
    "base64Binary": check_base64,
    "boolean": check_boolean,
    # Of its own, though it says the same: a link is never a canonical (R4 3.1.0.11.2).
    "canonical": _pattern(_WORD, _URI_RULE),
    "code": _pattern(rf"{_WORD}(?: {_WORD})*", "must be a code without leading, trailing or double spaces"),
    "date": _moment(_DATE, "must be a date: YYYY, YYYY-MM or YYYY-MM-DD"),
    "dateTime": _moment(
        rf"{_DATE}(?:(?<=-[0-9]{{2}}-[0-9]{{2}})T{_CLOCK}{_ZONE})?",
        "must be a dateTime: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a zone",
    ),
    "decimal": check_decimal,
    "elementId": _pattern(r"[^\s\x00-\x1f]{1,255}", "must be an id without white space", "bad-id"),
    "id": _pattern(r"[A-Za-z0-9.-]{1,64}", "must be an id: 1–64 of A–Z a–z 0–9 . -", "bad-id"),
    "instant": _moment(rf"{_DAY}T{_CLOCK}{_ZONE}", "must be an instant: YYYY-MM-DDThh:mm:ss with a zone"),
    "integer": _integer(-(2**31)),
    "markdown": check_string,
    "mimeType": _pattern(
        rf"{_TOKEN}/{_TOKEN}(?: ?; ?{_TOKEN}=[^\s;]+(?: [^\s;]+)*)*", "must be a MIME type: text/plain; charset=utf-8"
    ),
    "oid": _pattern(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+", "must be an OID: urn:oid:2.16…"),
    "positiveInt": _integer(1),
    "string": check_string,
    "time": _pattern(_CLOCK, "must be a time: hh:mm:ss"),
    "unsignedInt": _integer(0),
    "uri": _uri,
    "url": _uri,
    "uuid": _pattern(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "must be a UUID: urn:uuid:, lower case"),
    "xhtml": check_xhtml,
}
"""R4 type name → its check. ``elementId`` and ``mimeType`` are ours: the definitions give them no type of their own."""
