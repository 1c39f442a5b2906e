"""Figures, counted from case events."""
