"""Step 3: what was observed of a person and changes which dose is due."""

SQL = """\
CREATE TABLE observation (
    person   TEXT NOT NULL,
    code     TEXT NOT NULL,
    seen_on  TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (person, code)
) STRICT, WITHOUT ROWID;
"""
