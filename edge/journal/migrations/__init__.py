"""The database's shape, as a line of steps that are never changed once released."""
