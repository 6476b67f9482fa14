"""Step 14: who saw whom, as a chain of its own beside the journal, and where it was anchored.

``shown`` finds records by person. An anchor is the last record of a day, whose hash an entry of the
journal holds; what is trimmed goes up to an anchor.
"""

SQL = """
CREATE TABLE access (
    number  INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    staff   TEXT NOT NULL,
    content TEXT NOT NULL,
    hash    TEXT NOT NULL
) STRICT;
CREATE INDEX access_staff ON access (staff, number);
CREATE INDEX access_kind ON access (kind, number);
CREATE TABLE shown (
    person TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (person, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX shown_number ON shown (number);
CREATE TABLE access_anchor (
    number INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,
    hash   TEXT NOT NULL
) STRICT;
"""
