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
* #ehr-drift "Avvik mot journalsystemet"
* #ehr-drift ^designation[+].language = #en
* #ehr-drift ^designation[=].value = "EHR drift"

ValueSet: CoordinationStageVS
Id: coordination-stage
Title: "Coordination stage"
Description: "Where a case, or a registration in the EHR, is: Task.businessStatus."
* insert Published
* include codes from system CoordinationStageCS

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
* #not-entitled "Pasienten har ikke rett til koordinator etter vurdering av kriteriene"
* #not-entitled ^designation[+].language = #en
* #not-entitled ^designation[=].value = "The patient is not entitled to a coordinator by the criteria"
* #no-need "Det er ikke behov for koordinator i sykehuset nå"
* #no-need ^designation[+].language = #en
* #no-need ^designation[=].value = "There is no need for a coordinator in the hospital now"
* #consent-refused "Pasienten samtykker ikke til at koordinator oppnevnes"
* #consent-refused ^designation[+].language = #en
* #consent-refused ^designation[=].value = "The patient does not consent to the appointment of a coordinator"
* #patient-does-not-want "Pasienten ønsker ikke koordinator eller vil samordne selv"
* #patient-does-not-want ^designation[+].language = #en
* #patient-does-not-want ^designation[=].value = "The patient does not want a coordinator, or will coordinate for themselves"
* #coordinator-in-municipality-suffices "Koordinator i kommunen dekker behovet"
* #coordinator-in-municipality-suffices ^designation[+].language = #en
* #coordinator-in-municipality-suffices ^designation[=].value = "A coordinator in the municipality meets the need"
* #insufficient-information "Opplysningene er ikke nok til å vurdere behovet, også etter spørsmål"
* #insufficient-information ^designation[+].language = #en
* #insufficient-information ^designation[=].value = "The information does not suffice to assess the need, even after asking"

ValueSet: DeclineReasonVS
Id: decline-reason
Title: "Reason for declining"
Description: "Why a need is declined. None says «wrong unit»: that is a transfer or an escalation."
* insert Published
* include codes from system DeclineReasonCS

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
* #patient-dead ^designation[=].value = "The patient is dead"
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
* #care-team "Behandlingsteam"
* #care-team ^designation[+].language = #en
* #care-team ^designation[=].value = "Care team"
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
* #ehr-drift "Avvik mot journalsystemet"
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
* urn:oid:2.16.578.1.12.4.1.1.9034#8 "Koordinator individuell plan"
* urn:oid:2.16.578.1.12.4.1.1.9034#17 "Forløpskoordinator kreft"
* urn:oid:2.16.578.1.12.4.1.1.9034#19 "Kontaktlege"
* urn:oid:2.16.578.1.12.4.1.1.9034#20 "Kontaktpsykolog"
* include codes from system LocalCoordinatorRoleCS

CodeSystem: ErrorCS
Id: error
Title: "Error"
Description: "The stable codes in OperationOutcome.issue.details; never renamed."
* insert Published
* ^language = #en
* ^caseSensitive = true
* ^valueSet = "https://samband.example/fhir/ValueSet/error"
* #already-ended "Already ended" "This participant has already ended; a new stint is a new row."
* #already-registered "Already registered" "This person already has this role for the patient."
* #appeal-used "Appeal used" "A placement can be appealed once in the life of a case."
* #assessment-by-sender "Assessment by sender" "Only the trust assesses the criteria."
* #bad-count "Bad count" "_count must be a whole number within the limits."
* #bad-cursor "Bad cursor" "The cursor is not one that this search gave; start again from the first page."
* #bad-date "Bad date" "A date in a search parameter must be a real FHIR date or dateTime."
* #bad-endpoint "Bad endpoint" "The address of a subscription is not one that the operator allows."
* #bad-header "Bad header" "A header of a subscription must be one line, Name: value."
* #bad-id "Bad id" "An id is 1 to 64 of A–Z a–z 0–9 . and -, and is not used twice in one resource."
* #bad-if-match "Bad if match" "If-Match must name one version, as in W/\"3\"."
* #bad-modifier "Bad modifier" "The search parameter does not offer this modifier."
* #bad-parameter-encoding "Bad parameter encoding" "The parameters must be percent-encoded UTF-8."
* #bad-patch "Bad patch" "The JSON Patch is not one by RFC 6902."
* #bad-prefix "Bad prefix" "The search parameter does not offer this prefix."
* #bad-sort "Bad sort" "The search cannot be sorted by this."
* #bad-summary "Bad summary" "_summary is true, text, data, false or, in a search, count."
* #bad-utf8 "Bad utf8" "The body must be UTF-8; the diagnostics name the position."
* #bad-value "Bad value" "The value of a search parameter has another form."
* #broken-json "Broken json" "The body is not JSON; the diagnostics name the position."
* #byte-order-mark "Byte order mark" "The body starts with a byte order mark; JSON has none."
* #care-team-by-operation "Care team by operation" "A coordination CareTeam is made by registering a coordinator."
* #case-handed-over "Case handed over" "The case has been handed over to another unit."
* #case-moved "Case moved" "Somebody else moved the case at the same moment."
* #consent-missing "Consent missing" "A coordinator needs the patient's consent, and none is recorded."
* #consent-refused "Consent refused" "The patient has refused consent to a coordinator."
* #criteria-version-unknown "Criteria version unknown" "There is no such version of the criteria."
* #criterion-unknown "Criterion unknown" "This version of the criteria does not have this criterion."
* #database-unavailable "Database unavailable" "The database does not answer."
* #date-invalid "Date invalid" "A start or end must be a real day, YYYY-MM-DD."
* #duplicate-key "Duplicate key" "A JSON object has the same member twice."
* #element-not-yours "Element not yours" "This actor does not change this element."
* #empty-body "Empty body" "The resource is missing."
* #empty-condition "Empty condition" "A condition needs at least one search parameter."
* #empty-value "Empty value" "A value, object or list must not be empty, blank or null: leave it out."
* #end-before-start "End before start" "The end cannot be before the start."
* #end-reason-unknown "End reason unknown" "The reason of the end is required."
* #forbidden "Forbidden" "This is not for your role."
* #hop-limit-reached "Hop limit reached" "The case has been handed over as often as is allowed: decide it, or escalate it."
* #hpr-invalid "Hpr invalid" "An HPR number has one to nine digits."
* #id-contradicts-match "Id contradicts match" "The body has another id than the match."
* #id-mismatch "Id mismatch" "The id in the body is not the one in the URL."
* #immutable-element "Immutable element" "This element does not change after submission."
* #insufficient-scope "Insufficient scope" "The access token has no scope for this interaction."
* #intent-not-allowed "Intent not allowed" "A need has a fixed intent."
* #internal-error "Internal error" "Something failed on our side."
* #invalid-content "Invalid content" "The content is not valid."
* #invariant "Invariant" "The content breaks a rule of its FHIR definition; the diagnostics name the rule by its key."
* #link-between-entries "Link between entries" "Entries of a batch do not refer to each other; a transaction's do."
* #link-unresolved "Link unresolved" "A urn:uuid: reference names no fullUrl of this Bundle."
* #lone-surrogate "Lone surrogate" "A text holds half of a surrogate pair, which is no character."
* #method-not-allowed "Method not allowed" "Nothing is deleted through the API."
* #missing-element "Missing element" "A required element or part is missing."
* #modifier-not-understood "Modifier not understood" "Nothing here may change the meaning of the rest."
* #move-by-operation "Move by operation" "This move needs more than a Task says."
* #move-not-allowed "Move not allowed" "This move is not open to the caller in this stage; the diagnostics list those that are."
* #national-number-in-directory "National number in directory" "The directory holds no national identity number."
* #national-number-in-url "National number in url" "A URL must not hold a national identity number: search with POST [type]/_search."
* #need-missing "Need missing" "At least one must say what is needed."
* #no-such-move "No such move" "What is set is not what a move of the caller leads to from this stage."
* #no-unit-left "No unit left" "There is no open clinical unit that the case can go to."
* #not-a-case "Not a case" "This Task is not a coordinator need."
* #not-a-coordination-team "Not a coordination team" "This CareTeam is not one for coordination."
* #not-a-list "Not a list" "An element that may repeat must be a JSON list."
* #not-a-unit "Not a unit" "Only the hospital registers and deregisters coordinators."
* #not-acceptable "Not acceptable" "Only application/fhir+json is offered."
* #not-after-appeal "Not after appeal" "After an appeal the case is placed or decided; it is not queued or withdrawn."
* #not-an-array "Not an array" "The body must be one JSON array."
* #not-an-object "Not an object" "The body must be one JSON object."
* #not-found "Not found" "Not found."
* #not-health-personnel "Not health personnel" "A coordinator must be health personnel (Volven 9060)."
* #not-in-transaction "Not in transaction" "Operations are not part of a transaction; a batch takes them."
* #not-the-author "Not the author" "Only the organisation that made this resource changes it."
* #not-the-owner "Not the owner" "Only the owner of an open case assesses it."
* #not-your-coordinator "Not your coordinator" "Only the coordinator's own unit, the coordinating unit or the EHR deregisters the coordinator."
* #nul-character "Nul character" "A text must not hold the character U+0000."
* #number-in-use "Number in use" "This number of the sender already stands for other content; changes are made by update."
* #number-out-of-range "Number out of range" "A number has more digits, or a greater exponent, than is read."
* #outcome-not-allowed "Outcome not allowed" "This outcome is not open in this stage."
* #outcome-not-placed "Outcome not placed" "The case is placed with another outcome, which binds the unit."
* #outcome-unknown "Outcome unknown" "This move cannot have that outcome."
* #parameter-missing "Parameter missing" "The operation needs this parameter."
* #part-not-allowed "Part not allowed" "A part is unknown, repeated or of another type."
* #participant-changed "Participant changed" "Only period.end and the end reason can be set."
* #participant-left-out "Participant left out" "An update must keep every participant; only period.end ends one."
* #participant-twice "Participant twice" "A row before this one is the same participant by its id."
* #participant-unknown "Participant unknown" "Name one participant of this CareTeam, by its id or by the person's HPR number."
* #patch-path "Patch path" "The JSON Patch points to something that is not there."
* #patch-test-failed "Patch test failed" "A test operation of the JSON Patch does not hold."
* #patient-system-not-allowed "Patient system not allowed" "The patient's identifier must be of a national system."
* #practitioner-unknown "Practitioner unknown" "No such practitioner in the directory."
* #precondition-missing "Precondition missing" "State the version that you read."
* #question-limit-reached "Question limit reached" "The sender has been asked as often as is allowed: decide on what is known."
* #reason-not-allowed-here "Reason not allowed here" "In this stage only a refused consent declines."
* #reason-not-allowed-when-placed "Reason not allowed when placed" "Under a binding placement only the patient's own no declines."
* #reason-unknown "Reason unknown" "There is no such reason for declining."
* #reference-not-found "Reference not found" "There is no such resource, or it is not yours to see."
* #refused "Refused" "The case does not allow this now."
* #register-by-operation "Register by operation" "A coordinator is registered by the operation, with the patient's consent."
* #repeated-condition "Repeated condition" "Give If-None-Exist once, or ?identifier=, not both."
* #repeated-parameter "Repeated parameter" "A parameter occurs twice."
* #requester-contradicts-token "Requester contradicts token" "The organisation is another than the one that the access token is for."
* #role-not-allowed "Role not allowed" "This is not for your role."
* #role-unknown "Role unknown" "There is no such coordinator role."
* #sender-number-missing "Sender number missing" "The sender's own number is required: system and value, of type PLAC or without a type."
* #service-owned-element "Service owned element" "This element is set by the service."
* #several-choices "Several choices" "An element of several types is given in one of them."
* #several-matches "Several matches" "Several resources match."
* #single-role-taken "Single role taken" "Somebody holds this role for the patient: deregister that person first, or start afterwards."
* #stale-version "Stale version" "There is a newer version."
* #status-not-allowed "Status not allowed" "A new need has a fixed status."
* #task-ended "Task ended" "This Task has ended."
* #telecom-invalid "Telecom invalid" "A telephone number is required: system phone, and 5 to 20 digits, blanks, + - ( )."
* #token-expired "Token expired" "The token has expired; get a new one."
* #token-invalid "Token invalid" "The access token does not hold; the diagnostics name the part of it."
* #token-missing "Token missing" "Send the header Authorization: Bearer with an access token."
* #too-deep "Too deep" "The JSON is nested deeper than is read."
* #too-large "Too large" "The body is too large."
* #too-many "Too many" "The element occurs more often than is allowed."
* #too-many-entries "Too many entries" "The Bundle has more entries than are carried out at once."
* #too-many-includes "Too many includes" "The page would bring more resources along than are answered at once."
* #too-many-values "Too many values" "A search or one of its parameters holds more than the limit."
* #unauthenticated "Unauthenticated" "A valid access token is required."
* #unavailable "Unavailable" "Temporarily unavailable."
* #unit-closed "Unit closed" "This unit has closed."
* #unit-had-the-case "Unit had the case" "The case can only go to a unit that has not had it."
* #unit-still-open "Unit still open" "Only a case whose unit has closed can be taken from it in this stage."
* #unit-unknown "Unit unknown" "No such unit in the directory."
* #unknown-code "Unknown code" "The code is none of those that are allowed here."
* #unknown-delivery "Unknown delivery" "There is no settled delivery with this number."
* #unknown-element "Unknown element" "This method takes no resource."
* #unknown-operation "Unknown operation" "There is no such operation here."
* #unknown-organisation "Unknown organisation" "The directory has no such organisation number."
* #unknown-parameter "Unknown parameter" "The operation or search does not take this parameter."
* #unknown-path "Unknown path" "There is nothing at this path."
* #unknown-profile "Unknown profile" "No profile of this type has this URL."
* #unknown-state "Unknown state" "There is no such state of a delivery."
* #unknown-topic "Unknown topic" "There is no such topic."
* #unknown-type "Unknown type" "This resource type is not served."
* #unreadable "Unreadable" "The request cannot be read."
* #unsafe-narrative "Unsafe narrative" "The narrative must be safe XHTML, by R4 2.4."
* #unsupported-media-type "Unsupported media type" "This content type is not read here."
* #update-does-not-create "Update does not create" "An update does not create."
* #withdrawal-not-direct "Withdrawal not direct" "The stage that asked does not allow a direct withdrawal."
* #written-twice "Written twice" "Two entries of the transaction write the same resource."
* #wrong-format "Wrong format" "The value does not have the format of its data type."
* #wrong-id "Wrong id" "The body's id is another one than that of the address."
* #wrong-identifier "Wrong identifier" "The identifier breaks the rules of its system: length, digits or check digits."
* #wrong-reference "Wrong reference" "The reference must be by identifier."
* #wrong-reference-target "Wrong reference target" "The reference points to a type that is not allowed here."
* #wrong-resource-type "Wrong resource type" "The body's resourceType is not the one that this path takes."
* #wrong-type "Wrong type" "The value has another JSON type or data type."
* #wrong-value "Wrong value" "The profile fixes the value of this element."

ValueSet: ErrorVS
Id: error
Title: "Error"
Description: "All error codes."
* insert Published
* include codes from system ErrorCS
