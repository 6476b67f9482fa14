"""Step 2: a certificate in several formats, its correction, and what was revoked."""

SQL = """\
CREATE TABLE credential (
    certificate TEXT NOT NULL,
    format      TEXT NOT NULL,
    text        TEXT NOT NULL,
    place       INTEGER NOT NULL,
    PRIMARY KEY (certificate, format)
) STRICT, WITHOUT ROWID;
INSERT INTO credential (certificate, format, text, place)
    SELECT id, format, credential, 0 FROM certificate;
ALTER TABLE certificate DROP COLUMN format;
ALTER TABLE certificate DROP COLUMN credential;
ALTER TABLE certificate ADD COLUMN replaces TEXT NOT NULL DEFAULT '';
ALTER TABLE certificate ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';
ALTER TABLE certificate ADD COLUMN revoked_at TEXT NOT NULL DEFAULT '';
ALTER TABLE certificate ADD COLUMN reason TEXT NOT NULL DEFAULT '';

CREATE TABLE revocation (
    key         TEXT PRIMARY KEY,
    certificate TEXT NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE dose ADD COLUMN evidence TEXT NOT NULL DEFAULT '';
"""
