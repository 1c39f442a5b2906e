// Extensions of a participant of the coordination care team.

Extension: EhrState
Id: ehr-state
Title: "EHR state"
Description: "What the EHR has said about this registration. Only ehr-confirmed means registered."
Context: CareTeam.participant
* insert Published
* value[x] only code
* value[x] 1..1
* valueCode from EhrStateVS (required)

Extension: EndReason
Id: end-reason
Title: "Reason of the end"
Description: "Why the coordinator was deregistered: a code of the value set."
Context: CareTeam.participant
* insert Published
* value[x] only code
* value[x] 1..1
* valueCode from EndReasonVS (required)

Extension: Deputy
Id: deputy
Title: "Deputy"
Description: "Who stands in for the coordinator."
Context: CareTeam.participant
* insert Published
* value[x] only Reference(Practitioner or PractitionerRole)
* value[x] 1..1

Extension: ReviewDate
Id: review-date
Title: "Review date"
Description: "The day on which the appointment is to be looked at again."
Context: CareTeam.participant
* insert Published
* value[x] only date
* value[x] 1..1
