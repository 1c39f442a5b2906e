// Names and rules that several files use.

Alias: $volven9034 = urn:oid:2.16.578.1.12.4.1.1.9034
Alias: $identifier-type = http://terminology.hl7.org/CodeSystem/v2-0203
Alias: $task-code = http://hl7.org/fhir/CodeSystem/task-code
Alias: $loinc = http://loinc.org
Alias: $consentscope = http://terminology.hl7.org/CodeSystem/consentscope
Alias: $national-number = urn:oid:2.16.578.1.12.4.1.4.1
Alias: $hpr = urn:oid:2.16.578.1.12.4.1.4.4
Alias: $organisation-number = urn:oid:2.16.578.1.12.4.1.4.101
Alias: $resh = urn:oid:2.16.578.1.12.4.1.4.102

RuleSet: Published
* ^experimental = false
* ^date = "2026-11-21"
* ^publisher = "Samband"
* ^jurisdiction = urn:iso:std:iso:3166#NO

RuleSet: Released
* version = "0.1.0"

RuleSet: PublishedInstance
* experimental = false
* date = "2026-11-21"
* publisher = "Samband"
* jurisdiction = urn:iso:std:iso:3166#NO

// The patient is named by a national identifier; the profile of HL7 Norway is referred to by its URL alone, because its
// package is not needed to read this one.
RuleSet: NorwegianPatient(element)
* {element} ^type[0].targetProfile[0] = "http://hl7.org/fhir/StructureDefinition/Patient"
* {element} ^type[0].targetProfile[1] = "http://hl7.no/fhir/StructureDefinition/no-basis-Patient"
* {element} obeys samband-patient
