"""How the story is told: chapters, numbered steps, and under each step what was asked and answered."""

from collections.abc import Iterable

from app.sandbox.demo.calls import Reply, WentWrong


class Narration:
    """Prints; knows the number and the sentence of the step that is being told."""

    def __init__(self) -> None:
        self.number = 0
        self.sentence = ""

    def chapter(self, title: str) -> None:
        """A headline."""
        print(f"\n{title}\n{'-' * len(title)}", flush=True)

    def step(self, sentence: str) -> None:
        """The next numbered line."""
        self.number += 1
        self.sentence = sentence
        print(f"{self.number:>3}. {sentence}", flush=True)

    def shows(self, *facts: Reply | str) -> None:
        """What was asked, answered or found, a line each."""
        for fact in facts:
            print(f"       {fact}", flush=True)

    def table(self, rows: Iterable[tuple[str, ...]]) -> None:
        """Columns of equal width, the first to the left."""
        listed = list(rows)
        widths = [max(len(cell) for cell in column) for column in zip(*listed, strict=True)]
        for first, *others in listed:
            cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
            self.shows("  ".join((first.ljust(widths[0]), *cells)))


def expect(found: object, wanted: object, what: str) -> None:
    """WentWrong when ``found`` is not ``wanted``; ``what`` names it."""
    if found != wanted:
        raise WentWrong(f"{what} is {found!r}, expected {wanted!r}")
