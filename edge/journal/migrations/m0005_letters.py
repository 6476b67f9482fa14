"""A letter that was kept aside is tried again, and for that it is known by its id."""

SQL = """
ALTER TABLE letter ADD COLUMN id TEXT NOT NULL DEFAULT '';
"""
