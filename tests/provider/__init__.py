"""Tokens of a real OpenID provider, over TLS, at the real service in processes of its own."""
