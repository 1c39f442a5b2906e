"""A valid resource of each type that we serve, rich in what gets lost easily: as text, so that bytes can be compared.

Decimals with trailing zeros, unknown and modifying extensions, ``_`` siblings, fillers in lists, contained resources,
narrative, unusual orders and escapes. All content is made up.
"""

from typing import Any, Final

from app.fhir import document

_DIV: Final = r'"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class=\"x\">Laget for <b>pr\u00f8ve</b></p></div>"'
_TEXT: Final = f'"text":{{"status":"generated","div":{_DIV}}}'
_UNKNOWN: Final = (
    '"extension":[{"url":"https://fjordvik.example/vekt","valueDecimal":1.500},'
    '{"url":"https://fjordvik.example/del","extension":[{"url":"a","valueCode":"x"}]}]'
)
_MODIFIER: Final = '"modifierExtension":[{"url":"https://fjordvik.example/ikke","valueBoolean":false}]'
_MASKED: Final = (
    '{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}'
)

_SOURCES: Final = {
    "AuditEvent": f"""{{"resourceType":"AuditEvent",{_TEXT},"type":{{"system":"http://dicom.nema.org/resources/ontology/DCM",
        "code":"110110"}},"subtype":[{{"code":"read"}}],"action":"R","period":{{"start":"2026-01-01"}},
        "recorded":"2026-01-02T10:00:00.120+01:00","outcome":"0","purposeOfEvent":[{{"text":"behandling"}}],
        "agent":[{{"requestor":true,"who":{{"reference":"Practitioner/1"}},"network":{{"address":"x","type":"2"}}}}],
        "source":{{"observer":{{"display":"Samband"}}}},"entity":[{{"name":"sak","what":{{"reference":"Task/1"}},
        "detail":[{{"type":"a","valueString":"b"}}]}}],{_UNKNOWN}}}""",
    "Bundle": """{"resourceType":"Bundle","type":"transaction","timestamp":"2026-01-01T10:00:00Z",
        "identifier":{"value":"1"},"link":[{"relation":"self","url":"https://a.example/"}],"entry":[
        {"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":{"resourceType":"Patient","active":true},
        "request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=a|1"}},{"fullUrl":"https://a.example/Task/1",
        "resource":{"resourceType":"Task","status":"draft","intent":"order",
        "for":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}},"request":{"method":"PUT","url":"Task/1"}}]}""",
    "CarePlan": f"""{{"intent":"plan","resourceType":"CarePlan",{_TEXT},"contained":[{{"resourceType":"Goal",
        "id":"goal-1","lifecycleStatus":"active","description":{{"text":"gå"}},"subject":{{"reference":"Patient/1"}},
        "target":[{{"measure":{{"text":"m"}},"detailQuantity":{{"value":10.0,"unit":"m"}}}}]}}],"status":"active",
        "subject":{{"reference":"Patient/1"}},"careTeam":[{{"reference":"CareTeam/1"}}],"goal":[{{"reference":"#goal-1"}}],
        "period":{{"start":"2026-01"}},"created":"2026-01-01","author":{{"reference":"Organization/1"}},
        "activity":[{{"reference":{{"reference":"Task/1"}}}},{{"detail":{{"status":"scheduled","kind":"Task",
        "scheduledPeriod":{{"start":"2026-02-01"}},"dailyAmount":{{"value":2.50}}}}}}],{_UNKNOWN},{_MODIFIER}}}""",
    "CareTeam": f"""{{"resourceType":"CareTeam",{_TEXT},"contained":[{{"resourceType":"Practitioner","id":"p"}}],
        "identifier":[{{"value":"1"}}],"status":"active","subject":{{"reference":"Patient/1"}},"period":{{"start":"2026"}},
        "participant":[{{"id":"r1","role":[{{"coding":[{{"system":"urn:oid:2.16.578.1.12.4.1.1.9034","code":"18"}}]}}],
        "member":{{"reference":"#p"}},"onBehalfOf":{{"reference":"Organization/1"}},"period":{{"end":"2026-12-31"}}}},
        {{"member":{{"reference":"PractitionerRole/2"}}}}],"note":[{{"text":"a"}}],{_UNKNOWN}}}""",
    "CodeSystem": f"""{{"resourceType":"CodeSystem",{_TEXT},"url":"https://a.example/cs","identifier":[{{"value":"1"}}],
        "name":"Arsaker","status":"active","experimental":false,"date":"2026-01","content":"complete","count":3,
        "property":[{{"code":"vekt","type":"decimal"}}],"concept":[{{"code":"a","display":"En","designation":[{{
        "language":"nb","value":"Ein"}}],"property":[{{"code":"vekt","valueDecimal":1.50}}],"concept":[{{"code":"b"}}]}},
        {{"code":"c"}}],{_UNKNOWN}}}""",
    "Communication": f"""{{"resourceType":"Communication",{_TEXT},"status":"completed","priority":"routine",
        "subject":{{"reference":"Patient/1"}},"sent":"2026-01-01T10:00:00+01:00","received":"2026-01-01T10:00:00.000Z",
        "recipient":[{{"reference":"Organization/1"}}],"sender":{{"reference":"Device/1"}},
        "payload":[{{"contentString":"Svar: ja"}},{{"contentAttachment":{{"contentType":"text/plain; charset=utf-8",
        "data":"aGVp"}}}}],"topic":{{"text":"x"}},{_UNKNOWN}}}""",
    "Consent": f"""{{"resourceType":"Consent",{_TEXT},"status":"active","scope":{{"coding":[{{"code":"treatment",
        "system":"http://terminology.hl7.org/CodeSystem/consentscope"}}]}},"category":[{{"text":"koordinator"}}],
        "patient":{{"reference":"Patient/1"}},"dateTime":"2026-01-01","policyRule":{{"text":"samtykke"}},
        "sourceReference":{{"reference":"DocumentReference/1"}},"verification":[{{"verified":true}}],"provision":{{
        "type":"permit","actor":[{{"role":{{"text":"r"}},"reference":{{"reference":"Organization/1"}}}}],
        "data":[{{"meaning":"related","reference":{{"reference":"Task/1"}}}}],"provision":[{{"type":"deny"}}]}},
        "organization":[{{"reference":"Organization/1"}}],{_UNKNOWN}}}""",
    "Encounter": f"""{{"resourceType":"Encounter",{_TEXT},"status":"in-progress","statusHistory":[{{"status":"arrived",
        "period":{{"end":"2026-01-02"}}}}],"class":{{"code":"IMP"}},"subject":{{"reference":"Patient/1"}},
        "period":{{"start":"2026-01-01T10:00:00Z"}},"length":{{"value":1.0,"unit":"d","code":"d",
        "system":"http://unitsofmeasure.org"}},"diagnosis":[{{"condition":{{"reference":"Condition/1"}},"rank":1}}],
        "location":[{{"location":{{"reference":"Location/1"}},"status":"active"}}],
        "hospitalization":{{"origin":{{"reference":"Location/2"}}}},"serviceProvider":{{"reference":"Organization/1"}}}}""",
    "Endpoint": f"""{{"resourceType":"Endpoint",{_TEXT},"status":"active","connectionType":{{"code":"hl7-fhir-rest"}},
        "name":"Varsling","managingOrganization":{{"reference":"Organization/1"}},"payloadType":[{{"text":"x"}}],
        "payloadMimeType":["application/fhir+json",null],"_payloadMimeType":[null,{_MASKED}],
        "address":"https://fjordvik.example/hook","header":["X-A: b"],{_UNKNOWN}}}""",
    "HealthcareService": f"""{{"resourceType":"HealthcareService",{_TEXT},"active":true,
        "providedBy":{{"reference":"Organization/1"}},"location":[{{"reference":"Location/1"}}],"name":"Poliklinikk",
        "telecom":[{{"system":"phone","value":"+47 55 00 00 00","rank":1}}],"availableTime":[{{
        "daysOfWeek":["mon","fri"],"availableStartTime":"08:00:00"}}],"notAvailable":[{{"description":"jul","during":{{"start":"2026-12-24"}}}}]}}""",
    "Measure": f"""{{"resourceType":"Measure",{_TEXT},"url":"https://a.example/m","name":"Antall","status":"active",
        "date":"2026","improvementNotation":{{"coding":[{{"code":"increase",
        "system":"http://terminology.hl7.org/CodeSystem/measure-improvement-notation"}}]}},"subjectReference":
        {{"reference":"Group/1"}},"group":[{{"population":[{{"criteria":{{"language":"text/cql","expression":"x"}}}}],
        "stratifier":[{{"criteria":{{"language":"text/cql","expression":"y"}}}}]}}],{_UNKNOWN}}}""",
    "MeasureReport": f"""{{"resourceType":"MeasureReport",{_TEXT},"status":"complete","type":"summary",
        "measure":"https://a.example/m|1","date":"2026-02-01","reporter":{{"reference":"Organization/1"}},
        "period":{{"start":"2026-01","end":"2026-02"}},"group":[{{"population":[{{"count":4}}],
        "measureScore":{{"value":0.250}},"stratifier":[{{"stratum":[{{"value":{{"text":"nevro"}},
        "measureScore":{{"value":0.10}}}}]}}]}}]}}""",
    "OperationDefinition": f"""{{"resourceType":"OperationDefinition",{_TEXT},"name":"Flytt","status":"active",
        "kind":"operation","date":"2026-01-01","code":"flytt","resource":["Task"],"system":false,"type":false,"instance":true,
        "parameter":[{{"name":"unit","use":"in","min":1,"max":"1","type":"string","searchType":"token"}},{{"name":"del",
        "use":"out","min":0,"max":"*","part":[{{"name":"p","use":"out","min":0,"max":"1","type":"Reference",
        "targetProfile":["https://a.example/x"]}}]}}],{_UNKNOWN}}}""",
    "OperationOutcome": f"""{{"resourceType":"OperationOutcome",{_TEXT},"issue":[{{"severity":"error","code":"invalid",
        "details":{{"text":"x"}},"diagnostics":"y","expression":["Task.status"]}}],{_UNKNOWN}}}""",
    "Organization": f"""{{"resourceType":"Organization",{_TEXT},"identifier":[{{
        "system":"urn:oid:2.16.578.1.12.4.1.4.102","value":"4200001"}}],"active":true,
        "type":[{{"text":"x"}}],"name":"Nevrologisk avdeling",
        "alias":[null,"Nevro"],"_alias":[{_MASKED},null],"telecom":[{{"system":"phone","value":"1","use":"work"}}],
        "address":[{{"use":"work","line":["Veien 1"]}}],"partOf":{{"reference":"Organization/1"}},
        "contact":[{{"name":{{"text":"a"}}}}],"endpoint":[{{"reference":"Endpoint/1"}}]}}""",
    "Parameters": """{"resourceType":"Parameters","parameter":[{"name":"unit","valueString":"x"},
        {"name":"part","part":[{"name":"a","valueDecimal":1.00}]},{"name":"r","resource":{"resourceType":"Patient"}}]}""",
    "Patient": f"""{{"resourceType":"Patient",{_TEXT},"identifier":[{{"system":"urn:oid:2.16.578.1.12.4.1.4.1",
        "value":"10915596784"}}],"active":true,"name":[{{"given":["Kari",null],"_given":[{{"id":"g"}},{_MASKED}],
        "family":"Prøve"}}],"gender":"female","birthDate":"1955-11-10","_birthDate":{{"extension":[{{
        "url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"1955-11-10T10:00:00+01:00"}}]}},
        "deceasedBoolean":false,"address":[{{"city":"Fjordvik","period":{{"start":"2020"}}}}],
        "contact":[{{"name":{{"text":"Ola"}},"gender":"male"}}],"communication":[{{"language":{{"text":"nb"}}}}],
        "generalPractitioner":[{{"reference":"Practitioner/1"}}],"link":[{{"other":{{"reference":"Patient/2"}},
        "type":"seealso"}}],{_MODIFIER},{_UNKNOWN}}}""",
    "Practitioner": f"""{{"resourceType":"Practitioner",{_TEXT},"identifier":[{{
        "system":"urn:oid:2.16.578.1.12.4.1.4.4","value":"9000001"}}],"active":true,"name":[{{"text":"Lege"}}],"gender":"unknown","birthDate":"1970",
        "qualification":[{{"code":{{"text":"lege"}},"issuer":{{"reference":"Organization/1"}}}}],{_UNKNOWN}}}""",
    "PractitionerRole": f"""{{"resourceType":"PractitionerRole",{_TEXT},"active":true,"period":{{"start":"2026-01-01"}},
        "practitioner":{{"reference":"Practitioner/1"}},"organization":{{"reference":"Organization/1"}},
        "code":[{{"text":"koordinator"}}],"healthcareService":[{{"reference":"HealthcareService/1"}}],
        "availableTime":[{{"daysOfWeek":["tue"],"allDay":true}}],"endpoint":[{{"reference":"Endpoint/1"}}]}}""",
    "Provenance": f"""{{"resourceType":"Provenance",{_TEXT},"target":[{{"reference":"Task/1/_history/2"}}],
        "occurredDateTime":"2026-01-01","recorded":"2026-01-01T10:00:00Z","activity":{{"text":"transfer"}},
        "agent":[{{"who":{{"reference":"Organization/1"}}}}],"entity":[{{"role":"source","what":
        {{"reference":"Task/1/_history/1"}},"agent":[{{"who":{{"reference":"Practitioner/1"}}}}]}}]}}""",
    "Questionnaire": f"""{{"resourceType":"Questionnaire",{_TEXT},"url":"https://a.example/q","status":"active",
        "subjectType":["Patient"],"date":"2026-01-01","item":[{{"linkId":"1","type":"group","item":[{{"linkId":"1.1",
        "text":"A?","type":"boolean","required":true}},{{"linkId":"1.2","type":"choice","enableWhen":[{{"question":"1.1",
        "operator":"exists","answerBoolean":true}}],"answerOption":[{{"valueCoding":{{"code":"a"}}}}]}}]}},
        {{"linkId":"2","type":"string","maxLength":100,"initial":[{{"valueString":"x"}}]}},
        {{"linkId":"3","type":"display","text":"slutt"}}],{_UNKNOWN}}}""",
    "QuestionnaireResponse": f"""{{"resourceType":"QuestionnaireResponse",{_TEXT},"status":"completed",
        "questionnaire":"https://a.example/q|1","subject":{{"reference":"Patient/1"}},"authored":"2026-01-01T10:00:00Z",
        "author":{{"reference":"Organization/1"}},"item":[{{"linkId":"1","item":[{{"linkId":"1.1","answer":[{{
        "valueBoolean":true,"item":[{{"linkId":"1.1.1","answer":[{{"valueDecimal":2.10}}]}}]}}]}}]}}],{_UNKNOWN}}}""",
    "RelatedPerson": f"""{{"resourceType":"RelatedPerson",{_TEXT},"active":true,"patient":{{"reference":"Patient/1"}},
        "relationship":[{{"text":"mor"}}],"name":[{{"family":"Prøve"}}],"gender":"female","birthDate":"1930-02-28",
        "period":{{"start":"2026-01-01","end":"2026-01-01"}},"communication":[{{"language":{{"text":"nb"}}}}]}}""",
    "SearchParameter": f"""{{"resourceType":"SearchParameter",{_TEXT},"url":"https://a.example/sp","name":"Eier",
        "status":"active","date":"2026-01-01","description":"Eier av saken","code":"eier","base":["Task"],
        "type":"reference","expression":"Task.owner","xpath":"f:Task/f:owner","xpathUsage":"normal","target":["Organization"],
        "multipleOr":true,"comparator":["eq"],"chain":["name"],{_UNKNOWN}}}""",
    "ServiceRequest": f"""{{"resourceType":"ServiceRequest",{_TEXT},"contained":[{{"resourceType":"Condition","id":"c",
        "clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical",
        "code":"active"}}]}},"subject":{{"reference":"Patient/1"}}}}],"basedOn":[{{"reference":"CarePlan/1"}}],
        "status":"active","intent":"order","priority":"urgent","doNotPerform":false,"code":{{"text":"koordinering"}},
        "orderDetail":[{{"text":"x"}}],"quantityQuantity":{{"value":1.0}},"subject":{{"reference":"Patient/1"}},
        "occurrencePeriod":{{"start":"2026-01-01"}},"authoredOn":"2026-01-01","requester":{{"reference":"Organization/1"}},
        "reasonReference":[{{"reference":"#c"}}],"note":[{{"text":"a","time":"2026-01-01"}}],{_MODIFIER}}}""",
    "StructureDefinition": f"""{{"resourceType":"StructureDefinition",{_TEXT},"url":"https://a.example/sd","name":"Sak",
        "status":"draft","date":"2026-01-01","fhirVersion":"4.0.1","kind":"resource","abstract":false,"type":"Task",
        "mapping":[{{"identity":"m","uri":"https://a.example/m"}}],"derivation":"constraint",
        "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Task","snapshot":{{"element":[{{"id":"Task","path":"Task",
        "definition":"d","min":0,"max":"*","base":{{"path":"Task","min":0,"max":"*"}}}}]}},"differential":{{"element":[
        {{"id":"Task","path":"Task"}},{{"id":"Task.input","path":"Task.input","slicing":{{"rules":"open","discriminator":[{{
        "type":"value","path":"type"}}]}},"min":1,"max":"3","isModifier":true,"isModifierReason":"r"}},
        {{"id":"Task.input:a","path":"Task.input","sliceName":"a","sliceIsConstraining":false,"constraint":[{{"key":"a-1",
        "severity":"error","human":"h"}}]}},{{"id":"Task.status","path":"Task.status","type":[{{"code":"code"}}],
        "patternCode":"draft","binding":{{"strength":"required","valueSet":"https://a.example/vs"}}}}]}},{_UNKNOWN}}}""",
    "Subscription": f"""{{"resourceType":"Subscription",{_TEXT},"status":"requested","reason":"r",
        "criteria":"Task?status=x","end":"2027-01-01T00:00:00Z","contact":[{{"system":"email","value":"a@fjordvik.example"}}],"channel":{{
        "type":"rest-hook","endpoint":"https://fjordvik.example/hook","payload":"application/fhir+json",
        "header":["Authorization: x"]}},{_UNKNOWN}}}""",
    "Task": f"""{{"resourceType":"Task",{_TEXT},"contained":[{{"resourceType":"QuestionnaireResponse","id":"a",
        "status":"completed"}}],"identifier":[{{"system":"https://fjordvik.example/saker","value":"1"}}],
        "status":"requested","intent":"order","priority":"asap","code":{{"text":"x"}},"description":"behov",
        "_description":{{"id":"d"}},"focus":{{"reference":"ServiceRequest/1"}},"for":{{"reference":"Patient/1"}},
        "executionPeriod":{{"start":"2026-01-01"}},"authoredOn":"2026-01-01T10:00:00+01:00","lastModified":"2026-01-01",
        "requester":{{"reference":"Organization/1"}},"owner":{{"reference":"Organization/2"}},"note":[{{"text":"a"}}],
        "restriction":{{"repetitions":1,"recipient":[{{"reference":"Organization/1"}}]}},
        "input":[{{"type":{{"text":"svar"}},"valueReference":{{"reference":"#a"}}}},{{"type":{{"text":"kr"}},
        "valueMoney":{{"value":100.00,"currency":"NOK"}}}}],{_MODIFIER},{_UNKNOWN}}}""",
    "ValueSet": f"""{{"resourceType":"ValueSet",{_TEXT},"url":"https://a.example/vs","status":"active","date":"2026-01-01",
        "identifier":[{{"value":"1"}}],"compose":{{"lockedDate":"2026-01-01","include":[{{"system":"https://a.example/cs",
        "concept":[{{"code":"a","designation":[{{"language":"nb","value":"Ein"}}]}}]}},{{"valueSet":["https://a.example/b"]}}],
        "exclude":[{{"system":"https://a.example/cs","filter":[{{"property":"p","op":"=","value":"1"}}]}}]}},"expansion":{{
        "timestamp":"2026-01-01T10:00:00Z","parameter":[{{"name":"n","valueDecimal":2.50}}],"contains":[{{"abstract":true,
        "display":"Alle","contains":[{{"system":"https://a.example/cs","code":"a"}}]}}]}},{_UNKNOWN}}}""",
}

SERVED: Final = {name: source.encode() for name, source in _SOURCES.items()}
"""Type → the body as a partner sends it."""


def sample(name: str) -> dict[str, Any]:
    """A new one, as plain values."""
    return document.read(SERVED[name]).value
