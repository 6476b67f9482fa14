"""The registry's store: one interface, in SQLite and PostgreSQL."""
