"""Use cases, one file each, in rooms by what they are about; the desk and its commands."""
