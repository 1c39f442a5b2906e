"""Compile which top-level elements R4 has, wants in a summary, and requires (``app/fhir/summary.json``).

    python -m scripts.compile_summary FOLDER [--check]

FOLDER holds HL7's ``profiles-resources.json`` of R4 4.0.1. Elements of all types that we validate or publish; a choice
is written ``value[x]``.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from app.fhir.published import TYPES

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = ROOT / "app" / "fhir" / "summary.json"
INDEX: Final = ROOT / "app" / "fhir" / "definitions" / "index.json"


def main(arguments: list[str]) -> int:
    """Write the table, or with ``--check`` say whether the committed one is current."""
    folder = Path(next(one for one in arguments if not one.startswith("-")))
    profiles = json.loads((folder / "profiles-resources.json").read_text(encoding="utf-8"))
    made = json.dumps(rows(profiles), indent=1, sort_keys=True) + "\n"
    if "--check" in arguments:
        return 0 if TABLE.read_text(encoding="utf-8") == made else 1
    TABLE.write_text(made, encoding="utf-8")
    return 0


def rows(profiles: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Type → the names of its elements, in the order of its definition."""
    index = json.loads(INDEX.read_text(encoding="utf-8"))
    wanted = {*index["resources"], *index["contained"], *TYPES}
    return {
        one["resource"]["id"]: _row(one["resource"]) for one in profiles["entry"] if one["resource"]["id"] in wanted
    }


def _row(definition: dict[str, Any]) -> dict[str, list[str]]:
    top = [element for element in definition["snapshot"]["element"] if element["path"].count(".") == 1]
    names = [(element["path"].partition(".")[2], element) for element in top]
    return {
        "elements": [name for name, _ in names],
        "mandatory": [name for name, element in names if element["min"]],
        "summary": [name for name, element in names if element.get("isSummary")],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
