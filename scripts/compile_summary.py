"""Compile which top-level elements R4 has, wants in a summary, and requires (``app/fhir/summary.json``).

    python -m scripts.compile_summary [--source DIR] [--check]

The source is that of ``compile_definitions``, fetched by npm without ``--source``. Elements of all types that we
validate or publish; a choice is written ``value[x]``. ``--check`` fails when the committed table differs.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from app.fhir.published import TYPES
from scripts.compile_definitions import fetch

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = ROOT / "app" / "fhir" / "summary.json"
INDEX: Final = ROOT / "app" / "fhir" / "definitions" / "index.json"


def main() -> int:
    """Write the table, or with ``--check`` say whether the committed one is current."""
    parser = argparse.ArgumentParser(description="The table of summaries.")
    parser.add_argument("--source", type=Path)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = given.source or fetch(Path(folder))
        profiles = json.loads((source / "profiles-resources.json").read_text(encoding="utf-8"))
    made = json.dumps(rows(profiles), indent=1, sort_keys=True) + "\n"
    if given.check:
        current = TABLE.read_text(encoding="utf-8") == made
        print("current" if current else f"{TABLE.name} is old: run python -m scripts.compile_summary")
        return 0 if current else 1
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
    sys.exit(main())
