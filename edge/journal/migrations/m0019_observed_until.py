"""Step 19: the last day on which an observation holds, where whoever noted it knew that day."""

SQL = """
ALTER TABLE observation ADD COLUMN until TEXT NOT NULL DEFAULT '';
"""
