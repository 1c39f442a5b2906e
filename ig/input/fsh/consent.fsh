// The patient's consent, and the answers to the criteria.

Profile: SambandConsent
Parent: Consent
Id: coordinator-consent
Title: "Consent to a coordinator"
Description: "The patient's yes or no to a coordinator (pasient- og brukerrettighetsloven § 2-5)."
* insert Published
* scope = $consentscope#treatment
* patient 1..1
* insert NorwegianPatient(patient)
* dateTime 1..1
* dateTime ^short = "The day of the consent or the refusal"
* provision 1..1
* provision.type 1..1
* provision.type ^short = "permit for yes, deny for no"
* provision.provision 0..0

Profile: SambandAnswers
Parent: QuestionnaireResponse
Id: criteria-answers
Title: "Answers to the criteria"
Description: "Answers to the criteria for the right to a coordinator. A criterion without an answer counts as no."
* insert Published
* obeys samband-answers-1
* questionnaire 1..1
* subject 1..1
* insert NorwegianPatient(subject)
* authored 1..1
* item 1..*
* item.answer 0..1
* item.answer.value[x] only boolean
* item.item.answer 0..1
* item.item.answer.value[x] only boolean
