"""The directory and the rules that choose a unit."""
