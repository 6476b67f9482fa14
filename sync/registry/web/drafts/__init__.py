"""The office's pages on which campaigns are written."""
