"""The domain, pure: case, states, criteria, consent, coordinators, counters and limits."""
