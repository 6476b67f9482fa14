"""Step 9: people are found by an index of keys; which is made from the journal.

``person_search`` says under what each person is filed, and is projected like the rest;
``person_index`` is full-text search over it, with no text of its own. ``place`` is the position of
the person's registration. ``spelling`` has every word that was ever filed, to find near misses by:
in Latin letters, from its end, its middle, its sound.
"""

SQL = """\
ALTER TABLE person ADD COLUMN passport_name TEXT NOT NULL DEFAULT '';
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
    word     TEXT PRIMARY KEY,
    latin    TEXT NOT NULL,
    backward TEXT NOT NULL,
    middle   TEXT NOT NULL,
    sound    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spelling_latin ON spelling (latin, sound);
CREATE INDEX spelling_backward ON spelling (backward, latin, sound);
CREATE INDEX spelling_middle ON spelling (middle, latin, sound);
CREATE INDEX spelling_sound ON spelling (sound, latin);
"""
