"""The domain: state table, decisions, criteria, coordinators, deadlines."""
