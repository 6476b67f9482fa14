"""Step 9: people are found by an index of keys; made again from the journal (:mod:`.search`).

``person_search`` says under what each person is filed, and is projected like the rest;
``person_index`` is full-text search over it, with no text of its own. ``place`` is the position of
the person's registration. ``spelling`` has every word that was ever filed, to find near misses by:
in Latin letters, its end, its sound.
"""

SQL = """\
DROP TABLE person_word;
CREATE TABLE person_search (
    place INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,
    keys  TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE person_index USING fts5 (
    keys, content = 'person_search', content_rowid = 'place', detail = none, columnsize = 0,
    prefix = '1 2', tokenize = "ascii tokenchars '%.#<@-'"
);
CREATE TABLE spelling (
    word  TEXT PRIMARY KEY,
    latin TEXT NOT NULL,
    tail  TEXT NOT NULL,
    sound TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spelling_latin ON spelling (latin);
CREATE INDEX spelling_tail ON spelling (tail);
CREATE INDEX spelling_sound ON spelling (sound);
CREATE UNIQUE INDEX person_position ON person (position);
"""
