"""The pairs: each request goes to both worlds, and both answers are the same, byte for byte."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.isolation.people import A, Known, settle_others, settle_own
from tests.isolation.requests import Curious
from tests.isolation.worlds import BASE, START, Answer, Sent, World, two_worlds

_CURSOR: Final = re.compile(rb"(?<=_cursor=)[A-Za-z0-9_-]+")
STEP: Final = 250
"""Milliseconds between requests."""


@dataclass(slots=True)
class Run:
    """What a run saw: ``answered`` counts (kind of request, class of status); ``different`` the pairs that differ."""

    pairs: int = 0
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    different: list[tuple[Sent, Answer, Answer]] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing differs, and nothing failed."""
        return not self.different and not any(group == 5 for _, group in self.answered)

    def __str__(self) -> str:
        told = "\n\n".join(shown(*pair) for pair in self.different[:5])
        return f"{self.pairs} pairs, {len(self.different)} different\n{self.table()}\n{told}"

    def table(self) -> str:
        """Kinds of request by class of status, as text."""
        kinds = sorted({kind for kind, _ in self.answered})
        lines = [f"{'':20} {'2xx':>6} {'3xx':>6} {'4xx':>6} {'5xx':>6}"]
        lines += [f"{kind:20} " + " ".join(f"{self.answered[kind, one]:6}" for one in (2, 3, 4, 5)) for kind in kinds]
        return "\n".join(lines)


async def compare(first: str, second: str, pairs: int, seed: int) -> Run:
    """Run ``pairs`` requests of municipality A in two worlds, of which only the second has others' data."""
    async with two_worlds(first, second) as (alone, crowded):
        known, same = await settle_own(alone), await settle_own(crowded)
        assert known == same, "the worlds differ before anybody else came"
        others = Known()
        await settle_others(crowded, others)
        known.foreign = others.own | others.foreign
        known.numbers += others.numbers
        return await _pairs(alone, crowded, known, pairs, seed)


async def _pairs(alone: World, crowded: World, known: Known, pairs: int, seed: int) -> Run:
    run, curious = Run(), Curious(seed, known)
    twins: dict[str, str] = {}
    now = START + 3_600_000
    for _ in range(pairs):
        now += STEP
        sent = curious.request()
        answers = []
        for here, path in ((alone, sent.path), (crowded, twins.get(sent.path, sent.path))):
            here.now = now
            answers.append(await here.send(replace(sent, path=path), *A))
        run.pairs += 1
        run.answered[sent.kind, answers[0].status // 100] += 1
        if _comparable(answers[0]) != _comparable(answers[1]):
            run.different.append((sent, answers[0], answers[1]))
        _learn(known, answers[0])
        pages = [_pages(answer) for answer in answers]
        twins |= dict(zip(*pages, strict=True)) if len(pages[0]) == len(pages[1]) else {}
        known.cursors += pages[0]
    return run


def _comparable(answer: Answer) -> Answer:
    """The answer with the length of each sealed cursor in its place.

    A cursor holds the patient's internal key, which was drawn when somebody first named the patient.
    """
    return replace(answer, body=_CURSOR.sub(lambda found: b"%d" % len(found[0]), answer.body))


def _learn(known: Known, answer: Answer) -> None:
    """What A made is its own to name from now on."""
    if answer.status == 201 and answer.body.startswith(b"{"):
        content: dict[str, Any] = json.loads(answer.body)
        if "id" in content:
            known.own.setdefault(content["resourceType"], []).append(content["id"])


def _pages(answer: Answer) -> list[str]:
    """Links of a Bundle, as paths."""
    if answer.status != 200 or not answer.body.startswith(b'{"resourceType":"Bundle"'):
        return []
    links = json.loads(answer.body).get("link", ())
    return [str(link["url"]).removeprefix(BASE) for link in links]


def shown(sent: Sent, first: Answer, second: Answer) -> str:
    """A pair that differs, for a person to read."""
    lines = [f"{sent.method} {sent.path}", *(f"  {name}: {value}" for name, value in sent.headers)]
    lines.append(sent.body.decode(errors="replace")[:2000])
    for name, answer in (("alone", first), ("among others", second)):
        other = second if answer is first else first
        headers = sorted(set(answer.headers) - set(other.headers))
        lines.append(f"--- {name}: {answer.status} {headers}\n{answer.body.decode(errors='replace')[:2000]}")
    return "\n".join(lines)
