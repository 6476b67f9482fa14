"""Step 26: invitations of staff, and what became of them."""

SQL = """\
CREATE TABLE invitation (
    id       TEXT PRIMARY KEY,
    staff    TEXT NOT NULL,
    verifier TEXT NOT NULL,
    issued   TEXT NOT NULL,
    expires  TEXT NOT NULL,
    pin      TEXT NOT NULL DEFAULT '',
    taken_at TEXT NOT NULL DEFAULT '',
    tablet   TEXT NOT NULL DEFAULT '',
    ended    TEXT NOT NULL DEFAULT '',
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_open ON invitation (staff) WHERE ended = '';
"""
