"""Wrong content that the tables cannot make: two forms of a choice, broken invariants. Written out by hand."""
# ruff: noqa: E501 (a case is one line)

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
