"""Deliveries of vaccine: when two numbers, or two lots, are the same."""

from __future__ import annotations


def document_key(document: str) -> str:
    """Give a document's number as it is compared: without blanks and case."""
    return "".join(document.split()).casefold()


def lot_key(lot: str) -> str:
    """Give a lot's number as it is compared: without blanks and case."""
    return "".join(lot.split()).casefold()
