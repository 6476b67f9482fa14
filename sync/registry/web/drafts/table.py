"""Every page on which campaigns are written, in one table; who may use which is the policy's."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from sync.registry.web.drafts import files, pages

DRAFT_PAGES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("GET", "/campaigns", pages.drafts),
    ("GET", "/campaigns/new", pages.new_draft),
    ("POST", "/campaigns/new", pages.begin_draft),
    ("POST", "/campaigns/bring", pages.bring_draft),
    ("GET", "/campaigns/<draft>", pages.draft),
    ("POST", "/campaigns/<draft>/away", pages.put_away),
    ("GET", "/campaigns/<draft>/folder.zip", pages.folder),
    ("GET", "/campaigns/<draft>/file", files.file),
    ("POST", "/campaigns/<draft>/file", files.save_file),
    ("POST", "/campaigns/<draft>/files", files.new_file),
    ("GET", "/campaigns/<draft>/raw", files.raw_file),
    ("GET", "/campaigns/<draft>/check", pages.check),
    ("GET", "/campaigns/<draft>/history", pages.history),
    ("POST", "/campaigns/<draft>/history", pages.back),
)
LARGEST_FORM = 5 * 1024 * 1024
"""Bytes: a file of a draft, or a folder packed as a ZIP."""
LARGE_FORMS = frozenset({"office.bring_draft", "office.save_file", "office.new_file"})
"""Endpoints that take so much, of officers who are signed in; nothing is read before that."""
