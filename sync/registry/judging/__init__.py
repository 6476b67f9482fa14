"""Judging: whether a record that a site delivered can be counted."""
