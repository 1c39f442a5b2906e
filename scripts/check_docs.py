"""What the documentation says exists: commands, paths, links, and the state diagram is the table's own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import run

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
FRONT_DOOR = re.compile(r"(?:python3? |\./)run\.py(?: +([\w-]+))?")
CLI = re.compile(r"python3? -m app\.cli +([\w-]+)")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
PATH = re.compile(r"`((?:\.?[\w-]+/)+[\w.-]*)`")
MODULE = re.compile(r"python3? -m ((?:scripts|benchmarks)(?:\.\w+)*)")


def main() -> int:
    """Print every fault with its file; 1 when there is one."""
    pages = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
    faults = [f"{page.relative_to(ROOT)}: {fault}" for page in pages for fault in faults_of(page)]
    faults += diagram_faults()
    print("\n".join(faults) if faults else f"{len(pages)} pages agree with the code")
    return bool(faults)


def faults_of(page: Path) -> Iterator[str]:
    """Commands that are none, paths and links that lead nowhere."""
    text = page.read_text(encoding="utf-8")
    yield from command_faults(text)
    for target in LINK.findall(text):
        if not (page.parent / target).exists():
            yield f"the link {target} leads nowhere"
    for name in PATH.findall(FENCE.sub("", text)):
        made_at_run_time = name.startswith(".samband/")
        if not made_at_run_time and (ROOT / name.split("/")[0]).exists() and not (ROOT / name).exists():
            yield f"there is no {name}"


def command_faults(text: str) -> Iterator[str]:
    """Commands of ours that a page names and that do not exist."""
    for command in FRONT_DOOR.findall(text):
        if command and command not in run.COMMANDS:
            yield f"run.py has no command {command}"
    for command in sorted(set(CLI.findall(text))):
        if not cli_has(command):
            yield f"app.cli has no command {command}"
    for module in MODULE.findall(text):
        path = ROOT / module.replace(".", "/")
        if not path.with_suffix(".py").exists() and not (path / "__main__.py").exists():
            yield f"there is no module {module}"


@cache
def cli_has(command: str) -> bool:
    """Whether the service's command line knows a command."""
    asked = [sys.executable, "-m", "app.cli", command, "--help"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, check=False).returncode == 0


def diagram_faults() -> list[str]:
    """The Mermaid diagram in docs/architecture.md must be what ``python -m app.cli diagram`` draws today."""
    asked = [sys.executable, "-m", "app.cli", "diagram"]
    drawn = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if drawn.returncode:
        return [f"the diagram cannot be drawn: {drawn.stderr.strip()[-500:]}"]
    page = ROOT / "docs" / "architecture.md"
    blocks = FENCE.findall(page.read_text(encoding="utf-8")) if page.exists() else []
    wanted = re.sub(r"^```.*$", "", drawn.stdout, flags=re.MULTILINE).strip()
    if wanted in [block.strip() for language, block in blocks if language == "mermaid"]:
        return []
    return ["docs/architecture.md: the state diagram is not what `python -m app.cli diagram` draws today"]


if __name__ == "__main__":
    sys.exit(main())
