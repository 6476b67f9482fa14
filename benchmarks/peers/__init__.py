"""Our sync beside PouchDB's and Morango's: the same records, the same line, one run."""
