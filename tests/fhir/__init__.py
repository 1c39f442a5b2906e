"""The FHIR language: what is read, refused, searched and patched."""
