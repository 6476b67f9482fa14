"""Step 38: what is to be settled of payments is found without reading all that ever was paid."""

SQL = """\
CREATE INDEX payment_open ON payment (position)
WHERE replaced_by = '' AND returned_at = '' AND (state = 'owed' OR spent_also <> '');
CREATE INDEX dose_withdrawn ON dose (position) WHERE withdrawn_at <> '';
"""
