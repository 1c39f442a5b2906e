"""The measures as FSH, written from the table that they are reported by."""

from collections.abc import Iterator

from app.fhir.measures import MEASURES, NAMES, POPULATION, Measure
from scripts.ig_text import as_file, quoted

_SCORING = "http://terminology.hl7.org/CodeSystem/measure-scoring"
_TYPES = "http://hl7.org/fhir/resource-types"


def measures() -> str:
    """``measures.fsh``: one Measure for each of the table."""
    return as_file("\n".join(_measure(one)) for one in MEASURES.values())


def _measure(measure: Measure) -> Iterator[str]:
    yield from (
        f"Instance: {measure.id}",
        "InstanceOf: Measure",
        "Usage: #definition",
        f"* url = {quoted(measure.url)}",
        f"* name = {quoted(''.join(word.capitalize() for word in measure.id.split('-')))}",
        f"* title = {quoted(measure.title)}",
        "* insert Released",
        "* status = #active",
        "* insert PublishedInstance",
        f"* description = {quoted(measure.about)}",
        f"* subjectCodeableConcept = {_TYPES}#{measure.subject}",
        f"* scoring = {_SCORING}#cohort",
    )
    for figure in measure.figures:
        yield f"* group[+].code = FigureCS#{figure.name} {quoted(NAMES[figure.name][0])}"
        yield f"* group[=].population[+].code = {POPULATION}#initial-population"
        yield from _criteria("* group[=].population[=]", figure.says)
        for name in (*figure.strata, *figure.strata_now):
            yield f"* group[=].stratifier[+].code = FigureCS#{name} {quoted(NAMES[name][0])}"
            yield from _criteria("* group[=].stratifier[=]", NAMES[name][1])


def _criteria(path: str, words: str) -> Iterator[str]:
    yield f"{path}.criteria.language = #text/plain"
    yield f"{path}.criteria.expression = {quoted(words)}"
