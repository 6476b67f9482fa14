"""Step 22: what was asked before a dose and answered."""

SQL = """
ALTER TABLE dose ADD COLUMN answers TEXT NOT NULL DEFAULT '';
"""
