"""The criteria for the right to a coordinator as a Questionnaire in FSH, in bokmål with English translations."""

from collections.abc import Iterator

from app.coordination.criteria import CRITERIA, CURRENT, CriteriaSet
from app.errors import CANONICAL
from scripts.ig_text import as_file, quoted


def questionnaire() -> str:
    """``questionnaire.fsh``: every version of the criteria; the one in use has the plain id."""
    return as_file("\n".join(_criteria(one)) for one in CRITERIA.values())


def _criteria(version: CriteriaSet) -> Iterator[str]:
    url = "coordinator-criteria" + ("" if version.version == CURRENT else f"-{version.version}")
    yield from (
        f"Instance: {url}",
        "InstanceOf: Questionnaire",
        "Usage: #definition",
        f"* url = {quoted(f'{CANONICAL}/Questionnaire/{url}')}",
        f"* version = {quoted(version.version)}",
        '* name = "CoordinatorCriteria"',
        '* title = "Kriterier for rett til koordinator"',
        *_translated("title", "Criteria for the right to a coordinator"),
        f"* status = #{'active' if version.version == CURRENT else 'retired'}",
        "* insert PublishedInstance",
        "* language = #nb",
        "* subjectType = #Patient",
        "* description = "
        + quoted(
            f"Er {', '.join(version.always)} og minst {version.at_least} av de andre kriteriene oppfylt, "
            "må behovet avklares, og det er sannsynlig at koordinator må oppnevnes. "
            "Faglig skjønn og samtale med pasienten avgjør."
        ),
    )
    for criterion in version.criteria:
        letter = criterion.letter.lower()
        yield from _item("item", letter, criterion.letter, criterion.nb, criterion.en)
        for code, bokmal, english in criterion.parts:
            yield from _item("item[=].item", f"{letter}.{code}", "", bokmal, english)
            yield from (
                f'* item[=].item[=].enableWhen[+].question = "{letter}"',
                "* item[=].item[=].enableWhen[=].operator = #=",
                "* item[=].item[=].enableWhen[=].answerBoolean = true",
            )


def _item(path: str, link: str, prefix: str, bokmal: str, english: str) -> Iterator[str]:
    yield f"* {path}[+].linkId = {quoted(link)}"
    if prefix:
        yield f"* {path}[=].prefix = {quoted(prefix)}"
    yield f"* {path}[=].text = {quoted(bokmal)}"
    yield from _translated(f"{path}[=].text", english)
    yield f"* {path}[=].type = #boolean"


def _translated(path: str, english: str) -> tuple[str, ...]:
    where = f"* {path}.extension[0]"
    return (
        f'{where}.url = "http://hl7.org/fhir/StructureDefinition/translation"',
        f'{where}.extension[0].url = "lang"',
        f"{where}.extension[0].valueCode = #en",
        f'{where}.extension[1].url = "content"',
        f"{where}.extension[1].valueString = {quoted(english)}",
    )
