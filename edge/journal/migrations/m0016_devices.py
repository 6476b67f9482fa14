"""Step 16: paired tablets, the secrets with which more are paired, and each session's tablet.

The node's own, beside the journal: which tablets a site has is nothing that happened to anybody,
and goes to no registry. A tablet that was revoked keeps its row, as a trace.
"""

SQL = """
CREATE TABLE device (
    id         TEXT PRIMARY KEY,
    key_hash   TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    paired_at  TEXT NOT NULL,
    paired_by  TEXT NOT NULL,
    seen_at    TEXT NOT NULL,
    revoked_at TEXT NOT NULL DEFAULT '',
    revoked_by TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE TABLE pairing (
    secret_hash TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    made_at     TEXT NOT NULL,
    ends_at     TEXT NOT NULL,
    made_by     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
"""
