"""Step 11: what was once in force, births of which a span is known, and lots in one form.

Rows that older versions made are made anew from the journal when ``projection`` is behind.
"""

SQL = """
CREATE TABLE projection (version INTEGER NOT NULL) STRICT;
INSERT INTO projection (version) VALUES (0);
CREATE TABLE catalogue_once (
    kind      TEXT NOT NULL,
    code      TEXT NOT NULL,
    body      TEXT NOT NULL,
    position  INTEGER NOT NULL,
    PRIMARY KEY (kind, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX dose_lot ON dose (vaccine, lot);
ALTER TABLE person ADD COLUMN birth_earliest TEXT;
ALTER TABLE person ADD COLUMN birth_latest TEXT;
"""
