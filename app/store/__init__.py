"""Tables, unit of work, queries, outbox and claim, on SQLite and PostgreSQL behind one narrow interface."""
