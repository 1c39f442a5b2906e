"""The criteria for the right to a coordinator (report of Helse Vest, October 2024, recommendation 3).

They are an aid and will be revised: each version is kept, and an assessment names the version it used.
Professional judgement and a talk with the patient decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.errors import InvalidContent, Issue

CURRENT: Final = "2024-10"
"""The version in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion in both languages; ``parts`` are (code, nb, en), of which at least one must hold."""

    letter: str
    nb: str
    en: str
    parts: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaSet:
    """One version: all of ``always`` and at least ``at_least`` of the others make the need likely."""

    version: str
    criteria: tuple[Criterion, ...]
    always: tuple[str, ...]
    at_least: int

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters in order."""
        return tuple(criterion.letter for criterion in self.criteria)

    def met(self, answers: Mapping[str, bool]) -> bool:
        """Whether the answers (letter to yes or no; unanswered is no) meet this version."""
        others = sum(answers.get(letter, False) for letter in self.letters if letter not in self.always)
        return all(answers.get(letter, False) for letter in self.always) and others >= self.at_least


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """An answered set of criteria; ``answers`` are (letter, yes) for what was answered, in letter order."""

    version: str
    answers: tuple[tuple[str, bool], ...]
    met: bool


CRITERIA: Final[Mapping[str, CriteriaSet]] = MappingProxyType(
    {
        "2024-10": CriteriaSet(
            version="2024-10",
            always=("A",),
            at_least=2,
            criteria=(
                Criterion(
                    letter="A",
                    nb="Forventet behov for langvarig oppfølging i spesialisthelsetjenesten, "
                    "for eksempel utover seks måneder",
                    en="Expected need for long-term follow-up in specialist care, e.g. beyond six months",
                ),
                Criterion(
                    letter="B",
                    nb="Diagnose, alvorlighetsgrad eller prognose med minst ett av følgende",
                    en="Diagnosis, severity or prognosis with at least one of the following",
                    parts=(
                        ("high-intensity", "Høy behandlingsintensitet", "High treatment intensity"),
                        ("adapted-pathway", "Individuelt tilpasset forløp", "Individually adapted pathway"),
                        ("new-chronic", "Nyoppdaget kronisk diagnose", "Newly discovered chronic diagnosis"),
                        ("lifelong", "Livslangt forløp", "Lifelong pathway"),
                        ("child-to-adult", "Overgang fra barn til voksen", "Transition from child to adult"),
                    ),
                ),
                Criterion(
                    letter="C",
                    nb="Pasientens situasjon, kapasitet, ressurser eller nettverk tilsier behov for koordinator",
                    en="The patient's situation, capacity, resources or network call for a coordinator",
                ),
                Criterion(
                    letter="D",
                    nb="Flere behandlingsenheter, sykehus eller faggrupper er involvert",
                    en="Several treatment units, hospitals or professions are involved",
                ),
            ),
        )
    }
)
"""Every version that an assessment may name."""


def assess(answers: Mapping[str, bool], version: str = CURRENT) -> Assessment:
    """Judge the answers by a version of the criteria.

    Raises InvalidContent for a version or a letter that does not exist, naming those that do.
    """
    criteria = CRITERIA.get(version)
    if criteria is None:
        raise InvalidContent(
            "There is no such version of the criteria.",
            code="criteria-version-unknown",
            expression="Parameters.parameter.where(name='assessment')",
            allowed=tuple(CRITERIA),
        )
    if unknown := set(answers) - set(criteria.letters):
        raise InvalidContent(issues=(_unknown_letters(len(unknown), criteria),))
    ordered = tuple((letter, answers[letter]) for letter in criteria.letters if letter in answers)
    return Assessment(version=version, answers=ordered, met=criteria.met(answers))


def _unknown_letters(count: int, criteria: CriteriaSet) -> Issue:
    return Issue(
        code="criterion-unknown",
        diagnostics=f"{count} of the answers are for criteria that this version does not have.",
        expression="Parameters.parameter.where(name='assessment')",
        allowed=criteria.letters,
    )
