// Rules in FHIRPath; the service holds the same ones in app/fhir/need.py and app/coordination/coordinators.py.

Invariant: samband-patient
Description: "The patient is named by a Norwegian identifier (national number, D-number or common help number) or by a reference."
Severity: #error
Expression: "reference.exists() or (identifier.value.exists() and (identifier.system = 'urn:oid:2.16.578.1.12.4.1.4.1' or identifier.system = 'urn:oid:2.16.578.1.12.4.1.4.2' or identifier.system = 'urn:oid:2.16.578.1.12.4.1.4.3'))"

Invariant: samband-need-1
Description: "At least one of description, reasonCode, note, focus and the answer to a criterion says what is needed; a draft may lack it."
Severity: #error
Expression: "status = 'draft' or description.exists() or reasonCode.exists() or note.exists() or focus.exists() or input.type.coding.where(system = 'https://samband.example/fhir/CodeSystem/task-input' and code.startsWith('criteria-')).exists()"

Invariant: samband-need-2
Description: "The sender's own number has a system and a value, and is of type PLAC or without a type."
Severity: #error
Expression: "identifier.where(system.exists() and value.exists() and (type.empty() or type.coding.where(code = 'PLAC').exists())).exists()"

Invariant: samband-need-3
Description: "A need that is rejected or cancelled says why in words."
Severity: #error
Expression: "(status != 'rejected' and status != 'cancelled') or statusReason.text.exists()"

Invariant: samband-need-4
Description: "A case does not use the states in-progress, on-hold, ready and failed."
Severity: #error
Expression: "status != 'in-progress' and status != 'on-hold' and status != 'ready' and status != 'failed'"

Invariant: samband-abort-1
Description: "A request to cancel a case says why in words: in description, reasonCode or statusReason."
Severity: #error
Expression: "description.exists() or reasonCode.text.exists() or statusReason.text.exists()"

Invariant: samband-abort-2
Description: "A request is open, completed, rejected or cancelled, and a rejected one says why in words."
Severity: #error
Expression: "status = 'requested' or status = 'completed' or status = 'cancelled' or (status = 'rejected' and statusReason.text.exists())"

Invariant: samband-team-1
Description: "A participant that has an end has a start that is not later."
Severity: #error
Expression: "period.end.empty() or period.start <= period.end"

Invariant: samband-answers-1
Description: "The answers are to the Questionnaire of the criteria."
Severity: #error
Expression: "questionnaire.startsWith('https://samband.example/fhir/Questionnaire/coordinator-criteria')"
