"""The story with real processes: what is promised holds when they are killed, slow, away, or many at once."""
