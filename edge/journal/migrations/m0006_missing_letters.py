"""Step 6: that letters are missing on a paper is no cause of anything, and has its own column."""

SQL = """
ALTER TABLE print_job ADD COLUMN missing_letters INTEGER NOT NULL DEFAULT 0;
UPDATE print_job SET missing_letters = 1, cause = '' WHERE cause = 'fonts.missing-letters';
"""
