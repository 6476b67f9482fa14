"""What the nation tells the site: how far it was read, and what needs a person's attention.

None of it is made from the journal: the registry can tell it again. Letters of a kind that this
version does not know are kept for the next one. A verdict names the entry it is about, and is
there only while the entry is anything but stored. A history is other sites' entries of a person,
kept with the moment as of which the registry gave it.
"""

SQL = """
CREATE TABLE mail (
    feed    TEXT PRIMARY KEY,
    number  INTEGER NOT NULL,
    id      TEXT NOT NULL
) STRICT;
CREATE TABLE letter (
    feed    TEXT NOT NULL,
    number  INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    body    TEXT NOT NULL,
    at      TEXT NOT NULL,
    PRIMARY KEY (feed, number)
) STRICT;
CREATE TABLE attention (
    entry     TEXT PRIMARY KEY,
    state     TEXT NOT NULL,
    field     TEXT NOT NULL,
    sentence  TEXT NOT NULL,
    waits     TEXT NOT NULL,
    at        TEXT NOT NULL
) STRICT;
CREATE TABLE history (
    person  TEXT NOT NULL,
    id      TEXT NOT NULL,
    node    TEXT NOT NULL,
    type    TEXT NOT NULL,
    content TEXT NOT NULL,
    as_of   TEXT NOT NULL,
    PRIMARY KEY (person, id)
) STRICT;
CREATE TABLE history_age (
    person  TEXT PRIMARY KEY,
    as_of   TEXT NOT NULL
) STRICT;
"""
