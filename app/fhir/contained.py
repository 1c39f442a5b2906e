"""Contained resources (R4 2.3.7): ids that tell them apart, and the rules dom-2 to dom-5."""

from collections.abc import Iterator
from typing import Any

from app.fhir.primitives import CHECKS, Fault


def types_of_contained(contained: Any) -> dict[str, str]:
    """Id → type; the empty id is the container, which any ``#`` may mean."""
    rows = [one for one in contained if type(one) is dict] if type(contained) is list else []
    return {"": ""} | {one["id"]: str(one.get("resourceType")) for one in rows if type(one.get("id")) is str}


def faults_of_contained(value: dict[str, Any], contained: list[Any]) -> Iterator[tuple[int, str, Fault]]:
    """Index, member ("" for the whole) and what is wrong.

    :param value: the container with all its content.
    """
    used = {text for text in _texts(value) if text.startswith("#")}
    seen: set[str] = set()
    for index, one in enumerate(contained):
        if type(one) is not dict:
            continue
        name = one.get("id")
        if name is None:
            yield index, "id", Fault("missing-element", "is required in a contained resource")
        elif CHECKS["id"](name):
            yield index, "id", Fault("bad-id", "must be an id")
        elif name in seen:
            yield index, "id", Fault("bad-id", "is the id of two contained resources")
        else:
            seen.add(name)
            for key, rule in _broken_rules(one, used):
                yield index, "", Fault("invariant", f"breaks {key}: {rule}")


def wrong_members(value: dict[str, Any], contained: list[Any]) -> Iterator[tuple[int, int]]:
    """ctm-1 where the member is contained: index of the contained CareTeam, -1 for the container, and of the row."""
    known = types_of_contained(contained)
    for index, team in enumerate([value, *contained], start=-1):
        if type(team) is dict and team.get("resourceType") == "CareTeam":
            rows = team.get("participant")
            for position, row in enumerate(rows if type(rows) is list else []):
                if type(row) is dict and "onBehalfOf" in row and _is_no_practitioner(row.get("member"), known):
                    yield index, position


def _is_no_practitioner(member: Any, known: dict[str, str]) -> bool:
    reference = member.get("reference") if type(member) is dict else None
    name = reference[1:] if type(reference) is str and reference.startswith("#") else ""
    return known.get(name, "") not in ("", "Practitioner")


def _broken_rules(one: dict[str, Any], used: set[str]) -> Iterator[tuple[str, str]]:
    if "contained" in one:
        yield "dom-2", "a contained resource contains none"
    if f"#{one['id']}" not in used and "#" not in set(_texts(one)):
        yield "dom-3", "a contained resource is referred to from its container"
    meta = one.get("meta")
    if type(meta) is dict and ("versionId" in meta or "lastUpdated" in meta):
        yield "dom-4", "a contained resource has no version and no lastUpdated"
    if type(meta) is dict and "security" in meta:
        yield "dom-5", "a contained resource has no security label"


def _texts(value: Any) -> Iterator[str]:
    if type(value) is str:
        yield value
    elif type(value) in (dict, list):
        for item in value.values() if type(value) is dict else value:
            yield from _texts(item)
