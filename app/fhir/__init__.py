"""The FHIR language, no I/O: resource table, validation, search grammar, patch, mapping, OperationOutcome."""
