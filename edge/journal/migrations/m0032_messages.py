"""Step 32: what people are told, and how they want to be; messages are of this node alone."""

SQL = """\
CREATE TABLE contact_preference (
    person   TEXT PRIMARY KEY,
    consent  TEXT NOT NULL DEFAULT '',
    channel  TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    by_reply INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE message (
    id         TEXT PRIMARY KEY,
    channel    TEXT NOT NULL,
    event      TEXT NOT NULL,
    subject    TEXT NOT NULL,
    person     TEXT NOT NULL,
    state      TEXT NOT NULL,
    code       TEXT NOT NULL DEFAULT '',
    sentence   TEXT NOT NULL DEFAULT '',
    "values"   TEXT NOT NULL DEFAULT '{}',
    address    TEXT NOT NULL DEFAULT '',
    tries      INTEGER NOT NULL DEFAULT 0,
    queued_at  TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    again_at   TEXT NOT NULL DEFAULT '',
    until      TEXT NOT NULL,
    handed_at  TEXT NOT NULL DEFAULT '',
    UNIQUE (event, subject, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_due ON message (channel, state, again_at);
CREATE INDEX message_of ON message (person);
CREATE INDEX message_handed ON message (channel, handed_at);
CREATE INDEX message_address ON message (address) WHERE address <> '';
CREATE TABLE message_part (
    channel TEXT NOT NULL,
    receipt TEXT NOT NULL,
    message TEXT NOT NULL,
    state   TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (message, receipt)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_receipt ON message_part (channel, receipt);
CREATE TABLE message_reply (
    channel  TEXT NOT NULL,
    id       TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    PRIMARY KEY (channel, id)
) STRICT, WITHOUT ROWID;
"""
