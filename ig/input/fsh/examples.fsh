// Examples; people, units and numbers are made up, the identity number is a synthetic one (month + 80).

RuleSet: ExamplePatient(element)
* {element}.type = "Patient"
* {element}.identifier.system = $national-number
* {element}.identifier.value = "10915596784"

RuleSet: ExampleUnit(element)
* {element}.type = "Organization"
* {element}.identifier.system = $resh
* {element}.identifier.value = "4900101"
* {element}.display = "Nevrologisk poliklinikk"

RuleSet: ExampleCoordinator(element)
* {element}.type = "Practitioner"
* {element}.identifier.system = $hpr
* {element}.identifier.value = "9900011"
* {element}.display = "Ingrid Solvang"

Instance: coordinator-need-task-example
InstanceOf: SambandCoordinatorNeedTask
Title: "A need that has been answered"
Usage: #example
* identifier[sender].system = "https://fjordvik.example/fhir/saksnummer"
* identifier[sender].value = "FJV-2026-00417"
* identifier[caseNumber].value = "2026-K7Q4M2XP-B"
* groupIdentifier.system = "https://samband.example/fhir/NamingSystem/case-number"
* groupIdentifier.value = "2026-K7Q4M2XP-B"
* status = #completed
* businessStatus = CoordinationStageCS#coordinator-appointed "Koordinator oppnevnt"
* priority = #routine
* code.coding[need].display = "Behov for koordinator"
* code.coding[1] = $task-code#fulfill
* description = "Pasienten følges av poliklinikk, fysioterapeut og kommunens rehabiliteringsteam. Vi ber om koordinator i sykehuset."
* insert ExamplePatient(for)
* authoredOn = "2026-11-02T09:15:00+01:00"
* lastModified = "2026-11-03T11:40:00.000Z"
* requester.type = "Organization"
* requester.identifier.system = $organisation-number
* requester.identifier.value = "310471437"
* requester.display = "Fjordvik kommune"
* insert ExampleUnit(owner)
* reasonCode = NeedKindCS#close-follow-up "Behov for tett oppfølging"
* restriction.period.end = "2026-11-30"
* input[consent].valueBoolean = true
* input[consentDate].valueDate = "2026-10-28"
* input[reporter].valueCodeableConcept = ReporterCS#municipality "Kommunen"
* insert ExampleUnit(input[involvedUnit].valueReference)
* input[needKind].valueCodeableConcept = NeedKindCS#appointment-coordination "Samordning av timer"
* input[criterionA].valueBoolean = true
* input[criterionB].valueBoolean = true
* input[criterionD].valueBoolean = true
* output[decision].valueCodeableConcept = CoordinationStageCS#coordinator-appointed "Koordinator oppnevnt"
* insert ExampleCoordinator(output[coordinator].valueReference)
* insert ExampleUnit(output[coordinatorUnit].valueReference)
* output[coordinatorPhone].valueContactPoint.system = #phone
* output[coordinatorPhone].valueContactPoint.value = "+47 55 50 11 01"
* output[careTeam].valueReference = Reference(coordination-care-team-example)
* output[registration].valueCode = #ehr-pending

Instance: abort-task-example
InstanceOf: SambandAbortTask
Title: "The sender does not need a coordinator any more"
Usage: #example
* identifier[sender].system = "https://fjordvik.example/fhir/saksnummer"
* identifier[sender].value = "FJV-2026-00417-A"
* status = #requested
* code.coding[abort].display = "Be om at saken trekkes"
* code.coding[1] = $task-code#abort
* description = "Pasienten har fått fast kontakt i kommunen og ønsker ikke koordinator i sykehuset lenger."
* focus = Reference(coordinator-need-task-example)
* insert ExamplePatient(for)
* authoredOn = "2026-11-03T10:05:00+01:00"
* lastModified = "2026-11-03T09:05:01.000Z"
* requester.type = "Organization"
* requester.identifier.system = $organisation-number
* requester.identifier.value = "310471437"
* requester.display = "Fjordvik kommune"
* insert ExampleUnit(owner)

Instance: ehr-registration-task-example
InstanceOf: SambandEhrRegistrationTask
Title: "The registration that the EHR has not confirmed yet"
Usage: #example
* identifier.system = "https://samband.example/fhir/NamingSystem/participant"
* identifier.value = "0f6a2a0e-6f0b-4b52-8a35-2f9be2a1d3c7"
* status = #requested
* businessStatus = CoordinationStageCS#ehr-pending "Venter på registrering i journalsystemet"
* code.coding.display = "Registrer rolle overfor pasient i journalsystemet"
* focus = Reference(coordination-care-team-example)
* insert ExamplePatient(for)
* authoredOn = "2026-11-03T11:40:00.000Z"
* lastModified = "2026-11-03T11:40:00.000Z"
* insert ExampleUnit(owner)
* restriction.period.end = "2026-11-10"

Instance: coordination-care-team-example
InstanceOf: SambandCoordinationCareTeam
Title: "One coordinator after another"
Usage: #example
* status = #active
* category[longitudinal] = $loinc#LA28865-6 "Longitudinal care-coordination focused care team"
* insert ExamplePatient(subject)
* participant[0].id = "7d0e2f9c-51f5-4a0e-9d8a-6a2b6f1f4f10"
* participant[0].extension[ehrState].valueCode = #ehr-confirmed
* participant[0].extension[endReason].valueCode = #replaced
* participant[0].role = $volven9034#18 "Koordinator (spesialisthelsetjenesteloven)"
* participant[0].member.type = "Practitioner"
* participant[0].member.identifier.system = $hpr
* participant[0].member.identifier.value = "9900038"
* insert ExampleUnit(participant[0].onBehalfOf)
* participant[0].period.start = "2025-02-01"
* participant[0].period.end = "2026-11-02"
* participant[1].id = "0f6a2a0e-6f0b-4b52-8a35-2f9be2a1d3c7"
* participant[1].extension[ehrState].valueCode = #ehr-pending
* participant[1].extension[deputy].valueReference.identifier.system = $hpr
* participant[1].extension[deputy].valueReference.identifier.value = "9900038"
* participant[1].extension[reviewDate].valueDate = "2027-05-01"
* participant[1].role = $volven9034#18 "Koordinator (spesialisthelsetjenesteloven)"
* insert ExampleCoordinator(participant[1].member)
* insert ExampleUnit(participant[1].onBehalfOf)
* participant[1].period.start = "2026-11-03"
* managingOrganization.type = "Organization"
* managingOrganization.identifier.system = $organisation-number
* managingOrganization.identifier.value = "310470007"
* managingOrganization.display = "Helse Fjordvest HF"

Instance: individual-care-plan-example
InstanceOf: SambandIndividualCarePlan
Title: "An individual plan"
Usage: #example
* status = #active
* category[individualPlan] = NeedKindCS#individual-plan "Individuell plan"
* title = "Individuell plan"
* insert ExamplePatient(subject)
* period.start = "2026-11-03"
* author.type = "Organization"
* author.identifier.system = $organisation-number
* author.identifier.value = "310471437"
* author.display = "Fjordvik kommune"
* insert ExampleUnit(contributor)
* careTeam = Reference(coordination-care-team-example)
* activity.reference = Reference(coordinator-need-task-example)

Instance: consent-example
InstanceOf: SambandConsent
Title: "The patient says yes"
Usage: #example
* status = #active
* category = $loinc#59284-0
* insert ExamplePatient(patient)
* dateTime = "2026-10-28"
* organization.type = "Organization"
* organization.identifier.system = $organisation-number
* organization.identifier.value = "310471437"
* organization.display = "Fjordvik kommune"
* policy.uri = "https://lovdata.no/lov/1999-07-02-63"
* provision.type = #permit

Instance: answers-example
InstanceOf: SambandAnswers
Title: "Criteria A, B and D"
Usage: #example
* questionnaire = "https://samband.example/fhir/Questionnaire/coordinator-criteria|2024-10"
* status = #completed
* insert ExamplePatient(subject)
* authored = "2026-11-02T09:10:00+01:00"
* item[0].linkId = "a"
* item[0].answer.valueBoolean = true
* item[1].linkId = "b"
* item[1].answer.valueBoolean = true
* item[1].answer.item.linkId = "b.new-chronic"
* item[1].answer.item.answer.valueBoolean = true
* item[2].linkId = "c"
* item[2].answer.valueBoolean = false
* item[3].linkId = "d"
* item[3].answer.valueBoolean = true
