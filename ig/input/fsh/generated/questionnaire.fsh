// Written by scripts/compile_ig.py; edit the Python table instead.

Instance: coordinator-criteria
InstanceOf: Questionnaire
Usage: #definition
* url = "https://samband.example/fhir/Questionnaire/coordinator-criteria"
* version = "2024-10"
* name = "CoordinatorCriteria"
* title = "Kriterier for rett til koordinator"
* title.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* title.extension[0].extension[0].url = "lang"
* title.extension[0].extension[0].valueCode = #en
* title.extension[0].extension[1].url = "content"
* title.extension[0].extension[1].valueString = "Criteria for the right to a coordinator"
* status = #active
* insert PublishedInstance
* language = #nb
* subjectType = #Patient
* description = "Er A og minst 2 av de andre kriteriene oppfylt, må behovet avklares, og det er sannsynlig at koordinator må oppnevnes. Faglig skjønn og samtale med pasienten avgjør."
* item[+].linkId = "a"
* item[=].prefix = "A"
* item[=].text = "Forventet behov for langvarig oppfølging i spesialisthelsetjenesten, for eksempel utover seks måneder"
* item[=].text.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* item[=].text.extension[0].extension[0].url = "lang"
* item[=].text.extension[0].extension[0].valueCode = #en
* item[=].text.extension[0].extension[1].url = "content"
* item[=].text.extension[0].extension[1].valueString = "Expected need for long-term follow-up in specialist care, e.g. beyond six months"
* item[=].type = #boolean
* item[+].linkId = "b"
* item[=].prefix = "B"
* item[=].text = "Diagnose, alvorlighetsgrad eller prognose med minst ett av følgende"
* item[=].text.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* item[=].text.extension[0].extension[0].url = "lang"
* item[=].text.extension[0].extension[0].valueCode = #en
* item[=].text.extension[0].extension[1].url = "content"
* item[=].text.extension[0].extension[1].valueString = "Diagnosis, severity or prognosis with at least one of the following"
* item[=].type = #boolean
* item[=].item[+].linkId = "b.high-intensity"
* item[=].item[=].text = "Høy behandlingsintensitet"
* item[=].item[=].text.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* item[=].item[=].text.extension[0].extension[0].url = "lang"
* item[=].item[=].text.extension[0].extension[0].valueCode = #en
* item[=].item[=].text.extension[0].extension[1].url = "content"
* item[=].item[=].text.extension[0].extension[1].valueString = "High treatment intensity"
* item[=].item[=].type = #boolean
* item[=].item[=].enableWhen[+].question = "b"
* item[=].item[=].enableWhen[=].operator = #=
* item[=].item[=].enableWhen[=].answerBoolean = true
* item[=].item[+].linkId = "b.adapted-pathway"
* item[=].item[=].text = "Individuelt tilpasset forløp"
* item[=].item[=].text.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* item[=].item[=].text.extension[0].extension[0].url = "lang"
* item[=].item[=].text.extension[0].extension[0].valueCode = #en
* item[=].item[=].text.extension[0].extension[1].url = "content"
* item[=].item[=].text.extension[0].extension[1].valueString = "Individually adapted pathway"
* item[=].item[=].type = #boolean
* item[=].item[=].enableWhen[+].question = "b"
* item[=].item[=].enableWhen[=].operator = #=
* item[=].item[=].enableWhen[=].answerBoolean = true
* item[=].item[+].linkId = "b.new-chronic"
* item[=].item[=].text = "Nyoppdaget kronisk diagnose"
* item[=].item[=].text.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* item[=].item[=].text.extension[0].extension[0].url = "lang"
* item[=].item[=].text.extension[0].extension[0].valueCode = #en
* item[=].item[=].text.extension[0].extension[1].url = "content"
* item[=].item[=].text.extension[0].extension[1].valueString = "Newly discovered chronic diagnosis"
* item[=].item[=].type = #boolean
* item[=].item[=].enableWhen[+].question = "b"
* item[=].item[=].enableWhen[=].operator = #=
* item[=].item[=].enableWhen[=].answerBoolean = true
* item[=].item[+].linkId = "b.lifelong"
* item[=].item[=].text = "Livslangt forløp"
* item[=].item[=].text.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* item[=].item[=].text.extension[0].extension[0].url = "lang"
* item[=].item[=].text.extension[0].extension[0].valueCode = #en
* item[=].item[=].text.extension[0].extension[1].url = "content"
* item[=].item[=].text.extension[0].extension[1].valueString = "Lifelong pathway"
* item[=].item[=].type = #boolean
* item[=].item[=].enableWhen[+].question = "b"
* item[=].item[=].enableWhen[=].operator = #=
* item[=].item[=].enableWhen[=].answerBoolean = true
* item[=].item[+].linkId = "b.child-to-adult"
* item[=].item[=].text = "Overgang fra barn til voksen"
* item[=].item[=].text.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* item[=].item[=].text.extension[0].extension[0].url = "lang"
* item[=].item[=].text.extension[0].extension[0].valueCode = #en
* item[=].item[=].text.extension[0].extension[1].url = "content"
* item[=].item[=].text.extension[0].extension[1].valueString = "Transition from child to adult"
* item[=].item[=].type = #boolean
* item[=].item[=].enableWhen[+].question = "b"
* item[=].item[=].enableWhen[=].operator = #=
* item[=].item[=].enableWhen[=].answerBoolean = true
* item[+].linkId = "c"
* item[=].prefix = "C"
* item[=].text = "Pasientens situasjon, kapasitet, ressurser eller nettverk tilsier behov for koordinator"
* item[=].text.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* item[=].text.extension[0].extension[0].url = "lang"
* item[=].text.extension[0].extension[0].valueCode = #en
* item[=].text.extension[0].extension[1].url = "content"
* item[=].text.extension[0].extension[1].valueString = "The patient's situation, capacity, resources or network call for a coordinator"
* item[=].type = #boolean
* item[+].linkId = "d"
* item[=].prefix = "D"
* item[=].text = "Flere behandlingsenheter, sykehus eller faggrupper er involvert"
* item[=].text.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* item[=].text.extension[0].extension[0].url = "lang"
* item[=].text.extension[0].extension[0].valueCode = #en
* item[=].text.extension[0].extension[1].url = "content"
* item[=].text.extension[0].extension[1].valueString = "Several treatment units, hospitals or professions are involved"
* item[=].type = #boolean
