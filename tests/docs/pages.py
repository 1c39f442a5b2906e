"""Plays the commands of a page as a reader would copy them, and holds the answers shown against the real ones.

A page's ``sh`` blocks run in order in one bash. An ``http`` or ``json`` block behind one is the answer that the
page shows: everything in it must be in the real answer, which may hold more; ``…`` stands for any text.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "=== end of block, status "


@dataclass(frozen=True, slots=True)
class Played:
    """One ``sh`` block with what it printed, and the answer that the page shows for it (empty: none)."""

    command: str
    output: str
    status: int
    language: str
    shown: str


def section(page: str, title: str) -> str:
    """The text of a page from a headline to the next one of the same level."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {title}"
    return found[1]


def play(text: str, instead: Mapping[str, str], variables: Mapping[str, str] | None = None) -> Iterator[Played]:
    """Run the blocks of a text; ``instead`` puts the run's own addresses in place of the printed ones.

    ``variables`` are those of the shell that the page says the reader has.
    """
    blocks = _FENCE.findall(text)
    commands = [body for language, body in blocks if language == "sh"]
    script = "\n".join(f'{body}\nprintf "\\n{_MARK}%s\\n" "$?"' for body in commands)
    for printed, real in instead.items():
        assert printed in script, f"the page does not name {printed}"
        script = script.replace(printed, real)
    environment = {**os.environ, "no_proxy": "*", **(variables or {})}
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    parts = re.split(rf"\n{_MARK}(\d+)\n", ran.stdout)
    assert len(parts) == 2 * len(commands) + 1, ran.stdout[-2000:] + ran.stderr
    for number, (body, (language, shown)) in enumerate(zip(commands, _answers(blocks), strict=True)):
        yield Played(body, parts[2 * number], int(parts[2 * number + 1]), language, shown)


def _answers(blocks: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for number, (language, _) in enumerate(blocks):
        if language == "sh":
            behind = blocks[number + 1] if number + 1 < len(blocks) else ("", "")
            yield behind if behind[0] in {"http", "json"} else ("", "")


def differences(played: Played) -> list[str]:
    """Where the real answer lacks what the page shows."""
    if played.status != 0:
        return [f"exit code {played.status}"]
    if played.language == "json":
        return list(_missing(json.loads(played.shown), json.loads(played.output), "$"))
    if played.language == "http":
        return _http_differences(played.shown, played.output)
    return []


def _http_differences(shown: str, real: str) -> list[str]:
    head, _, body = shown.partition("\n\n")
    real_head, _, real_body = real.replace("\r\n", "\n").partition("\n\n")
    wanted, *headers = head.splitlines()
    first, *real_headers = real_head.splitlines()
    faults = [] if wanted.split()[:2] == first.split()[:2] else [f"{first}, the page says {wanted}"]
    known = dict(line.lower().split(": ", 1) for line in real_headers)
    for line in headers:
        name, _, value = line.partition(": ")
        if not _same_text(value.lower(), known.get(name.lower(), "")):
            faults.append(f"{name}: {known.get(name.lower())}, the page says {value}")
    return faults + (list(_missing(json.loads(body), json.loads(real_body), "$")) if body.strip() else [])


def _missing(shown: Any, real: Any, path: str) -> Iterator[str]:
    """Paths at which ``real`` does not have what is shown."""
    if isinstance(shown, dict) and isinstance(real, dict):
        for name, value in shown.items():
            if name in real:
                yield from _missing(value, real[name], f"{path}.{name}")
            else:
                yield f"{path}.{name} is missing"
    elif isinstance(shown, list) and isinstance(real, list):
        for index, value in enumerate(shown):
            if not any(not list(_missing(value, one, "")) for one in real):
                yield f"{path}[{index}] is in no entry"
    elif isinstance(shown, str) and isinstance(real, str):
        if not _same_text(shown, real):
            yield f"{path} is {real!r}, the page says {shown!r}"
    elif shown != real:
        yield f"{path} is {real!r}, the page says {shown!r}"


def _same_text(shown: str, real: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), real, re.DOTALL) is not None
