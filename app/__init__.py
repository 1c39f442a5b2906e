"""Samband: the FHIR channel for care coordinators between municipalities and hospitals."""
