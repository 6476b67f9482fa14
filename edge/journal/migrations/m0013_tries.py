"""Step 13: tries of PINs by tablet, sessions that know whom they are of, verifiers made anew.

A try is counted before its PIN is looked at, and taken back if it was right. ``stranger``: nobody
had given a right PIN at that tablet lately. ``last_right`` is the device's last right PIN.
Whoever is signed in signs in again after this step.
"""

SQL = """
DROP TABLE pin_failure;
CREATE TABLE pin_try (
    id       INTEGER PRIMARY KEY,
    device   TEXT NOT NULL,
    staff    TEXT NOT NULL,
    stranger INTEGER NOT NULL,
    at       TEXT NOT NULL
) STRICT;
CREATE INDEX pin_try_at ON pin_try (at);

CREATE TABLE right_pin (
    device TEXT PRIMARY KEY,
    at     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pin_remade (
    staff     TEXT PRIMARY KEY,
    made_from TEXT NOT NULL,
    verifier  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

DROP TABLE session;
CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    staff      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    seen_at    TEXT NOT NULL,
    standing   TEXT NOT NULL,
    address    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
