"""The locks name everything in pyproject.toml, agree with each other, are hashed, and hold no host name."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REMEDY = "Make them again: sh scripts/lock.sh"


def main() -> int:
    """Print every fault; 1 when there is one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = {normal(each) for each in project["project"]["dependencies"]}
    development = {normal(each) for each in project["dependency-groups"]["dev"]}
    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    faults = [f"requirements.lock misses {name}" for name in sorted(runtime - run.keys())]
    faults += [f"requirements-dev.lock misses {name}" for name in sorted((runtime | development) - dev.keys())]
    faults += [f"requirements-dev.lock has another {name}" for name in sorted(run) if dev.get(name) != run[name]]
    for name in ("requirements.lock", "requirements-dev.lock"):
        if re.search(r"://|--(extra-)?index-url|--find-links", (ROOT / name).read_text(encoding="utf-8")):
            faults.append(f"{name} names a host")
    print("\n".join([*faults, REMEDY] if faults else [f"{len(run)} packages to run, {len(dev)} to develop"]))
    return bool(faults)


def normal(requirement: str) -> str:
    """The normalised name in a requirement: ``fhir.resources>=8`` → ``fhir-resources``."""
    name = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[._-]+", "-", name[0]).lower() if name else ""


def pins(file: str) -> dict[str, str]:
    """Name → the whole pinned entry, hashes included. Raises SystemExit for an entry without hashes."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [" ".join(line.split()) for line in text.splitlines() if line and not line.startswith("#")]
    for entry in entries:
        if "==" not in entry or "--hash=sha256:" not in entry:
            raise SystemExit(f"{file}: not pinned and hashed: {entry[:60]}")
    return {normal(entry): entry for entry in entries}


if __name__ == "__main__":
    sys.exit(main())
