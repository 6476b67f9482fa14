"""Step 28: under what identities are compared, so that two spellings of a number are one."""

SQL = """\
ALTER TABLE person ADD COLUMN identity_key TEXT NOT NULL DEFAULT '';
UPDATE person SET identity_key = lower(replace(replace(replace(replace(
    identity, ' ', ''), '-', ''), '.', ''), '/', '')) WHERE identity <> '';
DROP INDEX person_identity;
CREATE INDEX person_identity_key ON person (identity_key) WHERE identity_key <> '';
"""
