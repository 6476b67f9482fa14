"""Step 7: what followers could not deliver, an entry a row: to be tried again, or refused.

None of it is made from the journal. A follower's cursor is its row in ``delivery``. ``state`` is
``later`` (kept aside until ``again_at``), ``refused``, or ``trying`` (the next in line, counted).
"""

SQL = """
CREATE TABLE undelivered (
    follower  TEXT NOT NULL,
    position  INTEGER NOT NULL,
    state     TEXT NOT NULL,
    tries     INTEGER NOT NULL,
    code      TEXT NOT NULL,
    sentence  TEXT NOT NULL,
    "values"  TEXT NOT NULL,
    at        TEXT NOT NULL,
    again_at  TEXT NOT NULL,
    PRIMARY KEY (follower, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX undelivered_state ON undelivered (follower, state, again_at);
"""
