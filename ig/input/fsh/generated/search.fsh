// Written by scripts/compile_ig.py; edit the Python table instead.

Instance: Task-owner
InstanceOf: SearchParameter
Usage: #definition
* url = "https://samband.example/fhir/SearchParameter/Task-owner"
* name = "TaskOwner"
* insert Released
* status = #active
* insert PublishedInstance
* description = "Task.owner, as R4 defines it, but in the form :identifier only."
* code = #owner
* base = #Task
* type = #reference
* expression = "Task.owner"
* xpathUsage = #normal
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Task-owner"
* modifier[+] = #identifier

Instance: Task-requester
InstanceOf: SearchParameter
Usage: #definition
* url = "https://samband.example/fhir/SearchParameter/Task-requester"
* name = "TaskRequester"
* insert Released
* status = #active
* insert PublishedInstance
* description = "Task.requester, as R4 defines it, but in the form :identifier only."
* code = #requester
* base = #Task
* type = #reference
* expression = "Task.requester"
* xpathUsage = #normal
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Task-requester"
* modifier[+] = #identifier

Instance: Provenance-agent
InstanceOf: SearchParameter
Usage: #definition
* url = "https://samband.example/fhir/SearchParameter/Provenance-agent"
* name = "ProvenanceAgent"
* insert Released
* status = #active
* insert PublishedInstance
* description = "Provenance.agent.who, as R4 defines it, but in the form :identifier only."
* code = #agent
* base = #Provenance
* type = #reference
* expression = "Provenance.agent.who"
* xpathUsage = #normal
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Provenance-agent"
* modifier[+] = #identifier

Instance: AuditEvent-agent
InstanceOf: SearchParameter
Usage: #definition
* url = "https://samband.example/fhir/SearchParameter/AuditEvent-agent"
* name = "AuditEventAgent"
* insert Released
* status = #active
* insert PublishedInstance
* description = "AuditEvent.agent.who, as R4 defines it, but in the form :identifier only."
* code = #agent
* base = #AuditEvent
* type = #reference
* expression = "AuditEvent.agent.who"
* xpathUsage = #normal
* derivedFrom = "http://hl7.org/fhir/SearchParameter/AuditEvent-agent"
* modifier[+] = #identifier

Instance: MeasureReport-reporter
InstanceOf: SearchParameter
Usage: #definition
* url = "https://samband.example/fhir/SearchParameter/MeasureReport-reporter"
* name = "MeasureReportReporter"
* insert Released
* status = #active
* insert PublishedInstance
* description = "MeasureReport.reporter, as R4 defines it, but in the form :identifier only."
* code = #reporter
* base = #MeasureReport
* type = #reference
* expression = "MeasureReport.reporter"
* xpathUsage = #normal
* derivedFrom = "http://hl7.org/fhir/SearchParameter/MeasureReport-reporter"
* modifier[+] = #identifier
