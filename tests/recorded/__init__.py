"""The examples of the OpenAPI document: a story played over real HTTP, recorded, and replayed by a test."""
