"""Content that breaks one rule of one of our profiles: made from the example of the guide, one change each."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

Json = dict[str, Any]
Change = Callable[[Json], object]
_FOLDER = Path(__file__).parents[2] / "ig" / "examples"
_INPUT = "https://samband.example/fhir/CodeSystem/task-input"
_OUTPUT = "https://samband.example/fhir/CodeSystem/task-output"
_LOINC: Json = {"coding": [{"system": "http://loinc.org", "code": "LA28865-6"}]}
_STRANGER: Json = {"reference": "Device/1"}
NEED, TEAM, PLAN, CONSENT, ANSWERS, WORK, ABORT = (
    "coordinator-need-task", "coordination-care-team", "individual-care-plan", "coordinator-consent",
    "criteria-answers", "ehr-registration-task", "abort-task",
)  # fmt: skip


class Case(NamedTuple):
    """One broken rule: the profile, the slice (``input:consent``) or constraint it is of, the issue it must get."""

    profile: str
    rule: str
    change: Change
    code: str
    expression: str
    allowed: str = ""
    """Something that the diagnostics must offer."""


@cache
def _example(profile: str) -> bytes:
    (path,) = [one for one in _FOLDER.glob("*.json") if f'StructureDefinition/{profile}"' in one.read_text("utf-8")]
    return path.read_bytes()


def example(profile: str) -> Json:
    """The guide's example of a profile, to be changed at will."""
    content: Json = msgspec.json.decode(_example(profile))
    return content


def broken(case: Case) -> Json:
    """The example with the case's change."""
    content = deepcopy(example(case.profile))
    case.change(content)
    return content


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _inputs()
    yield from _outputs()
    yield from _numbers()
    yield from _team()
    yield from _others()
    yield from _constraints()
    for profile, subject in ((NEED, "for"), (TEAM, "subject"), (PLAN, "subject"), (CONSENT, "patient"), (WORK, "for")):
        yield from _patient(profile, subject)
    yield from _patient(ANSWERS, "subject")
    yield from _patient(ABORT, "for")
    yield from _abort()


def _with(name: str, value: Any) -> Change:
    return lambda content: content.__setitem__(name, value)


def _without(name: str) -> Change:
    return lambda content: content.pop(name)


def _row(system: str, code: str, **value: Any) -> Json:
    return {"type": {"coding": [{"system": system, "code": code}]}} | value


def _more(name: str, *rows: Json) -> Change:
    return lambda content: content.__setitem__(name, [*rows])


def _inputs() -> Iterator[Case]:
    rows: tuple[tuple[str, str, Json, str], ...] = (
        ("consent", "consent", {"valueString": "ja"}, "valueBoolean, valueReference"),
        ("consentDate", "consent-date", {"valueDateTime": "2026-01-01"}, "valueDate"),
        ("involvedUnit", "involved-unit", {"valueString": "4900101"}, "valueReference"),
        ("reporter", "reporter", {"valueCode": "patient"}, "valueCodeableConcept"),
        ("needKind", "need-kind", {"valueString": "a"}, "valueCodeableConcept"),
        *((f"criterion{x.upper()}", f"criteria-{x}", {"valueInteger": 1}, "valueBoolean") for x in "abcd"),
    )
    for name, code, wrong, allowed in rows:
        change = _more("input", _row(_INPUT, code, **wrong))
        yield Case(NEED, f"input:{name}", change, "wrong-type", "Task.input[0].value", allowed)
    for name, code in (("consent", "consent"), *((f"criterion{x.upper()}", f"criteria-{x}") for x in "abcd")):
        row = _row(_INPUT, code, valueBoolean=True)
        yield Case(NEED, f"input:{name}", _more("input", row, row), "too-many", "Task.input[1]")
    day = _row(_INPUT, "consent-date", valueDate="2026-01-01")
    yield Case(NEED, "input:consentDate", _more("input", day, day), "too-many", "Task.input[1]")
    for name, code, at in (("consent", "consent", "Consent"), ("involvedUnit", "involved-unit", "Organization")):
        change = _more("input", _row(_INPUT, code, valueReference=_STRANGER))
        yield Case(NEED, f"input:{name}", change, "wrong-reference-target", "Task.input[0].value.reference", at)
    for name, code, allowed in (("reporter", "reporter", "next-of-kin"), ("needKind", "need-kind", "individual-plan")):
        change = _more("input", _row(_INPUT, code, valueCodeableConcept={"text": "a"}))
        yield Case(NEED, f"input:{name}", change, "unknown-code", "Task.input[0].value", allowed)


def _outputs() -> Iterator[Case]:
    for name, code, member, wrong in (
        ("question", "question", "valueString", {"valueCode": "a"}),
        ("answer", "answer", "valueString", {"valueMarkdown": "a"}),
        ("decision", "decision", "valueCodeableConcept", {"valueString": "a"}),
        ("answerText", "answer-text", "valueString", {"valueBoolean": True}),
        ("coordinator", "coordinator", "valueReference", {"valueString": "a"}),
        ("coordinatorUnit", "coordinator-unit", "valueReference", {"valueString": "a"}),
        ("coordinatorPhone", "coordinator-phone", "valueContactPoint", {"valueString": "+47 55 50 11 01"}),
        ("coordinatorStart", "coordinator-start", "valueDate", {"valueDateTime": "2026"}),
        ("coordinatorEnd", "coordinator-end", "valueDate", {"valueDateTime": "2026"}),
        ("careTeam", "care-team", "valueReference", {"valueString": "a"}),
        ("registration", "registration", "valueCode", {"valueString": "a"}),
        ("deregistration", "deregistration", "valueCode", {"valueString": "a"}),
    ):
        row = _row(_OUTPUT, code, **wrong)
        change = _more("output", row)
        yield Case(NEED, f"output:{name}", change, "wrong-type", "Task.output[0].value", member)
        yield Case(NEED, f"output:{name}", _more("output", row, row), "too-many", "Task.output[1]")
    for name, code, allowed in (
        ("coordinator", "coordinator", "Practitioner"),
        ("coordinatorUnit", "coordinator-unit", "Organization"),
        ("careTeam", "care-team", "CareTeam"),
    ):
        change = _more("output", _row(_OUTPUT, code, valueReference=_STRANGER))
        at = "Task.output[0].value.reference"
        yield Case(NEED, f"output:{name}", change, "wrong-reference-target", at, allowed)
    for name in ("registration", "deregistration"):
        change = _more("output", _row(_OUTPUT, name, valueCode="done"))
        yield Case(NEED, f"output:{name}", change, "unknown-code", "Task.output[0].value", "ehr-confirmed")
    change = _more("output", _row(_OUTPUT, "decision", valueCodeableConcept={"coding": [{"code": "team"}]}))
    yield Case(NEED, "output:decision", change, "unknown-code", "Task.output[0].value", "coordinator-appointed")


def _numbers() -> Iterator[Case]:
    def identifier(index: int, name: str, value: str | None) -> Change:
        def change(content: Json) -> None:
            content["identifier"][index].pop(name)
            if value is not None:
                content["identifier"][index][name] = value

        return change

    yield Case(NEED, "identifier:sender", identifier(0, "system", None), "missing-element", "Task.identifier[0].system")
    yield Case(NEED, "identifier:sender", identifier(0, "value", None), "missing-element", "Task.identifier[0].value")
    case = "identifier:caseNumber"
    yield Case(NEED, case, identifier(1, "value", None), "missing-element", "Task.identifier[1].value")
    system = "Task.identifier[1].system"
    yield Case(NEED, case, identifier(1, "system", "urn:x"), "wrong-value", system, "NamingSystem/case-number")
    twice: Change = lambda content: content["identifier"].append(content["identifier"][1])  # noqa: E731
    yield Case(NEED, case, twice, "too-many", "Task.identifier[2]")
    need = {"system": "https://samband.example/fhir/CodeSystem/coordination-task", "code": "coordinator-need"}
    other: Change = _with("code", {"coding": [{"code": "coordinator-need"}]})
    yield Case(NEED, "code.coding:need", other, "missing-element", "Task.code.coding", "CodeSystem/coordination-task")
    both: Change = _with("code", {"coding": [need, {"code": "fulfill"}, need]})
    yield Case(NEED, "code.coding:need", both, "too-many", "Task.code.coding[2]")


def _team() -> Iterator[Case]:
    other = {"coding": [{"system": "http://loinc.org", "code": "LA27976-2"}]}
    slice_name = "category:longitudinal"
    yield Case(TEAM, slice_name, _with("category", [other]), "missing-element", "CareTeam.category", "LA28865-6")
    yield Case(TEAM, slice_name, _with("category", [_LOINC, other, _LOINC]), "too-many", "CareTeam.category[2]")
    for name, url, wrong, member in (
        ("ehrState", "ehr-state", {"valueString": "a"}, "valueCode"),
        ("endReason", "end-reason", {"valueString": "a"}, "valueCode"),
        ("deputy", "deputy", {"valueString": "a"}, "valueReference"),
        ("reviewDate", "review-date", {"valueDateTime": "2026"}, "valueDate"),
    ):
        row = {"url": f"https://samband.example/fhir/StructureDefinition/{url}"}
        at = "CareTeam.participant[1].extension[4]"
        rule = f"participant.extension:{name}"
        yield Case(TEAM, rule, _extended(row | wrong), "wrong-type", f"{at}.value", member)
        nested = {"extension": [{"url": "https://a.example", "valueString": "a"}]}
        yield Case(TEAM, rule, _extended(row | nested), "too-many", f"{at}.extension[0]")
        yield Case(TEAM, rule, _extended(row | nested), "missing-element", f"{at}.value")
    for name, url in (("ehrState", "ehr-state"), ("deputy", "deputy"), ("reviewDate", "review-date")):
        row = {"url": f"https://samband.example/fhir/StructureDefinition/{url}"} | {"valueCode": "a"}
        yield Case(
            TEAM, f"participant.extension:{name}", _extended(row), "too-many", "CareTeam.participant[1].extension[4]"
        )
    for name, url in (("ehrState", "ehr-state"), ("endReason", "end-reason")):
        row = {"url": f"https://samband.example/fhir/StructureDefinition/{url}"} | {"valueCode": "x"}
        at = "CareTeam.participant[1].extension[4].value"
        yield Case(TEAM, f"participant.extension:{name}", _extended(row), "unknown-code", at)
    stateless: Change = lambda content: content["participant"][1]["extension"].pop(0)  # noqa: E731
    at = "CareTeam.participant[1].extension"
    yield Case(TEAM, "participant.extension:ehrState", stateless, "missing-element", at, "ehr-state")


def _extended(row: Json) -> Change:
    """One more extension of the second participant, which has three; a filler keeps the place."""

    def change(content: Json) -> None:
        rows = content["participant"][1]["extension"]
        rows.append({"url": "https://a.example", "valueString": "a"})
        rows.append(row)

    return change


def _others() -> Iterator[Case]:
    kind = {"coding": [{"system": "https://samband.example/fhir/CodeSystem/need-kind", "code": "individual-plan"}]}
    yield Case(PLAN, "category:individualPlan", _with("category", [kind, kind]), "too-many", "CarePlan.category[1]")
    for profile, change, code, at in (
        (NEED, _without("for"), "missing-element", "Task.for"),
        (NEED, _with("intent", "plan"), "wrong-value", "Task.intent"),
        (NEED, _with("businessStatus", {"text": "a"}), "unknown-code", "Task.businessStatus"),
        (TEAM, _without("managingOrganization"), "missing-element", "CareTeam.managingOrganization"),
        (PLAN, _with("intent", "order"), "wrong-value", "CarePlan.intent"),
        (PLAN, _without("period"), "missing-element", "CarePlan.period"),
        (CONSENT, _with("scope", {"text": "a"}), "wrong-value", "Consent.scope"),
        (CONSENT, _without("dateTime"), "missing-element", "Consent.dateTime"),
        (CONSENT, _with("provision", {"type": "deny", "provision": [{"type": "deny"}]}), "too-many",
         "Consent.provision.provision[0]"),
        (ANSWERS, _without("item"), "missing-element", "QuestionnaireResponse.item"),
        (ANSWERS, _with("item", [{"linkId": "a", "answer": [{"valueString": "ja"}]}]), "wrong-type",
         "QuestionnaireResponse.item[0].answer[0].value"),
        (ANSWERS, _with("item", [{"linkId": "a", "answer": [{"valueBoolean": True}] * 2}]), "too-many",
         "QuestionnaireResponse.item[0].answer[1]"),
        (WORK, _with("focus", {"reference": "Task/1"}), "wrong-reference-target", "Task.focus.reference"),
        (WORK, _with("restriction", {"period": {"start": "2026"}}), "missing-element", "Task.restriction.period.end"),
        (WORK, _with("code", {"text": "a"}), "wrong-value", "Task.code"),
    ):  # fmt: skip
        yield Case(profile, "", change, code, at)


def _abort() -> Iterator[Case]:
    unnumbered: Change = lambda content: content["identifier"][0].pop("value")  # noqa: E731
    yield Case(ABORT, "identifier:sender", unnumbered, "missing-element", "Task.identifier[0].value")
    code = {"system": "https://samband.example/fhir/CodeSystem/coordination-task", "code": "abort"}
    other = _with("code", {"coding": [{"code": "abort"}]})
    yield Case(ABORT, "code.coding:abort", other, "missing-element", "Task.code.coding", "CodeSystem/coordination-task")
    yield Case(ABORT, "code.coding:abort", _with("code", {"coding": [code, code]}), "too-many", "Task.code.coding[1]")
    for change, issue, at in (
        (_without("focus"), "missing-element", "Task.focus"),
        (_with("focus", {"display": "x"}), "missing-element", "Task.focus.reference"),
        (_with("focus", {"reference": "CarePlan/1"}), "wrong-reference-target", "Task.focus.reference"),
        (_with("intent", "plan"), "wrong-value", "Task.intent"),
        (_with("businessStatus", {"text": "x"}), "too-many", "Task.businessStatus"),
        (_with("output", [{"type": {"text": "x"}, "valueString": "x"}]), "too-many", "Task.output[0]"),
    ):
        yield Case(ABORT, "", change, issue, at)
    yield Case(ABORT, "samband-abort-1", _without("description"), "invariant", "Task")
    for status in ("rejected", "accepted", "draft"):
        yield Case(ABORT, "samband-abort-2", _with("status", status), "invariant", "Task")
    nameless = _with("identifier", [{"type": {"coding": [{"code": "MR"}]}, "system": "urn:x", "value": "1"}])
    yield Case(ABORT, "samband-need-2", nameless, "invariant", "Task")


def _constraints() -> Iterator[Case]:
    def silent(content: Json) -> None:
        for name in ("description", "reasonCode", "input"):
            content.pop(name)

    def nameless(content: Json) -> None:
        content["identifier"] = [{"type": {"coding": [{"code": "MR"}]}, "system": "urn:x", "value": "1"}]

    def ended(content: Json) -> None:
        content["participant"][0]["period"] = {"end": "2026-01-05"}

    yield Case(NEED, "samband-need-1", silent, "invariant", "Task")
    yield Case(NEED, "samband-need-2", nameless, "invariant", "Task")
    yield Case(NEED, "samband-need-3", _with("status", "rejected"), "invariant", "Task")
    for status in ("in-progress", "on-hold", "ready", "failed"):
        yield Case(NEED, "samband-need-4", _with("status", status), "invariant", "Task")
    yield Case(TEAM, "samband-team-1", ended, "invariant", "CareTeam.participant[0]")
    other = _with("questionnaire", "https://samband.example/fhir/Questionnaire/other")
    yield Case(ANSWERS, "samband-answers-1", other, "invariant", "QuestionnaireResponse")


def _patient(profile: str, name: str) -> Iterator[Case]:
    at = f"{example(profile)['resourceType']}.{name}"
    for wrong in ({"display": "Kari"}, {"identifier": {"system": "urn:x", "value": "1"}}):
        yield Case(profile, "samband-patient", _with(name, wrong), "invariant", at)
    stranger = _with(name, {"reference": "Group/1"})
    yield Case(profile, "", stranger, "wrong-reference-target", f"{at}.reference", "Patient")
