"""Parts of a resource (R4 3.1.1.5.8 and 3.1.1.5.9): ``_summary`` and ``_elements``.

Whole top-level members are left out; those that stay keep their bytes and their order. What is answered is marked
SUBSETTED, so that nobody stores it as the whole.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from app.errors import Unreadable

SUMMARIES: Final = ("true", "text", "data", "count", "false")
_TABLE: Final = Path(__file__).with_name("summary.json")
_ALWAYS: Final = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})
SUBSETTED: Final = ("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED")
"""System and code of the tag of a part: no resource is taken with it (``validation``)."""
_TAG: Final = b'{"system":"%b","code":"%b"}' % (SUBSETTED[0].encode(), SUBSETTED[1].encode())


def names_of_summary(type_name: str, summary: str) -> frozenset[str] | None:
    """The elements of ``_summary=true|text|data``; None: all of them."""
    row = _rows().get(type_name)
    if row is None or summary not in {"true", "text", "data"}:
        return None
    if summary == "data":
        return frozenset(row["elements"]) - {"text"}
    if summary == "text":
        return frozenset({*row["mandatory"], "text"})
    return frozenset({*row["summary"], *row["mandatory"]})


def names_of_elements(type_name: str, text: str) -> frozenset[str]:
    """The elements of ``_elements=status,code``; those that R4 requires are always among them.

    :param type_name: empty where resources of several types are answered: nothing can be named then.
    :raises Unreadable: unknown-element
    """
    row = _rows().get(type_name, _NOTHING)
    known = {name.removesuffix("[x]"): name for name in row["elements"]}
    asked = {part.strip().removeprefix(f"{type_name}.") for part in text.split(",")}
    asked.discard("resourceType")  # a member of the JSON, and fhirpy always names it
    if not asked <= known.keys():
        raise Unreadable(
            "_elements names what is no top-level element of this type.",
            code="unknown-element",
            allowed=tuple(known),
        )
    return frozenset({*row["mandatory"], *(known[name] for name in asked)})


def subset(raw: bytes, names: frozenset[str]) -> bytes:
    """The resource with only these members (a choice as ``value[x]``), marked SUBSETTED."""
    content = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    kept: dict[str, Any] = {name: value for name, value in content.items() if _is_kept(name.removeprefix("_"), names)}
    kept["meta"] = msgspec.Raw(_marked(bytes(kept.get("meta", b"{}"))))
    return msgspec.json.encode(kept)


def _is_kept(name: str, names: frozenset[str]) -> bool:
    if name in names or name in _ALWAYS:
        return True
    return any(name.startswith(one[:-3]) and name[len(one) - 3 :][:1].isupper() for one in names if one.endswith("[x]"))


def _marked(meta: bytes) -> bytes:
    members = msgspec.json.decode(meta, type=dict[str, msgspec.Raw])
    tags = msgspec.json.decode(members.get("tag", b"[]"), type=list[msgspec.Raw])
    members["tag"] = msgspec.Raw(msgspec.json.encode([*tags, msgspec.Raw(_TAG)]))
    return msgspec.json.encode(members)


_NOTHING: Final[dict[str, list[str]]] = {"elements": [], "mandatory": []}


@cache
def _rows() -> dict[str, dict[str, list[str]]]:
    return msgspec.json.decode(_TABLE.read_bytes(), type=dict[str, dict[str, list[str]]])
