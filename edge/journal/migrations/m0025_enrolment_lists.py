"""Step 25: lists of people that the nation expects here, their pieces, and who is named in them."""

SQL = """\
CREATE TABLE enrolment_list (
    name      TEXT PRIMARY KEY,
    edition   TEXT NOT NULL,
    programme TEXT NOT NULL,
    told_at   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment_piece (
    list     TEXT NOT NULL,
    hash     TEXT NOT NULL,
    place    INTEGER NOT NULL,
    people   INTEGER NOT NULL,
    held     INTEGER NOT NULL DEFAULT 0,
    taken_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (list, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment_member (
    list    TEXT NOT NULL,
    person  TEXT NOT NULL,
    edition TEXT NOT NULL,
    PRIMARY KEY (list, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX enrolment_member_person ON enrolment_member (person);
"""
