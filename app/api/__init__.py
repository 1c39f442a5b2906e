"""The HTTP face: guard, routes, CapabilityStatement, OpenAPI and the docs page."""
