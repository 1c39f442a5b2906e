"""Token → caller, scopes, and who may see and do what."""
