"""People: registered, waiting, observed."""
