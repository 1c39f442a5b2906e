"""Every rule's machine: all steps run, also after one failed; the exit code is 1 when any did.

``python3 run.py check`` runs all of them, ``python3 run.py check mypy docs`` those that are named.
"""

import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
STEPS: dict[str, tuple[str, list[str]]] = {
    "format": ("format (ruff)", [PYTHON, "-m", "ruff", "format", "--check", "."]),
    "lint": ("lint (ruff)", [PYTHON, "-m", "ruff", "check", "."]),
    "mypy": ("types (mypy)", [PYTHON, "-m", "mypy"]),
    "imports": ("import contract (import-linter)", [PYTHON, "-c", LINT_IMPORTS]),
    "locks": ("locks agree with pyproject.toml", [PYTHON, "-m", "scripts.check_locks"]),
    "migrations": ("migrations equal tables, both databases", [PYTHON, "-m", "scripts.check_migrations"]),
    "openapi": ("committed OpenAPI is current", [PYTHON, "-m", "app.cli", "openapi", "--check"]),
    "definitions": (
        "committed FHIR tables are current",
        [PYTHON, "-m", "scripts.compile_definitions", "--check"],
    ),
    "summary": ("committed table of summaries is current", [PYTHON, "-m", "scripts.compile_summary", "--check"]),
    "guide": ("committed conformance resources are current", [PYTHON, "-m", "scripts.compile_ig", "--check"]),
    "docs": ("diagram, commands and paths in the documentation", [PYTHON, "-m", "scripts.check_docs"]),
    "dockerfile": ("Dockerfile (hadolint)", ["hadolint", "Dockerfile"]),
}


def main(names: list[str]) -> int:
    """Run the named steps, or all; 2 when a name is none."""
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        print(f"No such step: {', '.join(unknown)}. Steps: {', '.join(STEPS)}", file=sys.stderr)
        return 2
    chosen = names or list(STEPS)
    failed = [name for number, name in enumerate(chosen, 1) if not passes(name, f"{number}/{len(chosen)}")]
    if failed:
        print(f"\ncheck: {len(failed)} of {len(chosen)} steps failed: {', '.join(failed)}", flush=True)
        return 1
    print(f"\ncheck: all {len(chosen)} steps passed", flush=True)
    return 0


def passes(name: str, position: str) -> bool:
    """Announce and run one step; its own output is shown."""
    title, command = STEPS[name]
    print(f"\n[{position}] {title}", flush=True)
    begun = time.monotonic()
    path = os.pathsep.join([*tool_folders(), os.environ.get("PATH", os.defpath)])
    try:
        status = subprocess.run(command, cwd=ROOT, check=False, env={**os.environ, "PATH": path}).returncode
    except FileNotFoundError:
        print(f"{command[0]} is not installed", flush=True)
        status = 127
    print(f"{'ok' if status == 0 else 'FAILED'}, {time.monotonic() - begun:.1f} s", flush=True)
    return status == 0


def tool_folders() -> list[str]:
    """Where the environment's programs are: in a virtual environment, or beside a folder of packages."""
    return [sysconfig.get_path("scripts"), str(ROOT / ".samband" / "site" / "bin")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
