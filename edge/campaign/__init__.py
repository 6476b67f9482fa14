"""What the nation decides: read, checked and imported."""
