"""Where a page of rows begins: the text behind ``after`` in an address, written and read."""

from __future__ import annotations

from sync.registry.store.records import AuditLine, NodeRecord


def after_node(node: NodeRecord, facility: str) -> str:
    """Write the place of a site: among those of its facility, or by the hour it was heard in."""
    return f"{node.facility if facility else node.heard_at[:13]}~{node.node}"


def behind(text: str) -> tuple[str, str] | None:
    """Read a place of two parts; None for the beginning."""
    first, mark, last = text[:300].rpartition("~")
    return (first, last) if mark else None


def verdict_place(text: str) -> tuple[str, str, int] | None:
    """Read a place in what needs attention; an epoch may have a branch's name, with ``~`` in it."""
    at, _, rest = text[:300].partition("~")
    epoch, _, number = rest.rpartition("~")
    return (at, epoch, int(number)) if _whole(number) else None


def audit_place(text: str) -> AuditLine | None:
    """Read a place in the audit."""
    first, place = behind(text) or ("", "")
    at, _, who = first.partition("~")
    return AuditLine(at, who, "", "", int(place)) if at and _whole(place) else None


def _whole(text: str) -> bool:
    """Say whether a text is a whole number that a database can hold."""
    return text.isascii() and text.isdigit() and len(text) < 16
