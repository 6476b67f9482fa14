"""Names and other short texts: taken in clean, and folded so that two spellings meet."""
