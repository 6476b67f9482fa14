"""The journal, what is read from it, and what the node needs beside it.

``entry`` is the truth: append only, guarded by triggers. The tables after it can be made again
from it. The last ones are the node's own business (paper, receipts, who is signed in) and tell
nothing that the journal does not.
"""

SQL = """
CREATE TABLE entry (
    position INTEGER PRIMARY KEY,
    epoch    TEXT NOT NULL,
    number   INTEGER NOT NULL,
    id       TEXT NOT NULL UNIQUE,
    type     TEXT NOT NULL,
    cause    TEXT NOT NULL,
    hash     TEXT NOT NULL,
    content  TEXT NOT NULL,
    UNIQUE (epoch, number)
) STRICT;
CREATE INDEX entry_cause ON entry (cause);
CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END;

CREATE TABLE catalogue (
    kind     TEXT NOT NULL,
    code     TEXT NOT NULL,
    body     TEXT NOT NULL,
    source   TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (kind, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id            TEXT PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    gender        TEXT NOT NULL,
    birth_date    TEXT,
    birth_year    INTEGER,
    identity      TEXT NOT NULL,
    nationality   TEXT NOT NULL,
    phone         TEXT NOT NULL,
    email         TEXT NOT NULL,
    address       TEXT NOT NULL,
    source        TEXT NOT NULL,
    programme     TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    position      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX person_identity ON person (identity) WHERE identity <> '';

CREATE TABLE person_word (
    word   TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (word, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE dose (
    id              TEXT PRIMARY KEY,
    person          TEXT NOT NULL,
    programme       TEXT NOT NULL,
    vaccine         TEXT NOT NULL,
    number          INTEGER NOT NULL,
    total           INTEGER NOT NULL,
    lot             TEXT NOT NULL,
    expiry          TEXT,
    given_on        TEXT NOT NULL,
    given_at        TEXT NOT NULL,
    clock           TEXT NOT NULL,
    facility        TEXT NOT NULL,
    vaccinator      TEXT NOT NULL,
    reported        INTEGER NOT NULL,
    effective_until TEXT,
    next_due        TEXT,
    overrides       TEXT NOT NULL,
    position        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dose_person ON dose (person, given_on, number);
CREATE INDEX dose_day ON dose (given_on, position);

CREATE TABLE certificate (
    id         TEXT PRIMARY KEY,
    dose       TEXT NOT NULL,
    person     TEXT NOT NULL,
    format     TEXT NOT NULL,
    credential TEXT NOT NULL,
    issued_at  TEXT NOT NULL,
    position   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_dose ON certificate (dose);

CREATE TABLE stock (
    vaccine  TEXT NOT NULL,
    lot      TEXT NOT NULL,
    expiry   TEXT NOT NULL,
    received INTEGER NOT NULL,
    given    INTEGER NOT NULL,
    PRIMARY KEY (vaccine, lot)
) STRICT, WITHOUT ROWID;

CREATE TABLE queue (
    person     TEXT PRIMARY KEY,
    programme  TEXT NOT NULL,
    arrived_at TEXT NOT NULL,
    position   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_order ON queue (position);

CREATE TABLE pin (
    staff    TEXT PRIMARY KEY,
    verifier TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE print_job (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    slip       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    copy       INTEGER NOT NULL,
    printer    TEXT NOT NULL,
    state      TEXT NOT NULL,
    cause      TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    queued_at  TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX print_job_waiting ON print_job (printer, state, id);
CREATE INDEX print_job_subject ON print_job (subject);

CREATE TABLE delivery (
    target   TEXT NOT NULL,
    epoch    TEXT NOT NULL,
    number   INTEGER NOT NULL,
    hash     TEXT NOT NULL,
    receipt  TEXT NOT NULL,
    PRIMARY KEY (target, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    staff      TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pin_failure (
    staff TEXT NOT NULL,
    at    TEXT NOT NULL
) STRICT;
CREATE INDEX pin_failure_staff ON pin_failure (staff, at);

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
