// Written by scripts/compile_ig.py; edit the Python table instead.

CodeSystem: CoordinationTaskCS
Id: coordination-task
Title: "Coordination task"
Description: "What a Task of the care coordination asks for."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/coordination-task"
* #coordinator-need "Behov for koordinator"
* #coordinator-need ^designation[+].language = #en
* #coordinator-need ^designation[=].value = "Need for a coordinator"
* #ehr-registration "Registrer rolle overfor pasient i journalsystemet"
* #ehr-registration ^designation[+].language = #en
* #ehr-registration ^designation[=].value = "Register the role in the EHR"
* #abort "Be om at saken trekkes"
* #abort ^designation[+].language = #en
* #abort ^designation[=].value = "Request that a case is cancelled"

ValueSet: CoordinationTaskVS
Id: coordination-task
Title: "Coordination task"
Description: "What a Task of the care coordination asks for."
* insert Published
* include codes from system CoordinationTaskCS

CodeSystem: CoordinationStageCS
Id: coordination-stage
Title: "Coordination stage"
Description: "Where a case, or a registration in the EHR, is: Task.businessStatus."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/coordination-stage"
* #draft "Kladd"
* #draft ^designation[+].language = #en
* #draft ^designation[=].value = "Draft"
* #received "Mottatt"
* #received ^designation[+].language = #en
* #received ^designation[=].value = "Received"
* #in-queue "I kø hos enheten"
* #in-queue ^designation[+].language = #en
* #in-queue ^designation[=].value = "In queue"
* #awaiting-information "Venter på opplysninger"
* #awaiting-information ^designation[+].language = #en
* #awaiting-information ^designation[=].value = "Awaiting information"
* #assessing "Under vurdering"
* #assessing ^designation[+].language = #en
* #assessing ^designation[=].value = "Assessing"
* #awaiting-consent "Venter på samtykke"
* #awaiting-consent ^designation[+].language = #en
* #awaiting-consent ^designation[=].value = "Awaiting consent"
* #at-coordinating-unit "Hos koordinerende enhet"
* #at-coordinating-unit ^designation[+].language = #en
* #at-coordinating-unit ^designation[=].value = "At coordinating unit"
* #at-decision-group "Hos beslutningsgruppen"
* #at-decision-group ^designation[+].language = #en
* #at-decision-group ^designation[=].value = "At decision group"
* #placed "Plassert"
* #placed ^designation[+].language = #en
* #placed ^designation[=].value = "Placed"
* #coordinator-appointed "Koordinator oppnevnt"
* #coordinator-appointed ^designation[+].language = #en
* #coordinator-appointed ^designation[=].value = "Coordinator appointed"
* #contact-physician "Kontaktlege"
* #contact-physician ^designation[+].language = #en
* #contact-physician ^designation[=].value = "Contact physician"
* #team "Team"
* #team ^designation[+].language = #en
* #team ^designation[=].value = "Team"
* #other-measure "Annet tiltak"
* #other-measure ^designation[+].language = #en
* #other-measure ^designation[=].value = "Other measure"
* #existing-coordinator "Har allerede koordinator"
* #existing-coordinator ^designation[+].language = #en
* #existing-coordinator ^designation[=].value = "Existing coordinator"
* #declined "Avslått"
* #declined ^designation[+].language = #en
* #declined ^designation[=].value = "Declined"
* #withdrawn "Trukket"
* #withdrawn ^designation[+].language = #en
* #withdrawn ^designation[=].value = "Withdrawn"
* #lapsed "Bortfalt"
* #lapsed ^designation[+].language = #en
* #lapsed ^designation[=].value = "Lapsed"
* #entered-in-error "Feilregistrert"
* #entered-in-error ^designation[+].language = #en
* #entered-in-error ^designation[=].value = "Entered in error"
* #ehr-pending "Venter på registrering i journalsystemet"
* #ehr-pending ^designation[+].language = #en
* #ehr-pending ^designation[=].value = "EHR pending"
* #ehr-confirmed "Registrert i journalsystemet"
* #ehr-confirmed ^designation[+].language = #en
* #ehr-confirmed ^designation[=].value = "EHR confirmed"
* #ehr-rejected "Avvist av journalsystemet"
* #ehr-rejected ^designation[+].language = #en
* #ehr-rejected ^designation[=].value = "EHR rejected"
* #ehr-drift "Avvik fra journalsystemet"
* #ehr-drift ^designation[+].language = #en
* #ehr-drift ^designation[=].value = "EHR drift"

ValueSet: CoordinationStageVS
Id: coordination-stage
Title: "Coordination stage"
Description: "Where a case, or a registration in the EHR, is: Task.businessStatus."
* insert Published
* include codes from system CoordinationStageCS

CodeSystem: CoordinationMoveCS
Id: coordination-move
Title: "Coordination move"
Description: "What happens to a case: Provenance.activity."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/coordination-move"
* #submit "Melde behov"
* #submit ^designation[+].language = #en
* #submit ^designation[=].value = "Submit"
* #route "Fordele til enhet"
* #route ^designation[+].language = #en
* #route ^designation[=].value = "Route"
* #accept "Ta imot"
* #accept ^designation[+].language = #en
* #accept ^designation[=].value = "Accept"
* #request-information "Be om opplysninger"
* #request-information ^designation[+].language = #en
* #request-information ^designation[=].value = "Request information"
* #answer "Svare på spørsmål"
* #answer ^designation[+].language = #en
* #answer ^designation[=].value = "Answer"
* #resume "Gjenoppta uten svar"
* #resume ^designation[+].language = #en
* #resume ^designation[=].value = "Resume"
* #transfer "Overføre til annen enhet"
* #transfer ^designation[+].language = #en
* #transfer ^designation[=].value = "Transfer"
* #escalate "Løfte saken"
* #escalate ^designation[+].language = #en
* #escalate ^designation[=].value = "Escalate"
* #place "Plassere"
* #place ^designation[+].language = #en
* #place ^designation[=].value = "Place"
* #appeal "Komme med innsigelse mot plasseringen"
* #appeal ^designation[+].language = #en
* #appeal ^designation[=].value = "Appeal"
* #await-consent "Vente på samtykke"
* #await-consent ^designation[+].language = #en
* #await-consent ^designation[=].value = "Await consent"
* #appoint "Oppnevne koordinator"
* #appoint ^designation[+].language = #en
* #appoint ^designation[=].value = "Appoint"
* #conclude "Avslutte med annet utfall"
* #conclude ^designation[+].language = #en
* #conclude ^designation[=].value = "Conclude"
* #decline "Avslå"
* #decline ^designation[+].language = #en
* #decline ^designation[=].value = "Decline"
* #withdraw "Trekke"
* #withdraw ^designation[+].language = #en
* #withdraw ^designation[=].value = "Withdraw"
* #lapse "La saken bortfalle"
* #lapse ^designation[+].language = #en
* #lapse ^designation[=].value = "Lapse"
* #enter-in-error "Merke som feilregistrert"
* #enter-in-error ^designation[+].language = #en
* #enter-in-error ^designation[=].value = "Enter in error"
* #request-abort "Be om at saken trekkes"
* #request-abort ^designation[+].language = #en
* #request-abort ^designation[=].value = "Request abort"
* #abort "Trekke etter avsenderens ønske"
* #abort ^designation[+].language = #en
* #abort ^designation[=].value = "Abort"
* #abort-rejected "Si nei til å trekke saken"
* #abort-rejected ^designation[+].language = #en
* #abort-rejected ^designation[=].value = "Abort rejected"
* #abort-cancelled "Ta tilbake ønsket om at saken trekkes"
* #abort-cancelled ^designation[+].language = #en
* #abort-cancelled ^designation[=].value = "Abort cancelled"
* #overdue "Fristen er ute"
* #overdue ^designation[+].language = #en
* #overdue ^designation[=].value = "Overdue"
* #unit-closed "Enheten er nedlagt"
* #unit-closed ^designation[+].language = #en
* #unit-closed ^designation[=].value = "Unit closed"
* #information-overdue "Fristen for svar er ute"
* #information-overdue ^designation[+].language = #en
* #information-overdue ^designation[=].value = "Information overdue"
* #appeal-time-over "Fristen for innsigelse er ute"
* #appeal-time-over ^designation[+].language = #en
* #appeal-time-over ^designation[=].value = "Appeal time over"
* #assess "Vurdere kriteriene"
* #assess ^designation[+].language = #en
* #assess ^designation[=].value = "Assess"
* #registration-confirmed "Registrering bekreftet av journalsystemet"
* #registration-confirmed ^designation[+].language = #en
* #registration-confirmed ^designation[=].value = "Registration confirmed"
* #registration-rejected "Registrering avvist av journalsystemet"
* #registration-rejected ^designation[+].language = #en
* #registration-rejected ^designation[=].value = "Registration rejected"
* #deregistration-confirmed "Avregistrering bekreftet av journalsystemet"
* #deregistration-confirmed ^designation[+].language = #en
* #deregistration-confirmed ^designation[=].value = "Deregistration confirmed"
* #deregistration-rejected "Avregistrering avvist av journalsystemet"
* #deregistration-rejected ^designation[+].language = #en
* #deregistration-rejected ^designation[=].value = "Deregistration rejected"
* #coordinator-began "Koordinatorens første dag"
* #coordinator-began ^designation[+].language = #en
* #coordinator-began ^designation[=].value = "Coordinator began"
* #coordinator-ended "Koordinatorens siste dag er over"
* #coordinator-ended ^designation[+].language = #en
* #coordinator-ended ^designation[=].value = "Coordinator ended"

ValueSet: CoordinationMoveVS
Id: coordination-move
Title: "Coordination move"
Description: "What happens to a case: Provenance.activity."
* insert Published
* include codes from system CoordinationMoveCS

CodeSystem: FigureCS
Id: figure
Title: "Figure"
Description: "What the measures count, and what they divide it by."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/figure"
* #open "Åpne saker"
* #open ^designation[+].language = #en
* #open ^designation[=].value = "Open cases"
* #active "Aktive koordinatorer"
* #active ^designation[+].language = #en
* #active ^designation[=].value = "Active coordinators"
* #registered "Registrerte koordinatorer"
* #registered ^designation[+].language = #en
* #registered ^designation[=].value = "Registered coordinators"
* #deregistered "Avregistrerte koordinatorer"
* #deregistered ^designation[+].language = #en
* #deregistered ^designation[=].value = "Deregistered coordinators"
* #unit "Enhet"
* #unit ^designation[+].language = #en
* #unit ^designation[=].value = "Unit"
* #stage "Sakens trinn"
* #stage ^designation[+].language = #en
* #stage ^designation[=].value = "Stage of the case"
* #role "Rolle"
* #role ^designation[+].language = #en
* #role ^designation[=].value = "Role"
* #ehr-state "Tilstand i journalsystemet"
* #ehr-state ^designation[+].language = #en
* #ehr-state ^designation[=].value = "EHR state"
* #end-reason "Årsak til avregistrering"
* #end-reason ^designation[+].language = #en
* #end-reason ^designation[=].value = "Reason of the end"

ValueSet: FigureVS
Id: figure
Title: "Figure"
Description: "What the measures count, and what they divide it by."
* insert Published
* include codes from system FigureCS

CodeSystem: NeedKindCS
Id: need-kind
Title: "Kind of need"
Description: "Why a coordinator is asked for."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/need-kind"
* #close-follow-up "Behov for tett oppfølging"
* #close-follow-up ^designation[+].language = #en
* #close-follow-up ^designation[=].value = "Close follow up"
* #appointment-coordination "Samordning av timer"
* #appointment-coordination ^designation[+].language = #en
* #appointment-coordination ^designation[=].value = "Appointment coordination"
* #several-units "Flere enheter involvert"
* #several-units ^designation[+].language = #en
* #several-units ^designation[=].value = "Several units"
* #transition-child-to-adult "Overgang fra barn til voksen"
* #transition-child-to-adult ^designation[+].language = #en
* #transition-child-to-adult ^designation[=].value = "Transition child to adult"
* #transition-home "Overgang til hjemmet"
* #transition-home ^designation[+].language = #en
* #transition-home ^designation[=].value = "Transition home"
* #individual-plan "Individuell plan"
* #individual-plan ^designation[+].language = #en
* #individual-plan ^designation[=].value = "Individual plan"
* #child-coordinator "Barnekoordinator"
* #child-coordinator ^designation[+].language = #en
* #child-coordinator ^designation[=].value = "Child coordinator"

ValueSet: NeedKindVS
Id: need-kind
Title: "Kind of need"
Description: "Why a coordinator is asked for."
* insert Published
* include codes from system NeedKindCS

CodeSystem: DeclineReasonCS
Id: decline-reason
Title: "Reason for declining"
Description: "Why a need is declined. None says «wrong unit»: that is a transfer or an escalation."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/decline-reason"
* #not-entitled "Pasienten har ikke rett til koordinator, vurdert etter kriteriene"
* #not-entitled ^designation[+].language = #en
* #not-entitled ^designation[=].value = "The patient is not entitled to a coordinator by the criteria"
* #no-need "Det er ikke behov for koordinator i sykehuset nå"
* #no-need ^designation[+].language = #en
* #no-need ^designation[=].value = "There is no need for a coordinator in the hospital now"
* #consent-refused "Pasienten samtykker ikke til at koordinator oppnevnes"
* #consent-refused ^designation[+].language = #en
* #consent-refused ^designation[=].value = "The patient does not consent to the appointment of a coordinator"
* #patient-does-not-want "Pasienten ønsker ikke koordinator eller vil koordinere selv"
* #patient-does-not-want ^designation[+].language = #en
* #patient-does-not-want ^designation[=].value = "The patient does not want a coordinator, or will coordinate for themselves"
* #coordinator-in-municipality-suffices "Koordinator i kommunen dekker behovet"
* #coordinator-in-municipality-suffices ^designation[+].language = #en
* #coordinator-in-municipality-suffices ^designation[=].value = "A coordinator in the municipality meets the need"
* #insufficient-information "Opplysningene er ikke nok til å vurdere behovet, heller ikke etter spørsmål til avsender"
* #insufficient-information ^designation[+].language = #en
* #insufficient-information ^designation[=].value = "The information does not suffice to assess the need, even after asking the sender"

ValueSet: DeclineReasonVS
Id: decline-reason
Title: "Reason for declining"
Description: "Why a need is declined. None says «wrong unit»: that is a transfer or an escalation."
* insert Published
* include codes from system DeclineReasonCS

CodeSystem: LapseReasonCS
Id: lapse-reason
Title: "Reason for lapsing"
Description: "Why there is nothing left to answer in a case. None says «wrong unit»: that is a hand-over."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/lapse-reason"
* #patient-dead "Pasienten er død"
* #patient-dead ^designation[+].language = #en
* #patient-dead ^designation[=].value = "The patient has died"
* #patient-moved "Pasienten har flyttet ut av sykehusets opptaksområde"
* #patient-moved ^designation[+].language = #en
* #patient-moved ^designation[=].value = "The patient has moved out of the hospital's catchment area"
* #duplicate "Behovet er allerede meldt i en annen sak"
* #duplicate ^designation[+].language = #en
* #duplicate ^designation[=].value = "The need is in another case already"

ValueSet: LapseReasonVS
Id: lapse-reason
Title: "Reason for lapsing"
Description: "Why there is nothing left to answer in a case. None says «wrong unit»: that is a hand-over."
* insert Published
* include codes from system LapseReasonCS

CodeSystem: EndReasonCS
Id: end-reason
Title: "Reason of the end"
Description: "Why a coordinator is deregistered."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/end-reason"
* #need-ended "Behovet er opphørt"
* #need-ended ^designation[+].language = #en
* #need-ended ^designation[=].value = "The need has ended"
* #patient-does-not-want "Pasienten ønsker det ikke lenger"
* #patient-does-not-want ^designation[+].language = #en
* #patient-does-not-want ^designation[=].value = "The patient no longer wants it"
* #consent-withdrawn "Samtykket er trukket tilbake"
* #consent-withdrawn ^designation[+].language = #en
* #consent-withdrawn ^designation[=].value = "The consent is withdrawn"
* #replaced "En annen overtar"
* #replaced ^designation[+].language = #en
* #replaced ^designation[=].value = "Somebody else takes over"
* #left-position "Koordinatoren har sluttet i stillingen"
* #left-position ^designation[+].language = #en
* #left-position ^designation[=].value = "The coordinator has left the position"
* #patient-moved "Pasienten har flyttet"
* #patient-moved ^designation[+].language = #en
* #patient-moved ^designation[=].value = "The patient has moved"
* #patient-dead "Pasienten er død"
* #patient-dead ^designation[+].language = #en
* #patient-dead ^designation[=].value = "The patient has died"
* #entered-in-error "Registrert ved en feil"
* #entered-in-error ^designation[+].language = #en
* #entered-in-error ^designation[=].value = "Registered in error"

ValueSet: EndReasonVS
Id: end-reason
Title: "Reason of the end"
Description: "Why a coordinator is deregistered."
* insert Published
* include codes from system EndReasonCS

CodeSystem: TaskInputCS
Id: task-input
Title: "Task input"
Description: "What an input of a coordinator need says."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/task-input"
* #consent "Samtykke"
* #consent ^designation[+].language = #en
* #consent ^designation[=].value = "Consent"
* #consent-date "Dato for samtykke"
* #consent-date ^designation[+].language = #en
* #consent-date ^designation[=].value = "Date of the consent"
* #involved-unit "Involvert enhet"
* #involved-unit ^designation[+].language = #en
* #involved-unit ^designation[=].value = "Unit that is involved"
* #reporter "Hvem som melder"
* #reporter ^designation[+].language = #en
* #reporter ^designation[=].value = "Who reports"
* #need-kind "Type behov"
* #need-kind ^designation[+].language = #en
* #need-kind ^designation[=].value = "Kind of need"
* #criteria-a "Kriterium A"
* #criteria-a ^designation[+].language = #en
* #criteria-a ^designation[=].value = "Criterion A"
* #criteria-b "Kriterium B"
* #criteria-b ^designation[+].language = #en
* #criteria-b ^designation[=].value = "Criterion B"
* #criteria-c "Kriterium C"
* #criteria-c ^designation[+].language = #en
* #criteria-c ^designation[=].value = "Criterion C"
* #criteria-d "Kriterium D"
* #criteria-d ^designation[+].language = #en
* #criteria-d ^designation[=].value = "Criterion D"

ValueSet: TaskInputVS
Id: task-input
Title: "Task input"
Description: "What an input of a coordinator need says."
* insert Published
* include codes from system TaskInputCS

CodeSystem: TaskOutputCS
Id: task-output
Title: "Task output"
Description: "What an output of a coordinator need says."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/task-output"
* #question "Spørsmål til avsender"
* #question ^designation[+].language = #en
* #question ^designation[=].value = "Question to the sender"
* #answer "Svar fra avsender"
* #answer ^designation[+].language = #en
* #answer ^designation[=].value = "The sender's answer"
* #decision "Beslutning"
* #decision ^designation[+].language = #en
* #decision ^designation[=].value = "Decision"
* #answer-text "Svartekst"
* #answer-text ^designation[+].language = #en
* #answer-text ^designation[=].value = "Text of the answer"
* #coordinator "Koordinator"
* #coordinator ^designation[+].language = #en
* #coordinator ^designation[=].value = "Coordinator"
* #coordinator-unit "Koordinatorens enhet"
* #coordinator-unit ^designation[+].language = #en
* #coordinator-unit ^designation[=].value = "The coordinator's unit"
* #coordinator-phone "Koordinatorens telefon"
* #coordinator-phone ^designation[+].language = #en
* #coordinator-phone ^designation[=].value = "The coordinator's telephone"
* #coordinator-start "Koordinatorens første dag"
* #coordinator-start ^designation[+].language = #en
* #coordinator-start ^designation[=].value = "The coordinator's first day"
* #coordinator-end "Koordinatorens siste dag"
* #coordinator-end ^designation[+].language = #en
* #coordinator-end ^designation[=].value = "The coordinator's last day"
* #care-team "Koordineringsteam"
* #care-team ^designation[+].language = #en
* #care-team ^designation[=].value = "Coordination care team"
* #registration "Registrering i journalsystemet"
* #registration ^designation[+].language = #en
* #registration ^designation[=].value = "Registration in the EHR"
* #deregistration "Avregistrering i journalsystemet"
* #deregistration ^designation[+].language = #en
* #deregistration ^designation[=].value = "Deregistration in the EHR"

ValueSet: TaskOutputVS
Id: task-output
Title: "Task output"
Description: "What an output of a coordinator need says."
* insert Published
* include codes from system TaskOutputCS

CodeSystem: ReporterCS
Id: reporter
Title: "Reporter"
Description: "Who reports a need."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/reporter"
* #patient "Pasienten"
* #patient ^designation[+].language = #en
* #patient ^designation[=].value = "Patient"
* #next-of-kin "Pårørende"
* #next-of-kin ^designation[+].language = #en
* #next-of-kin ^designation[=].value = "Next of kin"
* #gp "Fastlegen"
* #gp ^designation[+].language = #en
* #gp ^designation[=].value = "General practitioner"
* #municipality "Kommunen"
* #municipality ^designation[+].language = #en
* #municipality ^designation[=].value = "Municipality"
* #clinical-unit "Klinisk enhet"
* #clinical-unit ^designation[+].language = #en
* #clinical-unit ^designation[=].value = "Clinical unit"
* #other-hospital "Annet sykehus"
* #other-hospital ^designation[+].language = #en
* #other-hospital ^designation[=].value = "Other hospital"

ValueSet: ReporterVS
Id: reporter
Title: "Reporter"
Description: "Who reports a need."
* insert Published
* include codes from system ReporterCS

CodeSystem: EhrStateCS
Id: ehr-state
Title: "EHR state"
Description: "What the EHR has said about a registration; only a confirmed one is called registered."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/ehr-state"
* #ehr-pending "Venter på registrering i journalsystemet"
* #ehr-pending ^designation[+].language = #en
* #ehr-pending ^designation[=].value = "EHR pending"
* #ehr-confirmed "Registrert i journalsystemet"
* #ehr-confirmed ^designation[+].language = #en
* #ehr-confirmed ^designation[=].value = "EHR confirmed"
* #ehr-rejected "Avvist av journalsystemet"
* #ehr-rejected ^designation[+].language = #en
* #ehr-rejected ^designation[=].value = "EHR rejected"
* #ehr-drift "Avvik fra journalsystemet"
* #ehr-drift ^designation[+].language = #en
* #ehr-drift ^designation[=].value = "EHR drift"

ValueSet: EhrStateVS
Id: ehr-state
Title: "EHR state"
Description: "What the EHR has said about a registration; only a confirmed one is called registered."
* insert Published
* include codes from system EhrStateCS

CodeSystem: LocalCoordinatorRoleCS
Id: coordinator-role
Title: "Coordinator role, local codes"
Description: "Roles that Volven 9034 has no code for."
* insert Published
* ^language = #nb
* ^caseSensitive = true
* #child-coordinator "Barnekoordinator"
* #child-coordinator ^designation[+].language = #en
* #child-coordinator ^designation[=].value = "Child coordinator"

ValueSet: CaseStageVS
Id: case-stage
Title: "Stage of a case"
Description: "Where a case can be."
* insert Published
* CoordinationStageCS#draft
* CoordinationStageCS#in-queue
* CoordinationStageCS#awaiting-information
* CoordinationStageCS#assessing
* CoordinationStageCS#awaiting-consent
* CoordinationStageCS#at-coordinating-unit
* CoordinationStageCS#at-decision-group
* CoordinationStageCS#placed
* CoordinationStageCS#coordinator-appointed
* CoordinationStageCS#contact-physician
* CoordinationStageCS#team
* CoordinationStageCS#other-measure
* CoordinationStageCS#existing-coordinator
* CoordinationStageCS#declined
* CoordinationStageCS#withdrawn
* CoordinationStageCS#lapsed
* CoordinationStageCS#entered-in-error

ValueSet: OutcomeVS
Id: outcome
Title: "Outcome"
Description: "What a need can lead to, other than a no."
* insert Published
* CoordinationStageCS#coordinator-appointed
* CoordinationStageCS#contact-physician
* CoordinationStageCS#team
* CoordinationStageCS#other-measure
* CoordinationStageCS#existing-coordinator

ValueSet: DecisionVS
Id: decision
Title: "Decision"
Description: "What ends a case with an answer."
* insert Published
* CoordinationStageCS#coordinator-appointed
* CoordinationStageCS#contact-physician
* CoordinationStageCS#team
* CoordinationStageCS#other-measure
* CoordinationStageCS#existing-coordinator
* CoordinationStageCS#declined

ValueSet: PlaceableOutcomeVS
Id: placeable-outcome
Title: "Outcome of a placement"
Description: "What a binding placement can oblige a unit to."
* insert Published
* CoordinationStageCS#coordinator-appointed
* CoordinationStageCS#contact-physician
* CoordinationStageCS#team
* CoordinationStageCS#other-measure

ValueSet: OtherOutcomeVS
Id: other-outcome
Title: "Other outcome"
Description: "What answers a need without a newly appointed coordinator."
* insert Published
* CoordinationStageCS#contact-physician
* CoordinationStageCS#team
* CoordinationStageCS#other-measure
* CoordinationStageCS#existing-coordinator

ValueSet: RegistrationStageVS
Id: registration-stage
Title: "Stage of a registration"
Description: "Where a registration in the EHR is."
* insert Published
* CoordinationStageCS#ehr-pending
* CoordinationStageCS#ehr-confirmed
* CoordinationStageCS#ehr-rejected
* CoordinationStageCS#ehr-drift

ValueSet: HealthPersonnelVS
Id: health-personnel
Title: "Health personnel"
Description: "Categories of Volven 9060 that a coordinator can have."
* insert Published
* urn:oid:2.16.578.1.12.4.1.1.9060#AA "Ambulansearbeider"
* urn:oid:2.16.578.1.12.4.1.1.9060#AT "Apotektekniker"
* urn:oid:2.16.578.1.12.4.1.1.9060#AU "Audiograf"
* urn:oid:2.16.578.1.12.4.1.1.9060#BI "Bioingeniør"
* urn:oid:2.16.578.1.12.4.1.1.9060#ET "Ergoterapeut"
* urn:oid:2.16.578.1.12.4.1.1.9060#FA1 "Provisorfarmasøyt"
* urn:oid:2.16.578.1.12.4.1.1.9060#FA2 "Reseptarfarmasøyt"
* urn:oid:2.16.578.1.12.4.1.1.9060#FO "Fotterapeut"
* urn:oid:2.16.578.1.12.4.1.1.9060#FT "Fysioterapeut"
* urn:oid:2.16.578.1.12.4.1.1.9060#HE "Helsesekretær"
* urn:oid:2.16.578.1.12.4.1.1.9060#HF "Helsefagarbeider"
* urn:oid:2.16.578.1.12.4.1.1.9060#HP "Hjelpepleier"
* urn:oid:2.16.578.1.12.4.1.1.9060#JO "Jordmor"
* urn:oid:2.16.578.1.12.4.1.1.9060#KE "Klinisk ernæringsfysiolog"
* urn:oid:2.16.578.1.12.4.1.1.9060#KI "Kiropraktor"
* urn:oid:2.16.578.1.12.4.1.1.9060#LE "Lege"
* urn:oid:2.16.578.1.12.4.1.1.9060#MT "Manuellterapeut"
* urn:oid:2.16.578.1.12.4.1.1.9060#NP "Naprapat"
* urn:oid:2.16.578.1.12.4.1.1.9060#OA "Omsorgsarbeider"
* urn:oid:2.16.578.1.12.4.1.1.9060#OI "Ortopediingeniør"
* urn:oid:2.16.578.1.12.4.1.1.9060#OP "Optiker"
* urn:oid:2.16.578.1.12.4.1.1.9060#OR "Ortoptist"
* urn:oid:2.16.578.1.12.4.1.1.9060#OS "Osteopat"
* urn:oid:2.16.578.1.12.4.1.1.9060#PE "Perfusjonist"
* urn:oid:2.16.578.1.12.4.1.1.9060#PM "Paramedisiner"
* urn:oid:2.16.578.1.12.4.1.1.9060#PS "Psykolog"
* urn:oid:2.16.578.1.12.4.1.1.9060#RA "Radiograf"
* urn:oid:2.16.578.1.12.4.1.1.9060#SP "Sykepleier"
* urn:oid:2.16.578.1.12.4.1.1.9060#TH "Tannhelsesekretær"
* urn:oid:2.16.578.1.12.4.1.1.9060#TL "Tannlege"
* urn:oid:2.16.578.1.12.4.1.1.9060#TP "Tannpleier"
* urn:oid:2.16.578.1.12.4.1.1.9060#TT "Tanntekniker"
* urn:oid:2.16.578.1.12.4.1.1.9060#VP "Vernepleier"

ValueSet: CoordinatorRoleVS
Id: coordinator-role
Title: "Coordinator role"
Description: "Volven 9034, and a local code where it has none."
* insert Published
* urn:oid:2.16.578.1.12.4.1.1.9034#18 "Koordinator (spesialisthelsetjenesteloven)"
* urn:oid:2.16.578.1.12.4.1.1.9034#8 "Koordinator Individuell plan"
* urn:oid:2.16.578.1.12.4.1.1.9034#17 "Forløpskoordinator kreft"
* urn:oid:2.16.578.1.12.4.1.1.9034#19 "Kontaktlege"
* urn:oid:2.16.578.1.12.4.1.1.9034#20 "Kontaktpsykolog"
* include codes from system LocalCoordinatorRoleCS

CodeSystem: ErrorCS
Id: error
Title: "Error"
Description: "The stable codes in OperationOutcome.issue.details; never renamed. Each with its text."
* insert Published
* ^language = #en
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/error"
* #abort-already-open "This case already has an open request to cancel it; wait for the answer, or take it back first."
* #abort-already-open ^designation[+].language = #nb
* #abort-already-open ^designation[=].value = "Det er allerede bedt om at saken trekkes. Vent på svaret, eller ta ønsket tilbake først."
* #abort-not-open "This case has no open request to cancel it."
* #abort-not-open ^designation[+].language = #nb
* #abort-not-open ^designation[=].value = "Det er ikke bedt om at denne saken trekkes."
* #already-ended "This coordinator's time has already ended; register the coordinator anew for a new period."
* #already-ended ^designation[+].language = #nb
* #already-ended ^designation[=].value = "Koordinatorens periode er allerede avsluttet. Registrer koordinatoren på nytt for en ny periode."
* #already-registered "This person already has this role for the patient."
* #already-registered ^designation[+].language = #nb
* #already-registered ^designation[=].value = "Denne personen har allerede denne rollen overfor pasienten."
* #appeal-used "The placement of this case has already been appealed; it cannot be appealed again."
* #appeal-used ^designation[+].language = #nb
* #appeal-used ^designation[=].value = "Det er allerede kommet innsigelse mot plasseringen av saken. Det kan ikke komme en ny."
* #append-only-element "Entries that stand here are not changed or taken away; only new ones are added."
* #append-only-element ^designation[+].language = #nb
* #append-only-element ^designation[=].value = "Det som står her, kan ikke endres eller fjernes. Det kan bare legges til nytt."
* #assessment-by-sender "The sender does not assess the criteria; the hospital does. Leave the assessment out."
* #assessment-by-sender ^designation[+].language = #nb
* #assessment-by-sender ^designation[=].value = "Avsenderen vurderer ikke kriteriene, det gjør sykehuset. Utelat vurderingen."
* #bad-count "_count must be a whole number, 0 or more."
* #bad-count ^designation[+].language = #nb
* #bad-count ^designation[=].value = "_count må være et helt tall, 0 eller høyere."
* #bad-cursor "The link to the page cannot be used; start the search again from the first page."
* #bad-cursor ^designation[+].language = #nb
* #bad-cursor ^designation[=].value = "Lenken til siden kan ikke brukes. Start søket på nytt fra første side."
* #bad-date "The date is not a real date in the FHIR format."
* #bad-date ^designation[+].language = #nb
* #bad-date ^designation[=].value = "Datoen er ikke en gyldig dato i FHIR-format."
* #bad-endpoint "The operator does not allow this address for notifications."
* #bad-endpoint ^designation[+].language = #nb
* #bad-endpoint ^designation[=].value = "Driftsansvarlig tillater ikke denne adressen for varsler."
* #bad-event-number "An event number is a whole number without a sign."
* #bad-event-number ^designation[+].language = #nb
* #bad-event-number ^designation[=].value = "Et hendelsesnummer er et helt tall uten fortegn."
* #bad-header "A header of a subscription is one line: a name, a colon and a value; each name once."
* #bad-header ^designation[+].language = #nb
* #bad-header ^designation[=].value = "En header i et abonnement er én linje: navn, kolon og verdi, og hvert navn én gang."
* #bad-id "The id has signs that an id must not have, is too long, or is used twice in the resource."
* #bad-id ^designation[+].language = #nb
* #bad-id ^designation[=].value = "Id-en har tegn som ikke er tillatt, er for lang eller er brukt to ganger i ressursen."
* #bad-if-match "If-Match must name exactly one version."
* #bad-if-match ^designation[+].language = #nb
* #bad-if-match ^designation[=].value = "If-Match må oppgi nøyaktig én versjon."
* #bad-modifier "The search parameter cannot be used with this modifier, or needs one."
* #bad-modifier ^designation[+].language = #nb
* #bad-modifier ^designation[=].value = "Søkeparameteren kan ikke brukes med denne modifikatoren, eller krever en."
* #bad-parameter-encoding "The parameters cannot be read: they must be percent-encoded UTF-8."
* #bad-parameter-encoding ^designation[+].language = #nb
* #bad-parameter-encoding ^designation[=].value = "Parameterne kan ikke leses. De må være prosentkodet UTF-8."
* #bad-patch "The change is not a valid JSON Patch (RFC 6902)."
* #bad-patch ^designation[+].language = #nb
* #bad-patch ^designation[=].value = "Endringen er ikke en gyldig JSON Patch (RFC 6902)."
* #bad-prefix "This search parameter does not take this prefix."
* #bad-prefix ^designation[+].language = #nb
* #bad-prefix ^designation[=].value = "Søkeparameteren kan ikke brukes med dette prefikset."
* #bad-sort "The search cannot be sorted by this; the allowed keys are named."
* #bad-sort ^designation[+].language = #nb
* #bad-sort ^designation[=].value = "Søket kan ikke sorteres etter dette. De tillatte nøklene er oppgitt."
* #bad-summary "_summary does not have this value here; the allowed values are named."
* #bad-summary ^designation[+].language = #nb
* #bad-summary ^designation[=].value = "_summary kan ikke ha denne verdien her. De tillatte verdiene er oppgitt."
* #bad-utf8 "The body is not valid UTF-8."
* #bad-utf8 ^designation[+].language = #nb
* #bad-utf8 ^designation[=].value = "Meldingen er ikke gyldig UTF-8."
* #bad-value "The value of a parameter has another form than expected."
* #bad-value ^designation[+].language = #nb
* #bad-value ^designation[=].value = "Verdien av en parameter har en annen form enn forventet."
* #broken-json "The body is not valid JSON."
* #broken-json ^designation[+].language = #nb
* #broken-json ^designation[=].value = "Meldingen er ikke gyldig JSON."
* #byte-order-mark "The body begins with a byte order mark; send it without."
* #byte-order-mark ^designation[+].language = #nb
* #byte-order-mark ^designation[=].value = "Meldingen begynner med et byterekkefølgemerke (BOM). Send den uten."
* #caller-unit-unknown "The directory does not know the unit that this access token is for; ask the operator of the service."
* #caller-unit-unknown ^designation[+].language = #nb
* #caller-unit-unknown ^designation[=].value = "Katalogen kjenner ikke enheten som dette tilgangstokenet gjelder. Spør den som drifter tjenesten."
* #care-team-by-operation "A care team for coordination is not posted; it is made when a coordinator is registered."
* #care-team-by-operation ^designation[+].language = #nb
* #care-team-by-operation ^designation[=].value = "Et koordineringsteam sendes ikke inn. Det opprettes når en koordinator registreres."
* #case-ended "The case has ended, and its content does not change; send a new need that is based on it."
* #case-ended ^designation[+].language = #nb
* #case-ended ^designation[=].value = "Saken er avsluttet, og innholdet kan ikke endres. Meld et nytt behov som bygger på saken."
* #case-handed-over "The case has been handed over to another unit."
* #case-handed-over ^designation[+].language = #nb
* #case-handed-over ^designation[=].value = "Saken er overført til en annen enhet."
* #case-moved "Somebody else changed the case at the same moment; read it again before you go on."
* #case-moved ^designation[+].language = #nb
* #case-moved ^designation[=].value = "Noen andre endret saken samtidig. Les saken på nytt før du går videre."
* #channel-not-supported "Notifications are sent by rest-hook only."
* #channel-not-supported ^designation[+].language = #nb
* #channel-not-supported ^designation[=].value = "Varsler sendes bare som rest-hook."
* #client-unknown "The access token holds, but the directory does not know this client and organisation; ask the operator."
* #client-unknown ^designation[+].language = #nb
* #client-unknown ^designation[=].value = "Tilgangstokenet er gyldig, men katalogen kjenner ikke klienten og virksomheten. Spør den som drifter tjenesten."
* #consent-missing "A coordinator cannot be registered: the patient's consent is not recorded."
* #consent-missing ^designation[+].language = #nb
* #consent-missing ^designation[=].value = "Koordinator kan ikke registreres fordi pasientens samtykke ikke er dokumentert."
* #consent-refused "A coordinator cannot be registered: the patient has not consented."
* #consent-refused ^designation[+].language = #nb
* #consent-refused ^designation[=].value = "Koordinator kan ikke registreres fordi pasienten ikke har samtykket."
* #content-not-supported "Say how much a notification shall tell: empty, id-only or full-resource."
* #content-not-supported ^designation[+].language = #nb
* #content-not-supported ^designation[=].value = "Oppgi hvor mye et varsel skal inneholde: empty, id-only eller full-resource."
* #criteria-version-unknown "There is no such version of the criteria."
* #criteria-version-unknown ^designation[+].language = #nb
* #criteria-version-unknown ^designation[=].value = "Denne versjonen av kriteriene finnes ikke."
* #criterion-unknown "An answer is to a criterion that this version of the criteria does not have."
* #criterion-unknown ^designation[+].language = #nb
* #criterion-unknown ^designation[=].value = "Det er svart på et kriterium som ikke finnes i denne versjonen av kriteriene."
* #database-unavailable "The service cannot reach its database at the moment; try again later."
* #database-unavailable ^designation[+].language = #nb
* #database-unavailable ^designation[=].value = "Tjenesten når ikke databasen akkurat nå. Prøv igjen senere."
* #date-invalid "The date is not a real day, or is not allowed here."
* #date-invalid ^designation[+].language = #nb
* #date-invalid ^designation[=].value = "Datoen finnes ikke eller er ikke tillatt her."
* #duplicate-key "The JSON has the same member twice in one object."
* #duplicate-key ^designation[+].language = #nb
* #duplicate-key ^designation[=].value = "JSON-objektet har det samme feltet to ganger."
* #element-not-yours "You cannot change this element; another party to the case does."
* #element-not-yours ^designation[+].language = #nb
* #element-not-yours ^designation[=].value = "Du kan ikke endre dette elementet. Det er en annen part i saken som gjør det."
* #empty-body "The body is empty; send the resource in it."
* #empty-body ^designation[+].language = #nb
* #empty-body ^designation[=].value = "Meldingen er tom. Send ressursen i den."
* #empty-condition "The condition must hold at least one search parameter."
* #empty-condition ^designation[+].language = #nb
* #empty-condition ^designation[=].value = "Betingelsen må ha minst én søkeparameter."
* #empty-value "A value is empty; give it, or leave the element out."
* #empty-value ^designation[+].language = #nb
* #empty-value ^designation[=].value = "En verdi er tom. Oppgi den, eller utelat elementet."
* #end-before-start "The last day cannot be before the first day."
* #end-before-start ^designation[+].language = #nb
* #end-before-start ^designation[=].value = "Siste dag kan ikke være før første dag."
* #end-passed "The end of the subscription has passed; give a later one, or none."
* #end-passed ^designation[+].language = #nb
* #end-passed ^designation[=].value = "Sluttidspunktet for abonnementet er passert. Oppgi et senere tidspunkt, eller ingen slutt."
* #end-reason-unknown "State why the coordinator is deregistered, by one of the allowed codes."
* #end-reason-unknown ^designation[+].language = #nb
* #end-reason-unknown ^designation[=].value = "Oppgi hvorfor koordinatoren avregistreres, med en av de tillatte kodene."
* #extension-not-supported "The service does not do what this extension asks for. Leave it out."
* #extension-not-supported ^designation[+].language = #nb
* #extension-not-supported ^designation[=].value = "Tjenesten gjør ikke det denne utvidelsen ber om. Utelat den."
* #filter-not-supported "Filters are not supported; all events of the topic are sent."
* #filter-not-supported ^designation[+].language = #nb
* #filter-not-supported ^designation[=].value = "Filtre støttes ikke. Alle hendelser i emnet sendes."
* #forbidden "You do not have access to this."
* #forbidden ^designation[+].language = #nb
* #forbidden ^designation[=].value = "Du har ikke tilgang til dette."
* #header-missing "The notifications are to go to another server: send the header again."
* #header-missing ^designation[+].language = #nb
* #header-missing ^designation[=].value = "Varslene skal til en annen server. Send headeren på nytt."
* #headers-too-large "The request has too many headers, or too long ones."
* #headers-too-large ^designation[+].language = #nb
* #headers-too-large ^designation[=].value = "Forespørselen har for mange eller for lange headere."
* #hop-limit-reached "The case cannot be transferred to any more units: decide it, or escalate it to the coordinating unit."
* #hop-limit-reached ^designation[+].language = #nb
* #hop-limit-reached ^designation[=].value = "Saken kan ikke overføres til flere enheter. Avgjør den, eller løft den til koordinerende enhet."
* #hpr-invalid "The HPR number is not valid."
* #hpr-invalid ^designation[+].language = #nb
* #hpr-invalid ^designation[=].value = "HPR-nummeret er ikke gyldig."
* #id-contradicts-match "The body has another id than the resource that the search finds."
* #id-contradicts-match ^designation[+].language = #nb
* #id-contradicts-match ^designation[=].value = "Meldingen har en annen id enn ressursen som søket finner."
* #id-mismatch "The id in the body is another one than in the address."
* #id-mismatch ^designation[+].language = #nb
* #id-mismatch ^designation[=].value = "Id-en i meldingen er en annen enn i adressen."
* #immutable-element "This element cannot be changed after it was submitted."
* #immutable-element ^designation[+].language = #nb
* #immutable-element ^designation[=].value = "Dette elementet kan ikke endres etter at det er sendt inn."
* #insufficient-scope "The access token does not have the scope that this needs."
* #insufficient-scope ^designation[+].language = #nb
* #insufficient-scope ^designation[=].value = "Tilgangstokenet mangler tilgangen (scope) som kreves her."
* #intent-not-allowed "A Task of this kind cannot have this intent."
* #intent-not-allowed ^designation[+].language = #nb
* #intent-not-allowed ^designation[=].value = "En oppgave av dette slaget kan ikke ha denne verdien i intent."
* #internal-error "Something failed on our side; try again, and tell us if it goes on."
* #internal-error ^designation[+].language = #nb
* #internal-error ^designation[=].value = "Noe gikk galt hos oss. Prøv igjen, og si fra hvis det fortsetter."
* #invalid-content "The content is not valid."
* #invalid-content ^designation[+].language = #nb
* #invalid-content ^designation[=].value = "Innholdet er ikke gyldig."
* #invariant "The content breaks a rule of the FHIR definition."
* #invariant ^designation[+].language = #nb
* #invariant ^designation[=].value = "Innholdet bryter en regel i FHIR-definisjonen."
* #issuer-unavailable "The keys of the token issuer cannot be fetched at the moment; try again later."
* #issuer-unavailable ^designation[+].language = #nb
* #issuer-unavailable ^designation[=].value = "Nøklene til tokenutstederen kan ikke hentes akkurat nå. Prøv igjen senere."
* #link-between-entries "The entries of a batch cannot refer to each other; send a transaction instead."
* #link-between-entries ^designation[+].language = #nb
* #link-between-entries ^designation[=].value = "Oppføringene i en batch kan ikke vise til hverandre. Send en transaksjon i stedet."
* #link-unresolved "A reference points to an entry that is not in the Bundle."
* #link-unresolved ^designation[+].language = #nb
* #link-unresolved ^designation[=].value = "En referanse peker til en oppføring som ikke finnes i samme Bundle."
* #lone-surrogate "A text holds half of a surrogate pair, which is no character."
* #lone-surrogate ^designation[+].language = #nb
* #lone-surrogate ^designation[=].value = "En tekst inneholder et halvt surrogatpar, som ikke er et tegn."
* #malformed-http "The request is not HTTP that can be read."
* #malformed-http ^designation[+].language = #nb
* #malformed-http ^designation[=].value = "Forespørselen kan ikke leses som HTTP."
* #method-not-allowed "This cannot be done here."
* #method-not-allowed ^designation[+].language = #nb
* #method-not-allowed ^designation[=].value = "Dette kan ikke gjøres her."
* #missing-element "A required element is missing."
* #missing-element ^designation[+].language = #nb
* #missing-element ^designation[=].value = "Et påkrevd element mangler."
* #mode-needs-instance "This mode checks a stored resource: name it in the address, [type]/[id]/$validate."
* #mode-needs-instance ^designation[+].language = #nb
* #mode-needs-instance ^designation[=].value = "Denne modusen kontrollerer en lagret ressurs. Oppgi den i adressen, [type]/[id]/$validate."
* #modifier-not-understood "A modifier extension is not understood here, and the content is therefore not taken."
* #modifier-not-understood ^designation[+].language = #nb
* #modifier-not-understood ^designation[=].value = "Innholdet har en modifierExtension som ikke forstås her, og tas derfor ikke imot."
* #move-by-operation "This step needs more information than a Task holds; use the operation that is named."
* #move-by-operation ^designation[+].language = #nb
* #move-by-operation ^designation[=].value = "Dette steget krever flere opplysninger enn oppgaven (Task) rommer. Bruk operasjonen som er oppgitt."
* #move-not-allowed "The case does not allow this step from you now; the steps that are open to you are named."
* #move-not-allowed ^designation[+].language = #nb
* #move-not-allowed ^designation[=].value = "Saken tillater ikke dette steget fra deg nå. Stegene som er åpne for deg, er oppgitt."
* #national-number-in-directory "The directory must not hold a national identity number or D number; use the HPR number for health personnel."
* #national-number-in-directory ^designation[+].language = #nb
* #national-number-in-directory ^designation[=].value = "Katalogen skal ikke inneholde fødselsnummer eller D-nummer. Bruk HPR-nummer for helsepersonell."
* #national-number-in-url "An address must not hold a national identity number or D number; send the search by POST."
* #national-number-in-url ^designation[+].language = #nb
* #national-number-in-url ^designation[=].value = "En adresse skal ikke inneholde fødselsnummer eller D-nummer. Send søket med POST."
* #need-missing "Say what is needed: describe the need, give a reason, or answer the criteria."
* #need-missing ^designation[+].language = #nb
* #need-missing ^designation[=].value = "Si hva behovet er: Beskriv det, oppgi en årsak eller svar på kriteriene."
* #no-match "The reference is a search that finds no resource that you can see."
* #no-match ^designation[+].language = #nb
* #no-match ^designation[=].value = "Referansen er et søk som ikke finner noen ressurs du kan se."
* #no-such-move "What you have set is not where one of your steps leads now; the allowed values or operations are named."
* #no-such-move ^designation[+].language = #nb
* #no-such-move ^designation[=].value = "Ingen av stegene du kan ta nå, fører til det du har satt. Tillatte verdier eller operasjoner er oppgitt."
* #no-unit-left "There is no open clinical unit left that the case can go to."
* #no-unit-left ^designation[+].language = #nb
* #no-unit-left ^designation[=].value = "Det finnes ingen flere åpne kliniske enheter som saken kan gå til."
* #not-a-case "This Task is not a need for a coordinator, so the operations of a case do not apply to it."
* #not-a-case ^designation[+].language = #nb
* #not-a-case ^designation[=].value = "Denne oppgaven er ikke en melding om behov for koordinator, så operasjonene for saker gjelder ikke her."
* #not-a-coordination-team "This care team is not one for coordination."
* #not-a-coordination-team ^designation[+].language = #nb
* #not-a-coordination-team ^designation[=].value = "Dette teamet er ikke et koordineringsteam."
* #not-a-list "The element can repeat and must be a list."
* #not-a-list ^designation[+].language = #nb
* #not-a-list ^designation[=].value = "Elementet kan gjentas og må være en liste."
* #not-a-unit "Only a unit of the hospital can register and deregister coordinators."
* #not-a-unit ^designation[+].language = #nb
* #not-a-unit ^designation[=].value = "Bare en enhet i sykehuset kan registrere og avregistrere koordinatorer."
* #not-acceptable "Only FHIR JSON is offered; the client asks for another format."
* #not-acceptable ^designation[+].language = #nb
* #not-acceptable ^designation[=].value = "Bare FHIR JSON tilbys. Klienten ber om et annet format."
* #not-after-appeal "After an appeal the case must be placed or decided; it cannot be put in a queue or withdrawn."
* #not-after-appeal ^designation[+].language = #nb
* #not-after-appeal ^designation[=].value = "Etter en innsigelse må saken plasseres eller avgjøres. Den kan ikke legges i kø eller trekkes."
* #not-an-array "The body must be one JSON list."
* #not-an-array ^designation[+].language = #nb
* #not-an-array ^designation[=].value = "Meldingen må være én JSON-liste."
* #not-an-object "The body must be one JSON object."
* #not-an-object ^designation[+].language = #nb
* #not-an-object ^designation[=].value = "Meldingen må være ett JSON-objekt."
* #not-found "There is no such thing, or it is not for you to see."
* #not-found ^designation[+].language = #nb
* #not-found ^designation[=].value = "Dette finnes ikke, eller du har ikke tilgang til å se det."
* #not-health-personnel "A coordinator must be health personnel."
* #not-health-personnel ^designation[+].language = #nb
* #not-health-personnel ^designation[=].value = "En koordinator må være helsepersonell."
* #not-in-transaction "An operation cannot be part of a transaction; send it by itself or in a batch."
* #not-in-transaction ^designation[+].language = #nb
* #not-in-transaction ^designation[=].value = "En operasjon kan ikke være del av en transaksjon. Send den alene eller i en batch."
* #not-the-author "Only the organisation that made this resource can change it."
* #not-the-author ^designation[+].language = #nb
* #not-the-author ^designation[=].value = "Bare virksomheten som opprettet ressursen, kan endre den."
* #not-the-owner "Only the unit that has the case can assess the criteria, and only while the case is open."
* #not-the-owner ^designation[+].language = #nb
* #not-the-owner ^designation[=].value = "Bare enheten som har saken, kan vurdere kriteriene, og bare så lenge saken er åpen."
* #not-your-coordinator "Only the coordinator's own unit, the coordinating unit or the EHR can deregister the coordinator."
* #not-your-coordinator ^designation[+].language = #nb
* #not-your-coordinator ^designation[=].value = "Bare koordinatorens egen enhet, koordinerende enhet eller journalsystemet kan avregistrere koordinatoren."
* #not-your-work-item "Only the unit that has this work item can close it."
* #not-your-work-item ^designation[+].language = #nb
* #not-your-work-item ^designation[=].value = "Bare enheten som har denne oppgaven, kan lukke den."
* #nul-character "A text holds the character NUL, which is not allowed."
* #nul-character ^designation[+].language = #nb
* #nul-character ^designation[=].value = "En tekst inneholder tegnet NUL, som ikke er tillatt."
* #number-in-use "This number has already been used for other content: update that, or send with a new number."
* #number-in-use ^designation[+].language = #nb
* #number-in-use ^designation[=].value = "Dette nummeret er allerede brukt for annet innhold. Oppdater det, eller send med et nytt nummer."
* #number-not-allowed "The number is smaller or larger than the service allows."
* #number-not-allowed ^designation[+].language = #nb
* #number-not-allowed ^designation[=].value = "Tallet er mindre eller større enn tjenesten tillater."
* #number-out-of-range "A number is too large, too small or too precise to be read."
* #number-out-of-range ^designation[+].language = #nb
* #number-out-of-range ^designation[=].value = "Et tall er for stort, for lite eller har for mange sifre til å kunne leses."
* #outcome-not-allowed "The case cannot have this outcome in the stage in which it is."
* #outcome-not-allowed ^designation[+].language = #nb
* #outcome-not-allowed ^designation[=].value = "Saken kan ikke få dette utfallet på trinnet den er på."
* #outcome-not-placed "The case is placed with another outcome, and the placement is binding for the unit."
* #outcome-not-placed ^designation[+].language = #nb
* #outcome-not-placed ^designation[=].value = "Saken er plassert med et annet utfall, og plasseringen er bindende for enheten."
* #outcome-unknown "This is not an outcome that can be chosen here; the allowed ones are named."
* #outcome-unknown ^designation[+].language = #nb
* #outcome-unknown ^designation[=].value = "Dette er ikke et utfall som kan velges her. De tillatte er oppgitt."
* #parameter-missing "The operation lacks a parameter that it needs."
* #parameter-missing ^designation[+].language = #nb
* #parameter-missing ^designation[=].value = "Operasjonen mangler en parameter som kreves."
* #part-not-allowed "A part of a parameter is unknown, repeated or of the wrong type."
* #part-not-allowed ^designation[+].language = #nb
* #part-not-allowed ^designation[=].value = "En del av en parameter er ukjent, gjentatt eller av feil type."
* #part-only "The resource says that it is a part only; what is left out would be lost."
* #part-only ^designation[+].language = #nb
* #part-only ^designation[=].value = "Ressursen sier at den bare er et utdrag. Det som er utelatt, ville gå tapt."
* #participant-changed "Of a coordinator in the care team only the last day and the reason of the end can be set here."
* #participant-changed ^designation[+].language = #nb
* #participant-changed ^designation[=].value = "For en koordinator i teamet kan bare siste dag og årsak til avslutning settes her."
* #participant-left-out "An update must hold every member of the team; set a last day to end a coordinator's time."
* #participant-left-out ^designation[+].language = #nb
* #participant-left-out ^designation[=].value = "En oppdatering må inneholde alle i teamet. Sett en siste dag for å avslutte en koordinators periode."
* #participant-twice "The same member of the team is listed twice."
* #participant-twice ^designation[+].language = #nb
* #participant-twice ^designation[=].value = "Den samme deltakeren er oppført to ganger."
* #participant-unknown "There is no such coordinator in this care team."
* #participant-unknown ^designation[+].language = #nb
* #participant-unknown ^designation[=].value = "Denne koordinatoren finnes ikke i teamet."
* #patch-path "The JSON Patch points to something that is not there."
* #patch-path ^designation[+].language = #nb
* #patch-path ^designation[=].value = "Endringen (JSON Patch) peker til noe som ikke finnes."
* #patch-test-failed "A test in the JSON Patch does not hold: the content is another one than you expected."
* #patch-test-failed ^designation[+].language = #nb
* #patch-test-failed ^designation[=].value = "En test i endringen (JSON Patch) stemmer ikke: Innholdet er et annet enn du ventet."
* #patient-contradicts-case "The patient is not the one whom the case is about."
* #patient-contradicts-case ^designation[+].language = #nb
* #patient-contradicts-case ^designation[=].value = "Pasienten er en annen enn den saken gjelder."
* #patient-system-not-allowed "The patient must be identified by a national identity number, a D number or another of the allowed kinds."
* #patient-system-not-allowed ^designation[+].language = #nb
* #patient-system-not-allowed ^designation[=].value = "Pasienten må være identifisert med fødselsnummer, D-nummer eller en annen av de tillatte typene."
* #payload-not-supported "Notifications are sent as application/fhir+json only."
* #payload-not-supported ^designation[+].language = #nb
* #payload-not-supported ^designation[=].value = "Varsler sendes bare som application/fhir+json."
* #practitioner-unknown "The directory does not have this practitioner."
* #practitioner-unknown ^designation[+].language = #nb
* #practitioner-unknown ^designation[=].value = "Denne personen finnes ikke i katalogen."
* #precondition-missing "State which version you have read, so that nobody's change is overwritten."
* #precondition-missing ^designation[+].language = #nb
* #precondition-missing ^designation[=].value = "Oppgi hvilken versjon du har lest, så ingens endring blir overskrevet."
* #proof-invalid "The DPoP proof does not hold for this request; make a new one with the key of the token."
* #proof-invalid ^designation[+].language = #nb
* #proof-invalid ^designation[=].value = "DPoP-beviset gjelder ikke for denne forespørselen. Lag et nytt med nøkkelen til tokenet."
* #proof-nonce "The DPoP proof must repeat the nonce of the answer's header DPoP-Nonce; make a new one with it."
* #proof-nonce ^designation[+].language = #nb
* #proof-nonce ^designation[=].value = "DPoP-beviset må gjenta verdien i headeren DPoP-Nonce i svaret. Lag et nytt med den."
* #proof-repeated "The DPoP proof was used before; make a new one for each request."
* #proof-repeated ^designation[+].language = #nb
* #proof-repeated ^designation[=].value = "DPoP-beviset er brukt før. Lag et nytt for hver forespørsel."
* #question-limit-reached "The sender cannot be asked again: decide the case on what is known."
* #question-limit-reached ^designation[+].language = #nb
* #question-limit-reached ^designation[=].value = "Avsenderen kan ikke spørres flere ganger. Avgjør saken ut fra det som er kjent."
* #reason-not-allowed-here "In this stage the case can only be declined because the patient does not consent."
* #reason-not-allowed-here ^designation[+].language = #nb
* #reason-not-allowed-here ^designation[=].value = "På dette trinnet kan det bare gis avslag fordi pasienten ikke samtykker."
* #reason-not-allowed-when-placed "The placement is binding: only the patient's own no can be the reason for declining."
* #reason-not-allowed-when-placed ^designation[+].language = #nb
* #reason-not-allowed-when-placed ^designation[=].value = "Plasseringen er bindende. Det kan bare gis avslag fordi pasienten selv sier nei."
* #reason-unknown "There is no such reason for declining; the allowed codes are named."
* #reason-unknown ^designation[+].language = #nb
* #reason-unknown ^designation[=].value = "Denne årsaken til avslag finnes ikke. De tillatte kodene er oppgitt."
* #reference-not-found "What is referred to does not exist, or is not for you to see."
* #reference-not-found ^designation[+].language = #nb
* #reference-not-found ^designation[=].value = "Det som det vises til, finnes ikke, eller du har ikke tilgang til å se det."
* #refused "The case does not allow this now."
* #refused ^designation[+].language = #nb
* #refused ^designation[=].value = "Saken tillater ikke dette nå."
* #register-by-operation "A coordinator is not added to the team by an update; use the operation that registers a coordinator."
* #register-by-operation ^designation[+].language = #nb
* #register-by-operation ^designation[=].value = "En koordinator legges ikke til i teamet ved oppdatering. Bruk operasjonen som registrerer en koordinator."
* #registration-by-ehr "The EHR itself answers this registration, so nobody closes the work item by hand."
* #registration-by-ehr ^designation[+].language = #nb
* #registration-by-ehr ^designation[=].value = "Journalsystemet svarer selv på denne registreringen, så oppgaven lukkes ikke for hånd."
* #repeated-condition "The same condition is given twice; give it once."
* #repeated-condition ^designation[+].language = #nb
* #repeated-condition ^designation[=].value = "Den samme betingelsen er oppgitt to ganger. Oppgi den én gang."
* #repeated-parameter "A parameter that can be given once is given several times, or together with one that excludes it."
* #repeated-parameter ^designation[+].language = #nb
* #repeated-parameter ^designation[=].value = "En parameter som bare kan oppgis én gang, er oppgitt flere ganger eller sammen med en som utelukker den."
* #request-timeout "The request did not arrive in time. Send it again."
* #request-timeout ^designation[+].language = #nb
* #request-timeout ^designation[=].value = "Forespørselen kom ikke fram i tide. Send den på nytt."
* #requester-contradicts-token "The requester is another organisation than the one that is logged in."
* #requester-contradicts-token ^designation[+].language = #nb
* #requester-contradicts-token ^designation[=].value = "Avsenderen i meldingen er en annen virksomhet enn den som er logget inn."
* #role-not-allowed "Your role does not have access to this."
* #role-not-allowed ^designation[+].language = #nb
* #role-not-allowed ^designation[=].value = "Rollen din har ikke tilgang til dette."
* #role-unknown "There is no such coordinator role; the allowed ones are named."
* #role-unknown ^designation[+].language = #nb
* #role-unknown ^designation[=].value = "Denne koordinatorrollen finnes ikke. De tillatte er oppgitt."
* #sender-number-missing "Give what you send your own number, so that it can be recognised if it is sent again."
* #sender-number-missing ^designation[+].language = #nb
* #sender-number-missing ^designation[=].value = "Oppgi avsenderens eget nummer, så meldingen kan kjennes igjen hvis den sendes på nytt."
* #service-owned-element "Samband sets this element; leave it out, or send it unchanged."
* #service-owned-element ^designation[+].language = #nb
* #service-owned-element ^designation[=].value = "Samband setter dette elementet. Utelat det, eller send det uendret."
* #several-choices "The element can have one type only, and is given in several."
* #several-choices ^designation[+].language = #nb
* #several-choices ^designation[=].value = "Elementet kan bare ha én type og er oppgitt med flere."
* #several-matches "Several resources match the condition; it must find one at most."
* #several-matches ^designation[+].language = #nb
* #several-matches ^designation[=].value = "Flere ressurser passer med betingelsen. Den kan finne høyst én."
* #single-role-taken "Somebody else has this role for the patient: deregister that person first, or start later."
* #single-role-taken ^designation[+].language = #nb
* #single-role-taken ^designation[=].value = "En annen har denne rollen overfor pasienten. Avregistrer den personen først, eller start senere."
* #stale-version "Somebody has changed this since you read it; read it again."
* #stale-version ^designation[+].language = #nb
* #stale-version ^designation[=].value = "Noen har endret dette etter at du leste det. Les det på nytt."
* #status-not-allowed "A new Task of this kind cannot have this status."
* #status-not-allowed ^designation[+].language = #nb
* #status-not-allowed ^designation[=].value = "En ny oppgave av dette slaget kan ikke ha denne statusen."
* #status-not-yours "Only the service sets this status; send requested or off, or leave it as it was."
* #status-not-yours ^designation[+].language = #nb
* #status-not-yours ^designation[=].value = "Bare tjenesten setter denne statusen. Send requested eller off, eller la den stå som den var."
* #subscription-off "The subscription is off; set its status to requested first."
* #subscription-off ^designation[+].language = #nb
* #subscription-off ^designation[=].value = "Abonnementet er av. Sett status til requested først."
* #task-ended "This Task has ended, and its status cannot be changed any more."
* #task-ended ^designation[+].language = #nb
* #task-ended ^designation[=].value = "Denne oppgaven er avsluttet, og statusen kan ikke lenger endres."
* #telecom-invalid "Give a telephone number that the sender can call."
* #telecom-invalid ^designation[+].language = #nb
* #telecom-invalid ^designation[=].value = "Oppgi et telefonnummer som avsenderen kan ringe."
* #token-expired "The access token has expired; get a new one."
* #token-expired ^designation[+].language = #nb
* #token-expired ^designation[=].value = "Tilgangstokenet er utløpt. Hent et nytt."
* #token-invalid "The access token is not valid here."
* #token-invalid ^designation[+].language = #nb
* #token-invalid ^designation[=].value = "Tilgangstokenet er ikke gyldig her."
* #token-missing "You are not logged in: send an access token."
* #token-missing ^designation[+].language = #nb
* #token-missing ^designation[=].value = "Du er ikke logget inn. Send et tilgangstoken."
* #too-deep "The JSON has too many levels."
* #too-deep ^designation[+].language = #nb
* #too-deep ^designation[=].value = "JSON-innholdet har for mange nivåer."
* #too-large "The body is too large."
* #too-large ^designation[+].language = #nb
* #too-large ^designation[=].value = "Meldingen er for stor."
* #too-many "The element occurs more often than is allowed."
* #too-many ^designation[+].language = #nb
* #too-many ^designation[=].value = "Elementet forekommer flere ganger enn tillatt."
* #too-many-entries "The Bundle has too many entries; divide it."
* #too-many-entries ^designation[+].language = #nb
* #too-many-entries ^designation[=].value = "Bundle-ressursen har for mange oppføringer. Del den opp."
* #too-many-events "These are more events than one answer tells; ask for fewer at a time."
* #too-many-events ^designation[+].language = #nb
* #too-many-events ^designation[=].value = "Dette er flere hendelser enn ett svar rommer. Be om færre om gangen."
* #too-many-includes "The page would bring too many further resources along; ask for a smaller page."
* #too-many-includes ^designation[+].language = #nb
* #too-many-includes ^designation[=].value = "Siden ville tatt med for mange andre ressurser. Be om en mindre side."
* #too-many-items "A JSON list has more items than are read."
* #too-many-items ^designation[+].language = #nb
* #too-many-items ^designation[=].value = "En JSON-liste har flere elementer enn det som leses."
* #too-many-requests "Too many requests in a short time. Wait as long as Retry-After says."
* #too-many-requests ^designation[+].language = #nb
* #too-many-requests ^designation[=].value = "For mange forespørsler på kort tid. Vent så lenge som Retry-After angir."
* #too-many-subscriptions "Your organisation has as many subscriptions as it may; set one off first."
* #too-many-subscriptions ^designation[+].language = #nb
* #too-many-subscriptions ^designation[=].value = "Virksomheten har så mange abonnementer som den kan ha. Slå av et av dem først."
* #too-many-values "The search has too many or too long values; divide it."
* #too-many-values ^designation[+].language = #nb
* #too-many-values ^designation[=].value = "Søket har for mange eller for lange verdier. Del det opp."
* #unauthenticated "You must log in with a valid access token."
* #unauthenticated ^designation[+].language = #nb
* #unauthenticated ^designation[=].value = "Du må logge inn med et gyldig tilgangstoken."
* #unavailable "The service is temporarily unavailable; try again later."
* #unavailable ^designation[+].language = #nb
* #unavailable ^designation[=].value = "Tjenesten er midlertidig utilgjengelig. Prøv igjen senere."
* #unit-closed "This unit has closed; choose another one."
* #unit-closed ^designation[+].language = #nb
* #unit-closed ^designation[=].value = "Denne enheten er nedlagt. Velg en annen."
* #unit-had-the-case "This unit has had the case before, or cannot be chosen; choose another one."
* #unit-had-the-case ^designation[+].language = #nb
* #unit-had-the-case ^designation[=].value = "Denne enheten har hatt saken før eller kan ikke velges. Velg en annen."
* #unit-still-open "The case cannot be taken from the unit, because the unit has not closed."
* #unit-still-open ^designation[+].language = #nb
* #unit-still-open ^designation[=].value = "Saken kan ikke tas fra enheten, fordi enheten ikke er nedlagt."
* #unit-unknown "There is no such unit that can be chosen here."
* #unit-unknown ^designation[+].language = #nb
* #unit-unknown ^designation[=].value = "Denne enheten finnes ikke eller kan ikke velges her."
* #unknown-code "The code is not one of those that are allowed here."
* #unknown-code ^designation[+].language = #nb
* #unknown-code ^designation[=].value = "Koden er ikke blant dem som er tillatt her."
* #unknown-delivery "There is no such delivery that can be sent again."
* #unknown-delivery ^designation[+].language = #nb
* #unknown-delivery ^designation[=].value = "Det finnes ingen slik utsending som kan sendes på nytt."
* #unknown-element "The content has an element that does not exist or is not read here."
* #unknown-element ^designation[+].language = #nb
* #unknown-element ^designation[=].value = "Innholdet har et element som ikke finnes eller ikke leses her."
* #unknown-operation "There is no such operation here."
* #unknown-operation ^designation[+].language = #nb
* #unknown-operation ^designation[=].value = "Denne operasjonen finnes ikke her."
* #unknown-organisation "The directory has no organisation with this number."
* #unknown-organisation ^designation[+].language = #nb
* #unknown-organisation ^designation[=].value = "Katalogen har ingen virksomhet med dette nummeret."
* #unknown-parameter "A parameter is not known here; the allowed ones are named."
* #unknown-parameter ^designation[+].language = #nb
* #unknown-parameter ^designation[=].value = "En parameter er ukjent her. De tillatte er oppgitt."
* #unknown-path "There is nothing at this address."
* #unknown-path ^designation[+].language = #nb
* #unknown-path ^designation[=].value = "Det finnes ikke noe på denne adressen."
* #unknown-profile "There is no such profile of this resource type."
* #unknown-profile ^designation[+].language = #nb
* #unknown-profile ^designation[=].value = "Denne profilen finnes ikke for ressurstypen."
* #unknown-state "There is no such state of a delivery; the allowed ones are named."
* #unknown-state ^designation[+].language = #nb
* #unknown-state ^designation[=].value = "En utsending kan ikke ha denne tilstanden. De tillatte er oppgitt."
* #unknown-topic "There is no such topic to subscribe to; the allowed ones are named."
* #unknown-topic ^designation[+].language = #nb
* #unknown-topic ^designation[=].value = "Dette emnet kan det ikke abonneres på. De tillatte er oppgitt."
* #unknown-type "This resource type is not served here."
* #unknown-type ^designation[+].language = #nb
* #unknown-type ^designation[=].value = "Denne ressurstypen finnes ikke her."
* #unreadable "The request cannot be read."
* #unreadable ^designation[+].language = #nb
* #unreadable ^designation[=].value = "Forespørselen kan ikke leses."
* #unsafe-narrative "The narrative holds something that is not allowed in it, such as scripts or styles."
* #unsafe-narrative ^designation[+].language = #nb
* #unsafe-narrative ^designation[=].value = "Fritekstdelen (narrative) inneholder noe som ikke er tillatt, for eksempel skript eller stiler."
* #unsupported-media-type "The content type of the body is not read here."
* #unsupported-media-type ^designation[+].language = #nb
* #unsupported-media-type ^designation[=].value = "Meldingen har en innholdstype som ikke leses her."
* #update-does-not-create "An update cannot create a resource, and there is none to update here."
* #update-does-not-create ^designation[+].language = #nb
* #update-does-not-create ^designation[=].value = "En oppdatering kan ikke opprette en ressurs, og det er ingen å oppdatere her."
* #uri-too-long "The URL is too long; search with POST."
* #uri-too-long ^designation[+].language = #nb
* #uri-too-long ^designation[=].value = "Adressen er for lang. Søk med POST."
* #withdrawal-not-direct "The case cannot be withdrawn directly in this stage."
* #withdrawal-not-direct ^designation[+].language = #nb
* #withdrawal-not-direct ^designation[=].value = "Saken kan ikke trekkes direkte på dette trinnet."
* #written-twice "Two entries of the transaction write the same resource."
* #written-twice ^designation[+].language = #nb
* #written-twice ^designation[=].value = "To oppføringer i transaksjonen skriver til den samme ressursen."
* #wrong-format "The value does not have the format that its type requires."
* #wrong-format ^designation[+].language = #nb
* #wrong-format ^designation[=].value = "Verdien har ikke formatet som datatypen krever."
* #wrong-id "The id in the body is another one than in the address."
* #wrong-id ^designation[+].language = #nb
* #wrong-id ^designation[=].value = "Id-en i meldingen er en annen enn i adressen."
* #wrong-identifier "The number is not valid: its length, digits or check digits are wrong."
* #wrong-identifier ^designation[+].language = #nb
* #wrong-identifier ^designation[=].value = "Nummeret er ikke gyldig: Lengden, sifrene eller kontrollsifrene er feil."
* #wrong-reference "The reference must be by identifier."
* #wrong-reference ^designation[+].language = #nb
* #wrong-reference ^designation[=].value = "Referansen må oppgis som identifikator."
* #wrong-reference-target "The reference points to something that it cannot point to here."
* #wrong-reference-target ^designation[+].language = #nb
* #wrong-reference-target ^designation[=].value = "Referansen peker til noe den ikke kan peke til her."
* #wrong-resource-type "The body holds another resource type than this address takes."
* #wrong-resource-type ^designation[+].language = #nb
* #wrong-resource-type ^designation[=].value = "Meldingen har en annen ressurstype enn denne adressen tar imot."
* #wrong-type "The value has the wrong type."
* #wrong-type ^designation[+].language = #nb
* #wrong-type ^designation[=].value = "Verdien har feil type."
* #wrong-value "The element must have the value that the profile requires."
* #wrong-value ^designation[+].language = #nb
* #wrong-value ^designation[=].value = "Elementet må ha verdien som profilen krever."

ValueSet: ErrorVS
Id: error
Title: "Error"
Description: "All error codes."
* insert Published
* include codes from system ErrorCS
