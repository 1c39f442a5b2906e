"""Stand-ins that ship with the product: issuer, EHR and municipality. They know nothing of the service."""
