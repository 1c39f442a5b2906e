"""The benchmark of DESIGN 6: the service beside two floors, on PostgreSQL, driven by wrk (`run.py bench`)."""
