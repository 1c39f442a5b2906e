"""Load, decide, commit: the one way to act on a case."""
