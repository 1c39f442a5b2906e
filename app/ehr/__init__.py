"""One adapter for each way to an EHR."""
