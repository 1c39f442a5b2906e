"""Calls to somebody else: where they may go, and what comes of the answer."""
