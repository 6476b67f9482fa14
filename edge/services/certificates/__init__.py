"""Certificates: signed here, judged here, and the lists of whom to believe."""
