"""The journal: the one place where what happened is written."""
