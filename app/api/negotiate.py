"""Headers and parameters that say what a client sends, wants, and has read."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from starlette.datastructures import Headers

from app.errors import NotAcceptable, TooLarge, Unreadable, UnsupportedMediaType

Pairs = list[tuple[str, str]]
"""Parameters in the order in which they were sent; a name may repeat."""

READ_TYPES: Final = ("application/fhir+json", "application/json")
PATCH_TYPES: Final = ("application/json-patch+json",)
FORM_TYPES: Final = ("application/x-www-form-urlencoded",)
_FORMATS: Final = (*READ_TYPES, "json", "text/json")
_FORMAT_NAMES: Final = ("_format", "_pretty")
_FHIR_VERSION: Final = "fhirversion="
_MOST_PARAMETERS: Final = 200
_LARGEST_FORM: Final = 64 * 1024
_RETURNS: Final = {"minimal": "minimal", "representation": "representation", "operationoutcome": "OperationOutcome"}
_WEIGHT = re.compile(r"[01](?:\.[0-9]{0,3})?")
_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"|([1-9][0-9]{0,8})')


class Preferences(NamedTuple):
    """What ``Prefer`` asks for (RFC 7240, R4 3.1.0.1.7); anything else in it is passed over, as the RFC says."""

    returns: str = ""
    """``minimal``, ``representation``, ``OperationOutcome``, or empty: not said."""
    handling: str = ""
    """``strict``, ``lenient``, or empty: not said, which is strict here."""

    @property
    def is_lenient(self) -> bool:
        """Whether unknown search parameters are left out and reported."""
        return self.handling == "lenient"


_NO_PREFERENCES: Final = Preferences()


def preferences(headers: Headers) -> Preferences:
    """The preferences of a request; the first of equal names holds."""
    given = headers.getlist("prefer")
    if not given:
        return _NO_PREFERENCES
    found: dict[str, str] = {}
    for part in re.split("[,;]", ",".join(given)):
        name, _, value = part.partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"').lower())
    handling = found.get("handling", "")
    return Preferences(
        returns=_RETURNS.get(found.get("return", ""), ""),
        handling=handling if handling in {"strict", "lenient"} else "",
    )


def pairs(encoded: bytes, where: str) -> Pairs:
    """Decode a query string or a form.

    :raises Unreadable: bad-parameter-encoding
    :raises TooLarge: a form beyond its own limit
    """
    if not encoded:
        return []
    if len(encoded) > _LARGEST_FORM:
        raise TooLarge(f"The parameters in the {where} are larger than {_LARGEST_FORM} bytes.")
    try:
        return parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError:
        raise Unreadable(
            f"The parameters in the {where} cannot be read: name=value, joined by &, percent-encoded UTF-8, "
            f"at most {_MOST_PARAMETERS}.",
            code="bad-parameter-encoding",
        ) from None


def require_json(headers: Headers, query: Pairs) -> Pairs:
    """Check Accept and _format; what is left of the parameters comes back.

    :raises NotAcceptable: only JSON is spoken
    """
    wanted = [value for name, value in query if name == "_format"]
    if wanted:
        if any(_media_type(value) not in _FORMATS or not _is_r4(value) for value in wanted):
            raise _only_json("_format")
    elif not _accepts_json(headers.get("accept", "")):
        raise _only_json("Accept")
    return [(name, value) for name, value in query if name not in _FORMAT_NAMES]


def _accepts_json(accept: str) -> bool:
    """Whether a type that we speak has a weight above 0; the most specific range that names it decides (RFC 9110)."""
    if accept in ("", "*/*", READ_TYPES[0]):
        return True
    weights = dict(_range(part) for part in accept.split(",") if _is_r4(part))
    return any(_weight(weights, name) > 0 for name in (*READ_TYPES, "text/json"))


def _weight(weights: Mapping[str, float], name: str) -> float:
    ranges = (name, f"{name.partition('/')[0]}/*", "*/*") if name != "text/json" else (name,)
    return next((weights[one] for one in ranges if one in weights), 0.0)


def _range(part: str) -> tuple[str, float]:
    """Media range and weight; a weight that is none counts as 1."""
    found = next((p[2:] for p in _flat(part).split(";")[1:] if p.startswith("q=")), "1")
    return _media_type(part), float(found) if _WEIGHT.fullmatch(found) else 1.0


def _only_json(where: str) -> NotAcceptable:
    return NotAcceptable(f"{where} asks for a format that is not offered.", allowed=(READ_TYPES[0],))


def require_type(headers: Headers, allowed: tuple[str, ...]) -> None:
    """Check Content-Type and Content-Encoding.

    :raises UnsupportedMediaType: with what is read here
    """
    given = headers.get("content-type", "")
    charset = next((p[8:].strip('"') for p in _flat(given).split(";") if p.startswith("charset=")), "utf-8")
    if _media_type(given) not in allowed or charset != "utf-8" or not _is_r4(given):
        raise UnsupportedMediaType(_UNREAD.get(allowed, _UNREAD_TYPE), allowed=allowed)
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Content-Encoding is not read here.", allowed=("identity",))


_UNREAD_TYPE: Final = "Content-Type is not read here; text is UTF-8, and a fhirVersion is 4.0."
_UNREAD: Final[dict[tuple[str, ...], str]] = {
    PATCH_TYPES: "A patch is a JSON Patch (RFC 6902), a list of operations; a merge patch is not read."
}


def _media_type(value: str) -> str:
    # A plus sign in a query string arrives as a space: _format=application/fhir+json is a common slip.
    return value.split(";", maxsplit=1)[0].strip().lower().replace("fhir json", "fhir+json")


def _is_r4(value: str) -> bool:
    """Whether a media type names no other version of FHIR than R4 (R4 2.1.0.6.1)."""
    named = (
        part.partition("=")[2].strip('"') for part in _flat(value).split(";")[1:] if part.startswith(_FHIR_VERSION)
    )
    return all(version in ("4.0", "4.0.1") for version in named)


def _flat(value: str) -> str:
    return value.lower().replace(" ", "")


def if_match(headers: Headers) -> int | None:
    """The version in If-Match: ``W/"3"``, ``"3"`` or ``3``; None without the header.

    :raises Unreadable: bad-if-match
    """
    given = headers.getlist("if-match")
    if not given:
        return None
    found = _ETAG.fullmatch(given[0].strip())
    if found is None or len(given) > 1:
        raise Unreadable('If-Match must name one version, as in W/"3".', code="bad-if-match")
    return int(found.group(1) or found.group(2))


def is_known(headers: Headers, version: int) -> bool:
    """Whether If-None-Match says that the client has this version already; ``*`` is any version."""
    tags = [tag.strip() for tag in ",".join(headers.getlist("if-none-match")).split(",")]
    return tags == ["*"] or any(found and int(found[1] or found[2]) == version for found in map(_ETAG.fullmatch, tags))


def condition_pairs(text: str, type_name: str) -> Pairs:
    """Decode If-None-Exist or ``ifNoneExist``: the parameters, as R4 has it, or behind an address of the type.

    The address is HAPI's: its Java client writes ``[base]/Patient?identifier=…``.

    :raises Unreadable: bad-parameter-encoding
    """
    address, _, asked = text.partition("?")
    is_address = "=" not in address and address.rpartition("/")[2] in ("", type_name)
    return pairs((asked if is_address else text).strip().encode("latin-1"), "header If-None-Exist")


def no_more(left: Pairs, allowed: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> dict[str, str]:
    """The parameters that an interaction takes, each at most once; ``named`` are those that were taken before.

    :raises Unreadable: unknown-parameter, repeated-parameter
    """
    found = dict(left)
    if set(found) - set(allowed):
        raise Unreadable(
            "The URL has a parameter that this interaction does not take.",
            code="unknown-parameter",
            allowed=(*allowed, *named, "_format", "_pretty"),
        )
    if len(found) < len(left):
        raise Unreadable("A parameter occurs twice.", code="repeated-parameter", allowed=allowed)
    return found
