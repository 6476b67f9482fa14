"""Step 36: what staff sign in with beside a PIN; how it was used, which is of this node alone."""

SQL = """\
CREATE TABLE sign_in_method (
    id       TEXT PRIMARY KEY,
    staff    TEXT NOT NULL,
    method   TEXT NOT NULL,
    verifier TEXT NOT NULL,
    label    TEXT NOT NULL DEFAULT '',
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL,
    ended    TEXT NOT NULL DEFAULT '',
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_method_staff ON sign_in_method (staff) WHERE ended = '';
CREATE TABLE sign_in_use (
    id   TEXT PRIMARY KEY,
    used TEXT NOT NULL,
    at   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE provider_sign_in (
    staff TEXT PRIMARY KEY,
    at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
