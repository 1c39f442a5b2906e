"""Reads every log of a test run: all identity numbers in tests are synthetic and valid, so one in a log is a leak."""

import logging
import re
from collections.abc import Iterable
from pathlib import Path

from app.fhir.identifiers import holds_national_number

_WATCHED = ("samband", "uvicorn", "asyncio", "sqlalchemy", "asyncpg", "alembic", "fastapi")
_ELEVEN_DIGITS = re.compile(r"(?<![0-9A-Za-z.-])[0-9]{11}(?![0-9A-Za-z-])")
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.eyJ|(?:Bearer|DPoP) [A-Za-z0-9._~+/-]{16,}|\b(?:the-token-of|a-secret-of)-")


def leaks(text: str) -> list[str]:
    """What a text holds and must not, by its kind and line; the value itself is not repeated."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if any(map(holds_national_number, _ELEVEN_DIGITS.findall(line))):
            found.append(f"an identity number, line {number}: {_ELEVEN_DIGITS.sub('###', line)[:200]}")
        if _TOKEN.search(line):
            found.append(f"a token, line {number}: {_TOKEN.sub('###', line)[:60]}")
    return found


def in_files(files: Iterable[Path]) -> list[str]:
    """The leaks of all files that are there."""
    found = []
    for file in files:
        if file.is_file():
            text = file.read_text(encoding="utf-8", errors="replace")
            found += [f"{file.name}: {leak}" for leak in leaks(text)]
    return found


class Watch(logging.Handler):
    """Sees what services that run in this process log."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record."""
        if record.name.startswith(_WATCHED):
            said = f"{record.getMessage()} {getattr(record, 'fields', '')}"
            self.found += [f"{record.name}: {leak}" for leak in leaks(said)]
