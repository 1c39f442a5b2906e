"""FSH as text: strings, files, and words made from a code."""

from collections.abc import Iterable


def quoted(text: str) -> str:
    """A text as an FSH string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def in_words(code: str) -> str:
    """``in-queue`` → ``In queue``."""
    return code.replace("-", " ").capitalize().replace("Ehr", "EHR")


def as_file(blocks: Iterable[str]) -> str:
    """A generated file of these definitions."""
    return "// Written by scripts/compile_ig.py; edit the Python table instead.\n\n" + "\n\n".join(blocks) + "\n"
