// The coordination care team and the individual plan.

Profile: SambandCoordinationCareTeam
Parent: CareTeam
Id: coordination-care-team
Title: "Coordination care team"
Description: "A patient's coordinators at one trust. A stint is a row; it is ended, never removed. The service gives the rows their ids and the EHR state."
* insert Published
* status 1..1
* category 1..*
  * ^slicing.discriminator.type = #pattern
  * ^slicing.discriminator.path = "$this"
  * ^slicing.rules = #open
* category contains longitudinal 1..1
* category[longitudinal] = $loinc#LA28865-6
* subject 1..1
* insert NorwegianPatient(subject)
* participant.id 1..1
* participant obeys samband-team-1
* participant.extension contains
    EhrState named ehrState 1..1 and
    EndReason named endReason 0..1 and
    Deputy named deputy 0..1 and
    ReviewDate named reviewDate 0..1
* participant.role 1..1
* participant.role from CoordinatorRoleVS (required)
* participant.member 1..1
* participant.member only Reference(Practitioner or PractitionerRole)
* participant.member ^short = "The coordinator: a Practitioner by HPR number, or a PractitionerRole"
* participant.onBehalfOf ^short = "The coordinator's unit, by RESH id; only where the member is a Practitioner"
* participant.period 1..1
* participant.period.start 1..1
* participant.period.end ^short = "The last day: it is a day of the stint"
* managingOrganization 1..1
* managingOrganization ^short = "The trust, by organisation number"

Profile: SambandIndividualCarePlan
Parent: CarePlan
Id: individual-care-plan
Title: "Individual plan"
Description: "The individual plan, or the hospital's part of it. Members of the care team and the municipality named in the plan read and update it."
* insert Published
* intent = #plan
* category
  * ^slicing.discriminator.type = #pattern
  * ^slicing.discriminator.path = "$this"
  * ^slicing.rules = #open
* category contains individualPlan 0..1
* category[individualPlan] = NeedKindCS#individual-plan
* insert NorwegianPatient(subject)
* period 1..1
* author 1..1
* author ^short = "Who is responsible for the plan"
* contributor ^short = "Others who write in it; the municipality by its organisation number"
* careTeam only Reference(CareTeam)
* partOf ^short = "The plan that this one is a part of"
* activity.reference only Reference(Task)
