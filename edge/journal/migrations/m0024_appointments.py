"""Step 24: appointments, and who came on which day."""

SQL = """\
CREATE TABLE appointment (
    id           TEXT PRIMARY KEY,
    person       TEXT NOT NULL,
    programme    TEXT NOT NULL,
    facility     TEXT NOT NULL,
    on_day       TEXT NOT NULL,
    hours        TEXT NOT NULL,
    source       TEXT NOT NULL,
    booked_at    TEXT NOT NULL,
    booked_by    TEXT NOT NULL,
    changed_at   TEXT NOT NULL DEFAULT '',
    cancelled_at TEXT NOT NULL DEFAULT '',
    reason       TEXT NOT NULL DEFAULT '',
    freed        TEXT NOT NULL DEFAULT '',
    position     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX appointment_person ON appointment (person);
CREATE INDEX appointment_day ON appointment (facility, on_day, position) WHERE cancelled_at = '';

CREATE TABLE arrival (
    position INTEGER PRIMARY KEY,
    person   TEXT NOT NULL,
    at       TEXT NOT NULL
) STRICT;
CREATE INDEX arrival_person ON arrival (person, at);
"""
