"""The technician's door: the command line."""
