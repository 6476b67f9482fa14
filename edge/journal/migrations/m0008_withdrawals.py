"""Step 8: doses that were taken back, what replaced them, and numbers somebody has stated."""

SQL = """\
ALTER TABLE dose ADD COLUMN withdrawn_at TEXT NOT NULL DEFAULT '';
ALTER TABLE dose ADD COLUMN withdrawn_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE dose ADD COLUMN withdrawn_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE dose ADD COLUMN replaces TEXT NOT NULL DEFAULT '';
ALTER TABLE dose ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';
ALTER TABLE dose ADD COLUMN stated_number INTEGER;
CREATE INDEX certificate_replaced_by ON certificate (replaced_by) WHERE replaced_by <> '';
"""
