"""Valid content passes, each fault is named by its element, nothing sent comes back."""
# ruff: noqa: E501 (a case is one line)

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.careteam import CareTeam
from fhir.resources.R4B.parameters import Parameters
from fhir.resources.R4B.task import Task

from app.errors import InvalidContent, Issue
from app.fhir.validation import validate
from tests.fhir.samples import ABSENT, DIV, care_team, parameters, task

MODELS: dict[str, Any] = {"Task": Task, "CareTeam": CareTeam, "Parameters": Parameters}
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


def issues(value: dict[str, Any]) -> list[Issue]:
    try:
        validate(value, value["resourceType"])
    except InvalidContent as invalid:
        return list(invalid.issues)
    return []


def task_with(member: str, value: Any) -> dict[str, Any]:
    """A Task with one input of this kind."""
    return task(input=[{"type": {"text": "x"}, member: value}], contained=None)


VALID = [
    task(),
    task(status="draft", contained=None, input=None),
    task(text=None, _description={"extension": [{"url": "http://a.example", "valueCode": "b"}]}),
    task(_description={"id": "d1"}),
    task(encounter={"reference": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}),
    task(focus={"reference": "Task/1/_history/2", "display": "x"}),
    task(authoredOn="2024-02-29", lastModified="2024-03"),
    task(authoredOn="2016-12-31T23:59:60Z", lastModified="2017-01-01T00:00:00Z"),
    task_with("valueDecimal", Decimal("1.00")),
    task_with("valueDecimal", 3),
    task_with("valueBase64Binary", "aGVp CmE9\n"),
    task_with("valueTime", "23:59:59.5"),
    task_with("valueOid", "urn:oid:2.16.578.1"),
    task_with("valueUuid", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"),
    task_with("valueInstant", "2024-02-29T10:00:00.123456+01:00"),
    task_with("valueRange", {"low": {"value": 1, "unit": "g"}, "high": {"value": Decimal("1.5"), "unit": "g"}}),
    task_with("valueRatio", {"numerator": {"value": 1}, "denominator": {"value": 2}}),
    task_with("valueTiming", {"repeat": {"when": ["AC"], "offset": 30}}),
    task_with("valueMeta", {"tag": [{"code": "x"}]}),
    task_with("valueIdentifier", {"extension": [{"url": "http://a.example", "valueBoolean": False}]}),
    care_team(),
    care_team(status="proposed", participant=None),
    care_team(participant=[{"member": {"reference": "Organization/1"}}]),
    care_team(
        contained=[{"resourceType": "Organization", "id": "o", "name": "x"}],
        managingOrganization=[{"reference": "#o"}],
    ),
    parameters(),
    parameters(parameter=None),
]


@pytest.mark.parametrize("value", VALID, ids=lambda value: value["resourceType"])
def test_valid_content_passes_here_and_in_fhir_resources(value: dict[str, Any]) -> None:
    before = deepcopy(value)
    assert issues(value) == []
    assert value == before
    model = deepcopy(value)
    for row in model.get("input", []):
        row.pop("valueMeta", None)  # legal in R4, missing in that package
        row.setdefault("valueString", "x") if len(row) == 1 else None
    MODELS[value["resourceType"]].model_validate(model)


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    # unknown and missing elements
    (task(foo=1), "unknown-element", "Task.foo"),
    (task(Status="x"), "unknown-element", "Task.Status"),
    (task(**{"10915596784": 1}), "unknown-element", "Task"),
    (task(**{"Kari Nordmann": 1}), "unknown-element", "Task"),
    (task(restriction={"repetition": 1}), "unknown-element", "Task.restriction.repetition"),
    (task(_code={"id": "x"}), "unknown-element", "Task._code"),
    (task(extension=[{"url": "http://a.example", "valueCode": "x", "valueCodeableReference": {"concept": {"text": "x"}}}]), "unknown-element", "Task.extension[0].valueCodeableReference"),
    (task(extension=[{"url": "http://a.example", "valueCode": "x", "valueRatioRange": {}}]), "unknown-element", "Task.extension[0].valueRatioRange"),
    (task(meta={"project": "x"}), "unknown-element", "Task.meta.project"),
    (task(status=None), "missing-element", "Task.status"),
    (task(intent=None), "missing-element", "Task.intent"),
    (task(input=[{"valueBoolean": True}], contained=None), "missing-element", "Task.input[0].type"),
    (task(note=[{"time": "2026"}]), "missing-element", "Task.note[0].text"),
    (task(extension=[{"valueString": "x"}]), "missing-element", "Task.extension[0].url"),
    (task(text={"status": "generated"}), "missing-element", "Task.text.div"),
    # lists and single values
    (task(description=["a", "b"]), "too-many", "Task.description"),
    (task(code=[{"text": "x"}]), "too-many", "Task.code"),
    (task(identifier={"value": "x"}), "not-a-list", "Task.identifier"),
    (task(note="x"), "not-a-list", "Task.note"),
    (task(identifier=["x"]), "wrong-type", "Task.identifier[0]"),
    (task(code="x"), "wrong-type", "Task.code"),
    (task(contained=["x"], input=None), "wrong-type", "Task.contained[0]"),
    # primitives
    (task(description=1), "wrong-type", "Task.description"),
    (task(authoredOn=1_700_000_000), "wrong-type", "Task.authoredOn"),
    (task_with("valueBoolean", "true"), "wrong-type", "Task.input[0].value"),
    (task_with("valueInteger", True), "wrong-type", "Task.input[0].value"),
    (task_with("valueInteger", Decimal("1.0")), "wrong-type", "Task.input[0].value"),
    (task_with("valueInteger", 2**31), "wrong-format", "Task.input[0].value"),
    (task_with("valueDecimal", "1.0"), "wrong-type", "Task.input[0].value"),
    (task_with("valueUnsignedInt", -1), "wrong-format", "Task.input[0].value"),
    (task(restriction={"repetitions": 0}), "wrong-format", "Task.restriction.repetitions"),
    (task(authoredOn="2024-02-30"), "wrong-format", "Task.authoredOn"),
    (task(authoredOn="2023-02-29"), "wrong-format", "Task.authoredOn"),
    (task(authoredOn="2024-04-31T10:00:00Z"), "wrong-format", "Task.authoredOn"),
    (task(authoredOn="2024-01-01T10:00:00"), "wrong-format", "Task.authoredOn"),
    (task(authoredOn="2024-01-01T10:00Z"), "wrong-format", "Task.authoredOn"),
    (task(authoredOn="2024-01-01T24:00:00Z"), "wrong-format", "Task.authoredOn"),
    (task(authoredOn="2024-13"), "wrong-format", "Task.authoredOn"),
    (task(authoredOn="0000"), "wrong-format", "Task.authoredOn"),
    (task(authoredOn="2024-01T10:00:00Z"), "wrong-format", "Task.authoredOn"),
    (task(authoredOn="\uff12\uff10\uff12\uff14"), "wrong-format", "Task.authoredOn"),
    (task_with("valueDate", "2024-1-1"), "wrong-format", "Task.input[0].value"),
    (task_with("valueInstant", "2024-01-01"), "wrong-format", "Task.input[0].value"),
    (task_with("valueTime", "10:00"), "wrong-format", "Task.input[0].value"),
    (task_with("valueBase64Binary", "abc"), "wrong-format", "Task.input[0].value"),
    (task_with("valueOid", "2.16.578"), "wrong-format", "Task.input[0].value"),
    (task_with("valueUuid", "urn:uuid:x"), "wrong-format", "Task.input[0].value"),
    (task(instantiatesUri="a b"), "wrong-format", "Task.instantiatesUri"),
    (task(description="a\x07b"), "wrong-format", "Task.description"),
    (task(description="x" * 1_048_577), "wrong-format", "Task.description"),
    (task(language=" nb"), "wrong-format", "Task.language"),
    (task(id="a b/c"), "bad-id", "Task.id"),
    (task(id="x" * 65), "bad-id", "Task.id"),
    (task(restriction={"id": "a b", "repetitions": 1}), "bad-id", "Task.restriction.id"),
    # empty
    (task(description=""), "empty-value", "Task.description"),
    (task(description=" \n"), "empty-value", "Task.description"),
    (task(note=[]), "empty-value", "Task.note"),
    (task(restriction={}), "empty-value", "Task.restriction"),
    (task(restriction={"id": "x"}), "empty-value", "Task.restriction"),
    (task() | {"description": None}, "empty-value", "Task.description"),
    (task() | {"code": None}, "empty-value", "Task.code"),
    (task(note=[None]), "empty-value", "Task.note[0]"),
    (task_with("valueHumanName", {"given": [None, "B"]}), "empty-value", "Task.input[0].value.given[0]"),
    (task_with("valueHumanName", {"_given": [None]}), "empty-value", "Task.input[0].value.given"),
    (task_with("valueHumanName", {"given": ["A"], "_given": [None, ABSENT]}), "wrong-format", "Task.input[0].value.given"),
    (task(description=None, _description={"id": "d1"}), "empty-value", "Task.description"),
    # codes
    (task(status="nonsense"), "unknown-code", "Task.status"),
    (task(status=1), "wrong-type", "Task.status"),
    (task(intent="Order"), "unknown-code", "Task.intent"),
    (task(priority="high"), "unknown-code", "Task.priority"),
    (care_team(status="draft"), "unknown-code", "CareTeam.status"),
    (care_team(telecom=[{"system": "telegraph", "value": "x"}]), "unknown-code", "CareTeam.telecom[0].system"),
    (task(contained=[{"resourceType": "Banana", "id": "answers"}]), "unknown-code", "Task.contained[0].resourceType"),
    # references
    (task(encounter={"reference": "Patient/1"}), "wrong-reference-target", "Task.encounter.reference"),
    (task(requester={"reference": "https://a.example/fhir/Group/1"}), "wrong-reference-target", "Task.requester.reference"),
    (task(focus={"reference": "Banana/1"}), "wrong-reference-target", "Task.focus.reference"),
    (task(owner={"type": "Location", "display": "x"}), "wrong-reference-target", "Task.owner.type"),
    (task(focus={"type": "Banana", "display": "x"}), "wrong-reference-target", "Task.focus.type"),
    (task(owner={"type": "Organization", "reference": "Practitioner/1"}), "wrong-reference-target", "Task.owner.type"),
    (task(focus={"reference": "Patient/a b"}), "wrong-format", "Task.focus.reference"),
    (task(focus={"reference": "12345"}), "wrong-format", "Task.focus.reference"),
    (task(focus={"reference": "Patient?identifier=1"}), "wrong-format", "Task.focus.reference"),
    (task(focus={"reference": "javascript:alert(1)"}), "wrong-format", "Task.focus.reference"),
    (task(focus={"reference": "#none"}), "invariant", "Task.focus.reference"),
    (task(encounter={"reference": "#answers"}), "wrong-reference-target", "Task.encounter.reference"),
    # choices
    (task(input=[{"type": {"text": "x"}, "valueString": "x", "valueCode": "y"}], contained=None), "several-choices", "Task.input[0].value"),
    (task(input=[{"type": {"text": "x"}, "valueString": "x", "_valueCode": {"id": "y"}}], contained=None), "several-choices", "Task.input[0].value"),
    # contained
    (task(contained=[{"resourceType": "QuestionnaireResponse", "status": "completed"}], input=None), "missing-element", "Task.contained[0].id"),
    (task(input=None), "invariant", "Task.contained[0]"),
    (task(contained=[{"resourceType": "Basic", "id": "answers", "name": []}]), "empty-value", "Task.contained[0].name"),
    (task(contained=[{"resourceType": "Basic", "id": "answers", "meta": {"versionId": "1"}}]), "invariant", "Task.contained[0]"),
    (task(contained=[{"resourceType": "Basic", "id": "answers"}] * 2), "bad-id", "Task.contained[1].id"),
    (task(contained=[{"resourceType": "Task", "id": "answers", "status": "draft"}]), "missing-element", "Task.contained[0].intent"),
    (task(contained=[{"resourceType": "Patient", "id": "answers", "text": {"status": "generated", "div": "<script/>"}}]), "unsafe-narrative", "Task.contained[0].text.div"),
    # narrative
    (task(text={"status": "generated", "div": f"<div {XHTML}><script>x</script></div>"}), "unsafe-narrative", "Task.text.div"),
    (task(text={"status": "all", "div": DIV}), "unknown-code", "Task.text.status"),
    # invariants
    (task(lastModified="2026-11-20T08:59:59Z"), "invariant", "Task"),
    (task(executionPeriod={"start": "2026-02-02", "end": "2026-02-01"}), "invariant", "Task.executionPeriod"),
    (task(extension=[{"url": "http://a.example"}]), "invariant", "Task.extension[0]"),
    (task(extension=[{"url": "http://a.example", "valueCode": "x", "extension": [{"url": "b", "valueCode": "c"}]}]), "invariant", "Task.extension[0]"),
    (care_team(participant=[{"member": {"reference": "PractitionerRole/1"}, "onBehalfOf": {"reference": "Organization/1"}}]), "invariant", "CareTeam.participant[0]"),
    (care_team(telecom=[{"value": "x"}]), "invariant", "CareTeam.telecom[0]"),
    (parameters(parameter=[{"name": "x"}]), "invariant", "Parameters.parameter[0]"),
    (parameters(parameter=[{"name": "x", "valueCode": "y", "part": [{"name": "z", "valueCode": "w"}]}]), "invariant", "Parameters.parameter[0]"),
    (parameters(parameter=[{"name": "x", "part": [{"valueCode": "y"}]}]), "missing-element", "Parameters.parameter[0].part[0].name"),
    (parameters(parameter=[{"name": "x", "resource": {"resourceType": "Task", "status": "draft"}}]), "missing-element", "Parameters.parameter[0].resource.intent"),
    (task_with("valueQuantity", {"value": 1, "code": "mg"}), "invariant", "Task.input[0].value"),
    (task_with("valueAge", {"value": 0, "code": "a", "system": "http://unitsofmeasure.org"}), "invariant", "Task.input[0].value"),
    (task_with("valueCount", {"value": Decimal("1.5"), "code": "1"}), "invariant", "Task.input[0].value"),
    (task_with("valueDuration", {"code": "h"}), "invariant", "Task.input[0].value"),
    (task_with("valueRange", {"low": {"value": 2}, "high": {"value": 1}}), "invariant", "Task.input[0].value"),
    (task_with("valueRange", {"low": {"value": 2, "comparator": ">"}}), "invariant", "Task.input[0].value.low"),
    (task_with("valueRatio", {"numerator": {"value": 1}}), "invariant", "Task.input[0].value"),
    (task_with("valueAttachment", {"data": "aGVpCg=="}), "invariant", "Task.input[0].value"),
    (task_with("valueExpression", {"language": "text/cql"}), "invariant", "Task.input[0].value"),
    (task_with("valueTiming", {"repeat": {"duration": 1}}), "invariant", "Task.input[0].value.repeat"),
    (task_with("valueTiming", {"repeat": {"period": -1, "periodUnit": "d"}}), "invariant", "Task.input[0].value.repeat"),
    (task_with("valueTiming", {"repeat": {"offset": 1, "when": ["C"]}}), "invariant", "Task.input[0].value.repeat"),
    (task_with("valueTriggerDefinition", {"type": "named-event"}), "invariant", "Task.input[0].value"),
    (task_with("valueDataRequirement", {"type": "Task", "codeFilter": [{"path": "a", "searchParam": "b"}]}), "invariant", "Task.input[0].value.codeFilter[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "code", "expression"), FAULTS, ids=[f"{c} {e}" for _, c, e in FAULTS])
def test_one_fault_is_one_issue_at_its_element(value: dict[str, Any], code: str, expression: str) -> None:
    found = [(issue.code, issue.expression) for issue in issues(value)]
    assert (code, expression) in found
    related = {expression, "Task.contained[0]"}
    assert {where for _, where in found} <= related
    assert all("Nordmann" not in issue.diagnostics and "1091559" not in issue.diagnostics for issue in issues(value))


def test_allowed_codes_and_targets_are_named() -> None:
    assert issues(task(status="nonsense"))[0].allowed[:2] == ("accepted", "cancelled")
    assert issues(task(encounter={"reference": "Patient/1"}))[0].allowed == ("Encounter",)


def test_all_faults_come_at_once_in_the_order_sent() -> None:
    found = issues(task(status="x", intent=None, authoredOn="2024-02-30", note=[{}], foo=1))
    assert [issue.expression for issue in found] == [
        "Task.status", "Task.authoredOn", "Task.note[0]", "Task.note[0].text", "Task.foo", "Task.intent",
    ]  # fmt: skip


def test_faults_beyond_fifty_are_not_listed_and_cost_nothing() -> None:
    value = task(note=[{"text": 1, "time": "x"}] * 20_000, restriction={"period": {"start": 1, "end": 2}})
    assert len(issues(value)) == 50


def test_another_type_than_the_address_says_is_refused() -> None:
    with pytest.raises(InvalidContent) as refused:
        validate(care_team(), "Task")
    assert refused.value.issues[0].expression == "Task.resourceType"
