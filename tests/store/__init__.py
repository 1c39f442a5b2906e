"""The store contract, on both databases."""
