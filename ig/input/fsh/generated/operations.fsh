// Written by scripts/compile_ig.py; edit the Python table instead.

Instance: Task-submit
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-submit"
* name = "TaskSubmit"
* title = "Submit"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "The sender submits a draft; it is routed at once."
* affectsState = true
* code = #submit
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-accept
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-accept"
* name = "TaskAccept"
* title = "Accept"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "The owning unit takes the case to assess it."
* affectsState = true
* code = #accept
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-request-information
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-request-information"
* name = "TaskRequestInformation"
* title = "Request information"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Ask the sender; the case waits for $answer."
* affectsState = true
* code = #request-information
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #question
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "What the sender is asked."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-answer
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-answer"
* name = "TaskAnswer"
* title = "Answer"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "The sender answers the question."
* affectsState = true
* code = #answer
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #answer
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "What the sender answers."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-resume
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-resume"
* name = "TaskResume"
* title = "Resume"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "The asker goes on without an answer."
* affectsState = true
* code = #resume
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-transfer
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-transfer"
* name = "TaskTransfer"
* title = "Transfer"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Hand the case over to another unit."
* affectsState = true
* code = #transfer
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #unit
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The receiving unit, by its RESH id."
* parameter[=].type = #Reference
* parameter[=].targetProfile = "http://hl7.org/fhir/StructureDefinition/Organization"
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason in words, without the patient's name or number."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-escalate
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-escalate"
* name = "TaskEscalate"
* title = "Escalate"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "To the coordinating unit; from there to the decision group."
* affectsState = true
* code = #escalate
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason in words, without the patient's name or number."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-place
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-place"
* name = "TaskPlace"
* title = "Place"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Place the case, binding, in a unit."
* affectsState = true
* code = #place
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #unit
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The receiving unit, by its RESH id."
* parameter[=].type = #Reference
* parameter[=].targetProfile = "http://hl7.org/fhir/StructureDefinition/Organization"
* parameter[+].name = #outcome
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "What the need leads to."
* parameter[=].type = #code
* parameter[=].binding.strength = #required
* parameter[=].binding.valueSet = "https://samband.example/fhir/ValueSet/placeable-outcome"
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason in words, without the patient's name or number."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-appeal
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-appeal"
* name = "TaskAppeal"
* title = "Appeal"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "The placed unit objects, once, before accepting."
* affectsState = true
* code = #appeal
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason in words, without the patient's name or number."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-await-consent
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-await-consent"
* name = "TaskAwaitConsent"
* title = "Await consent"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Wait for the patient's consent."
* affectsState = true
* code = #await-consent
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-appoint
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-appoint"
* name = "TaskAppoint"
* title = "Appoint"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Appoint a coordinator; the EHR is told at once."
* affectsState = true
* code = #appoint
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #practitioner
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The person, by HPR number."
* parameter[=].type = #Reference
* parameter[=].targetProfile = "http://hl7.org/fhir/StructureDefinition/Practitioner"
* parameter[+].name = #role
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The role; 18 when it is not given."
* parameter[=].type = #Coding
* parameter[=].binding.strength = #required
* parameter[=].binding.valueSet = "https://samband.example/fhir/ValueSet/coordinator-role"
* parameter[+].name = #telecom
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "Where the coordinator is reached; else the person's or the unit's."
* parameter[=].type = #ContactPoint
* parameter[+].name = #start
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The first day; today when it is not given."
* parameter[=].type = #date
* parameter[+].name = #consent
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The patient's consent; needed where the case records none."
* parameter[=].part[+].name = #given
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #date
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #date
* parameter[+].name = #assessment
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The criteria A to D; at least one is answered."
* parameter[=].part[+].name = #a
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #b
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #c
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #d
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The reason in words, without the patient's name or number."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-conclude
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-conclude"
* name = "TaskConclude"
* title = "Conclude"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "End with another outcome."
* affectsState = true
* code = #conclude
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #outcome
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "What the need leads to."
* parameter[=].type = #code
* parameter[=].binding.strength = #required
* parameter[=].binding.valueSet = "https://samband.example/fhir/ValueSet/other-outcome"
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The reason in words, without the patient's name or number."
* parameter[=].type = #string
* parameter[+].name = #assessment
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The criteria A to D; at least one is answered."
* parameter[=].part[+].name = #a
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #b
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #c
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #d
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-decline
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-decline"
* name = "TaskDecline"
* title = "Decline"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Decline with a reason."
* affectsState = true
* code = #decline
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #reasonCode
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason as a code."
* parameter[=].type = #code
* parameter[=].binding.strength = #required
* parameter[=].binding.valueSet = "https://samband.example/fhir/ValueSet/decline-reason"
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason in words, without the patient's name or number."
* parameter[=].type = #string
* parameter[+].name = #assessment
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The criteria A to D; at least one is answered."
* parameter[=].part[+].name = #a
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #b
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #c
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #d
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-withdraw
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-withdraw"
* name = "TaskWithdraw"
* title = "Withdraw"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "The sender takes the need back."
* affectsState = true
* code = #withdraw
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason in words, without the patient's name or number."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-lapse
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-lapse"
* name = "TaskLapse"
* title = "Lapse"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Nothing is left to answer: the patient has died or moved, or the need is here twice."
* affectsState = true
* code = #lapse
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #reasonCode
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason as a code."
* parameter[=].type = #code
* parameter[=].binding.strength = #required
* parameter[=].binding.valueSet = "https://samband.example/fhir/ValueSet/lapse-reason"
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason in words, without the patient's name or number."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-enter-in-error
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-enter-in-error"
* name = "TaskEnterInError"
* title = "Enter in error"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Wrong patient: ends all that the case made."
* affectsState = true
* code = #enter-in-error
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #reason
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason in words, without the patient's name or number."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-assess
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-assess"
* name = "TaskAssess"
* title = "Assess"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Record the answers to the criteria A–D."
* affectsState = true
* code = #assess
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #assessment
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The criteria A to D; at least one is answered."
* parameter[=].part[+].name = #a
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #b
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #c
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #d
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The Task as it is after the operation."
* parameter[=].type = #Task

Instance: Task-available-actions
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Task-available-actions"
* name = "TaskAvailableActions"
* title = "Available actions"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "What may I do with this case now?"
* affectsState = false
* code = #available-actions
* resource = #Task
* system = false
* type = false
* instance = true
* parameter[+].name = #action
* parameter[=].use = #out
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "A move that the caller has now, by operation or by a Task, and what it may lead to, needs and may name."
* parameter[=].part[+].name = #operation
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #string
* parameter[=].part[+].name = #task
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #code
* parameter[=].part[+].name = #reference
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Reference
* parameter[=].part[+].name = #status
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #code
* parameter[=].part[+].name = #target
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "*"
* parameter[=].part[=].type = #code
* parameter[=].part[+].name = #requires
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "*"
* parameter[=].part[=].type = #string
* parameter[=].part[+].name = #unit
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "*"
* parameter[=].part[=].type = #string
* parameter[=].part[+].name = #reasonCode
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "*"
* parameter[=].part[=].type = #code

Instance: CareTeam-register-coordinator
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/CareTeam-register-coordinator"
* name = "CareTeamRegisterCoordinator"
* title = "Register coordinator"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Register a coordinator for a patient."
* affectsState = true
* code = #register-coordinator
* resource = #CareTeam
* system = false
* type = true
* instance = false
* parameter[+].name = #patient
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The patient's national number."
* parameter[=].type = #Identifier
* parameter[+].name = #practitioner
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The person, by HPR number."
* parameter[=].type = #Reference
* parameter[=].targetProfile = "http://hl7.org/fhir/StructureDefinition/Practitioner"
* parameter[+].name = #role
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The role; 18 when it is not given."
* parameter[=].type = #Coding
* parameter[=].binding.strength = #required
* parameter[=].binding.valueSet = "https://samband.example/fhir/ValueSet/coordinator-role"
* parameter[+].name = #telecom
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "Where the coordinator is reached; else the person's or the unit's."
* parameter[=].type = #ContactPoint
* parameter[+].name = #start
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The first day; today when it is not given."
* parameter[=].type = #date
* parameter[+].name = #consent
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The patient's consent; needed where the case records none."
* parameter[=].part[+].name = #given
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[+].name = #date
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #date
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The CareTeam as it is after the operation."
* parameter[=].type = #CareTeam

Instance: CareTeam-deregister-coordinator
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/CareTeam-deregister-coordinator"
* name = "CareTeamDeregisterCoordinator"
* title = "Deregister coordinator"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "End a coordinator's stint; the EHR is told at once."
* affectsState = true
* code = #deregister-coordinator
* resource = #CareTeam
* system = false
* type = false
* instance = true
* parameter[+].name = #participant
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The id of the participant."
* parameter[=].type = #string
* parameter[+].name = #practitioner
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The person, by HPR number."
* parameter[=].type = #Reference
* parameter[=].targetProfile = "http://hl7.org/fhir/StructureDefinition/Practitioner"
* parameter[+].name = #end
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The last day; today when it is not given."
* parameter[=].type = #date
* parameter[+].name = #reasonCode
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The reason as a code."
* parameter[=].type = #code
* parameter[=].binding.strength = #required
* parameter[=].binding.valueSet = "https://samband.example/fhir/ValueSet/end-reason"
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The CareTeam as it is after the operation."
* parameter[=].type = #CareTeam

Instance: Subscription-status
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Subscription-status"
* name = "SubscriptionStatus"
* title = "Status"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "How a subscription is, and how many events it has had; at type level of the caller's own."
* affectsState = false
* code = #status
* resource = #Subscription
* system = false
* type = true
* instance = true
* base = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status"
* parameter[+].name = #id
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "Which Subscription; without it all of the caller's own. At type level only."
* parameter[=].type = #id
* parameter[+].name = #status
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "Only those of this status. At type level only."
* parameter[=].type = #code
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "A searchset of Parameters, one for each subscription."
* parameter[=].type = #Bundle

Instance: Subscription-events
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Subscription-events"
* name = "SubscriptionEvents"
* title = "Events"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "The events under these numbers, whether they were sent or not, in the caller's present sight."
* affectsState = false
* code = #events
* resource = #Subscription
* system = false
* type = false
* instance = true
* base = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events"
* parameter[+].name = #eventsSinceNumber
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The first event number; 1 when $events is not given it."
* parameter[=].type = #string
* parameter[+].name = #eventsUntilNumber
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The last event number; the last of all when it is not given."
* parameter[=].type = #string
* parameter[+].name = #content
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "empty, id-only or full-resource; as the Subscription says when not given."
* parameter[=].type = #code
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "A history: the status, then what the events are about."
* parameter[=].type = #Bundle

Instance: Subscription-resend
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/Subscription-resend"
* name = "SubscriptionResend"
* title = "Resend"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "Send these events once more, under their numbers; an operation of the guide's continuous build."
* affectsState = true
* code = #resend
* resource = #Subscription
* system = false
* type = false
* instance = true
* base = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-resend"
* parameter[+].name = #eventsSinceNumber
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The first event number; 1 when $events is not given it."
* parameter[=].type = #string
* parameter[+].name = #eventsUntilNumber
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The last event number; the last of all when it is not given."
* parameter[=].type = #string
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "How many are sent once more."
* parameter[=].type = #OperationOutcome

Instance: AuditEvent-patient-log
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://samband.example/fhir/OperationDefinition/AuditEvent-patient-log"
* name = "AuditEventPatientLog"
* title = "Patient log"
* insert Released
* status = #active
* kind = #operation
* insert PublishedInstance
* description = "The patient's own log: who looked, wrote or was refused, in words for the patient."
* affectsState = false
* code = #patient-log
* resource = #AuditEvent
* system = false
* type = true
* instance = false
* parameter[+].name = #patient
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The patient's national number."
* parameter[=].type = #Identifier
* parameter[+].name = #period
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "From and to when; both are part of it."
* parameter[=].type = #Period
* parameter[+].name = #count
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "Rows of a page; 50 when it is not given."
* parameter[=].type = #positiveInt
* parameter[+].name = #cursor
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "What next said; the other parameters stay the same."
* parameter[=].type = #string
* parameter[+].name = #entry
* parameter[=].use = #out
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "Somebody looked at something about the patient, wrote it, or was refused it."
* parameter[=].part[+].name = #when
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #instant
* parameter[=].part[+].name = #organization
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Reference
* parameter[=].part[+].name = #unit
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Reference
* parameter[=].part[+].name = #practitioner
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Reference
* parameter[=].part[+].name = #role
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Coding
* parameter[=].part[+].name = #kind
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Coding
* parameter[=].part[+].name = #about
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Coding
* parameter[=].part[+].name = #purpose
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Coding
* parameter[+].name = #next
* parameter[=].use = #out
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "Another page follows: ask again with this as cursor."
* parameter[=].type = #string
