"""Deliveries of vaccine: when two numbers are the same."""

from __future__ import annotations


def document_key(document: str) -> str:
    """Give a document's number as it is compared: without blanks and case."""
    return "".join(document.split()).casefold()
