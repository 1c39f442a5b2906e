"""Wrong content that the tables cannot make: two forms of a choice, broken invariants. Written out by hand."""
# ruff: noqa: E501 (a case is one line)

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
TEXT, REFERENCE = {"text": "x"}, {"reference": "Organization/1"}

CHOICES: dict[str, tuple[str, Json]] = {
    "Patient.deceased": ("Patient", {"deceasedDateTime": "2026-01-01"}),
    "Patient.multipleBirth": ("Patient", {"multipleBirthBoolean": True, "multipleBirthInteger": 2}),
    "ServiceRequest.occurrence": ("ServiceRequest", {"occurrenceDateTime": "2026"}),
    "ServiceRequest.quantity": ("ServiceRequest", {"quantityRange": {"low": {"value": 1}}}),
    "ServiceRequest.asNeeded": ("ServiceRequest", {"asNeededBoolean": True, "asNeededCodeableConcept": TEXT}),
    "Consent.source": ("Consent", {"sourceAttachment": {"title": "x"}}),
    "Provenance.occurred": ("Provenance", {"occurredPeriod": {"start": "2026"}}),
    "Measure.subject": ("Measure", {"subjectCodeableConcept": TEXT}),
    "Task.input[0].value": (
        "Task",
        {"input": [{"type": TEXT, "valueString": "a", "valueCode": "b"}], "contained": None},
    ),
    "Task.output[0].value": ("Task", {"output": [{"type": TEXT, "valueString": "a", "_valueCode": {"id": "b"}}]}),
    "Communication.payload[0].content": (
        "Communication",
        {"payload": [{"contentString": "a", "contentReference": REFERENCE}]},
    ),
    "CarePlan.activity[0].detail.scheduled": (
        "CarePlan",
        {
            "activity": [
                {"detail": {"status": "scheduled", "scheduledString": "a", "scheduledPeriod": {"start": "2026"}}}
            ]
        },
    ),
    "QuestionnaireResponse.item[0].answer[0].value": (
        "QuestionnaireResponse",
        {"item": [{"linkId": "1", "answer": [{"valueString": "a", "valueInteger": 1}]}]},
    ),
    "Questionnaire.item[0].initial[0].value": (
        "Questionnaire",
        {"item": [{"linkId": "1", "type": "string", "initial": [{"valueString": "a", "valueInteger": 1}]}]},
    ),
    "AuditEvent.entity[0].detail[0].value": (
        "AuditEvent",
        {"entity": [{"detail": [{"type": "a", "valueString": "b", "valueBase64Binary": "aGVp"}]}]},
    ),
    "Parameters.parameter[0].value": (
        "Parameters",
        {"parameter": [{"name": "a", "valueString": "a", "valueCode": "b"}]},
    ),
    "CareTeam.extension[0].value": (
        "CareTeam",
        {"extension": [{"url": "https://a.example", "valueString": "a", "valueCode": "b"}]},
    ),
}


def _item(**members: Any) -> Json:
    return {"item": [{"linkId": "1"} | members]}


def _bundle(kind: str, *entries: Json, **members: Any) -> Json:
    return {"type": kind, "entry": list(entries), "timestamp": None, "identifier": None} | members


def _differential(**members: Any) -> Json:
    return {"differential": {"element": [{"id": "Task"} | {"path": "Task"}, {"id": "a", "path": "Task.a"} | members]}}


def _snapshot(root: Json, *more: Json) -> Json:
    base = {"path": "Task", "min": 0, "max": "*"}
    first = {"id": "Task", "path": "Task", "definition": "d", "min": 0, "max": "*", "base": base}
    return {
        "snapshot": {"element": [{k: v for k, v in (first | one).items() if v is not None} for one in (root, *more)]}
    }


def _root(**members: Any) -> Json:
    return {"differential": {"element": [{"id": "Task", "path": "Task"} | members]}}


def _definitions() -> Iterator[tuple[str, str, Json, str]]:
    """Of the types that define others: one fault for each of R4's constraints."""
    name, at = "StructureDefinition", ".differential.element[1]"
    code, coding, pointing = {"code": "code"}, {"code": "Coding"}, {"code": "Reference"}
    rule = {"key": "a-1", "severity": "error", "human": "h"}
    hl7 = {"url": "http://hl7.org/fhir/StructureDefinition/Sak"}
    profiled = {"targetProfile": ["https://a.example/x"]}
    rules: tuple[tuple[str, Json, str], ...] = (
        ("eld-1", {"slicing": {"rules": "open"}}, ".slicing"),
        ("eld-2", {"min": 2, "max": "1"}, ""),
        ("eld-3", {"max": "many"}, ""),
        ("eld-4", {"type": [code | {"aggregation": ["bundled"]}]}, ".type[0]"),
        ("eld-5", {"contentReference": "#Task", "maxLength": 1}, ""),
        ("eld-6", {"type": [code, coding], "fixedCode": "a"}, ""),
        ("eld-7", {"type": [code, coding], "patternCode": "a"}, ""),
        ("eld-8", {"fixedCode": "a", "patternCode": "a"}, ""),
        ("eld-11", {"type": [pointing], "binding": {"strength": "example", "description": "d"}}, ""),
        ("eld-12", {"binding": {"strength": "example", "valueSet": "ftp://a.example"}}, ".binding"),
        ("eld-13", {"type": [code, code]}, ""),
        ("eld-14", {"constraint": [rule, rule]}, ""),
        ("eld-16", {"sliceName": "a b"}, ""),
        ("eld-17", {"type": [code | profiled]}, ".type[0]"),
        ("eld-18", {"isModifier": True}, ""),
        ("eld-19", {"path": "Task.a b"}, ""),
        ("eld-22", {"sliceIsConstraining": True}, ""),
    )
    for key, members, place in rules:
        yield key, name, _differential(**members), at + place
    specialized = {"derivation": "specialization", "snapshot": None}
    default = {"defaultValueCode": "a"}
    yield "eld-15", name, specialized | _differential(**default, meaningWhenMissing="m"), at
    structures: tuple[tuple[str, Json, str], ...] = (
        ("sdf-1", specialized | _snapshot({}, {"id": "a", "path": "Task.a"}, {"id": "b", "path": "Task.a"}), ""),
        ("sdf-2", {"mapping": [{"identity": "a"}]}, ".mapping[0]"),
        ("sdf-3", _snapshot({"definition": None}), ".snapshot"),
        ("sdf-4", {"baseDefinition": None}, ""),
        (
            "sdf-5",
            {"type": "Extension", "snapshot": None}
            | {"differential": {"element": [{"id": "Extension", "path": "Extension"}]}},
            "",
        ),
        ("sdf-6", {"snapshot": None, "differential": None}, ""),
        ("sdf-8", _snapshot({}, {"id": "a", "path": "Tusk.a"}), ""),
        ("sdf-8a", {"differential": {"element": [{"id": "Task", "path": "Task"}, {"id": "a", "path": "Tusk.a"}]}}, ""),
        ("sdf-8b", _snapshot({"base": None}), ".snapshot"),
        ("sdf-9", _root(label="a"), ""),
        (
            "sdf-10",
            _snapshot({}, {"id": "a", "path": "Task.a", "binding": {"strength": "example"}}),
            ".snapshot.element[1]",
        ),
        ("sdf-11", _snapshot({"path": "Tusk"}), ""),
        ("sdf-14", {"differential": {"element": [{"path": "Task"}]}}, ""),
        ("sdf-15", _snapshot({"type": [code]}), ""),
        ("sdf-15a", _root(type=[code]), ""),
        ("sdf-16", _snapshot({}, {"path": "Task.a"}), ""),
        ("sdf-17", _differential(id="Task"), ""),
        ("sdf-18", {"contextInvariant": ["a"]}, ""),
        ("sdf-19", hl7 | _differential(type=[{"code": "https://a.example/x"}]), ""),
        ("sdf-20", _root(slicing={"rules": "open", "description": "d"}), ".differential"),
        ("sdf-21", _differential(**default), ""),
        ("sdf-22", hl7 | specialized | _differential(**default), ""),
        ("sdf-23", _root(sliceName="a"), ""),
    )
    for key, members, place in structures:
        yield key, name, members, place
    yield "csd-1", "CodeSystem", {"concept": [{"code": "a", "concept": [{"code": "a"}]}]}, ""
    parameters: tuple[tuple[str, Json], ...] = (
        ("opd-1", {}), ("opd-2", {"type": "code", "searchType": "token"}), ("opd-3", {"type": "code"} | profiled)
    )  # fmt: skip
    for key, members in parameters:
        yield (
            key,
            "OperationDefinition",
            {"parameter": [{"name": "a", "use": "in", "min": 0, "max": "1"} | members]},
            ".parameter[0]",
        )
    yield "spd-1", "SearchParameter", {"xpathUsage": None}, ""
    yield "spd-2", "SearchParameter", {"type": "token"}, ""
    a_filter = [{"property": "p", "op": "=", "value": "1"}]
    sources: tuple[tuple[str, Json], ...] = (
        ("vsd-1", {"version": "1"}),
        ("vsd-2", {"valueSet": ["https://a.example/b"], "filter": a_filter}),
        ("vsd-3", {"system": "https://a.example/cs", "concept": [{"code": "a"}], "filter": a_filter}),
    )
    for key, included in sources:
        yield key, "ValueSet", {"compose": {"include": [included]}}, ".compose.include[0]"
    rows: tuple[tuple[str, Json], ...] = (
        ("vsd-6", {"abstract": True}), ("vsd-9", {"display": "a"}), ("vsd-10", {"code": "a"})
    )  # fmt: skip
    for key, row in rows:
        expansion = {"timestamp": "2026-01-01T10:00:00Z", "contains": [row]}
        yield key, "ValueSet", {"expansion": expansion}, ".expansion.contains[0]"


_ENTRY: Json = {"resource": {"resourceType": "Patient"}}
_CALL: Json = {"request": {"method": "POST", "url": "Patient"}}
_WHEN: Json = {"question": "1", "operator": "=", "answerInteger": 1}
_TIMES: Json = {"start": "2026-02-02", "end": "2026-02-01"}
INVARIANTS: tuple[tuple[str, str, Json, str], ...] = (
    ("inv-1", "Task", {"lastModified": "2025-12-31"}, ""),
    ("ctm-1", "CareTeam", {"participant": [{"member": {"reference": "PractitionerRole/1"}, "onBehalfOf": REFERENCE}]}, ".participant[0]"),
    ("ctm-1", "CareTeam", {"participant": [{"member": {"type": "Patient"}, "onBehalfOf": REFERENCE}]}, ".participant[0]"),
    ("ctm-1", "CareTeam", {"contained": [{"resourceType": "RelatedPerson", "id": "p", "patient": {"reference": "Patient/1"}}]}, ".participant[0]"),
    ("cpl-3", "CarePlan", {"activity": [{"reference": {"reference": "Task/1"}, "detail": {"status": "unknown"}}]}, ".activity[0]"),
    ("prr-1", "ServiceRequest", {"code": None}, ""),
    ("qrs-1", "QuestionnaireResponse", _item(item=[{"linkId": "2"}], answer=[{"valueString": "a"}]), ".item[0]"),
    ("ppc-1", "Consent", {"policyRule": None}, ""),
    ("ppc-5", "Consent", {"patient": None}, ""),
    *(
        ("ppc", "Consent", {"patient": None, "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": code}]}}, "")
        for code in ("patient-privacy", "research", "adr")
    ),
    ("pat-1", "Patient", {"contact": [{"gender": "female"}]}, ".contact[0]"),
    ("org-1", "Organization", {"name": None, "identifier": None}, ""),
    ("org-2", "Organization", {"address": [{"use": "work"}, {"use": "home"}]}, ".address[1]"),
    ("org-3", "Organization", {"telecom": [{"value": "1", "system": "phone", "use": "home"}]}, ".telecom[0]"),
    ("sev-1", "AuditEvent", {"entity": [{"name": "a", "query": "aGVp"}]}, ".entity[0]"),
    ("mrp-1", "MeasureReport", {"type": "data-collection"}, ""),
    ("mrp-2", "MeasureReport", {"group": [{"stratifier": [{"stratum": [{"population": [{"count": 1}]}]}]}]}, ".group[0].stratifier[0].stratum[0]"),
    ("mea-1", "Measure", {"group": [{"stratifier": [{"code": TEXT, "component": [{"criteria": {"language": "text/cql", "expression": "x"}}]}]}]}, ".group[0].stratifier[0]"),
    ("que-1", "Questionnaire", _item(type="group"), ".item[0]"),
    ("que-1", "Questionnaire", _item(type="display", item=[{"linkId": "2", "type": "string"}]), ".item[0]"),
    ("que-2", "Questionnaire", _item(type="group", item=[{"linkId": "1", "type": "string"}]), ""),
    ("que-3", "Questionnaire", _item(type="display", code=[{"code": "a"}]), ".item[0]"),
    ("que-4", "Questionnaire", _item(type="choice", answerOption=[{"valueString": "a"}], answerValueSet="https://a.example"), ".item[0]"),
    ("que-5", "Questionnaire", _item(type="boolean", answerValueSet="https://a.example"), ".item[0]"),
    ("que-6", "Questionnaire", _item(type="display", required=True), ".item[0]"),
    ("que-7", "Questionnaire", _item(type="string", enableWhen=[_WHEN | {"operator": "exists"}]), ".item[0].enableWhen[0]"),
    ("que-8", "Questionnaire", _item(type="display", initial=[{"valueString": "a"}]), ".item[0]"),
    ("que-9", "Questionnaire", _item(type="display", readOnly=True), ".item[0]"),
    ("que-10", "Questionnaire", _item(type="date", maxLength=1), ".item[0]"),
    ("que-11", "Questionnaire", _item(type="choice", answerOption=[{"valueString": "a"}], initial=[{"valueString": "a"}]), ".item[0]"),
    ("que-12", "Questionnaire", _item(type="string", enableWhen=[_WHEN] * 3), ".item[0]"),
    ("que-13", "Questionnaire", _item(type="string", initial=[{"valueString": "a"}] * 2), ".item[0]"),
    ("bdl-1", "Bundle", {"total": 1}, ""),
    ("bdl-2", "Bundle", _bundle("collection", _ENTRY, _ENTRY | {"search": {"mode": "match"}}), ".entry[1]"),
    ("bdl-3", "Bundle", _bundle("batch", _ENTRY), ".entry[0]"),
    ("bdl-3", "Bundle", _bundle("collection", _ENTRY | _CALL), ".entry[0]"),
    ("bdl-4", "Bundle", _bundle("batch", _ENTRY | _CALL | {"response": {"status": "200"}}), ".entry[0]"),
    ("bdl-4", "Bundle", _bundle("batch-response", _ENTRY), ".entry[0]"),
    ("bdl-5", "Bundle", _bundle("collection", {"fullUrl": "https://a.example/Patient/1"}), ".entry[0]"),
    ("bdl-7", "Bundle", _bundle("collection", *[_ENTRY | {"fullUrl": "https://a.example/Patient/1"}] * 2), ".entry[1]"),
    ("bdl-8", "Bundle", _bundle("collection", _ENTRY | {"fullUrl": "https://a.example/Patient/1/_history/1"}), ".entry[0]"),
    ("bdl-9", "Bundle", _bundle("document", {"resource": {"resourceType": "Composition"}}, timestamp="2026-01-01T00:00:00Z"), ""),
    ("bdl-10", "Bundle", _bundle("document", {"resource": {"resourceType": "Composition"}}, identifier={"system": "urn:a", "value": "1"}), ""),
    ("bdl-11", "Bundle", _bundle("document", _ENTRY, identifier={"system": "urn:a", "value": "1"}, timestamp="2026-01-01T00:00:00Z"), ""),
    ("bdl-12", "Bundle", _bundle("message", _ENTRY), ""),
    *_definitions(),
    ("inv-1", "Parameters", {"parameter": [{"name": "a"}]}, ".parameter[0]"),
    ("inv-1", "Parameters", {"parameter": [{"name": "a", "valueCode": "a", "resource": {"resourceType": "Patient"}}]}, ".parameter[0]"),
    ("per-1", "RelatedPerson", {"period": _TIMES}, ".period"),
    ("per-1", "Practitioner", {"identifier": [{"value": "1", "period": _TIMES}]}, ".identifier[0].period"),
    ("per-1", "PractitionerRole", {"period": _TIMES}, ".period"),
    ("per-1", "Endpoint", {"period": _TIMES}, ".period"),
    ("per-1", "Encounter", {"period": _TIMES}, ".period"),
    ("cpt-2", "Subscription", {"contact": [{"value": "1"}]}, ".contact[0]"),
    ("cpt-2", "HealthcareService", {"telecom": [{"value": "1"}]}, ".telecom[0]"),
    ("att-1", "Communication", {"payload": [{"contentAttachment": {"data": "aGVp"}}]}, ".payload[0].content"),
    ("ext-1", "Provenance", {"extension": [{"url": "https://a.example"}]}, ".extension[0]"),
    ("ext-1", "OperationOutcome", {"extension": [{"url": "https://a.example", "valueCode": "a", "extension": [{"url": "b", "valueCode": "c"}]}]}, ".extension[0]"),
    ("drt-1", "Encounter", {"length": {"value": 1, "code": "d"}}, ".length"),
    ("ref-1", "Task", {"focus": {"reference": "#none"}}, ".focus.reference"),
)  # fmt: skip
