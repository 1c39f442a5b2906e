"""The published definitions (``conformance/*.json``): what we serve as profiles, code systems, value sets and so on.

Compiled from ``ig`` by ``scripts/compile_ig.py`` and part of the package. A type is read when it is first asked for;
what is served is the committed file, byte by byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from app.fhir.resources import SHIPPED

_FOLDER: Final = Path(__file__).parent / "conformance"
TYPES: Final = tuple(one.name for one in SHIPPED)
"""The types that have published resources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One resource: the elements that it is searched by, and its bytes."""

    type: str
    id: str
    url: str
    version: str
    name: str
    title: str
    status: str
    body: bytes


@cache
def published(type_name: str) -> Mapping[str, Published]:
    """All of a type, by id and in that order; empty for a type that has none."""
    found = (_read(path) for path in sorted(_FOLDER.glob(f"{type_name}-*.json"))) if type_name in TYPES else ()
    return MappingProxyType({one.id: one for one in found})


def by_url(type_name: str, canonical: str) -> Published | None:
    """The one that a canonical URL names, with ``|version`` or without; None where there is none."""
    url, _, version = canonical.partition("|")
    matching = (one for one in published(type_name).values() if one.url == url and version in {"", one.version})
    return next(matching, None)


@cache
def codes_in(value_set: str) -> frozenset[tuple[str, str]]:
    """(system, code) of everything in a value set of ours, which its canonical URL names.

    :raises KeyError: no such value set, or one that takes in a whole code system that is not ours.
    """
    found = by_url("ValueSet", value_set)
    if found is None:
        raise KeyError(value_set)
    codes: set[tuple[str, str]] = set()
    for include in msgspec.json.decode(found.body)["compose"]["include"]:
        concepts = include["concept"] if "concept" in include else _concepts(include["system"])
        codes |= {(include["system"], concept["code"]) for concept in concepts}
    return frozenset(codes)


def _concepts(system: str) -> list[dict[str, Any]]:
    found = by_url("CodeSystem", system)
    if found is None:
        raise KeyError(system)
    concepts: list[dict[str, Any]] = msgspec.json.decode(found.body)["concept"]
    return concepts


def _read(path: Path) -> Published:
    body = path.read_bytes()
    content = msgspec.json.decode(body)
    return Published(
        type=content["resourceType"],
        id=content["id"],
        url=content["url"],
        version=content["version"],
        name=content["name"],
        title=content.get("title", ""),
        status=content["status"],
        body=body,
    )
