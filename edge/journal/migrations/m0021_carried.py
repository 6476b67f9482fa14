"""Step 21: whose history was asked for and comes with a stick, and what questions were carried.

A question's proofs are kept by its nonce: its answer may come weeks later, when another was shown.
"""

SQL = """
CREATE TABLE history_request (
    person   TEXT PRIMARY KEY,
    proof    TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    outcome  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE carried_question (
    nonce    TEXT NOT NULL,
    after    TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    people   TEXT NOT NULL,
    PRIMARY KEY (nonce)
) STRICT;
"""
