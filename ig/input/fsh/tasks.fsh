// The Tasks of a case: the need, the request to cancel it, and the work item of a registration in the EHR.

Profile: SambandCoordinatorNeedTask
Parent: Task
Id: coordinator-need-task
Title: "Coordinator need"
Description: "A partner asks a hospital for a coordinator. The service sets status, businessStatus, statusReason, owner, output, lastModified and the case number; all else is kept as it was sent."
* insert Published
* obeys samband-need-1 and samband-need-2 and samband-need-3 and samband-need-4
* identifier 1..*
  * ^slicing.discriminator.type = #pattern
  * ^slicing.discriminator.path = "type"
  * ^slicing.rules = #open
* identifier contains sender 0..* and caseNumber 0..1
* identifier[sender] ^short = "The sender's own number: a create with the same number is the same need"
* identifier[sender].type 1..1
* identifier[sender].type = $identifier-type#PLAC
* identifier[sender].system 1..1
* identifier[sender].value 1..1
* identifier[caseNumber] ^short = "The case number, given by the service"
* identifier[caseNumber].type 1..1
* identifier[caseNumber].type = $identifier-type#FILL
* identifier[caseNumber].system 1..1
* identifier[caseNumber].system = "https://samband.example/fhir/NamingSystem/case-number"
* identifier[caseNumber].value 1..1
* intent = #order
* businessStatus from CaseStageVS (required)
* businessStatus ^short = "The stage of the case, set by the service"
* statusReason ^short = "Why it was declined or withdrawn: a code where there is one, and always words"
* code 1..1
* code.coding 1..*
  * ^slicing.discriminator.type = #value
  * ^slicing.discriminator.path = "$this"
  * ^slicing.rules = #open
* code.coding contains need 1..1
* code.coding[need] = CoordinationTaskCS#coordinator-need
* for 1..1
* insert NorwegianPatient(for)
* requester ^short = "Who asks; the organisation itself is the one of the access token"
* owner ^short = "In a new need a wish: a unit (RESH), the coordinating unit or the trust. Then who has the case, set by the service"
* reasonCode from NeedKindVS (extensible)
* reasonCode ^short = "The main kind of need; further kinds in input"
* input
  * ^slicing.discriminator.type = #pattern
  * ^slicing.discriminator.path = "type"
  * ^slicing.rules = #open
* input contains
    consent 0..1 and
    consentDate 0..1 and
    involvedUnit 0..* and
    reporter 0..* and
    needKind 0..* and
    criterionA 0..1 and
    criterionB 0..1 and
    criterionC 0..1 and
    criterionD 0..1
* input[consent].type = TaskInputCS#consent
* input[consent].value[x] only boolean or Reference(Consent)
* input[consentDate].type = TaskInputCS#consent-date
* input[consentDate].value[x] only date
* input[involvedUnit].type = TaskInputCS#involved-unit
* input[involvedUnit].value[x] only Reference(Organization)
* input[reporter].type = TaskInputCS#reporter
* input[reporter].value[x] only CodeableConcept
* input[reporter].valueCodeableConcept from ReporterVS (required)
* input[needKind].type = TaskInputCS#need-kind
* input[needKind].value[x] only CodeableConcept
* input[needKind].valueCodeableConcept from NeedKindVS (required)
* input[criterionA].type = TaskInputCS#criteria-a
* input[criterionA].value[x] only boolean
* input[criterionB].type = TaskInputCS#criteria-b
* input[criterionB].value[x] only boolean
* input[criterionC].type = TaskInputCS#criteria-c
* input[criterionC].value[x] only boolean
* input[criterionD].type = TaskInputCS#criteria-d
* input[criterionD].value[x] only boolean
* output
  * ^slicing.discriminator.type = #pattern
  * ^slicing.discriminator.path = "type"
  * ^slicing.rules = #open
* output contains
    question 0..1 and
    answer 0..1 and
    decision 0..1 and
    answerText 0..1 and
    coordinator 0..1 and
    coordinatorUnit 0..1 and
    coordinatorPhone 0..1 and
    coordinatorStart 0..1 and
    coordinatorEnd 0..1 and
    careTeam 0..1 and
    registration 0..1 and
    deregistration 0..1
* output[question].type = TaskOutputCS#question
* output[question].value[x] only string
* output[answer].type = TaskOutputCS#answer
* output[answer].value[x] only string
* output[decision].type = TaskOutputCS#decision
* output[decision].value[x] only CodeableConcept
* output[decision].valueCodeableConcept from DecisionVS (required)
* output[answerText].type = TaskOutputCS#answer-text
* output[answerText].value[x] only string
* output[coordinator].type = TaskOutputCS#coordinator
* output[coordinator].value[x] only Reference(Practitioner)
* output[coordinatorUnit].type = TaskOutputCS#coordinator-unit
* output[coordinatorUnit].value[x] only Reference(Organization)
* output[coordinatorPhone].type = TaskOutputCS#coordinator-phone
* output[coordinatorPhone].value[x] only ContactPoint
* output[coordinatorStart].type = TaskOutputCS#coordinator-start
* output[coordinatorStart].value[x] only date
* output[coordinatorEnd].type = TaskOutputCS#coordinator-end
* output[coordinatorEnd].value[x] only date
* output[careTeam].type = TaskOutputCS#care-team
* output[careTeam].value[x] only Reference(CareTeam)
* output[registration].type = TaskOutputCS#registration
* output[registration].value[x] only code
* output[registration].valueCode from EhrStateVS (required)
* output[deregistration].type = TaskOutputCS#deregistration
* output[deregistration].value[x] only code
* output[deregistration].valueCode from EhrStateVS (required)

Profile: SambandAbortTask
Parent: Task
Id: abort-task
Title: "Request to cancel a case"
Description: "The sender of a case asks its owner to cancel it, where it cannot withdraw it without asking. The owner sets status completed, which withdraws the case, or rejected; the sender may set cancelled. The end of the case ends it. The service sets owner and lastModified."
* insert Published
* obeys samband-abort-1 and samband-abort-2 and samband-need-2
* identifier 1..*
  * ^slicing.discriminator.type = #pattern
  * ^slicing.discriminator.path = "type"
  * ^slicing.rules = #open
* identifier contains sender 0..*
* identifier[sender] ^short = "The sender's own number: a create with the same number is the same request"
* identifier[sender].type 1..1
* identifier[sender].type = $identifier-type#PLAC
* identifier[sender].system 1..1
* identifier[sender].value 1..1
* intent = #order
* businessStatus 0..0
* output 0..0
* code 1..1
* code.coding 1..*
  * ^slicing.discriminator.type = #value
  * ^slicing.discriminator.path = "$this"
  * ^slicing.rules = #open
* code.coding contains abort 1..1
* code.coding[abort] = CoordinationTaskCS#abort
* focus 1..1
* focus only Reference(Task)
* focus.reference 1..1
* focus ^short = "The case: a coordinator need of the same sender"
* insert NorwegianPatient(for)
* for ^short = "The patient of the case; set by the service where the sender leaves it out"
* owner ^short = "The owner of the case, set by the service"
* statusReason ^short = "Why the owner says no, or how the case has ended"

Profile: SambandEhrRegistrationTask
Parent: Task
Id: ehr-registration-task
Title: "EHR registration"
Description: "The work item behind a registration in the EHR. The service writes it; it is completed when the EHR has confirmed. Where there is no EHR, the owner sets status completed or rejected."
* insert Published
* identifier 1..*
* intent = #order
* code 1..1
* code = CoordinationTaskCS#ehr-registration
* businessStatus 1..1
* businessStatus from RegistrationStageVS (required)
* focus 1..1
* focus only Reference(CareTeam)
* for 1..1
* insert NorwegianPatient(for)
* owner 1..1
* owner ^short = "The unit that is to see that the registration is made"
* restriction 1..1
* restriction.period 1..1
* restriction.period.end 1..1
