"""Generated requests against the running service: no 5xx, and no answer that the OpenAPI document does not tell."""
