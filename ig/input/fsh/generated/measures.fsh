// Written by scripts/compile_ig.py; edit the Python table instead.

Instance: open-cases
InstanceOf: Measure
Usage: #definition
* url = "https://samband.example/fhir/Measure/open-cases"
* name = "OpenCases"
* title = "Open cases"
* insert Released
* status = #active
* insert PublishedInstance
* description = "Cases that somebody owes an answer when the month is over, or now. Counted from the cases' events."
* subjectCodeableConcept = http://hl7.org/fhir/resource-types#Task
* scoring = http://terminology.hl7.org/CodeSystem/measure-scoring#cohort
* group[+].code = FigureCS#open "Åpne saker"
* group[=].population[+].code = http://terminology.hl7.org/CodeSystem/measure-population#initial-population
* group[=].population[=].criteria.language = #text/plain
* group[=].population[=].criteria.expression = "Cases that have not ended, at their owner's unit."
* group[=].stratifier[+].code = FigureCS#unit "Enhet"
* group[=].stratifier[=].criteria.language = #text/plain
* group[=].stratifier[=].criteria.expression = "Unit"
* group[=].stratifier[+].code = FigureCS#stage "Sakens trinn"
* group[=].stratifier[=].criteria.language = #text/plain
* group[=].stratifier[=].criteria.expression = "Stage of the case"

Instance: active-coordinators
InstanceOf: Measure
Usage: #definition
* url = "https://samband.example/fhir/Measure/active-coordinators"
* name = "ActiveCoordinators"
* title = "Active coordinators"
* insert Released
* status = #active
* insert PublishedInstance
* description = "Coordinators' stints that cover the month's last day, or today. The EHR state is known of today only: a month that is over is not divided by it."
* subjectCodeableConcept = http://hl7.org/fhir/resource-types#CareTeam
* scoring = http://terminology.hl7.org/CodeSystem/measure-scoring#cohort
* group[+].code = FigureCS#active "Aktive koordinatorer"
* group[=].population[+].code = http://terminology.hl7.org/CodeSystem/measure-population#initial-population
* group[=].population[=].criteria.language = #text/plain
* group[=].population[=].criteria.expression = "Stints that cover the period's last day, at the coordinator's unit."
* group[=].stratifier[+].code = FigureCS#unit "Enhet"
* group[=].stratifier[=].criteria.language = #text/plain
* group[=].stratifier[=].criteria.expression = "Unit"
* group[=].stratifier[+].code = FigureCS#role "Rolle"
* group[=].stratifier[=].criteria.language = #text/plain
* group[=].stratifier[=].criteria.expression = "Role"
* group[=].stratifier[+].code = FigureCS#ehr-state "Tilstand i journalsystemet"
* group[=].stratifier[=].criteria.language = #text/plain
* group[=].stratifier[=].criteria.expression = "EHR state"

Instance: coordinator-changes
InstanceOf: Measure
Usage: #definition
* url = "https://samband.example/fhir/Measure/coordinator-changes"
* name = "CoordinatorChanges"
* title = "Coordinators registered and deregistered"
* insert Released
* status = #active
* insert PublishedInstance
* description = "Coordinators' stints that begin in the month, and those that are over on one of its days. Active coordinators are those of the month before, and the registered, less the deregistered."
* subjectCodeableConcept = http://hl7.org/fhir/resource-types#CareTeam
* scoring = http://terminology.hl7.org/CodeSystem/measure-scoring#cohort
* group[+].code = FigureCS#registered "Registrerte koordinatorer"
* group[=].population[+].code = http://terminology.hl7.org/CodeSystem/measure-population#initial-population
* group[=].population[=].criteria.language = #text/plain
* group[=].population[=].criteria.expression = "Stints whose first day is in the period."
* group[=].stratifier[+].code = FigureCS#unit "Enhet"
* group[=].stratifier[=].criteria.language = #text/plain
* group[=].stratifier[=].criteria.expression = "Unit"
* group[=].stratifier[+].code = FigureCS#role "Rolle"
* group[=].stratifier[=].criteria.language = #text/plain
* group[=].stratifier[=].criteria.expression = "Role"
* group[+].code = FigureCS#deregistered "Avregistrerte koordinatorer"
* group[=].population[+].code = http://terminology.hl7.org/CodeSystem/measure-population#initial-population
* group[=].population[=].criteria.language = #text/plain
* group[=].population[=].criteria.expression = "Stints whose last day is the day before one of the period."
* group[=].stratifier[+].code = FigureCS#unit "Enhet"
* group[=].stratifier[=].criteria.language = #text/plain
* group[=].stratifier[=].criteria.expression = "Unit"
* group[=].stratifier[+].code = FigureCS#role "Rolle"
* group[=].stratifier[=].criteria.language = #text/plain
* group[=].stratifier[=].criteria.expression = "Role"
* group[=].stratifier[+].code = FigureCS#end-reason "Årsak til avregistrering"
* group[=].stratifier[=].criteria.language = #text/plain
* group[=].stratifier[=].criteria.expression = "Reason of the end"
