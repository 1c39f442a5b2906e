"""The log: a JSON object or a line of text for each event, on standard error.

A record may carry ``fields`` (``extra={"fields": {...}}``): members of the JSON object. What is logged holds no path,
no query, no body and no text of an exception: they may hold a patient.
"""

import logging
import sys
import time
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

import msgspec

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        fields = getattr(record, "fields", {})
        line = _line(record.created, record.levelname.lower(), record.name, record.getMessage(), fields)
        if record.exc_info:
            # The place, not the words: those may repeat what was sent.
            line["trace"] = _places(record)
        return msgspec.json.encode(line).decode()


def _line(created: float, level: str, logger: str, message: str, fields: dict[str, Any]) -> dict[str, Any]:
    second, rest = divmod(int(created * 1000), 1000)
    return {"time": f"{_second(second)}.{rest:03d}Z", "level": level, "logger": logger, "message": message, **fields}


@lru_cache(maxsize=16)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _places(record: logging.LogRecord) -> list[str]:
    kind, _, trace = record.exc_info or (None, None, None)
    found = [kind.__name__] if kind else []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found


class TextLines(logging.Formatter):
    """A line for people; an exception's words stay out of it too."""

    def __init__(self) -> None:
        super().__init__(_TEXT)

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's name
        """The kind of an exception and where it came from."""
        return " < ".join(reversed(_places(logging.makeLogRecord({"exc_info": ei}))))


class AccessLines:
    """The access log; where all goes to standard error as JSON, past ``logging``, whose record costs five lines."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._logger = logging.getLogger(name)
        self.plainly = False
        """Whether this process's log is nothing but JSON lines on standard error."""

    def write(self, message: str, fields: dict[str, Any]) -> None:
        """One line, at level INFO."""
        if not self.plainly:
            self._logger.info(message, extra={"fields": fields})
            return
        line = _line(time.time(), "info", self._name, message, fields)
        # As logging does it: nobody's request fails because nobody reads the log.
        with suppress(OSError, ValueError):
            stream = sys.stderr.buffer
            stream.write(msgspec.json.encode(line) + b"\n")
            stream.flush()


access: Final = AccessLines("samband.access")


def log_to_stderr(*, as_json: bool) -> None:
    """Send all records of this process to standard error, from INFO on."""
    # None of these is in our format; each costs a look-up for every line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    access.plainly = as_json
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses
