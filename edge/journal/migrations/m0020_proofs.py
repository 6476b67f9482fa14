"""Step 20: by which proof of presence the registry told of a person, and when it was asked last.

The proof is kept so that the person need not show the paper again; it is in no entry.
"""

SQL = """
CREATE TABLE history_proof (
    person TEXT PRIMARY KEY,
    proof TEXT NOT NULL DEFAULT '',
    asked_at TEXT NOT NULL DEFAULT ''
) STRICT;
"""
