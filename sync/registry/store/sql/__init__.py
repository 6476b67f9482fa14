"""The store in SQL that SQLite and PostgreSQL both speak: one module for each part of it."""
