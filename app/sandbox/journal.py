"""The stand-in municipality's journal: one JSON object a line, appended and synced before it is acted on.

It holds no patient: references, numbers, states and the answer's coordinator only. After a restart the state
is built from the file, so a repeat is recognised across a crash.
"""

import json
import os
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """One event as received. ``number`` is 0 in a handshake; ``focus`` is empty when it is out of sight."""

    subscription: str
    number: int
    type: str
    topic: str = ""
    focus: str = ""
    bundle: str = ""
    since_start: int = 0


@dataclass(slots=True)
class Journal:
    """An append-only file of notices received and of what was read because of them. Safe for many threads."""

    file: Path
    _events: list[dict[str, Any]] = field(default_factory=list)
    _reads: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    _seen: set[tuple[str, int]] = field(default_factory=set)
    _highest: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        content = self.file.read_bytes() if self.file.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            # A crash in the middle of a line: that notice was never answered, so it comes again.
            os.truncate(self.file, len(whole))
        for line in whole.splitlines():
            self._apply(json.loads(line))

    def receive(self, notice: Notice) -> bool:
        """Record one event; answers whether it is a repeat of (subscription, number)."""
        with self._lock:
            repeat = notice.number > 0 and (notice.subscription, notice.number) in self._seen
            self._append(
                {
                    "kind": "notice",
                    "subscription": notice.subscription,
                    "number": notice.number,
                    "type": notice.type,
                    "repeat": repeat,
                    "topic": notice.topic,
                    "focus": notice.focus,
                    "bundle": notice.bundle,
                    "since_start": notice.since_start,
                }
            )
        return repeat

    def read(self, subscription: str, number: int, answer: dict[str, Any]) -> None:
        """Record what the focus of an event said when it was read."""
        with self._lock:
            self._append({"kind": "read", "subscription": subscription, "number": number, **answer})

    def unread(self) -> list[Notice]:
        """Events with a focus that nobody has read yet, oldest first: what a restart has to catch up with."""
        with self._lock:
            return [
                Notice(event["subscription"], event["number"], event["type"], focus=event["focus"])
                for event in self._events
                if event["focus"] and not event["repeat"] and _key(event) not in self._reads
            ]

    def shown(self) -> dict[str, Any]:
        """Every event with what was read, the numbers that are missing per subscription, and counts."""
        with self._lock:
            events = [{**event, "read": self._reads.get(_key(event))} for event in self._events]
            gaps = {name: self._missing(name) for name in self._highest if self._missing(name)}
        repeats = sum(event["repeat"] for event in events)
        return {"received": len(events), "repeats": repeats, "gaps": gaps, "events": events}

    def _missing(self, subscription: str) -> list[int]:
        numbers = range(1, self._highest[subscription] + 1)
        return [number for number in numbers if (subscription, number) not in self._seen]

    def _append(self, entry: dict[str, Any]) -> None:
        entry = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **entry}
        with self.file.open("ab") as file:
            file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._apply(entry)

    def _apply(self, entry: dict[str, Any]) -> None:
        if entry["kind"] == "read":
            key_names = {"kind", "subscription", "number"}
            self._reads[_key(entry)] = {name: value for name, value in entry.items() if name not in key_names}
            return
        self._events.append({name: value for name, value in entry.items() if name != "kind"})
        subscription, number = _key(entry)
        if number > 0:
            self._seen.add((subscription, number))
        latest = max(number, entry["since_start"])
        self._highest[subscription] = max(self._highest.get(subscription, 0), latest)


def _key(entry: dict[str, Any]) -> tuple[str, int]:
    return entry["subscription"], entry["number"]
