"""Step 23: documents of the kinds that a campaign describes, and the words they are found by."""

SQL = """\
CREATE TABLE document (
    id          TEXT PRIMARY KEY,
    type        TEXT NOT NULL,
    contents    TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    changed_at  TEXT NOT NULL DEFAULT '',
    revoked_at  TEXT NOT NULL DEFAULT '',
    reason      TEXT NOT NULL DEFAULT '',
    position    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX document_type ON document (type, position);

CREATE TABLE document_key (
    key      TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (key, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_key_document ON document_key (document);

ALTER TABLE certificate ADD COLUMN document TEXT NOT NULL DEFAULT '';
CREATE INDEX certificate_document ON certificate (document) WHERE document <> '';
"""
