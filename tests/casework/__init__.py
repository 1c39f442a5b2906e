"""Casework in this process: load, decide, commit, on both databases."""
