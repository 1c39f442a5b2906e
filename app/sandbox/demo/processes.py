"""The five processes of the demonstration: an EHR, the service, two municipalities; started, watched, ended."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.sandbox.demo.calls import Stop, WentWrong
from app.sandbox.personas import MUNICIPALITIES

PROJECT: Final = Path(__file__).parents[3]
_EHR_TOKEN: Final = "demo-ehr-secret"  # noqa: S105  # on loopback, for a minute, and printed here
SECRET: Final = "demo-municipality-secret"  # noqa: S105  # the same
"""What a notification must carry."""
_START: Final = 60.0
_END: Final = 15.0
_LAST_LINES: Final = 15


@dataclass(slots=True)
class House:
    """The running processes by name, with the origin (``http://127.0.0.1:<port>``) of each."""

    folder: Path
    stop: Stop
    origins: dict[str, str] = field(default_factory=dict)
    processes: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def start(self, name: str, module: str, *arguments: str, settings: dict[str, str] | None = None) -> str:
        """Start ``python -m module`` and answer the origin that it prints. WentWrong when it does not."""
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  # our own modules, our own arguments
                [sys.executable, "-m", module, *arguments],
                cwd=PROJECT,
                env=_environment() | (settings or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.processes[name] = process
        self.origins[name] = _origin(self._first_line(name, process))
        return self.origins[name]

    def dead(self) -> list[str]:
        """Names of the processes that are not there any more."""
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def last_words(self) -> Iterator[str]:
        """The end of what each process wrote to its log."""
        for name in self.processes:
            lines = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
            yield from (f"[{name}] {line}" for line in lines[-_LAST_LINES:])

    def end(self) -> None:
        """Ask all of them to end, wait, and kill what is left."""
        for process in self.processes.values():
            process.terminate()
        deadline = time.monotonic() + _END
        for process in self.processes.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()

    def _first_line(self, name: str, process: "subprocess.Popen[bytes]") -> str:
        assert process.stdout
        output = process.stdout

        def look() -> str | None:
            # A stand-in writes its line at once, so a readable pipe holds the whole line, or has ended.
            readable, _, _ = select.select([output], [], [], 0)
            return output.readline().decode() if readable else None

        line = self.stop.until(look, f"the start of {name}", _START)
        if not line:
            self.stop.check()
            raise WentWrong(f"{name} ended instead of starting")
        return line


def _environment() -> dict[str, str]:
    """This process's own, without settings of another service and without a proxy: all of it is on loopback."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SAMBAND_")}
    kept = {key: value for key, value in kept.items() if not key.lower().endswith("_proxy")}
    return kept | {"PYTHONUNBUFFERED": "1"}


def _origin(line: str) -> str:
    """The first address in ``… listens on http://127.0.0.1:8080`` or ``Samband: http://…/fhir/v1, …``."""
    found = [word.strip(",") for word in line.split() if word.startswith("http://")]
    if not found:
        raise WentWrong("a process did not print its address")
    return "/".join(found[0].split("/")[:3])


@contextmanager
def running(house: House) -> Iterator[None]:
    """All of them, on free ports, with everything they write in the folder; ended afterwards, whatever happens."""
    try:
        _start_all(house)
        yield
    finally:
        house.end()


def _start_all(house: House) -> None:
    records = str(house.folder / "ehr.sqlite")
    ehr = house.start("ehr", "app.sandbox.ehr", "--port", "0", "--database", records, "--token", _EHR_TOKEN)
    settings = {
        "SAMBAND_DATABASE_URL": f"sqlite:///{house.folder / 'samband.db'}",
        "SAMBAND_DIRECTORY": str(PROJECT / "directory.toml"),
        "SAMBAND_EHR_URL": f"{ehr}/fhir",
        "SAMBAND_EHR_TOKEN": _EHR_TOKEN,
        "SAMBAND_RETRY_BASE": "0.2",
    }
    samband = house.start("samband", "app.cli", "serve", "--sandbox", "--port", "0", settings=settings)
    for municipality in MUNICIPALITIES[:2]:
        house.start(municipality.key, "app.sandbox.municipality", *_arguments(house, municipality.number, samband))


def _arguments(house: House, organisation: str, samband: str) -> Sequence[str]:
    journal = str(house.folder / f"journal-{organisation}.jsonl")
    named = ("--samband", samband, "--organisation", organisation, "--secret", SECRET)
    return ("--port", "0", "--journal", journal, *named)
