"""Printing: which slip goes to which printer, and what became of it."""
