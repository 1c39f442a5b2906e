"""Our profiles as tables that ``$validate`` runs: one file for each profile of a resource, one line for each element.

Format of ``app/fhir/profile_tables/<id>.json``: ``id``, ``url``, ``version``, ``type`` and ``elements``, the
rows of the profile's differential (R4's own rules are in ``app/fhir/definitions``)::

    {"path": "input", "by": ["type"]}
    {"path": "input:consent", "max": 1}
    {"path": "input:consent.type", "pattern": {"coding": [{"system": "…", "code": "consent"}]}}
    {"path": "input:consent.value[x]", "types": ["boolean", "Reference(Consent)"]}

``path`` is the element's id without the type; ``:name`` is a slice. ``min`` 0 and ``max`` ``*`` are left out. ``by``
are the paths that tell slices apart, by the ``pattern`` or ``fixed`` value that each slice has there. ``types`` are
data types with their reference targets; without ``[x]`` only targets are said. ``codes`` is the value set of a required
binding; weaker bindings are advice. ``constraints`` have ``key``, ``human`` and ``expression`` (FHIRPath).
An extension's own rules stand under its slice.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

CORE: Final = "http://hl7.org/fhir/StructureDefinition/"
ADVICE: Final = frozenset({"short", "definition", "comment", "mustSupport", "requirements", "label", "alias"})
"""Members of an ElementDefinition that ask nothing of a resource."""
READ: Final = frozenset(
    {"id", "path", "sliceName", "slicing", "min", "max", "type", "binding", "constraint", "condition"}
)

Json = dict[str, Any]


class CannotBeChecked(Exception):
    """A profile says something that these tables cannot hold: nobody is told «valid» for what was not looked at."""


def profile_tables(definitions: Iterable[Json]) -> dict[str, Json]:
    """Id → table of every profile of a resource.

    :raises CannotBeChecked: a rule of a form that the service does not run
    """
    by_url = {one["url"]: one for one in definitions}
    return {
        one["id"]: {name: one[name] for name in ("id", "url", "version", "type")}
        | {"elements": list(_rows(one, by_url))}
        for one in by_url.values()
        if one["type"] != "Extension"
    }


def _rows(definition: Json, by_url: dict[str, Json]) -> Iterator[Json]:
    for element in definition["differential"]["element"]:
        row = _row(element)
        if len(row) > 1:
            yield row
        for kind in element.get("type", ()) if kinds_are_extensions(element) else ():
            for url in kind.get("profile", ()):
                yield from _of_extension(row["path"], url, by_url)


def kinds_are_extensions(element: Json) -> bool:
    """Whether an element is a slice of ``extension``."""
    return [kind["code"] for kind in element.get("type", ())] == ["Extension"]


def _of_extension(path: str, url: str, by_url: dict[str, Json]) -> Iterator[Json]:
    """The rules of an extension that we define, below the slice that takes it."""
    if url not in by_url:
        raise CannotBeChecked(f"{path}: the extension {url} is not one of ours")
    for row in _rows(by_url[url], by_url):
        yield row | {"path": f"{path}.{row['path']}" if row["path"] else path}


def _row(element: Json) -> Json:
    _refuse_unknown(element)
    where = element["id"]
    row: Json = {"path": where.partition(".")[2]}
    if element.get("min"):
        row["min"] = element["min"]
    if element.get("max", "*") != "*":
        row["max"] = int(element["max"])
    if "slicing" in element:
        row["by"] = _discriminators(element["slicing"], where)
    if types := list(_types(element)):
        row["types"] = types
    row |= _fixed(element)
    if element.get("binding", {}).get("strength") == "required":
        row["codes"] = element["binding"]["valueSet"].partition("|")[0]
    if constraints := [one for one in element.get("constraint", ()) if one["severity"] == "error"]:
        row["constraints"] = [{name: one[name] for name in ("key", "human", "expression")} for one in constraints]
    return row


def _refuse_unknown(element: Json) -> None:
    unknown = [name for name in element if name not in READ | ADVICE and not name.startswith(("pattern", "fixed"))]
    if unknown:
        raise CannotBeChecked(f"{element['id']}: {', '.join(unknown)}")


def _discriminators(slicing: Json, where: str) -> list[str]:
    if slicing["rules"] != "open" or slicing.get("ordered"):
        raise CannotBeChecked(f"{where}: slicing that is not open or in an order")
    if not {one["type"] for one in slicing["discriminator"]} <= {"value", "pattern"}:
        raise CannotBeChecked(f"{where}: a discriminator other than value and pattern")
    return [one["path"] for one in slicing["discriminator"]]


def _types(element: Json) -> Iterator[str]:
    for kind in element.get("type", ()):
        named = [url for url in kind.get("targetProfile", ()) if url.startswith(CORE)]
        if kind.get("targetProfile") and not named:
            raise CannotBeChecked(f"{element['id']}: a target that is no type of R4")
        targets = "|".join(sorted(url.removeprefix(CORE) for url in named))
        if targets:
            yield f"{kind['code']}({targets})"
        elif element["path"].endswith("[x]"):
            yield kind["code"]


def _fixed(element: Json) -> Json:
    found = {name: value for name, value in element.items() if name.startswith(("pattern", "fixed"))}
    return {"fixed" if name.startswith("fixed") else "pattern": value for name, value in found.items()}
