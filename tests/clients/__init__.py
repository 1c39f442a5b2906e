"""Clients that others wrote, against the running service: it does nothing for them that it does not do for all."""
