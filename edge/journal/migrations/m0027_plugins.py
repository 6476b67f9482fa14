"""Step 27: how the plug-ins of a country's systems are doing; of this node alone."""

SQL = """\
CREATE TABLE plugin_state (
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    state    TEXT NOT NULL,
    code     TEXT NOT NULL DEFAULT '',
    sentence TEXT NOT NULL DEFAULT '',
    at       TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
"""
