"""Slips: what is on the paper, as values and a template that become a document."""
