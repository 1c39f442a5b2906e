"""The log: a JSON object or a line of text for each event, on standard error.

A record may carry ``fields`` (``extra={"fields": {...}}``): members of the JSON object. What is logged holds no path,
no query, no body and no text of an exception: they may hold a patient.
"""

import logging
import time
from typing import Any, Final

import msgspec

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{whole}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            # The place, not the words: those may repeat what was sent.
            line["trace"] = _places(record)
        return msgspec.json.encode(line).decode()


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


def log_to_stderr(*, as_json: bool) -> None:
    """Send all records of this process to standard error, from INFO on."""
    # None of these is in our format; each costs a look-up for every line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses
