"""A check for schemathesis: no refusal repeats what was asked; and how often each operation answered what."""

import atexit
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import schemathesis

ANSWERS = "SAMBAND_FUZZ_ANSWERS"
"""Names the file that the counts are written to: by operation, by status."""
SHORTEST = 8
"""Shorter texts may stand in an answer by chance."""
_ELEVEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{11}(?![0-9])")
_ELEMENT = re.compile(r"_?[A-Za-z][A-Za-z0-9]*").fullmatch
_counts: defaultdict[str, Counter[int]] = defaultdict(Counter)


@schemathesis.check
def discreet(context: Any, response: Any, case: Any) -> None:
    """Fails where a 4xx or 5xx answer holds eleven digits or a made-up text of the request."""
    _counts[case.operation.label][response.status_code] += 1
    if response.status_code < 400:
        return
    asked = [case.body, case.path_parameters, case.query, case.headers]
    numbers = set(_ELEVEN_DIGITS.findall(json.dumps(asked, default=str)))
    assert not numbers & set(_ELEVEN_DIGITS.findall(response.text)), "the refusal repeats eleven digits of the request"
    told = "\n".join(_texts(_json(response)))
    repeated = [text for text in _texts([case.body, case.query]) if _made_up(text) and text in told]
    assert not repeated, f"the refusal repeats a text of the request, of {len(repeated[0])} characters"


def _json(response: Any) -> Any:
    try:
        return json.loads(response.text)
    except ValueError:
        return response.text


def _texts(content: Any) -> Iterator[str]:
    """All strings in it, names of members too."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for name, value in content.items():
            yield from _texts(name)
            yield from _texts(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _texts(value)


def _made_up(text: str) -> bool:
    """Whether it is no word of FHIR's or of this service's, and does not look like the name of an element.

    An answer names allowed words, and the place of a member that is spelled as an element would be.
    """
    return len(text) >= SHORTEST and text not in _WORDS and not _ELEMENT(text)


_PROJECT = Path(__file__).parents[2]
_SOURCES = (_PROJECT / "openapi" / "openapi.json", *(_PROJECT / "app" / "fhir" / "definitions").glob("*.json"))
_WORDS = "\n".join(one.read_text(encoding="utf-8") for one in _SOURCES)


@atexit.register
def _write() -> None:
    if ANSWERS in os.environ:
        Path(os.environ[ANSWERS]).write_text(json.dumps(_counts), encoding="utf-8")
